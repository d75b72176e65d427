"""Contacts: one row per e-mail address and team.

In: requests at `/contacts` and its lists. Out: rows, and their wire shapes. For the app and for
audiences; imports write contacts by themselves, and take only the rule for addresses from here.
"""
