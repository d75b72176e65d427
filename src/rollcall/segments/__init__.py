"""Segments: named groups of contacts.

In: requests at `/segments`. Out: rows of segments and of who is in them. For contacts, audiences
and imports; deleted ones are swept by a worker.
"""
