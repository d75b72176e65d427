"""Audiences: the deprecated name of segments, which older clients still use.

In: requests at `/audiences`. Out: what segments and contacts answer, in the older shapes. For the
app alone.
"""
