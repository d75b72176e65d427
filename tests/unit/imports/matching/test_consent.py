"""Which columns say who has unsubscribed: the same words are said of much else."""

from __future__ import annotations

import pytest

from rollcall.imports.matching.suggest import suggest
from rollcall.imports.matching.suggestions import Suggestion, Target

YES_NO = ["Yes", "No", "Yes"]
STATES = ["Subscribed", "Unsubscribed", "Subscribed"]
TIMES = ["", "2023-02-03 10:00:00", ""]


def said(name: str, cells: list[str]) -> Suggestion:
    records = [[f"person{at}@example.com", cell] for at, cell in enumerate(cells)]
    suggestion = suggest([["Email", name], *records]).columns[1].suggestion
    assert suggestion is not None
    return suggestion


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("Unsubscribed On", TIMES),
        ("opted_out_at", TIMES),
        ("Abgemeldet am", TIMES),
        ("Désabonné le", TIMES),
        ("Opt-Out?", YES_NO),
        ("OPTOUT_FLAG", ["Y", "N", "N"]),
        ("do_not_contact", ["true", "false", "false"]),
        ("hasUnsubscribedFromEmail", ["true", "false", "false"]),
        ("contact.optout", ["1", "0", "0"]),
        ("Baja", ["Sí", "No", "No"]),
        ("Werbewiderspruch", ["x", "", ""]),
        ("Ne souhaite pas recevoir d'e-mails", ["oui", "non", "non"]),
        ("Email Suppressions", ["", "USER_SUPPRESSED", ""]),
        ("Opt-out status", ["Opted out", "Opted in", "Opted in"]),
    ],
)
def test_who_does_not_want_mail(name: str, cells: list[str]) -> None:
    suggestion = said(name, cells)
    assert suggestion.target is Target.UNSUBSCRIBED
    assert suggestion.is_taken
    assert not suggestion.inverted


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("is_subscribed", ["1", "0", "1"]),
        ("marketing_consent_given", ["true", "false", "true"]),
        ("emailOptIn", ["true", "false", "true"]),
        ("Can we email you?", YES_NO),
        ("Please send me news and special offers", YES_NO),
        ("Permission to contact", YES_NO),
        ("Consent (email)", YES_NO),
        ("Newsletter subscription status", STATES),
        ("Subscription", STATES),
        ("status", ["active", "unsubscribed", "bounced"]),
        ("state", ["active", "cancelled", "active"]),
        ("Subscription state", ["Subscribed", "Unsubscribed", "Snoozed"]),
        ("Email permission", ["Granted", "Denied", "Granted"]),
        ("メルマガ配信", ["配信する", "配信しない", "配信する"]),
        ("뉴스레터 수신에 동의하십니까?", ["동의합니다", "동의하지 않습니다", "동의합니다"]),
        ("Согласие на рассылку", ["да", "нет", "да"]),
        ("是否订阅", ["是", "否", "是"]),
    ],
)
def test_who_wants_mail(name: str, cells: list[str]) -> None:
    suggestion = said(name, cells)
    assert suggestion.target is Target.UNSUBSCRIBED
    assert suggestion.is_taken
    assert suggestion.inverted
    assert cells[1].lower() in (suggestion.true_when or ())
    assert cells[0].lower() not in (suggestion.true_when or ())


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("SMS opt-in", YES_NO),
        ("Push notifications", YES_NO),
        ("Do not call", YES_NO),
        ("Do not mail", YES_NO),
        ("Privacy policy accepted", YES_NO),
        ("Active subscription", YES_NO),
        ("Blocked", YES_NO),
        ("Email verified", YES_NO),
        ("Receive invoices by email", YES_NO),
        ("Newsletter", ["Weekly", "Monthly", "Weekly"]),
        ("Unsubscribe link", ["https://x.example/u/1", "https://x.example/u/2", ""]),
        ("Unsubscribe reason", ["", "too many", ""]),
        ("Unsubscribes", ["3", "0", "12"]),
        ("Opt-in date", TIMES),
        ("Subscribed at", TIMES),
        ("optout_date", ["0000-00-00 00:00:00", "2023-05-05 00:00:00", "0000-00-00 00:00:00"]),
        ("Status", ["New", "Contacted", "Qualified"]),
        ("Status", ["Enabled", "Disabled", "Enabled"]),
        ("Email status", ["valid", "invalid", "bounced"]),
        ("State", ["CA", "NY", "TX"]),
        ("Order status", ["confirmed", "pending", "cancelled"]),
        ("Subscription type", ["free", "paid", "free"]),
    ],
)
def test_what_is_said_of_something_else(name: str, cells: list[str]) -> None:
    assert said(name, cells).target is Target.PROPERTY


@pytest.mark.parametrize(
    ("name", "cells"), [("Bounced", YES_NO), ("Newsletter", [""]), ("Do not email", ["", ""])]
)
def test_a_person_decides_where_nothing_proves_it(name: str, cells: list[str]) -> None:
    suggestion = said(name, cells)
    assert suggestion.target is Target.UNSUBSCRIBED
    assert not suggestion.is_taken


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (["Email", "Plan", "Status"], Target.PROPERTY),
        (["Email", "Last login", "Status"], Target.PROPERTY),
        (["Email", "Tags", "Status"], Target.UNSUBSCRIBED),
    ],
)
def test_active_and_cancelled_are_states_of_a_subscription_in_a_list_of_subscribers(
    header: list[str], expected: Target
) -> None:
    records = [["a@example.com", "x", "active"], ["b@example.com", "y", "cancelled"]]
    suggestion = suggest([header, *records]).columns[2].suggestion
    assert suggestion is not None
    assert suggestion.target is expected


def test_no_more_words_are_given_than_a_column_map_takes() -> None:
    words = said("Newsletter", ["subscribed", "no", "nein"]).true_when
    assert isinstance(words, tuple)
    assert 10 < len(words) <= 100
