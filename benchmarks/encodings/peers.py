"""Detectors that others have made. Those that are not installed are left out."""

from __future__ import annotations

import codecs
import importlib
import importlib.metadata
from collections.abc import Callable

Detector = Callable[[bytes], str]
# What browsers read instead of an encoding.
LARGER = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "cp950",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "iso2022_jp": "iso2022_jp_ext",
}


def installed() -> dict[str, Detector]:
    """Return the detectors by their names and versions."""
    found: dict[str, Detector] = {}
    for module_name, make in (
        ("chardet", _chardet),
        ("charset_normalizer", _charset_normalizer),
        ("chardetng_py", _chardetng),
    ):
        try:
            module = importlib.import_module(module_name)
        except ImportError:
            continue
        version = importlib.metadata.version(module_name)
        found[f"{module_name.replace('_', '-')} {version}"] = make(module)
    return found


def _chardet(module: object) -> Detector:
    detect = module.detect  # type: ignore[attr-defined]
    return lambda data: _codec(detect(data)["encoding"])


def _charset_normalizer(module: object) -> Detector:
    from_bytes = module.from_bytes  # type: ignore[attr-defined]

    def detect(data: bytes) -> str:
        best = from_bytes(data).best()
        return _codec(best.encoding if best else None)

    return detect


def _chardetng(module: object) -> Detector:
    detector = module.EncodingDetector  # type: ignore[attr-defined]

    def detect(data: bytes) -> str:
        one = detector()
        one.feed(data, last=True)
        return _codec(one.guess(tld=None, allow_utf8=True))

    return detect


def _codec(name: str | None) -> str:
    try:
        codec = codecs.lookup(name or "cp1252").name
    except LookupError:
        return "cp1252"
    return LARGER.get(codec, codec)
