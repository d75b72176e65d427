"""Domains: none here, but clients ask for the list to see whether a key works."""
