"""What became of each row, read from what batches have left (`models.StoredBatch`).

In: a session and an import or a contact. Out: the rows that an import created or updated, and the
import and row that a contact comes from. For `endpoints` and the dashboard; `merging` writes it.
"""
