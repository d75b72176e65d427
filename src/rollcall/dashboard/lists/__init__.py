"""Pages of what a team sets up: segments, topics, properties, API keys.

In: requests below `/dashboard`. Out: lists, forms and questions. For the dashboard's routers.
"""
