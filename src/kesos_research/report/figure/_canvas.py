"""The surface every figure is drawn on: millimetres from the top left corner, the house's type, one language."""

from __future__ import annotations

import io
import unicodedata
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import matplotlib.style as mpl_style
import numpy as np
from matplotlib import get_data_path
from matplotlib.artist import Artist
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure as Drawing
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon, Rectangle
from matplotlib.path import Path as Outline
from numpy.typing import ArrayLike, NDArray

from kesos_research.language import Language, Words
from kesos_research.report import style
from kesos_research.report.exhibit import Width
from kesos_research.report.figure._svg import finish
from kesos_research.report.figure._type import width

MM_PER_PT = 25.4 / 72
Align = Literal["left", "center", "right"]

# matplotlib has not the house's typeface: it is given a like one of its own, and whoever renders the SVG sets the text.
_STAND_IN = {False: "STIXGeneral.ttf", True: "STIXGeneralBol.ttf"}


@dataclass(frozen=True)
class Medium:
    """Where a figure is seen. Lengths in mm, type and lines in pt."""

    width: float
    pt: float
    line: float
    axis: float
    slide: bool = False

    @property
    def em(self) -> float:
        """The size of the type in mm; distances are given in it, so that a slide's spaces grow with its type."""
        return self.pt * MM_PER_PT

    @property
    def leading(self) -> float:
        return 1.2 * self.em


SLIDE = Medium(style.SLIDE_FIGURE_MM[0], style.SLIDE_FIGURE_PT, style.SLIDE_LINE_PT, style.SLIDE_AXIS_PT, slide=True)
SLIDE_HEIGHT = style.SLIDE_FIGURE_MM[1]


def paper(width: Width | float) -> Medium:
    """The printed page: one column, the whole type area, or a width in mm."""
    mm = {"column": style.COLUMN_MM, "page": style.PAGE_MM}.get(width) if isinstance(width, str) else width
    return Medium(mm or style.COLUMN_MM, style.FIGURE_PT, style.LINE_PT, style.AXIS_PT)


@dataclass(frozen=True)
class Box:
    """A rectangle of the sheet, in mm from its top left corner."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height


@dataclass(frozen=True)
class Pen:
    """Writes and measures in one language for one medium."""

    lang: Language
    medium: Medium

    @property
    def em(self) -> float:
        return self.medium.em

    def say(self, text: Words | str) -> str:
        """`text` in the pen's language, on one line, without characters that XML forbids."""
        said = text if isinstance(text, str) else text[self.lang]
        return " ".join("".join(c if unicodedata.category(c)[0] != "C" else " " for c in said).split())

    def wide(self, text: str, *, bold: bool = False) -> float:
        """How many mm `text` takes."""
        return width(text, bold=bold) * self.em

    def widest(self, texts: Sequence[str], *, bold: bool = False) -> float:
        return max((self.wide(t, bold=bold) for t in texts), default=0.0)

    def wrap(self, text: str, width: float, *, bold: bool = False) -> list[str]:
        """`text` broken at its spaces into lines no wider than `width`; a longer word stands alone."""
        lines: list[str] = []
        for word in text.split():
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and self.wide(longer, bold=bold) <= width:
                lines[-1] = longer
            else:
                lines.append(word)
        return lines

    def sheet(self, height: float) -> Sheet:
        return Sheet(self, height)


