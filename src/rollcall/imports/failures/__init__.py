"""The lists of rows that failed, and the file of them.

In: an import's row, the rows of its failures, and for the file the stored CSV once more. Out: pages
of failures and warnings, and a stream of CSV, written by `file_child` in a process of its own. For
`endpoints`; nothing but that process loads what reads records.
"""
