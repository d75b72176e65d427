"""What ends the command with status 1."""

from __future__ import annotations


class ClientError(Exception):
    """The import could not be made, or not be followed; the message says why, to a person."""
