"""Stored bytes become chunks of raw records. Pure and lazy: no database, no HTTP.

In: a stream of bytes, or the head of a file. Out: its encoding, delimiter and header, or an error
of its own; chunks of records with their row numbers and the checkpoint behind them. For `running`,
`intake`, the failures file, and `rollcall import`, which looks for columns as the server does.
"""
