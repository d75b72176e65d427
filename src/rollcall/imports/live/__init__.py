"""Watching imports. For the API process.

In: an import's row. Out: server-sent events whenever its revision grows, until it ends. One query
at a time serves all who watch. For `endpoints`; the app holds the one watcher of the process.
"""
