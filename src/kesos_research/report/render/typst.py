"""Papers and profiles as PDF, and figures as PNG: the document model as JSON, set by our own typst templates.

The compiler and its typefaces come inside the typst wheel: nothing is downloaded and no font of the machine is used,
so that the same document is the same bytes everywhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst

from kesos_research.errors import DocumentError, Where
from kesos_research.language import _
from kesos_research.report import style
from kesos_research.report.document.flat import flat
from kesos_research.report.document.front import furniture
from kesos_research.report.document.model import Document, Heading
from kesos_research.report.render._decimals import aligned
from kesos_research.report.render._hyphens import Place, hyphenated, line_ends
from kesos_research.report.words import date

TEMPLATES = Path(__file__).parent.parent / "templates" / "typst"
_ANSWERS = (
    "(pages: query(<page>).len(), stands: query(<stand>).map(m => m.value),"
    " marks: (query(<mark>) + query(<end>)).map(m => {"
    " let at = m.location().position(); (m.value, at.page, at.x.pt(), at.y.pt()) }))"
)
_TOP_PT, _TALL_PT, _MIDDLE_PT = 56.7, 728.5, 297.6
"""Where a paper's type area begins, how tall it is, and where its second column lies beyond."""
_LINE_PT = 12.0
_PROFILE_PAGES, _TIGHTEST = 2, 2


def pdf(document: Document) -> bytes:
    """A paper (proceedings or manuscript) or a profile as tagged PDF/UA-1.

    Parameters
    ----------
    document : Document
        Of kind `paper` or `profile`.

    Returns
    -------
    bytes
        The same for the same document, always.

    Raises
    ------
    DocumentError
        A cross-reference leads nowhere, or a block cannot be set: it names the block.
    """
    if document.kind not in ("paper", "profile"):
        raise DocumentError(
            _("A document of kind {kind} cannot be set as PDF.", kind=document.kind), expected="paper, profile"
        )
    _check_headings(document)
    job = _Job(document)
    _check_targets(job.data)
    try:
        return job.run()
    except RuntimeError as error:
        raise _explained(error, job) from error


def png(svg: str, ppi: float = 300, width_mm: float | None = None) -> bytes:
    """A figure's SVG as PNG on white, `ppi` points an inch, at its own size or `width_mm` wide."""
    given = json.dumps({"svg": svg, "width": width_mm})
    try:
        made = _compiler("raster.typ", {"picture": given}).compile(format="png", ppi=ppi)
    except typst.TypstError as error:
        raise DocumentError(_("A figure could not be drawn: {why}", why=error.message)) from error
    assert isinstance(made, bytes)
    return made


def widths(texts: Sequence[tuple[str, bool]]) -> list[float]:
    """How wide each text is in the house's typeface, in sizes of its type; the flag says that it is bold."""
    inputs = {"texts": json.dumps(texts), "font": json.dumps(style.FONT)}
    return json.loads(_compiler("widths.typ", inputs).eval("query(<widths>).first().value"))


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False)


def _compiler(template: str, inputs: dict[str, str]) -> typst.Compiler:
    return typst.Compiler(TEMPLATES / template, root=TEMPLATES, font_paths=_fonts(), sys_inputs=inputs)


@dataclass(frozen=True)
class _Setting:
    """How this pass is set: how much of the last page is pressed away, how tight, and whether
    only the places of the lines matter or only one block is tried."""

    press: float = 0
    tight: int = 0
    draft: bool = True
    probe: bool = False


@dataclass(frozen=True)
class _Answers:
    """What one pass tells: how many pages, where marks and the end stand, how tables were found to fit."""

    pages: int
    marks: dict[int, Place]
    end: Place
    stands: dict[str, Any]

    @classmethod
    def read(cls, said: dict[str, Any]) -> _Answers:
        marks: dict[int | None, Place] = {}
        for number, page, x, y in said["marks"]:
            marks.setdefault(number, (page, x, y))  # what is repeated, as a table's head, counts where it stands first
        end = marks.pop(None)
        return cls(said["pages"], {k: v for k, v in marks.items() if k is not None}, end, dict(said["stands"]))


