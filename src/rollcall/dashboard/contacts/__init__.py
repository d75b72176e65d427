"""Pages about contacts.

In: requests below `/dashboard/contacts`. Out: pages. For the dashboard's routers.
"""
