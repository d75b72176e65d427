"""`rollcall import`: a client of any Rollcall server, over nothing but its HTTP API.

In the order of the calls: `importing` runs the whole, `order` reads what was asked for, `api` asks
the server, `display` shows progress, `failures` saves the failed rows, `summary` tells the end.
"""
