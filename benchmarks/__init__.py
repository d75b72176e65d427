"""Figures of the running product, each with its floor from the same run.

A run brings up its own PostgreSQL and Redis (`bench`), writes files of contacts whose outcome is
known (`data`), starts API and worker as processes on databases of their own (`deployment`) and
speaks to them as a client does (`client`). The modules in `figures` measure, a group of figures
each; `floor`, `peer` and `raw_server` are what they compare with. `report` and `chart` show what
came out.
"""
