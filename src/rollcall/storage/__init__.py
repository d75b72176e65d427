"""Uploaded files, in a folder or a bucket, and whether it is the right one. Knows no resource.

In: a URL, keys, and streams of bytes. Out: streams of bytes that end where the stored file does, or
with an error. For requests (async) and for threads of a worker (sync).
"""
