"""What API and workers count of themselves, and the port on which Prometheus reads it.

In: calls of the metrics in `catalogue`, from anywhere, which cost nothing while `/metrics` is off.
Out: their sums over HTTP. Labels are words of the program; nothing of a team, a contact or a file
becomes one. Only entry points load `serving`, and only `exporter` loads Prometheus' library.
"""
