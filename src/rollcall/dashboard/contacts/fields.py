"""A contact as a form: what its fields show, and what was typed into them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request

from rollcall.contacts.models import Contact
from rollcall.contacts.schemas import ContactPatch
from rollcall.dashboard.frame.forms import Errors, check_form
from rollcall.dashboard.frame.view import view_of
from rollcall.properties.models import ContactProperty
from rollcall.properties.values import PropertyType, PropertyValue, check_value

PREFIX = "property."
NAMES = ("first_name", "last_name")
FIELDS = ("email", *NAMES, "unsubscribed")
BOOLEANS = {"true": True, "false": False}


@dataclass(frozen=True, kw_only=True)
class Read:
    """What was typed: the changes that it comes to, or an error for each wrong field."""

    patch: ContactPatch | None
    errors: Errors


def shown_values(contact: Contact, properties: list[ContactProperty]) -> dict[str, str]:
    """Return what the form's fields show, by the fields' names."""
    values = {
        "email": contact.email,
        "first_name": contact.first_name or "",
        "last_name": contact.last_name or "",
        "unsubscribed": "true" if contact.unsubscribed else "",
    }
    for each in properties:
        values[PREFIX + each.key] = _shown(contact.properties.get(each.stored_as))
    return values


def read_fields(
    request: Request,
    typed: Mapping[str, str],
    shown: Mapping[str, str],
    properties: list[ContactProperty],
) -> Read:
    """Return the changes of what was typed against what the contact has now."""
    texts = view_of(request).texts
    changed = {name for name in shown if typed.get(name, "") != shown[name]}
    values: dict[str, Any] = {
        name: typed.get(name, "").strip() or None for name in NAMES if name in changed
    }
    if "unsubscribed" in changed:
        values["unsubscribed"] = typed.get("unsubscribed") == "true"
    if "email" in changed:
        values["email"] = typed.get("email", "").strip()
    errors: Errors = {}
    given: dict[str, PropertyValue | None] = {}
    for each in properties:
        name = PREFIX + each.key
        if name not in changed:
            continue
        try:
            given[each.key] = _read(typed.get(name, ""), PropertyType(each.type))
        except _NotANumberError:
            errors[name] = texts("contacts.not_a_number")
        except ValueError as error:
            errors[name] = f"{str(error)[:1].upper()}{str(error)[1:]}."
    if given:
        values["properties"] = given
    patch, wrong = check_form(request, ContactPatch, values)
    return Read(patch=patch, errors={**wrong, **errors})


def fingerprint(contact: Contact) -> str:
    """Return what tells one state of a contact from another: it differs after every change."""
    state = [
        contact.email,
        contact.first_name,
        contact.last_name,
        contact.unsubscribed,
        sorted(contact.properties.items()),
    ]
    return uuid.uuid5(contact.id, repr(state)).hex


class _NotANumberError(ValueError):
    """A text that is no number."""


def _shown(value: PropertyValue | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _read(text: str, type_: PropertyType) -> PropertyValue | None:
    if type_ is PropertyType.BOOLEAN:
        return BOOLEANS.get(text)
    if type_ is PropertyType.STRING:
        return check_value(text) if text else None
    text = text.strip()
    if not text:
        return None
    if not text.isascii() or "_" in text:
        raise _NotANumberError
    try:
        number = int(text) if text.lstrip("+-").isdigit() else float(text)
        return check_value(number)
    except (ValueError, OverflowError):
        raise _NotANumberError from None
