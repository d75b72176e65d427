"""Words: in one file, all that are asked for, and none anywhere else."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markupsafe import Markup

from rollcall.dashboard.frame.rendering import _environment
from rollcall.dashboard.frame.texts import Texts, choose_texts, load_texts

DASHBOARD = Path(__file__).parents[3] / "src" / "rollcall" / "dashboard"
TEMPLATES = sorted((DASHBOARD / "templates").rglob("*.html"))
MODULES = sorted((DASHBOARD / "static").glob("*.js"))
CODE = sorted(DASHBOARD.rglob("*.py"))
# What is no word of a language: commands and signs.
SAID = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|rollcall keys create --team", re.DOTALL)
# Attributes that a macro writes into another one's tag.
ATTRIBUTE = re.compile(r"[a-z-]+=\"\w*\"")
SPOKEN = {"title", "alt", "placeholder", "aria-label", "value"}


def asked_for(file: Path) -> set[str]:
    """Return the keys that stand whole in a template or module."""
    asking = r"""\b(?:t|text|texts)\(\s*["'`]([\w.-]+)["'`]\s*[,)]"""
    return set(re.findall(asking, file.read_text()))


@pytest.mark.parametrize("file", TEMPLATES + MODULES + CODE, ids=lambda file: file.name)
def test_every_text_that_is_asked_for_exists(file: Path) -> None:
    texts = load_texts("en")
    missing = {key for key in asked_for(file) if key not in texts}
    # Those of examples in docstrings and comments.
    assert {key for key in missing if not key.startswith("things.")} == set()


class Words(HTMLParser):
    """Collects what a reader would see of a template as it stands."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in SPOKEN and tag != "meta"]

    def handle_data(self, data: str) -> None:
        self.found.append(data)


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: file.name)
def test_templates_are_without_words(file: Path) -> None:
    words = Words()
    # What a template computes is a blank here, so that quotes within quotes are none.
    words.feed(SAID.sub("", file.read_text()))
    found = [ATTRIBUTE.sub("", each) for each in words.found]
    assert [each for each in found if re.search(r"[^\W\d_]{2,}", each)] == []


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: file.name)
def test_templates_can_be_read(file: Path) -> None:
    _environment().get_template(str(file.relative_to(DASHBOARD / "templates")))


def test_a_text_takes_values_and_keeps_what_is_markup() -> None:
    texts = Texts(
        "en", {"a.b": "<{name}>", "a.rows": {"one": "{count} row", "other": "{count} rows"}}
    )
    assert texts("a.b", name="<i>") == "<<i>>"
    assert texts("a.b", name=Markup("<i>")) == "&lt;<i>&gt;"
    assert [texts("a.rows", count=count) for count in (0, 1, 1234)] == [
        "0 rows",
        "1 row",
        "1,234 rows",
    ]
    with pytest.raises(KeyError):
        texts("a.missing")


@pytest.mark.parametrize("accepted", ["", "en-GB,de;q=0.5", "xx", "de;q=x", ",;q=", "de, " * 99])
def test_a_language_that_there_is(accepted: str) -> None:
    assert choose_texts(accepted).language == "en"
