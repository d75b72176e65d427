"""Teams and the keys they call with.

In: names, from `/api-keys` or the command line. Out: rows of keys, and each token once, when it is
made. For the app, the command line and `rollcall dev`; what checks a key is `rollcall.auth`.
"""
