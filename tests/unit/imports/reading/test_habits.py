"""What some programs write otherwise than most is found as the definition has it."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from rollcall.imports.reading.habits import escapes, said_delimiter, skips_blanks
from rollcall.imports.reading.syntax import Syntax
from tests.support import oracle_habits
from tests.support.oracle_reader import Style

PARTS = ["a", ",", ", ", '"', ', "', '",', '"\n', "\n", "\r\n", '\\"', "\\", '""', " ", 'a,"b"\n']
TEXTS = st.lists(st.sampled_from(PARTS), max_size=25).map("".join)
FIRST_LINES = st.lists(
    st.sampled_from(["\ufeff", '"', "sep=", "SEP=", ";", "\t", "\\t", "x", " ", "#", "\n", "\r"]),
    max_size=8,
).map("".join)


@example('"\\"Annie\\" Lee"\n')
@example('"a\\""b"\n"c"\n')
@given(TEXTS)
def test_backslashes_before_quotes(text: str) -> None:
    assert escapes(text, ",", is_end=True) == oracle_habits.find_escapes(text, ",")


@example('email, "b"\n', 0)
@given(TEXTS, st.integers(0, 2))
def test_blanks_before_quotes(text: str, header: int) -> None:
    found = skips_blanks(text, Syntax(","), header, is_end=True)
    assert found == oracle_habits.find_blanks(text, Style(",", True), header + 1)


@example('sep=;;"')
@example('"sep=;";;')
@example("sep=\\t")
@given(FIRST_LINES)
def test_first_lines_that_say_the_delimiter(text: str) -> None:
    assert said_delimiter(text) == oracle_habits.find_said(text)
