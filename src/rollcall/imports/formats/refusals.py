"""What the child process tells the API: how it ended, and what it has read.

The messages of errors go on where "The `file`" stands, and end with a full stop.
"""

from __future__ import annotations

# Exit statuses, beside 0 for a file that was read to its end.
REFUSED = 3
TOO_LARGE = 4
# The first line of what is written, before the CSV itself.
AS_IT_IS = b"as it is\n"
FROM_SHEET = b"from a sheet\n"


class Refused(Exception):
    """The file is not one that can be read."""


class TooLarge(Exception):
    """The file would need more of something than the server gives it."""
