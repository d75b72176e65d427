"""`rollcall doctor`: looks at everything that the service stands on, and says what to do.

In: settings. Out: findings, a line each. It changes nothing but for a trial object in the
storage, which it deletes again. For the command line.
"""
