"""Errors in the words of a reader, who has never seen the API."""

from __future__ import annotations

import httpx

from tests.support.dashboard import browsing

BROKEN = {"file": ("contacts.csv.gz", b"\x1f\x8b\x08\0\0\0\0\0\0\0", "application/gzip")}


def test_what_the_api_writes_as_a_field_is_a_word_here(client: httpx.Client) -> None:
    with browsing(client) as browser:
        for headers in ({}, {"x-requested-with": "rollcall"}):
            answer = browser.post("/dashboard/imports/new", files=BROKEN, headers=headers)
            assert answer.status_code == 422
            assert "The file is a gzip file that is cut off" in answer.text
    assert "The `file` is" in client.post("/contacts/imports", files=BROKEN).text
