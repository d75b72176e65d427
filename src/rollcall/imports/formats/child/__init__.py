"""The process that unpacks zips and workbooks of strangers, within limits.

In: the descriptor of an open file and limits, as arguments. Out: what `protocol` says, and CSV,
at its standard output; or an exit status of `protocol` and a sentence. Started by `convert`,
imported by nothing; it needs the standard library alone, so that it starts quickly and small.
"""
