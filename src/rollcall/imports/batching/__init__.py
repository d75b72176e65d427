"""Mapped chunks become batches of distinct contacts. Pure: no database, no files.

In: what `mapping` yields, in the order of the file. Out: batches with contacts sorted by their
addresses, the failures, the warnings and the checkpoint behind them. For `running`; `copying` and
`merging` know the types.
"""
