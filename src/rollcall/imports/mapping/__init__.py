"""Raw records become contact fields, failures and warnings. Pure: no database, no files.

In: chunks of `reading`, and a plan made of column map and header. Out: a frame with a column for
each field, and what is wrong with which row. For `running`, and for the failures file.
"""
