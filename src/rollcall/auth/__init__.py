"""API keys of requests: who calls, what was answered already. For the API process.

In: a request's headers, before anything of its body is read. Out: the team, or an error; and the
answer given before to the same `Idempotency-Key`. For endpoints, and for the sweep of old keys.
"""
