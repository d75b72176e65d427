"""Hypothesis strategies for how rows are written to a file: its dialect and its encoding."""

import codecs

from hypothesis import strategies as st

from tests.support.oracle_table import DELIMITERS

# What stands above a header: titles, comments, notes in several lines, a quote that is none.
ABOVE = ["Report, of; May", "# 7 of 9", '"Notes:\nmore"', '"Report of']


@st.composite
def written(draw: st.DrawFn, rows: list[list[str]]) -> str:
    """The rows in some dialect. Quotes are seldom left out, and the last seldom left open."""
    delimiter = draw(st.sampled_from(DELIMITERS))
    line_ends = draw(st.sampled_from([("\n",), ("\r\n",), ("\r",), ("\n", "\r\n", "\r")]))
    styles = draw(
        st.sampled_from(
            [("minimal",), ("always",), ("minimal", "always"), ("minimal",) * 9 + ("never",)]
        )
    )
    habit = draw(st.sampled_from(["none"] * 8 + ["blanks", "backslashes"]))
    above = draw(st.sampled_from(["none"] * 8 + ["sep", *ABOVE]))
    line_end = draw(st.sampled_from(line_ends))
    lines = [] if above == "none" else [above.replace("sep", f"sep={delimiter}") + line_end]
    for number, row in enumerate(rows):
        # Any style only after the first records, so that the header survives.
        style = draw(st.sampled_from(styles)) if number > 2 else "minimal"
        cells = [quoted(cell, delimiter, style, habit) for cell in row]
        if cells and number > 2 and draw(st.sampled_from([False] * 19 + [True])):
            cells[-1] = '"' + cells[-1]
        between = delimiter + (" " if habit == "blanks" else "")
        lines.append(between.join(cells) + draw(st.sampled_from(line_ends)))
    return draw(ended("".join(lines), delimiter))


def ended(text: str, delimiter: str) -> st.SearchStrategy[str]:
    open_quote = st.sampled_from(["", "x\n", "a@b.co\n\n", delimiter]).map(
        lambda rest: text + '"' + rest
    )
    endings = [st.just(text)] * 14 + [st.just(text.rstrip("\r\n"))] * 4 + [open_quote]
    return st.sampled_from(endings).flatmap(lambda ending: ending)


def quoted(cell: str, delimiter: str, style: str, habit: str = "none") -> str:
    special = any(character in cell for character in f'{delimiter}"\r\n')
    if style == "never" or (style == "minimal" and not special):
        return cell
    if habit == "backslashes":
        return '"' + cell.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return '"' + cell.replace('"', '""') + '"'


@st.composite
def encoded(draw: st.DrawFn, text: str) -> bytes:
    encoding = draw(
        st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "utf-16-le", "utf-16-be", "cp1252"])
    )
    if encoding == "utf-8-sig":
        return codecs.BOM_UTF8 + text.encode("utf-8", "surrogateescape")
    if encoding == "utf-8":
        return text.encode("utf-8", "surrogateescape")
    if encoding == "cp1252":
        return b"".join(encode_cp1252(character) for character in text)
    bom = codecs.BOM_UTF16_LE if encoding == "utf-16-le" else codecs.BOM_UTF16_BE
    odd_byte = draw(st.sampled_from([b""] * 15 + [b"\0"]))
    return bom + text.encode(encoding, "surrogatepass") + odd_byte


def encode_cp1252(character: str) -> bytes:
    try:
        return character.encode("cp1252", "surrogateescape")
    except UnicodeEncodeError:
        return b"?"
