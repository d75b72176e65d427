"""Numbers and times as a language writes them. Babel, which knows, is loaded with the first one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache, cached_property

UNITS = ("B", "kB", "MB", "GB", "TB")
STEP = 1000


@dataclass(frozen=True)
class Formats:
    """The forms of a language and a time zone.

    `zone` is a name of the tz database, such as `Europe/Berlin`; what is none is read as UTC.
    """

    language: str
    zone: str = ""

    def number(self, value: float) -> str:
        """Return a number with its thousands apart: `1,234.5`."""
        from babel.numbers import format_decimal

        return format_decimal(value, locale=self.language)

    def percent(self, share: float) -> str:
        """Return a share from 0 to 1 as `12.5%`; what is neither none nor all never looks so."""
        from babel.numbers import format_percent

        if 0 < share < 1:
            share = min(max(share, 0.001), 0.999)
        return format_percent(share, "#,##0.#%", locale=self.language)

    def file_size(self, count: int) -> str:
        """Return a number of bytes as `1.2 MB`."""
        size, unit = float(count), 0
        while size >= STEP and unit < len(UNITS) - 1:
            size, unit = size / STEP, unit + 1
        rounded = round(size, 1 if unit and size < 100 else 0)
        return f"{self.number(rounded)}\u00a0{UNITS[unit]}"

    def plural_form(self, count: float) -> str:
        """Return which of a text's plural forms a number takes: `one`, `other`."""
        from babel import Locale

        form: str = Locale.parse(self.language).plural_form(count)
        return form

    def date(self, moment: datetime) -> str:
        """Return a day: `Nov 27, 2026`."""
        from babel.dates import format_date

        return format_date(moment.astimezone(self._zone), "medium", locale=self.language)

    def date_time(self, moment: datetime) -> str:
        """Return a day and a time; in UTC, where the reader's zone is not known, it says so."""
        from babel.dates import format_datetime

        local = moment.astimezone(self._zone)
        text = format_datetime(local, "medium", locale=self.language)
        return text if self._zone is not UTC else f"{text} UTC"

    def ago(self, moment: datetime) -> str:
        """Return how long ago a moment was: `3 minutes ago`."""
        from babel.dates import format_timedelta

        return format_timedelta(
            moment - datetime.now(UTC), add_direction=True, locale=self.language
        )

    def duration(self, seconds: float) -> str:
        """Return a length of time, roughly: `3 minutes`."""
        from babel.dates import format_timedelta

        return format_timedelta(timedelta(seconds=max(round(seconds), 1)), locale=self.language)

    @cached_property
    def _zone(self) -> tzinfo:
        return _find_zone(self.zone)


@cache
def _find_zone(name: str) -> tzinfo:
    from babel.dates import get_timezone

    try:
        return get_timezone(name) if name else UTC
    except (LookupError, ValueError, OSError):
        return UTC
