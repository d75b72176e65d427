"""Uploads become imports. For the API process.

In: a multipart request as a stream. Out: a stored file and an import's row, added to the session
and not committed, or an error that names field and fault. For `endpoints`; `control` has properties
defined again by `references`.
"""
