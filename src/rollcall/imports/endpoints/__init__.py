"""HTTP of imports.

In: requests at `/contacts/imports`, with a key that is checked already. Out: answers in the shapes
of `schemas`. What is done is done by the other folders. For the app alone.
"""
