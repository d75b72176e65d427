"""What a file would be read as and what becomes of its columns, on the standard error."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rollcall.client.answers import Preview, PreviewColumn, PreviewDialect
from rollcall.client.given_map import NOT_EMPTY, GivenMap, column_of, read_properties
from rollcall.client.page import Page

NOT_READ = "not read"
UNSURE = "unsure"
SHOWN_SAMPLES, SAMPLE_CHARACTERS, SHOWN_WORDS = 3, 24, 3
# Cells have commas in them.
BETWEEN = " | "
FORMATS = {"csv": "CSV", "xlsx": "workbook"}
DELIMITERS = {"\t": "tab"}


def show_preview(preview: Preview, column_map: Mapping[str, Any], given: GivenMap) -> None:
    """Print the columns and what becomes of them with this map, then how the file is read."""
    page = Page(sys.stderr)
    uses = _uses(column_map)
    if preview.columns:
        page.line("The columns of the file:")
        page.table(
            ("column", "becomes", "samples", "how sure", "why"),
            [_row(column, uses[column.name], given) for column in preview.columns],
        )
    if read_as := ", ".join(_describe(preview.dialect)):
        page.line(f"Read as {read_as}.")
    for warning in preview.warnings:
        page.line(warning.message)


def _uses(column_map: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return what each column is mapped to, in words, by its name."""
    uses = defaultdict(list)
    for field, value in column_map.items():
        if field != "properties":
            uses[column_of(value)].append(f"{field}{_condition(value)}")
    for key, each in read_properties(column_map).items():
        comma = ", decimal comma" if each.get("decimal") == "," else ""
        uses[column_of(each).strip()].append(
            f"property {key} ({each.get('type', 'string')}{comma})"
        )
    return uses


def _condition(value: object) -> str:
    true_when = value.get("true_when") if isinstance(value, Mapping) else None
    if true_when == NOT_EMPTY:
        return " if there is anything"
    if not isinstance(true_when, list):
        return ""
    more = len(true_when) - SHOWN_WORDS
    words = BETWEEN.join(map(str, true_when[:SHOWN_WORDS]))
    return f" if {words}{f' or {more} other words' if more > 0 else ''}"


def _row(column: PreviewColumn, uses: Sequence[str], given: GivenMap) -> list[str]:
    name = column.name or f"(column {column.index + 1})"
    samples = BETWEEN.join(map(_shorten, column.samples[:SHOWN_SAMPLES]))
    said = column.suggestion
    if column.name and given.names(column.name):
        return [name, ", ".join(uses), samples, "given", ""]
    if said is None:
        return [name, ", ".join(uses) or NOT_READ, samples, "", ""]
    if any(use.startswith(said.target) for use in uses):
        return [name, ", ".join(uses), samples, said.confidence, said.reason]
    if uses:
        return [name, ", ".join(uses), samples, "", ""]
    if said.confidence != UNSURE:
        # What is not wanted, since others were given, is not explained.
        return [name, NOT_READ, samples, "", ""]
    perhaps = said.target if said.key is None else f"{said.target} {said.key}"
    return [name, f"{NOT_READ} ({perhaps}?)", samples, UNSURE, said.reason]


def _shorten(sample: str) -> str:
    if len(sample) <= SAMPLE_CHARACTERS:
        return sample
    return f"{sample[: SAMPLE_CHARACTERS - 3]}..."


def _describe(dialect: PreviewDialect) -> Iterator[str]:
    if dialect.format is not None:
        yield FORMATS.get(dialect.format, dialect.format)
    if dialect.encoding is not None:
        yield f"encoding {dialect.encoding}"
    if dialect.delimiter is not None:
        yield f"delimiter {DELIMITERS.get(dialect.delimiter, dialect.delimiter)}"
    if dialect.sheet is not None:
        yield f'sheet "{dialect.sheet}"'
    if dialect.header_row is not None:
        yield f"header in row {dialect.header_row}"
