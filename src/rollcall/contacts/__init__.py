"""Contacts: one row per e-mail address and team."""
