"""Rows that failed are mended where they stand, and imported again.

In: an import that has ended, its failures, the stored CSV once more, and what somebody says of its
cells: edits of single ones, and rules for many. Out: what would mend which rows, the failed rows
with their cells, and a new import of those that are mended, with the same map and options. For the
dashboard. What reads records, and the engine that judges them, is loaded by `child` alone.
"""
