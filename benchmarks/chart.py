"""The picture of a run: how much of each goal is used up, and speed over the size of the table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import EngFormatter, PercentFormatter

from benchmarks.figure import Figure, Point
from benchmarks.report import amount, bound

MET, MISSED, LINE = "#3a7d5c", "#b5483a", "#333333"
# Bars end here, so that one goal missed by far does not squeeze all others.
LONGEST = 4.0


def draw(figures: Sequence[Figure], curve: Sequence[Point], path: Path) -> None:
    """Write an SVG; the same figures always make the same file."""
    mpl.rcParams.update({"svg.hashsalt": "rollcall", "svg.fonttype": "none", "font.size": 9})
    shown = [figure for figure in figures if figure.goal is not None]
    heights = [max(1.0, 0.3 * len(shown)), 3.0 if curve else 0.01]
    canvas = Canvas(figsize=(10, sum(heights) + 1.5), layout="constrained")
    FigureCanvasSVG(canvas)
    bars, line = canvas.subplots(2, 1, height_ratios=heights)
    _draw_bars(bars, shown)
    if curve:
        _draw_curve(line, curve)
    else:
        line.set_axis_off()
    canvas.savefig(path, format="svg", metadata={"Date": None})


def _draw_bars(axes: Axes, figures: Sequence[Figure]) -> None:
    shares = [figure.share or 0.0 for figure in figures]
    positions = range(len(figures))
    axes.barh(
        positions,
        [min(share, LONGEST) for share in shares],
        color=[MET if figure.met else MISSED for figure in figures],
    )
    for position, figure, share in zip(positions, figures, shares, strict=True):
        axes.text(min(share, LONGEST) + 0.02, position, _label(figure), va="center")
    axes.axvline(1, color=LINE, linewidth=1, zorder=0.9)
    axes.set_yticks(positions, [figure.name for figure in figures])
    axes.set_ylim(len(figures) - 0.5, -0.5)
    axes.set_xlim(0, max([1.5, *(min(share, LONGEST) + 0.6 for share in shares)]))
    axes.xaxis.set_major_formatter(PercentFormatter(1))
    axes.set_title("How much of each goal is used up: the goal is 100 %, shorter is better")
    _tidy(axes)


def _label(figure: Figure) -> str:
    assert figure.goal is not None
    value = amount(figure.ours, figure.unit)
    if figure.goal.of == "ratio":
        value = f"{figure.ratio:.2f} ×"
    return f"{value} (goal {bound(figure.goal, figure.unit)})"


def _draw_curve(axes: Axes, curve: Sequence[Point]) -> None:
    points = sorted(curve, key=lambda point: point.stored)
    axes.plot(
        [point.stored for point in points],
        [point.rows_per_second for point in points],
        marker="o",
        color=MET,
    )
    axes.set_ylim(0, 1.1 * max(point.rows_per_second for point in points))
    axes.xaxis.set_major_formatter(EngFormatter())
    axes.yaxis.set_major_formatter(EngFormatter())
    axes.set_xlabel("contacts in the table before the import")
    axes.set_ylabel("rows per second")
    axes.set_title("New contacts, over the size of the table")
    _tidy(axes)


def _tidy(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(visible=True, axis="x", color="#dddddd")
    axes.set_axisbelow(True)
