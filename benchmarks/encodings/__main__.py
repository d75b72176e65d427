"""Measure how often the encoding of a list is found out, and print a table of it."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from benchmarks.encodings.lists import Form, Language, languages, make_list
from benchmarks.encodings.peers import installed
from rollcall.imports.encoding_labels import name_of
from rollcall.imports.reading.evidence import Evidence

SIZES = (5, 20, 80, 400, 8_000)
# The longer a list, the less there is to find out by another one.
LISTS = {5: 6, 20: 6, 80: 3, 400: 2, 8_000: 1}
Detector = Callable[[bytes], str]


class Cell(NamedTuple):
    """Lists of one kind: how many there are, and how many of them read as they were written."""

    lists: int
    right: int

    def __str__(self) -> str:
        return f"{100 * self.right / self.lists:.4g}" if self.lists else "–"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.encodings", description=__doc__)
    parser.add_argument("--only", default="", help="languages, divided by commas")
    parser.add_argument("--sizes", default="", help="numbers of rows, divided by commas")
    parser.add_argument("--wrong", action="store_true", help="say what is taken for what")
    arguments = parser.parse_args()
    sizes = [int(size) for size in arguments.sizes.split(",") if size] or SIZES
    only = set(filter(None, arguments.only.split(",")))
    chosen = [language for language in languages() if not only or language.name in only]
    wrong: Counter[str] = Counter()
    cells = {
        (language.name, codec): [_measure(detect, language, codec, [size], wrong) for size in sizes]
        for language in chosen
        for codec in language.encodings
    }
    own = [_sum(column) for column in zip(*cells.values(), strict=True)]
    lines = [*_lines(cells), ["**all**", "", *map(str, own)]]
    _print_table(["Language", "Encoding", *map(_rows, sizes)], iter(lines))
    _print_peers(own, chosen, sizes)
    if arguments.wrong:
        sys.stdout.writelines(f"{count:5} {what}\n" for what, count in wrong.most_common())


def detect(data: bytes) -> str:
    """Return what an upload takes a file for."""
    evidence = Evidence()
    evidence.feed(data)
    return evidence.encoding()


def _measure(
    detector: Detector,
    language: Language,
    codec: str,
    sizes: Sequence[int],
    wrong: Counter[str],
) -> Cell:
    lists = right = 0
    for size in sizes:
        for form in Form:
            for seed in range(LISTS.get(size, 1)):
                data = make_list(language, codec, size, form, seed)
                if data.isascii() and not codec.startswith("iso2022"):
                    continue
                found = detector(data)
                is_right = _reads_the_same(data, codec, found)
                lists, right = lists + 1, right + is_right
                if not is_right:
                    wrong[f"{language.name}, {size} rows, {form.value}: {codec} as {found}"] += 1
    return Cell(lists, right)


def _reads_the_same(data: bytes, codec: str, found: str) -> bool:
    return data.decode(found, "replace").lstrip("\ufeff") == data.decode(codec)


def _rows(size: int) -> str:
    return f"{size:,} rows"


def _lines(cells: dict[tuple[str, str], list[Cell]]) -> Iterator[list[str]]:
    for (language, codec), measured in cells.items():
        yield [language, name_of(codec), *map(str, measured)]


def _sum(cells: Iterable[Cell]) -> Cell:
    cells = list(cells)
    return Cell(sum(cell.lists for cell in cells), sum(cell.right for cell in cells))


def _print_peers(own: Sequence[Cell], chosen: Sequence[Language], sizes: Sequence[int]) -> None:
    lines = [["Rollcall", *map(str, own)]]
    for name, detector in installed().items():
        sums = [
            _sum(
                _measure(detector, language, codec, [size], Counter())
                for language in chosen
                for codec in language.encodings
            )
            for size in sizes
        ]
        lines.append([name, *map(str, sums)])
    sys.stdout.write("\n")
    _print_table(["Detector", *map(_rows, sizes)], iter(lines))


def _print_table(header: Sequence[str], lines: Iterator[list[str]]) -> None:
    sys.stdout.write(f"| {' | '.join(header)} |\n|{'---|' * len(header)}\n")
    sys.stdout.writelines(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    main()
