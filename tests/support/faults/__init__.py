"""Faults that befall the running product while it imports, and how it is found out what came of it.

`world` has the processes, `kinds` what can befall them, `teams` what the product is asked to do
meanwhile and what must come of it, `rounds` brings these together, and `checks` looks at what is
left. All that is random comes from a seed. `tests/faults` is the short form, and
`python -m tests.faults.soak` the long one.
"""
