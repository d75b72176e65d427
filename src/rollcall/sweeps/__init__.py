"""What a worker removes in passing; the SQL here reads across resources.

In: a way to connect. Out: rows and files that are gone, in small transactions, and how many there
were. Only `rollcall.worker` calls it.
"""
