"""One person, in everything that is kept of a team: what is known, and its erasure.

In: a team and an e-mail address. Out: all that is kept under it, as JSON, or a report of what was
erased and of what would bring it back. For the command line. As in `sweeps`, the SQL reads across
resources.
"""