class _Job:
    """One document on its way through typst."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.template = f"{document.kind}.typ"
        self.data = _prepared(document.as_json(), document.lang)
        self.timestamp = datetime.fromisoformat(document.meta.date or "2000-01-01").replace(tzinfo=UTC)
        self.words = _words(document)
        self.ends: frozenset[int] | None = None
        self.stands: dict[str, Any] = {}
        self._text = ""

    def run(self) -> bytes:
        setting = self._profile() if self.document.kind == "profile" else self._paper()
        made, warnings = self.compiled(self.inputs(replace(setting, draft=False)))
        if warnings:
            raise typst.TypstError(warnings[0].message, warnings[0].diagnostic)
        assert isinstance(made, bytes)
        return made

    def compiled(self, inputs: dict[str, str]) -> tuple[Any, list[typst.TypstWarning]]:
        return _compiler(self.template, inputs).compile_with_warnings(
            format="pdf", pdf_standards="ua-1", timestamp=self.timestamp
        )

    def inputs(self, setting: _Setting, blocks: Sequence[Any] | None = None) -> dict[str, str]:
        return {
            "document": self._text if blocks is None else self._json({**self.data, "blocks": blocks}),
            "setting": json.dumps({**asdict(setting), "words": self.words, "stands": self.stands}, ensure_ascii=False),
            "style": _style(),
        }

    def _json(self, data: Any) -> str:
        return json.dumps(hyphenated(data, self.document.lang, self.ends), ensure_ascii=False)

    def _ask(self, setting: _Setting) -> _Answers:
        return _Answers.read(json.loads(_compiler(self.template, self.inputs(setting)).eval(_ANSWERS)))

    def _break_lines(self, setting: _Setting) -> _Answers:
        """Lay out with all hyphens and marks; keep where lines end and how tables fit for the passes that follow."""
        self.ends, self.stands = None, {}
        self._text = self._json(self.data)
        answers = self._ask(setting)
        self.ends, self.stands = line_ends(answers.marks), answers.stands
        self._text = self._json(self.data)
        return answers

    def _profile(self) -> _Setting:
        """The loosest setting in which a profile takes two pages."""
        for tight in range(_TIGHTEST):
            if self._break_lines(_Setting(tight=tight)).pages <= _PROFILE_PAGES:
                return _Setting(tight=tight)
        self._break_lines(_Setting(tight=_TIGHTEST))
        return _Setting(tight=_TIGHTEST)

    def _paper(self) -> _Setting:
        loose = self._break_lines(_Setting())
        return self._balance(loose) if self.document.meta.layout == "proceedings" else _Setting()

    def _balance(self, loose: _Answers) -> _Setting:
        """The most that can be pressed out of the last page without making another: then its columns end level."""

        def holds(press: float) -> bool:
            return self._ask(_Setting(press=press)).pages <= loose.pages

        _page, x, y = loose.end
        filled = y - _TOP_PT + (_TALL_PT if x > _MIDDLE_PT else 0)
        # nothing can be pressed harder than to half of what there is; lines, footnotes and floats ask for less
        low, high, step = 0.0, _TALL_PT - filled / 2, _LINE_PT
        press = high - 0.8 * _LINE_PT
        while press > 0 and not holds(press):
            high = press
            press, step = high - step, 2 * step
        low = max(press, 0)
        while high - low > _LINE_PT:
            middle = (low + high) / 2
            low, high = (middle, high) if holds(middle) else (low, middle)
        return _Setting(press=low)


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
    for node in _nodes(data["blocks"]):
        if node.get("t") != "table":
            continue
        rows = [r for r in node["rows"] if not r["group"]]
        for k in [k for k, c in enumerate(node["columns"]) if c["align"] == "right" and not c["weight"]]:
            for row, cell in zip(rows, aligned([r["cells"][k] for r in rows], lang), strict=True):
                row["cells"] = [*row["cells"][:k], cell, *row["cells"][k + 1 :]]
    return data


def _nodes(data: Any) -> Iterator[dict[str, Any]]:
    """Every mapping in `data`, outermost first."""
    if isinstance(data, dict):
        yield data
        for value in data.values():
            yield from _nodes(value)
    elif isinstance(data, Sequence) and not isinstance(data, str):
        for value in data:
            yield from _nodes(value)


def _check_headings(document: Document) -> None:
    """Headings go down one level at a time: a reader who hears the page finds the way by them."""
    last = 0
    for block in document.blocks:
        if isinstance(block, Heading):
            if block.level > last + 1:
                raise DocumentError(
                    _("The heading “{text}” is of level {level}.", text=flat(block.c), level=block.level),
                    expected=_("level {level} or above", level=last + 1),
                    where=Where(key=block.id or None),
                )
            last = block.level


def _check_targets(data: dict[str, Any]) -> None:
    """Every id once, every reference to something that is there."""
    ids: set[str] = set()
    for node in _nodes(data["blocks"]):
        name = f"ref-{node['key']}" if "key" in node else node.get("id", "")
        if name and name in ids:
            raise DocumentError(_("The id {id} is used twice in this document.", id=name), where=Where(key=name))
        ids.add(name)
    for node in _nodes([data["blocks"], data["meta"]["abstracts"]]):
        wanted = [node["target"]] if node.get("t") == "ref" else [f"ref-{k}" for k in node.get("keys", ())]
        for name in wanted:
            if name not in ids:
                raise DocumentError(
                    _("The document refers to {id}, which is not in it.", id=name),
                    expected=", ".join(sorted(i for i in ids if i[:4] == name[:4])),
                    where=Where(key=name),
                )


def _explained(error: RuntimeError, job: _Job) -> DocumentError:
    """The block that typst could not set, found by setting each alone."""
    for number, block in enumerate(job.data["blocks"]):
        try:
            _made, warnings = job.compiled(job.inputs(_Setting(probe=True), [block]))
        except typst.TypstError as own:
            return _refusal(own.message, block, number)
        if warnings:
            return _refusal(warnings[0].message, block, number)
    return DocumentError(_("The document could not be set: {why}", why=str(error)))


def _refusal(message: str, block: dict[str, Any], number: int) -> DocumentError:
    where = Where(key=block.get("id") or f"{block['t']} {number + 1}")
    if "table-too-wide" in message:
        return DocumentError(
            _("The table does not fit the page, even in type of 7.5 points."),
            remedy=_("Leave out columns, or split the table in two."),
            where=where,
        )
    if "equation-too-wide" in message:
        return DocumentError(
            _("The equation does not fit its column."),
            remedy=_("Break it into lines with \\\\ inside an aligned environment."),
            where=where,
        )
    return DocumentError(_("This block could not be set: {why}", why=message), where=where)
