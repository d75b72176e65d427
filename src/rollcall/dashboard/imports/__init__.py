"""Pages about imports.

In: requests below `/dashboard/imports`. Out: pages. For the dashboard's routers.
"""
