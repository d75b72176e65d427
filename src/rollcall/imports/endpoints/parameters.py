"""Parameters that the paths of an import have in common."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

from rollcall.web.wire import IdText

ImportId = Annotated[IdText, Path(description="The import's id.")]
