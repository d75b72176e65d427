"""Domains: none here, but clients ask for the list to see whether a key works.

In: a request with a key. Out: an empty list. For the app alone.
"""
