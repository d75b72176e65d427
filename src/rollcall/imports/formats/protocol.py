"""What the API and the child process tell each other.

The child writes either `AS_IT_IS` and the CSV that was in a zip; or `SHEETS`, a blank, the number
of bytes that follow, a line end and so many bytes of JSON (`heads`), whereupon it is told the index
of a sheet in a line and writes the CSV of that. How it ended, its exit status says.

The messages of errors go on where "The `file`" stands, and end with a full stop.
"""

from __future__ import annotations

# Exit statuses, beside 0 for a file that was read to its end.
EXIT_REFUSED = 3
EXIT_TOO_LARGE = 4
EXIT_CUT_OFF = 5
AS_IT_IS = b"as it is\n"
SHEETS = b"sheets"


class FileRefused(Exception):
    """The file is not one that can be read."""


class FileCutOff(FileRefused):
    """The file is not all there: its end is missing."""


class FileTooLarge(Exception):
    """The file would need more of something than the server gives it."""
