"""Files as people have them become the CSV that the engine reads.

In: the bytes of an upload as they arrive. Out: bytes of CSV, or an error that says what was sent
instead; what a file is, its first bytes say and never its name. For `intake`. `child` reads zips
and workbooks in a process of its own.
"""
