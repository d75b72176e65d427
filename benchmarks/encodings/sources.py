"""Texts in many languages, of which only the frequencies of letters are taken.

They come with other packages: how often letters stand beside each other in Wikipedia (langdetect),
names of countries, languages and months (CLDR in Babel), the translations of Django, names of
people and places (Faker), and the words of dictionaries (jieba, and IPADIC in Janome).
"""

from __future__ import annotations

import gettext
import importlib
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.encodings.lists import with_tones

NAMES_PER_KIND = 1_500
PLACEHOLDER = re.compile(r"%\(\w+\)\w|%\w|\{\w*\}|<[^>]*>|&\w+;")
ESCAPE = re.compile(r"\\u([0-9a-f]{4})")
# Parts of speech and inflections, which IPADIC says of every word.
GRAMMAR = re.compile(r"u'[^']*,[^']*'")
# What the Romanian and the Persian keyboard of Windows wrote before it knew better.
ROMANIAN = str.maketrans("șțȘȚ", "şţŞŢ")
PERSIAN = str.maketrans("یک", "يك")
# No source has enough names that end like these.
ITALIAN = [
    "Niccolò", "Nicolò", "Giosuè", "Noè", "Mosè", "Forlì", "Calì", "Dossì", "Gesù", "Barabà",
    "Salò", "Lodè", "Mondovì", "città", "perché", "Larivè", "Totò", "Zanò",
]  # fmt: skip


class Source(NamedTuple):
    """Texts, each with how often it counts; and how much they count beside other sources."""

    texts: Iterable[tuple[str, float]]
    weight: float


@dataclass(frozen=True, kw_only=True)
class Language:
    """A language by the names that the packages have for it."""

    langdetect: str = ""
    babel: str
    django: str = ""
    faker: str = ""
    is_east_asian: bool = False
    as_written: Callable[[str], str] = str
    more: tuple[Source, ...] = ()
    dictionary: Callable[[], Iterable[tuple[str, float]]] | None = None

    def sources(self) -> Iterator[Source]:
        """Yield all sources of the language."""
        if self.langdetect:
            yield Source(self._write(_wikipedia(self.langdetect)), 0.4)
        words = [*_cldr(self.babel), *(_translations(self.django) if self.django else [])]
        yield Source(self._write(_as_words(words)), 0.3 if self.is_east_asian else 0.25)
        if self.faker:
            names = _as_words(_names(self.faker.split()))
            yield Source(self._write(names), 0.3 if self.is_east_asian else 0.35)
        if self.dictionary:
            yield Source(self.dictionary(), 0.6)
        yield from self.more

    def _write(self, texts: Iterable[tuple[str, float]]) -> Iterator[tuple[str, float]]:
        return ((self.as_written(text), count) for text, count in texts)


def _as_words(texts: Iterable[str]) -> list[tuple[str, float]]:
    return [(f" {text} ", 1) for text in texts]


def _folder(package: str) -> Path:
    file = importlib.import_module(package).__file__
    assert file is not None
    return Path(file).parent


def _wikipedia(code: str) -> Iterator[tuple[str, float]]:
    profile = json.loads((_folder("langdetect") / "profiles" / code).read_text(encoding="utf-8"))
    return ((pair, count) for pair, count in profile["freq"].items() if len(pair) == 2)


def _cldr(code: str) -> Iterator[str]:
    locale: Any = importlib.import_module("babel").Locale.parse(code)
    for names in (locale.territories, locale.languages, locale.scripts, locale.currencies):
        yield from names.values()
    for calendar in (locale.months, locale.days, locale.quarters):
        for widths in calendar.values():
            for names in widths.values():
                yield from names.values()


def _translations(code: str) -> Iterator[str]:
    for path in sorted(_folder("django").glob(f"**/locale/{code}/LC_MESSAGES/*.mo")):
        with path.open("rb") as file:
            catalog: dict[object, object] = vars(gettext.GNUTranslations(file))["_catalog"]
        for message, translation in catalog.items():
            if message and isinstance(translation, str):
                yield PLACEHOLDER.sub("", translation)


def _names(locales: Iterable[str]) -> list[str]:
    faker: Any = importlib.import_module("faker")
    names: set[str] = set()
    for locale in locales:
        fake = faker.Faker(locale)
        fake.seed_instance(4711)
        for kind in ("first_name", "last_name", "city", "street_name"):
            if make := getattr(fake, kind, None):
                names.update(make() for _ in range(NAMES_PER_KIND))
    return sorted(names)


def _chinese(convert: Callable[[str], str] = str) -> Iterator[tuple[str, float]]:
    dictionary = _folder("jieba") / "dict.txt"
    for line in dictionary.read_text(encoding="utf-8").splitlines():
        word, count, part_of_speech = line.split(" ")[:3]
        is_name = part_of_speech.startswith("nr")
        if is_name or int(count) >= 20:
            yield convert(word), math.sqrt(int(count)) + 20 * is_name


def _traditional() -> Iterator[tuple[str, float]]:
    opencc: Any = importlib.import_module("opencc")
    return _chinese(opencc.OpenCC("s2tw").convert)


