"""Topics: what a contact wants to hear about.

In: requests at `/topics`. Out: rows of topics, and the words for a choice; the choices themselves
stand on the contacts' rows. For contacts and imports; deleted ones are swept by a worker.
"""
