"""What the domains of addresses tell of the language of the names beside them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

_DOMAIN = re.compile(rb"@[A-Za-z0-9.-]+\.([A-Za-z]{2})\b")
_LANGUAGES = {
    "ae": "ar", "al": "sq", "at": "de", "ba": "hr", "be": "fr", "bg": "bg", "br": "pt", "by": "be",
    "ch": "de", "cl": "es", "cn": "zh", "cz": "cs", "de": "de", "dk": "da", "ee": "et", "eg": "ar",
    "es": "es", "fi": "fi", "fo": "fo", "fr": "fr", "gr": "el", "hk": "tw", "hr": "hr", "hu": "hu",
    "ie": "ga", "il": "he", "ir": "fa", "is": "is", "it": "it", "jp": "ja", "kr": "ko", "lt": "lt",
    "lu": "lb", "lv": "lv", "mk": "mk", "mx": "es", "nl": "nl", "no": "no", "pk": "ur", "pl": "pl",
    "pt": "pt", "ro": "ro", "rs": "sr", "ru": "ru", "sa": "ar", "se": "sv", "si": "sl", "sk": "sk",
    "th": "th", "tr": "tr", "tw": "tw", "ua": "uk", "vn": "vi",
}  # fmt: skip


def shares_of_languages(lines: Iterable[bytes]) -> dict[str, float]:
    """Return which part of the lines has an address in a country, by the country's language."""
    counts: Counter[str] = Counter()
    total = 0
    for line in lines:
        total += 1
        domain = _DOMAIN.search(line)
        language = _LANGUAGES.get(domain[1].decode().lower()) if domain else None
        if language:
            counts[language] += 1
    return {language: count / total for language, count in counts.items()}
