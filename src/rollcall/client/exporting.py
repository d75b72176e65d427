"""`rollcall export`: a team's contacts as a file, from any server."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from rollcall.client.api import Api
from rollcall.client.errors import ClientError


def run_export(file: Path, url: str | None, key: str | None, query: Mapping[str, str]) -> int:
    """Save the contacts that the query asks for; return the exit status.

    The file has its name only when it is complete.
    """
    part = file.with_name(f"{file.name}.part")
    try:
        if not url or not key:
            raise ClientError("Say --url and --key, or ROLLCALL_URL and ROLLCALL_API_KEY.")
        api = Api(url, key, notice=_tell)
        try:
            with part.open("wb") as target:
                api.save_contacts(dict(query), target)
            part.replace(file)
        finally:
            part.unlink(missing_ok=True)
            api.close()
    except ClientError as error:
        _tell(str(error))
        return 1
    except OSError as error:
        _tell(f"{file} cannot be written: {error.strerror}.")
        return 1
    except KeyboardInterrupt:
        return 130
    _tell(f"{file}: {file.stat().st_size:,} bytes.")
    return 0


def _tell(message: str) -> None:
    sys.stderr.write(f"{message}\n")
