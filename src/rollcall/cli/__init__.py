"""The `rollcall` command. Nothing else imports it.

In: arguments and `ROLLCALL_*` variables. Out: a process of one kind (API, worker, client, `dev`) or
one thing done for whoever runs the service, and an exit status.
"""
