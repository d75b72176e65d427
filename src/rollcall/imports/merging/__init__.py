"""A batch goes into the tables. For the worker.

In: a connection with the caller's transaction, and a batch. Out: contacts, memberships, failures
and warnings in the database, and the counts of the batch; a dry run's go to temporary copies. For
`running`, which alone commits batches.
"""