def _japanese() -> Iterator[tuple[str, float]]:
    for path in sorted((_folder("janome") / "sysdic").glob("entries_extra*.py")):
        if not path.stem.endswith("_idx"):
            text = ESCAPE.sub(lambda found: chr(int(found[1], 16)), path.read_text("ascii"))
            yield "".join(re.findall("[\u4e00-\u9fff\u3041-\u3096]", GRAMMAR.sub("", text))), 1


LANGUAGES = {
    "de": Language(langdetect="de", babel="de", django="de", faker="de_DE de_CH de_AT"),
    "fr": Language(langdetect="fr", babel="fr", django="fr", faker="fr_FR fr_CA fr_CH"),
    "es": Language(langdetect="es", babel="es", django="es", faker="es_ES es_MX"),
    "pt": Language(langdetect="pt", babel="pt", django="pt", faker="pt_BR pt_PT"),
    "it": Language(
        langdetect="it", babel="it", django="it", faker="it_IT",
        more=(Source(_as_words(ITALIAN), 0.11),),
    ),
    "sv": Language(langdetect="sv", babel="sv", django="sv", faker="sv_SE"),
    "da": Language(langdetect="da", babel="da", django="da", faker="da_DK"),
    "no": Language(langdetect="no", babel="nb", django="nb", faker="no_NO"),
    "fi": Language(langdetect="fi", babel="fi", django="fi", faker="fi_FI"),
    "nl": Language(langdetect="nl", babel="nl", django="nl", faker="nl_NL nl_BE"),
    "is": Language(babel="is", django="is", faker="is_IS"),
    "fo": Language(babel="fo"),
    "ga": Language(babel="ga", django="ga", faker="ga_IE"),
    "ca": Language(langdetect="ca", babel="ca", django="ca"),
    "eu": Language(babel="eu", django="eu"),
    "gl": Language(babel="gl", django="gl"),
    "cy": Language(langdetect="cy", babel="cy", django="cy"),
    "af": Language(langdetect="af", babel="af", django="af"),
    "lb": Language(babel="lb", django="lb", faker="lb_LU"),
    "cs": Language(langdetect="cs", babel="cs", django="cs", faker="cs_CZ"),
    "sk": Language(langdetect="sk", babel="sk", django="sk", faker="sk_SK"),
    "pl": Language(langdetect="pl", babel="pl", django="pl", faker="pl_PL"),
    "hu": Language(langdetect="hu", babel="hu", django="hu", faker="hu_HU"),
    "ro": Language(
        langdetect="ro", babel="ro", django="ro", faker="ro_RO",
        as_written=lambda text: text.translate(ROMANIAN),
    ),
    "hr": Language(langdetect="hr", babel="hr", django="hr", faker="hr_HR bs_BA"),
    "sl": Language(langdetect="sl", babel="sl", django="sl", faker="sl_SI"),
    "sq": Language(langdetect="sq", babel="sq", django="sq", faker="sq_AL"),
    "tr": Language(langdetect="tr", babel="tr", django="tr", faker="tr_TR"),
    "lt": Language(langdetect="lt", babel="lt", django="lt", faker="lt_LT"),
    "lv": Language(langdetect="lv", babel="lv", django="lv", faker="lv_LV"),
    "et": Language(langdetect="et", babel="et", django="et", faker="et_EE"),
    "ru": Language(langdetect="ru", babel="ru", django="ru", faker="ru_RU"),
    "uk": Language(langdetect="uk", babel="uk", django="uk", faker="uk_UA"),
    "bg": Language(langdetect="bg", babel="bg", django="bg", faker="bg_BG"),
    "sr": Language(babel="sr", django="sr", faker="sr_BA"),
    "mk": Language(langdetect="mk", babel="mk", django="mk", faker="mk_MK"),
    "be": Language(babel="be", django="be"),
    "el": Language(langdetect="el", babel="el", django="el", faker="el_GR el_CY"),
    "he": Language(langdetect="he", babel="he", django="he", faker="he_IL"),
    "ar": Language(langdetect="ar", babel="ar", django="ar", faker="ar_SA ar_EG ar_AA"),
    "fa": Language(
        langdetect="fa", babel="fa", django="fa", faker="fa_IR",
        as_written=lambda text: text.translate(PERSIAN),
    ),
    "ur": Language(langdetect="ur", babel="ur"),
    "vi": Language(
        langdetect="vi", babel="vi", django="vi", faker="vi_VN", as_written=with_tones
    ),
    "th": Language(langdetect="th", babel="th", django="th", faker="th_TH"),
    "ja": Language(
        babel="ja", django="ja", faker="ja_JP", is_east_asian=True, dictionary=_japanese
    ),
    "ko": Language(babel="ko", django="ko", faker="ko_KR", is_east_asian=True),
    "zh": Language(
        babel="zh_Hans", django="zh_Hans", faker="zh_CN", is_east_asian=True, dictionary=_chinese
    ),
    "tw": Language(
        babel="zh_Hant", django="zh_Hant", faker="zh_TW", is_east_asian=True,
        dictionary=_traditional,
    ),
}  # fmt: skip
