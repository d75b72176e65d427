"""`/docs`: the API described in a page that loads nothing from other hosts.

In: the OpenAPI document, which the page loads by itself. Out: a page, its script, and Swagger UI's
files from an installed package. For the app alone.
"""
