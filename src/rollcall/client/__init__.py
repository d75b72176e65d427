"""`rollcall import` and `export`: a client of any Rollcall server, over nothing but its HTTP API.

In the order of the calls: `importing` runs the whole, `command` and `given_map` read what was asked
for, `api` asks the server, `display` shows progress, `settling` shows what the columns seem to mean
and has it confirmed, `failures` saves the failed rows, `summary` tells the end.
`exporting` is all of `rollcall export`.
"""
