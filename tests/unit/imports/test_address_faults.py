"""What is said of texts that are no e-mail addresses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollcall.contacts.addresses import read_address
from rollcall.imports.address_faults import find_fault, find_first_fault

LABEL = "d" * 63
TEXTS = st.text(st.sampled_from("aZ0.-@@\"' ,;üß💩\uff20_<>\u200d"), max_size=12)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("ann", "there is no @ in it"),
        ("", "there is no @ in it"),
        ("ann\uff20b.co", 'the "\uff20" in it is no @'),
        ("ann at b.co", "there is a space in it"),
        ("ann @b.co", "there is a space in it"),
        ("ann@b.co;bob@b.co", "there are several addresses in it"),
        ("ann@b.co, bob@b.co", "there are several addresses in it"),
        ("ann@b.co <bob@b.co", "there are several addresses in it"),
        ("ann@b.co\nbob@b.co", "there are several addresses in it"),
        ("ann@@b.co", "there is more than one @ in it"),
        ("@b.co", "nothing stands before the @"),
        ("ann@", "nothing stands behind the @"),
        ("jörg@b.co", 'letters beyond ASCII such as "ö" cannot stand before the @'),
        ("a(b@c.co", '"(" cannot stand before the @'),
        ('"ab"@c.co', "a quotation mark cannot stand before the @"),
        ("\u201cab@c.co", '"\u201c" cannot stand before the @'),
        ("a" * 65 + "@b.co", "more than 64 characters stand before the @"),
        ("ann@b_c.co", '"_" cannot stand behind the @'),
        ("ann@[127.0.0.1]", '"[" cannot stand behind the @'),
        ("ann@b.co?", '"?" cannot stand behind the @'),
        ("ann@b..co", "two dots stand in succession behind the @"),
        ("ann@.b.co", "what stands behind the @ begins or ends with a dot"),
        ("ann@b.co.", "what stands behind the @ begins or ends with a dot"),
        ("ann@-b.co", "a part of what stands behind the @ begins or ends with a hyphen"),
        (f"ann@{LABEL}d.co", "a part of what stands behind the @ has more than 63 characters"),
        ("ann@localhost", "there is no dot behind the @"),
        ("ann@müller", "there is no dot behind the @"),
        ("ann@💩.co", "what stands behind the @ cannot be the name of a domain"),
        (f"ann@{'ü' * 60}.co", "what stands behind the @ cannot be the name of a domain"),
        (f"ann@{LABEL}.{LABEL}.{LABEL}.{LABEL}.co", "it has more than 254 characters"),
    ],
)
def test_what_is_wrong_is_named(text: str, fault: str) -> None:
    assert read_address(text) is None
    assert find_fault(text) == fault


@given(TEXTS)
def test_something_is_known_of_nearly_every_text(text: str) -> None:
    if read_address(text) is None:
        assert find_fault(text) is not None


@pytest.mark.parametrize(
    ("beginning", "fault"),
    [
        ("ann@b.co, bob@b.co, c", "there are several addresses in it"),
        ("see the other sheet f", "there is a space in it"),
        ("a" * 199, "more than 64 characters stand before the @"),
        # What is missing may come.
        ("ann@b", None),
        ("ann", None),
        ("ann@b_", None),
    ],
)
def test_of_a_beginning_only_what_is_certain_is_said(beginning: str, fault: str | None) -> None:
    assert find_first_fault(beginning) == fault
