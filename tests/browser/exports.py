"""Contacts as well-known products export them: columns, encodings and delimiters as theirs."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Export:
    """A file, and what an import of it makes when nothing is changed by hand.

    `contact` is one that is created, as the API shows it, as far as it is told here, and `map` what
    the column map has of fields.
    """

    name: str
    filename: str
    data: bytes
    created: int
    fields: dict[str, Any]
    contact: dict[str, Any]


def table(rows: Sequence[Sequence[str]], delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    """Return a table as CSV."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode(encoding)


MAILCHIMP = Export(
    name="Mailchimp",
    filename="subscribed_segment_export_8f3a.csv",
    data=table(
        [
            ["Email Address", "First Name", "Last Name", "Address", "Phone Number", "Birthday",
             "MEMBER_RATING", "OPTIN_TIME", "OPTIN_IP", "CONFIRM_TIME", "LAST_CHANGED", "LEID",
             "EUID", "NOTES", "TAGS"],
            ["ann.lee@example.com", "Ann", "Lee", "12 High St  Springfield  IL  62701  US",
             "+1 217 555 0101", "05/12", "4", "2023-02-01 10:11:12", "192.0.2.10",
             "2023-02-01 10:12:40", "2024-05-06 07:08:09", "40112233", "a1b2c3d4e5",
             "", '"VIP","Newsletter"'],
            ["bob@example.org", "Bob", "Ray", "", "", "", "2", "2023-03-04 00:00:01",
             "198.51.100.7", "2023-03-04 00:00:01", "2024-01-02 03:04:05", "40112234",
             "f6a7b8c9d0", "met at the fair", '"Newsletter"'],
            ["céline@example.net".replace("é", "e"), "Céline", "Dupré", "", "", "11/30", "3",
             "2023-04-05 08:00:00", "203.0.113.9", "2023-04-05 08:10:00", "2024-02-02 10:00:00",
             "40112235", "0a9b8c7d6e", "", ""],
        ]
    ),
    created=3,
    fields={"email": "Email Address", "first_name": "First Name", "last_name": "Last Name"},
    contact={"email": "celine@example.net", "first_name": "Céline", "last_name": "Dupré"},
)  # fmt: skip
HUBSPOT = Export(
    name="HubSpot",
    filename="hubspot-crm-exports-all-contacts-2026-11-02.csv",
    data=table(
        [
            ["Record ID", "First Name", "Last Name", "Email", "Phone Number", "Contact owner",
             "Last Activity Date (UTC+1)", "Lead Status", "Marketing contact status",
             "Create Date", "Company Name", "Unsubscribed from all email",
             "Number of Employees", "Annual Revenue"],
            ["51", "Ann", "Lee", "ann.lee@example.com", "+49 30 901820", "Grace Hopper",
             "2026-10-30 14:02", "OPEN_DEAL", "Marketing contact", "2025-01-02 03:04",
             "Ada Ltd", "", "120", "1500000"],
            ["101", "Bob", "Ray", "bob@example.org", "", "Grace Hopper", "", "NEW",
             "Marketing contact", "2025-02-03 04:05", "Babbage & Co", "true", "8", "90000.5"],
            ["151", "Cat", "Fox", "cat@example.net", "", "", "2026-09-01 08:00", "",
             "Non-marketing contact", "2025-03-04 05:06", "", "false", "", ""],
        ]
    ),
    created=3,
    fields={
        "email": "Email",
        "first_name": "First Name",
        "last_name": "Last Name",
        "unsubscribed": "Unsubscribed from all email",
    },
    contact={"email": "bob@example.org", "first_name": "Bob", "unsubscribed": True},
)  # fmt: skip
GOOGLE = Export(
    name="Google Contacts",
    filename="contacts.csv",
    data=table(
        [
            ["First Name", "Middle Name", "Last Name", "Phonetic First Name",
             "Phonetic Middle Name", "Phonetic Last Name", "Name Prefix", "Name Suffix",
             "Nickname", "File As", "Organization Name", "Organization Title",
             "Organization Department", "Birthday", "Notes", "Photo", "Labels",
             "E-mail 1 - Label", "E-mail 1 - Value", "E-mail 2 - Label", "E-mail 2 - Value",
             "Phone 1 - Label", "Phone 1 - Value", "Address 1 - Label", "Address 1 - Formatted"],
            ["Ann", "", "Lee", "", "", "", "", "", "", "", "Ada Ltd", "Engineer", "",
             "1990-05-12", "", "", "Friends ::: * myContacts", "* Work", "ann.lee@example.com",
             "* Home", "ann@home.example", "Mobile", "+1 217-555-0101", "Home",
             "12 High St\nSpringfield\nUS"],
            ["Bob", "", "Ray", "", "", "", "", "", "", "", "", "", "", "", "likes tea", "",
             "* myContacts", "*", "bob@example.org", "", "", "", "", "", ""],
            ["Zoë", "", "Ångström", "", "", "", "", "", "", "", "", "", "", "", "", "",
             "* myContacts", "*", "zoe@example.net", "", "", "", "", "", ""],
        ]
    ),
    created=3,
    fields={"email": "E-mail 1 - Value", "first_name": "First Name", "last_name": "Last Name"},
    contact={"email": "zoe@example.net", "first_name": "Zoë", "last_name": "Ångström"},
)  # fmt: skip
SHOPIFY = Export(
    name="Shopify",
    filename="customers_export.csv",
    data=table(
        [
            ["Customer ID", "First Name", "Last Name", "Email", "Accepts Email Marketing",
             "Default Address Company", "Default Address Address1", "Default Address City",
             "Default Address Zip", "Default Address Country Code", "Default Address Phone",
             "Phone", "Accepts SMS Marketing", "Total Spent", "Total Orders", "Note",
             "Tax Exempt", "Tags"],
            ["'7412345678901", "Ann", "Lee", "ann.lee@example.com", "yes", "Ada Ltd",
             "12 High St", "Springfield", "'62701", "US", "", "'+12175550101", "no", "182.50",
             "3", "", "no", "vip, wholesale"],
            ["'7412345678902", "Bob", "Ray", "bob@example.org", "no", "", "", "Bonn", "'53111",
             "DE", "", "", "no", "0.00", "0", "", "no", ""],
            ["'7412345678903", "Cat", "Fox", "cat@example.net", "yes", "", "", "Rome",
             "'00184", "IT", "", "", "no", "19.99", "1", "called twice", "no", "new"],
        ]
    ),
    created=3,
    fields={"email": "Email", "first_name": "First Name", "last_name": "Last Name"},
    contact={"email": "bob@example.org", "last_name": "Ray", "unsubscribed": True},
)  # fmt: skip
OUTLOOK = Export(
    name="Outlook, in German",
    filename="Kontakte.CSV",
    data=table(
        [
            ["Anrede", "Vorname", "Weitere Vornamen", "Nachname", "Suffix", "Firma", "Abteilung",
             "Position", "Straße geschäftlich", "Ort geschäftlich",
             "Postleitzahl geschäftlich", "Telefon geschäftlich", "Mobiltelefon",
             "E-Mail-Adresse", "E-Mail-Typ", "E-Mail: Angezeigter Name", "Geburtstag",
             "Geschlecht", "Notizen", "Privat", "Sprache", "Vertraulichkeit", "Webseite"],
            ["Frau", "Jürgen-Ann", "", "Müßig", "", "Bäckerei Groß", "", "Inhaberin",
             "Königstraße 1", "Köln", "50667", "+49 221 2210", "", "jm@example.com", "SMTP",
             "Müßig, Jürgen-Ann (jm@example.com)", "0.0.00", "Keine Angabe", "", "Falsch", "",
             "Normal", ""],
            ["Herr", "Bob", "", "Ray", "", "", "", "", "", "Bonn", "53111", "", "0171 5550101",
             "bob@example.org", "SMTP", "Bob Ray (bob@example.org)", "0.0.00", "Keine Angabe",
             "", "Falsch", "", "Normal", ""],
            ["", "Cat", "", "Fuchs", "", "", "", "", "", "", "01067", "", "",
             "cat@example.net", "SMTP", "Cat Fuchs (cat@example.net)", "0.0.00",
             "Keine Angabe", "Grüße", "Falsch", "", "Normal", ""],
        ],
        delimiter=";",
        encoding="cp1252",
    ),
    created=3,
    fields={"email": "E-Mail-Adresse", "first_name": "Vorname", "last_name": "Nachname"},
    contact={"email": "jm@example.com", "first_name": "Jürgen-Ann", "last_name": "Müßig"},
)  # fmt: skip
EXPORTS = (MAILCHIMP, HUBSPOT, GOOGLE, SHOPIFY, OUTLOOK)
