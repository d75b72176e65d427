"""Signing in and out.

In: an API key, or the token of a link that is used once. Out: a session and its cookie. For the
dashboard's routers, and `links` for `rollcall dev`.
"""