class Sheet:
    """A drawing in progress. All places are mm from the top left; all weights are of the pen's medium."""

    def __init__(self, pen: Pen, height: float) -> None:
        self.pen, self.width, self.height = pen, pen.medium.width, height
        self.drawing = Drawing(figsize=(self.width / 25.4, height / 25.4), dpi=72)
        self.drawing.patch.set_visible(False)
        self.axes = self.drawing.add_axes((0, 0, 1, 1), xlim=(0, self.width), ylim=(height, 0))
        self.axes.set_axis_off()

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        color: str = style.INK,
        bold: bool = False,
        align: Align = "left",
        middle: bool = False,
    ) -> None:
        """Write `text`; `y` is its baseline, or with `middle` the height its small letters are centred on."""
        if middle:
            y += 0.32 * self.pen.em
        font = _font(self.pen.medium.pt, bold=bold)
        self.axes.text(
            x, y, text, color=color, ha=align, va="baseline", fontproperties=font, parse_math=False, clip_on=False
        )

    def lines(self, x: float, y: float, lines: Sequence[str], *, color: str = style.INK, bold: bool = False) -> None:
        """Write several lines, together centred on the height `y`."""
        top = y - (len(lines) - 1) / 2 * self.pen.medium.leading
        for i, line in enumerate(lines):
            self.text(x, top + i * self.pen.medium.leading, line, color=color, bold=bold, middle=True)

    def line(
        self,
        x: ArrayLike,
        y: ArrayLike,
        *,
        color: str,
        width: float,
        alpha: float = 1.0,
        dash: tuple[float, ...] = (),
        clip: Box | None = None,
        front: float = 2,
    ) -> None:
        """A line of `width` pt, interrupted where a value is missing."""
        x, y = np.asarray(x, float), np.asarray(y, float)
        if not np.isfinite(x + y).any():
            return
        line = Line2D(x, y, color=color, linewidth=width, alpha=alpha)
        line.set(zorder=front, solid_capstyle="butt", solid_joinstyle="round", dash_capstyle="butt")
        if dash:
            line.set_linestyle((0, dash))
        self._add(line, clip)

    def dots(
        self,
        x: ArrayLike,
        y: ArrayLike,
        *,
        color: str,
        size: float,
        edge: str = "none",
        edge_width: float = 0.0,
        front: float = 3,
        shape: str = "o",
    ) -> None:
        """Marks of `size` pt across."""
        line = Line2D(np.atleast_1d(x), np.atleast_1d(y), linestyle="none", marker=shape, markersize=size)
        line.set(markerfacecolor=color, markeredgecolor=edge, markeredgewidth=edge_width, zorder=front)
        self._add(line, None)

    def cloud(
        self, x: NDArray[np.float64], y: NDArray[np.float64], *, at: Box, color: str, width: float, alpha: float
    ) -> None:
        """Many thin lines as one shape, in mm from the corner of `at`; the same shape elsewhere costs no bytes."""
        points = np.column_stack([x, -y]) / MM_PER_PT
        codes = np.full(len(points), Outline.LINETO, dtype=np.uint8)
        gone = ~(np.isfinite(points[:, 0]) & np.isfinite(points[:, 1]))
        codes[np.concatenate([[True], gone[:-1]])] = Outline.MOVETO
        outline = Outline(np.round(points[~gone], 1), codes[~gone])
        line = Line2D([at.left], [at.top], linestyle="none", marker=outline, fillstyle="none", color=color)
        # a marker made of a path is scaled to its farthest point: asking for twice that distance leaves it as it is
        line.set(markersize=2 * float(np.abs(outline.vertices).max()), markeredgewidth=width, alpha=alpha, zorder=1.5)
        self._add(line, at)

    def area(self, x: ArrayLike, low: ArrayLike, high: ArrayLike, *, color: str, alpha: float, clip: Box) -> None:
        """The space between two lines, interrupted where either is missing."""
        x, low, high = (np.asarray(v, float) for v in (x, low, high))
        known = np.flatnonzero(np.isfinite(low) & np.isfinite(high))
        for run in np.split(known, np.flatnonzero(np.diff(known) > 1) + 1):
            if run.size > 1:
                corners = np.column_stack([np.r_[x[run], x[run][::-1]], np.r_[low[run], high[run][::-1]]])
                self._add(Polygon(corners, facecolor=color, alpha=alpha, linewidth=0, zorder=1), clip)

    def rect(
        self,
        box: Box,
        *,
        fill: str = "none",
        alpha: float = 1.0,
        edge: str = "none",
        width: float = 0.0,
        front: float = 1,
    ) -> None:
        """A filled or outlined rectangle."""
        patch = Rectangle((box.left, box.top), box.width, box.height, facecolor=fill, edgecolor=edge, linewidth=width)
        patch.set(alpha=None if alpha == 1 else alpha, zorder=front)
        self._add(patch, None)

    def rule(self, x0: float, y0: float, x1: float, y1: float, *, color: str = style.RULE) -> None:
        """A straight axis line."""
        self.rules([(x0, y0, x1, y1)], color=color)

    def rules(self, ends: Sequence[tuple[float, float, float, float]], *, color: str = style.RULE) -> None:
        """Straight axis lines, written as one path."""
        x = [v for x0, _, x1, _ in ends for v in (x0, x1, np.nan)]
        y = [v for _, y0, _, y1 in ends for v in (y0, y1, np.nan)]
        self.line(x, y, color=color, width=self.pen.medium.axis, front=1.2)

    def svg(self, id: str) -> str:
        """The finished drawing."""
        out = io.BytesIO()
        FigureCanvasSVG(self.drawing).print_svg(out, metadata={"Date": None})
        return finish(out.getvalue(), id=id, width_mm=round(self.width, 2), height_mm=round(self.height, 2))

    def _add(self, artist: Artist, clip: Box | None) -> None:
        self.axes.add_artist(artist)
        if clip is None:
            artist.set_clip_on(False)
        else:
            frame = Rectangle((clip.left, clip.top), clip.width, clip.height, transform=self.axes.transData)
            artist.set_clip_path(frame)


Paint = Callable[[Pen], Sheet]


def draw(paint: Paint, *, id: str, lang: Language, medium: Medium) -> str:
    """Run `paint` under the house's settings, whatever the settings of the session are."""
    with _settings(id):
        return paint(Pen(lang, medium)).svg(id)


@contextmanager
def _settings(salt: str) -> Iterator[None]:
    ours = {"svg.fonttype": "none", "svg.hashsalt": salt, "text.parse_math": False, "path.simplify": False}
    with mpl_style.context(["default", ours]), warnings.catch_warnings():
        # a rare letter may lack in the stand-in typeface; it is set by whoever renders
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield


def _font(pt: float, *, bold: bool) -> FontProperties:
    file = Path(get_data_path()) / "fonts" / "ttf" / _STAND_IN[bold]
    return FontProperties(family=style.FONT, size=pt, weight="bold" if bold else "normal", fname=file)
