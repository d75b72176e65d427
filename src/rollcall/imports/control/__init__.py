"""Cancelling and retrying imports.

In: a session and the ids of a team and an import. Out: the import's row as it is then, changed but
not committed, or an error. For `endpoints` and the command line.
"""
