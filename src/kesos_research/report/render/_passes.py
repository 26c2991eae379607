"""The passes by which typst sets one document: where words break, which exhibits are in each other's way, how the last
columns end level; then the PDF.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import typst

from kesos_research.errors import DocumentError, Where
from kesos_research.language import _
from kesos_research.report import style
from kesos_research.report.document.front import furniture
from kesos_research.report.document.model import Document
from kesos_research.report.render._arrange import (
    MIDDLE_PT,
    TALL_PT,
    TOP_PT,
    Standing,
    arranged,
    in_the_way,
    standings,
)
from kesos_research.report.render._checks import nodes
from kesos_research.report.render._compiler import compiler
from kesos_research.report.render._decimals import aligned
from kesos_research.report.render._hyphens import Place, hyphenated, line_ends
from kesos_research.report.words import date

_ANSWERS = (
    "let placed(found) = found.map(m => {"
    " let at = m.location().position(); (m.value, at.page, at.x.pt(), at.y.pt()) });"
    "(pages: query(<page>).len(), stands: query(<stand>).map(m => m.value),"
    " marks: placed(query(<mark>)), end: placed(query(<end>)), edges: placed(query(<edge>)))"
)
_LINE_PT = 12.0
_PROFILE_PAGES, _TIGHTEST = 2, 2
_LATEST = 4
"""Behind how many paragraphs an exhibit may be put before it is given the page's width instead."""
_TRIES = 24
_PRESSES = 6


@dataclass(frozen=True)
class Setting:
    """How a pass is set.

    Attributes
    ----------
    press
        How much of the last page is pressed away, in points.
    tight
        How tight a profile is set: 0, 1, 2.
    draft
        Only the places of things matter: no running heads, no links.
    probe
        One block is tried alone.
    """

    press: float = 0
    tight: int = 0
    draft: bool = True
    probe: bool = False


@dataclass(frozen=True)
class _Answers:
    """What one pass tells: pages, where marks, the end and exhibits stand, how tables were found to fit."""

    pages: int
    marks: dict[int, Place]
    end: Place
    exhibits: list[Standing]
    stands: dict[str, Any]

    @classmethod
    def read(cls, said: dict[str, Any]) -> _Answers:
        _value, page, x, y = said["end"][0]
        return cls(
            pages=said["pages"],
            # what is repeated, as a table's head, counts where it stands first
            marks={number: (page, x, y) for number, page, x, y in reversed(said["marks"])},
            end=(page, x, y),
            exhibits=standings(said["edges"]),
            stands=dict(said["stands"]),
        )


