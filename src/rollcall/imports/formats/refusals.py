"""Why a file is not taken. They cross from the child process to the API.

Their messages go on where "The `file`" stands, and end with a full stop.
"""

from __future__ import annotations


class Refused(Exception):
    """The file is not one that can be read."""


class TooLarge(Exception):
    """The file would need more of something than the server gives it."""
