"""Imports are claimed, run, given back and ended. For the worker.

In: connections, the storage, and the rows of imports that wait. Out: committed batches with their
counts and checkpoint, each in one transaction under the lease, and a row that says how it ended.
Only `rollcall.worker` calls it; here everything between `reading` and `merging` is put together.
"""
