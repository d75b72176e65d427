"""The worker process and its child. Nothing else imports it.

In: settings, signals, and jobs in Redis that wake it. Out: imports that are run by
`rollcall.imports.running`, and sweeps. Started by the command line; `child` only by a worker.
"""
