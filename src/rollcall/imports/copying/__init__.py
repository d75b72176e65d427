"""The contacts of a batch become the data of a COPY. Pure: it holds no connection.

In: contacts of `batching` and the options of the import. Out: blocks of bytes in PostgreSQL's
binary format, for whole rows of `contacts` or for the batch table. For `merging` and `running`.
"""
