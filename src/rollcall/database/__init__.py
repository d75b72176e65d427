"""Connections to PostgreSQL, the base of all tables, statements in files. Knows no resource.

In: settings. Out: connections with limits for requests and for workers' threads, the base class of
models, the statements of a `.sql` file by their names, a schema of a revision. For everybody.
"""
