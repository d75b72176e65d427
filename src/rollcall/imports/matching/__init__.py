"""What the columns of a header mean. Pure: no database, no files but the lexicon beside it.

In: how the head of a file is read and a column map (`header`), or the first records of a file that
comes without one (`suggest`). Out: nothing, or an error that names the column that does not fit and
lists those found; or what each column is, with a column map that can be sent. For `intake` and
`endpoints`.
"""
