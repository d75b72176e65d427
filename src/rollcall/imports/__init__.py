"""Contact imports, one file per step.

1.  `upload`   a multipart stream becomes a stored file; its header is checked at once
    `formats`  what is packed, or a workbook, becomes CSV on the way
2.  `queue`    the import is rung for after the commit, claimed with a lease, swept for
3.  `parse`    the stored bytes become chunks of raw records        (no database)
    `mapping`  records become contact fields and failures           (no database)
    `batch`    distinct contacts in the order of their addresses    (no database)
4.  `commit`   two batches are at work at a time, each in a transaction
    `merge`    a batch is copied into the contacts, or to a temporary table and merged as a set
5.  `report`   counts and completion

`watcher` and `events` tell clients how far it is, and `cancel` ends it. `collect` deletes the files
of uploads that were never completed.

`run` conducts 3 to 5, batch by batch. It needs neither HTTP nor the job queue.
What did not go in, or deserves a look, is read with `failures`, and `failures_file` is made of it.
"""
