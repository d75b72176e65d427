"""Tiny distributions in a folder that pip takes for an index."""

from __future__ import annotations

import base64
import hashlib
import io
import tarfile
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

WHEEL = "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def add_wheel(
    index: Path,
    name: str,
    version: str,
    *,
    requires: Iterable[str] = (),
    extras: Iterable[str] = (),
    modules: Mapping[str, str] | None = None,
) -> Path:
    """Put a wheel with this metadata into the index; `modules` maps file names to their text."""
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    lines += [f"Provides-Extra: {extra}" for extra in extras]
    lines += [f"Requires-Dist: {requirement}" for requirement in requires]
    path = index / f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
    write_wheel(path, "\n".join(lines) + "\n", modules or {})
    return path


def write_wheel(path: Path, metadata: str, modules: Mapping[str, str]) -> None:
    """Write a wheel; its name and version are taken from the name of the file."""
    info = "-".join(path.name.split("-")[:2]) + ".dist-info"
    files = {**modules, f"{info}/METADATA": metadata, f"{info}/WHEEL": WHEEL}
    record = "".join(f"{name},{_digest(text)},{len(text)}\n" for name, text in files.items())
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in {**files, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}.items():
            archive.writestr(name, text)


def add_source(index: Path, name: str, version: str, files: Mapping[str, str]) -> Path:
    """Put a source distribution with these files into the index, and no wheel of it."""
    folder = f"{name.replace('-', '_')}-{version}"
    path = index / f"{folder}.tar.gz"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    with tarfile.open(path, "w:gz") as archive:
        for inner, text in {"PKG-INFO": metadata, **files}.items():
            member = tarfile.TarInfo(f"{folder}/{inner}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return path


def hash_of(path: Path) -> str:
    """Return the hash of a file as a lock names it."""
    return f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return "sha256=" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
