"""The API process.

In: settings. Out: the app with every resource's router, or a server that serves it until it is told
to stop. Only `rollcall.cli` starts it.
"""