class Job:
    """One document on its way through typst."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.template = f"{document.kind}.typ"
        self.data = _prepared(document.as_json(), document.lang)
        self.timestamp = datetime.fromisoformat(document.meta.date or "2000-01-01").replace(tzinfo=UTC)
        self.words = _words(document)
        self.order = [b["id"] for b in self.data["blocks"] if b["t"] in ("table", "figure")]
        self.ends: frozenset[int] | None = None
        self.stands: dict[str, Any] = {}
        self.late: dict[str, int] = {}
        self.wide: set[str] = set()
        self._text = ""

    def run(self) -> bytes:
        """The PDF."""
        setting = self._profile() if self.document.kind == "profile" else self._paper()
        made, warnings = self.compiled(self.inputs(replace(setting, draft=False)))
        if warnings:
            raise typst.TypstError(warnings[0].message, warnings[0].diagnostic)
        assert isinstance(made, bytes)
        return made

    def compiled(self, inputs: dict[str, str]) -> tuple[Any, list[typst.TypstWarning]]:
        """What typst makes of `inputs`, and its warnings."""
        return compiler(self.template, inputs).compile_with_warnings(
            format="pdf", pdf_standards="ua-1", timestamp=self.timestamp
        )

    def inputs(self, setting: Setting, blocks: Sequence[Any] | None = None) -> dict[str, str]:
        """What a pass is given; `blocks` instead of the document's."""
        return {
            "document": self._text if blocks is None else self._json(blocks),
            "setting": json.dumps({**asdict(setting), "words": self.words, "stands": self.stands}, ensure_ascii=False),
            "style": _style(),
        }

    def write(self) -> None:
        """Take what was learnt (line ends, exhibits' places) into the text of the passes that follow."""
        self._text = self._json(arranged(self.data["blocks"], self.late, self.wide))

    def _json(self, blocks: Sequence[Any]) -> str:
        data = {**self.data, "blocks": blocks}
        return json.dumps(hyphenated(data, self.document.lang, self.ends), ensure_ascii=False)

    def _ask(self, setting: Setting) -> _Answers:
        answers = _Answers.read(json.loads(compiler(self.template, self.inputs(setting)).eval("{" + _ANSWERS + "}")))
        self.stands |= answers.stands
        return answers

    def _break_lines(self, setting: Setting) -> _Answers:
        """Lay out with all hyphens and marks; keep where lines end and how tables fit for the passes that follow."""
        self.ends, self.stands = None, {}
        self.write()
        answers = self._ask(setting)
        self.ends = line_ends(answers.marks)
        self.write()
        return answers

    def _profile(self) -> Setting:
        """The loosest setting in which a profile takes two pages."""
        for tight in range(_TIGHTEST):
            if self._break_lines(Setting(tight=tight)).pages <= _PROFILE_PAGES:
                return Setting(tight=tight)
        self._break_lines(Setting(tight=_TIGHTEST))
        return Setting(tight=_TIGHTEST)

    def _paper(self) -> Setting:
        answers = self._break_lines(Setting())
        if self.document.meta.layout != "proceedings":
            return Setting()
        for _try in range(_TRIES):
            setting, answers = self._balance(answers)
            met = in_the_way(answers.exhibits, self.order)
            if met is None:
                return setting
            self._move(*met)
            answers = self._ask(Setting())
        raise DocumentError(
            _("The tables and figures find no places where none lies on another."),
            remedy=_("Place them farther apart in the text, or make narrow ones as wide as the page."),
            where=Where(key=next((s.id for s in answers.exhibits if s.id in self.late), None)),
        )

    def _move(self, later: Standing, earlier: Standing | None) -> None:
        """Put an exhibit behind one more paragraph; after too many, let the narrow one of the two cross the page."""
        narrow = next((s.id for s in (later, earlier) if s and s.id in self.order and not s.wide), None)
        if narrow is None or self.late.get(later.id, 0) < _LATEST:
            self.late[later.id] = self.late.get(later.id, 0) + 1
        else:
            self.late = {}
            self.wide.add(narrow)
            self.stands.pop(narrow, None)
        self.write()

    def _balance(self, loose: _Answers) -> tuple[Setting, _Answers]:
        """The most that can be pressed out of the last page without making another: then its columns end level."""
        best = Setting(), loose
        page, x, y = loose.end
        if page < loose.pages or in_the_way(loose.exhibits, self.order):
            return best  # no text to be levelled, or no use yet
        filled = y - TOP_PT + (TALL_PT if x > MIDDLE_PT else 0)
        # nothing can be pressed harder than to half of what there is; lines, footnotes and floats ask for less
        low, high = 0.0, TALL_PT - filled / 2
        press, step = high - 0.8 * _LINE_PT, _LINE_PT
        for _try in range(_PRESSES):
            if press <= low or high - low <= _LINE_PT:
                break
            setting = Setting(press=press)
            answers = self._ask(setting)
            if answers.pages <= loose.pages and in_the_way(answers.exhibits, self.order) is None:
                low, best = press, (setting, answers)
                press = (low + high) / 2
            else:
                high, step = press, 2 * step
                press = high - step / 2 if low == 0 and high > step else (low + high) / 2
        return best


@cache
def _style() -> str:
    tokens = {k: v for k, v in vars(style).items() if k.isupper()}
    return json.dumps(tokens)


def _words(document: Document) -> dict[str, str]:
    """The words the templates print themselves."""
    own = {**furniture(document.lang), **document.meta.words}
    return {**own, "date": date(document.meta.date, document.lang) if document.meta.date else ""}


def _prepared(data: dict[str, Any], lang: str) -> dict[str, Any]:
    """The JSON as the templates want it: numbers split at the decimal mark where flush right is not enough."""
    for node in nodes(data["blocks"]):
        if node.get("t") != "table":
            continue
        rows = [r for r in node["rows"] if not r["group"]]
        for k in [k for k, c in enumerate(node["columns"]) if c["align"] == "right" and not c["weight"]]:
            for row, cell in zip(rows, aligned([r["cells"][k] for r in rows], lang), strict=True):
                row["cells"] = [*row["cells"][:k], cell, *row["cells"][k + 1 :]]
    return data
