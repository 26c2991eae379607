"""A document from a study and its results: prose filled, exhibits placed, everything numbered and referred to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from kesos_research.errors import DocumentError, Where
from kesos_research.language import LANGUAGES, Language, _, translate
from kesos_research.report import words
from kesos_research.report.collect import Results
from kesos_research.report.deviation import EXHIBIT, sentence, with_plan
from kesos_research.report.document import exhibits as shown
from kesos_research.report.document import front, pandoc, slides
from kesos_research.report.document import model as m
from kesos_research.report.document import narrative as story
from kesos_research.report.document.labels import Labels, Node, plain
from kesos_research.report.document.limits import remarks
from kesos_research.report.document.narrative import Source
from kesos_research.report.document.reader import Reader
from kesos_research.report.document.template import Telling, placement, together
from kesos_research.report.exhibit import Exhibit
from kesos_research.report.marks import remark

_EQUATION = re.compile(r"\$\$(?P<tex>.+?)\$\$[ \t]*\n?[ \t]*\{(?P<attributes>#eq-[^}\n]*)\}", re.DOTALL)
# TeX's decimal comma; pandoc would set it apart like the comma of a list
_DECIMAL = re.compile(r"(\d+)\{,\}(\d+)")
_LOCATOR = re.compile(r"(?P<before>@[^\s\[\];,]+,[ \t]*)(?P<word>pp?\.|hlm\.)(?=[ \t]*[\divxlc])")
_END = "[]{.kesos-end}"


def compose(
    study: Any, results: Results, *, kind: m.Kind, lang: Language, notebook: str | Path | None = None
) -> m.Document:
    """The document of one kind in one language.

    Parameters
    ----------
    study
        The study as read; its folder holds `narrative.<lang>.md` and `references.bib`.
    results
        What the executed notebooks gave (`collect`).
    kind
        ``"paper"``, ``"page"`` and ``"slides"`` tell the narrative, or the notebooks' cells where there is none;
        ``"profile"`` tells one notebook.
    lang
        Language of the document.
    notebook
        The notebook a profile tells; for other kinds, the only one whose cells are told.

    Returns
    -------
    Document
        With the names of the claims it looked up in `claims`, and what a careful editor would say in `remarks`.

    Raises
    ------
    DocumentError, Problems
        A claim, exhibit, citation or target that is not there, each with file, line and the nearest names; a template
        or formula that is not understood.
    """
    name = None if notebook is None else Path(notebook).name.removesuffix(".ipynb")
    return _Composition(study, results, kind, lang, name).document()


@dataclass(frozen=True)
class _Part:
    """A level-1 section of pandoc's tree: its heading (none before the first), and what follows."""

    heading: Node | None
    nodes: Sequence[Node]

    def has(self, name: str) -> bool:
        return self.heading is not None and name in self.heading["c"][1][1]

    @property
    def lang(self) -> str | None:
        return dict(self.heading["c"][1][2]).get("lang") if self.heading else None

    @property
    def all(self) -> list[Node]:
        return [*([self.heading] if self.heading else []), *self.nodes]


class _Composition:
    def __init__(self, study: Any, results: Results, kind: m.Kind, lang: Language, notebook: str | None) -> None:
        self.study, self.notebook = study, notebook
        self.results = with_plan(study, results) if kind in ("paper", "page") and notebook is None else results
        results = self.results
        self.kind: m.Kind = kind
        self.lang: Language = lang
        self.other: Language = next(code for code in LANGUAGES if code != lang)
        narrated = kind != "profile" and notebook is None
        self.told = story.narrative(study, lang) if narrated else None
        self.notebooks = [] if self.told else story.notebooks(study, results, notebook)
        told = (story.told_by(results, name).exhibits for name in self.notebooks)
        self.exhibits: Mapping[str, Exhibit] = {**results.exhibits, **{id: e for t in told for id, e in t.items()}}
        self.telling = Telling(study, results, lang, self.exhibits)
        self.sources: list[Source] = []
        self.labels = Labels(lang, numbered=kind in ("paper", "page"))
        self.reader = Reader(lang, self.labels, self._where)

    def document(self) -> m.Document:
        main = f"{self._main()}{self._plan()}"
        abstract = self._other_abstract()
        own, alts = shown.legends_markdown([self.exhibits[id] for id in self._shown()], self.telling)
        self.telling.finish()
        tree, warnings = self._parsed("\n\n".join([own, _END, abstract, _END, main]))
        legends, other, text = _apart(tree)
        parts = _with_references([*_parts(other), *_parts(text)], self.lang)
        self._number(parts)
        read = shown.legends(legends, self.reader.inlines, alts, self.lang)
        self.reader.exhibit = partial(self._exhibit, read)
        made = self._slides(parts) if self.kind == "slides" else self._pages(parts)
        together(self.reader.problems)
        return replace(made, claims=tuple(sorted(self.telling.used)), remarks=self._remarks(made, warnings))

    # --- what is told

    def _main(self) -> str:
        """The text in markdown, its templates filled, exhibits marked."""
        if self.told is not None:
            if self.kind == "slides" and not any(s.has("slides") for s in story.sections(self.told.text)):
                return self._derived(story.placed_in(self.told))
            return self._filled(story.body(self.told, self.kind))
        if self.kind == "slides":
            return self._derived([id for n in self.notebooks for id in story.told_by(self.results, n).exhibits])
        pieces = []
        for name in self.notebooks:
            for piece in story.cells(story.told_by(self.results, name), self.lang):
                pieces.append(self._filled(piece) if isinstance(piece, Source) else self._placed(piece))
        if not pieces:
            raise DocumentError(
                _("There is nothing to tell in this language."),
                expected=_("narrative.{lang}.md, or notebook cells tagged {lang}", lang=self.lang),
                where=Where(file=story.shown_path(self.study, Path(self.study.folder))),
            )
        return "\n\n".join(pieces)

    def _derived(self, ids: Sequence[str]) -> str:
        """Slides without a section for them: one for each exhibit, in the order of the text."""
        known = [id for id in (ids or list(self.exhibits)) if id in self.exhibits and not id.startswith("glance-")]
        self.telling.placed.extend(known)
        return "\n\n".join(f"## {slides.DERIVED}\n\n{placement(id)}" for id in dict.fromkeys(known))

    def _placed(self, exhibit: Exhibit) -> str:
        if exhibit.id in self.telling.placed:
            return ""
        self.telling.placed.append(exhibit.id)
        return placement(exhibit.id)

    def _filled(self, source: Source) -> str:
        self.sources.append(source)
        text = self.telling.fill(source)
        text = _DECIMAL.sub(r"\\text{\1,\2}", text)
        text = _EQUATION.sub(lambda e: f"[$${e['tex'].strip()}$$]{{{e['attributes']}}}", text)
        word = "hlm." if self.lang == "id" else "p."
        return _LOCATOR.sub(lambda c: c["before"] + ("pp." if (word, c["word"]) == ("p.", "pp.") else word), text)

    def _plan(self) -> str:
        """An annex with the plan against what was run, where the text has not placed it."""
        table = self.results.exhibits.get(EXHIBIT)
        if table is None or EXHIBIT in self.telling.placed:
            return ""
        heading = translate("The plan and what was run", self.lang)
        said = sentence(self.study, self.results, self.lang)
        return f"\n\n# {heading} {{.annex}}\n\n{said}\n\n{self._placed(table)}"

    def _other_abstract(self) -> str:
        """The abstract in the other language, with that language's numbers."""
        if self.told is None or self.kind in ("slides", "profile"):
            return ""
        source = story.other_abstract(self.told, self.other, story.narrative(self.study, self.other))
        if source is None:
            return ""
        telling = Telling(self.study, self.results, self.other, self.exhibits)
        self.sources.append(source)
        text = telling.fill(source)
        self.telling.used |= telling.used
        self.telling.problems += telling.problems
        first = next((s for s in story.sections(text) if s.has("abstract")), None)
        if first is None:
            return ""  # a template stopped it, which `finish` tells
        lines = text.split("\n")[first.first : first.last]
        return "\n".join([f"# {_title(lines[0])} {{.abstract lang={self.other}}}", *lines[1:]])

    def _shown(self) -> list[str]:
        """Ids of the exhibits this document shows; a page shows them all."""
        placed = list(dict.fromkeys(self.telling.placed))
        if self.kind != "page":
            return placed
        return [*placed, *(id for id in self.exhibits if id not in placed and not id.startswith("glance-"))]

    # --- pandoc

    def _parsed(self, markdown: str) -> tuple[list[Node], list[str]]:
        bibliography = Path(self.study.folder) / pandoc.BIBLIOGRAPHY
        known = pandoc.entries(bibliography) if bibliography.is_file() else {}
        tree, warnings = pandoc.parsed(
            markdown,
            lang=self.lang,
            bibliography=bibliography if bibliography.is_file() else None,
            citation_style=getattr(getattr(self.study, "venue", None), "citations", "apa"),
        )
        cited = dict.fromkeys(pandoc.cited(tree["blocks"]))
        file = story.shown_path(self.study, bibliography)
        formulas = [f for warning in warnings if (f := self._formula(warning))]
        together([*formulas, *pandoc.uncited(cited, known, file, self._where)])
        return tree["blocks"], [w for w in warnings if not w.startswith(("Could not convert TeX", "Citeproc"))]

    def _formula(self, warning: str) -> DocumentError | None:
        found = re.match(r"Could not convert TeX math (.*), rendering as TeX:(.*)", warning)
        if not found:
            return None
        return DocumentError(
            _("The formula {tex} is not understood: {reason}.", tex=found[1], reason=found[2].strip()[:120]),
            expected=_("TeX without packages or own commands"),
            where=self._where(found[1].strip()[:20]),
        )

    def _where(self, place: str) -> Where | None:
        """The first line of the sources that says `place`, or @place."""
        for pattern in (rf"@{re.escape(place)}(?![\w-])", re.escape(place)):
            for source in self.sources:
                if found := re.search(pattern, source.text):
                    return Where(file=source.name, line=source.text.count("\n", 0, found.start()) + 1)
        return None

    # --- the pages

    def _number(self, parts: Sequence[_Part]) -> None:
        for part in parts:
            if not part.has("abstract") and not part.has("annex"):
                self.labels.read(part.all)
        for part in parts:
            if part.has("annex"):
                self.labels.read(part.all, annex=True)
        for id in self._shown():
            if not id.startswith("glance-"):
                self.labels.exhibit(id)
        together(
            DocumentError(
                _("Two things are called {id}.", id=id), remedy=_("give one another id"), where=self._where(id)
            )
            for id in self.labels.repeated
        )

    def _exhibit(self, legends: Mapping[str, shown.Legend], id: str) -> m.Block:
        legend = legends.get(id) or shown.Legend((), (), "")
        label = "" if id.startswith("glance-") else self.labels.exhibit(id)
        return shown.block(self.exhibits[id], legend, label, self.lang)

    def _pages(self, parts: Sequence[_Part]) -> m.Document:
        title, shift = "", 0
        abstracts = [self._abstract(p) for p in parts if p.has("abstract")]
        rest = [p for p in parts if not p.has("abstract")]
        if self.kind == "profile":
            title, rest, shift = _profile_title(rest)
        ordered = [p for p in rest if not p.has("annex")] + [p for p in rest if p.has("annex")]
        blocks = [block for part in ordered for block in self.reader.blocks(part.all, shift=shift)]
        unplaced = [id for id in self._shown() if id not in self.telling.placed]
        if unplaced:
            heading = m.Text(translate("More tables and figures", self.lang))
            blocks += [m.Heading(1, "sec-more", (heading,)), *map(self.reader.exhibit, unplaced)]
        meta = self._meta(title, sorted(abstracts, key=lambda a: a.lang != self.lang))
        return m.Document(self.kind, self.lang, meta, tuple(blocks))

    def _meta(self, title: str, abstracts: Sequence[m.Abstract]) -> m.Meta:
        other = self._other_title() if self.kind == "profile" else words.say(self.study.title, self.other)
        return front.meta(self.study, self.kind, self.lang, title=title, other_title=other, abstracts=abstracts)

    def _abstract(self, part: _Part) -> m.Abstract:
        heading = part.heading or {}
        lang: Language = self.other if part.lang == self.other else self.lang
        keywords = getattr(self.study, "keywords", {}).get(lang, ())
        return m.Abstract(
            lang=lang,
            heading="".join(plain(heading["c"][2])),
            blocks=self.reader.blocks(part.nodes),
            keywords_label=translate("Keywords", lang),
            keywords=tuple(keywords),
        )

    def _slides(self, parts: Sequence[_Part]) -> m.Document:
        nodes = [node for p in parts for node in (p.nodes if p.has("slides") else p.all)]
        meta = self._meta("", ())
        made = slides.made(nodes, self.reader, meta, words.say(self.study.question, self.lang), self.lang)
        return m.Document("slides", self.lang, meta, slides=made)

    def _other_title(self) -> str:
        """The first heading of the notebook's cells in the other language."""
        if self.notebook is None:
            return ""
        telling = Telling(self.study, self.results, self.other, self.exhibits)
        for piece in story.cells(story.told_by(self.results, self.notebook), self.other):
            if isinstance(piece, Source) and (found := story.sections(piece.text)):
                line = piece.text.split("\n")[found[0].first]
                return _title(telling.fill(replace(piece, text=line), escape=False))
        return ""

    def _remarks(self, made: m.Document, warnings: Iterable[str]) -> tuple[str, ...]:
        told = [_("pandoc says: {warning}", warning=warning) for warning in warnings]
        if self.kind in ("paper", "page"):
            told += [
                _("{id} is placed but not mentioned in the text.", id=id)
                for id in self.telling.placed
                if id not in self.reader.mentioned and not id.startswith("glance-")
            ]
        used = (self.results.claims[name] for name in sorted(self.telling.used) if name in self.results.claims)
        told += [remark(claim.name, claim.quality) for claim in used if claim.quality]
        return (*told, *remarks(made, getattr(self.study, "venue", None)))


def _parts(nodes: Sequence[Node]) -> list[_Part]:
    """Level-1 sections."""
    parts: list[_Part] = []
    heading: Node | None = None
    held: list[Node] = []
    for node in nodes:
        if node["t"] == "Header" and node["c"][0] == 1:
            parts.append(_Part(heading, held))
            heading, held = node, []
        else:
            held.append(node)
    parts.append(_Part(heading, held))
    return [part for part in parts if part.heading or part.nodes]


def _apart(nodes: Sequence[Node]) -> list[list[Node]]:
    """Legends, the other language's abstract, and the text: each ended by our mark."""
    found: list[list[Node]] = [[]]
    for node in nodes:
        if len(found) < 3 and _is_end(node):
            found.append([])
        else:
            found[-1].append(node)
    return found


def _is_end(node: Node) -> bool:
    return node["t"] == "Para" and node["c"][0]["t"] == "Span" and "kesos-end" in node["c"][0]["c"][0][1]


def _title(line: str) -> str:
    """A heading's text without its marks and attributes."""
    return re.sub(r"\s*\{[^{}]*\}\s*$", "", line.lstrip("#")).strip()


def _profile_title(parts: Sequence[_Part]) -> tuple[str, list[_Part], int]:
    """The first heading is the profile's title; the headings below it rise by one level."""
    for i, part in enumerate(parts):
        if part.heading is not None:
            return "".join(plain(part.heading["c"][2])), [*parts[:i], _Part(None, part.nodes), *parts[i + 1 :]], 1
    return "", list(parts), 0


def _with_references(parts: Sequence[_Part], lang: Language) -> list[_Part]:
    """The references under a heading: their own, if the narrative has an empty one for them, else one of ours.

    Pandoc leaves them at the end of whatever comes last, unless the narrative says where: `::: {#refs}`.
    """
    refs = [node for part in parts for node in part.nodes if _is_references(node)]
    if not refs or not refs[0]["c"][1]:
        return [_Part(p.heading, [n for n in p.nodes if not _is_references(n)]) for p in parts]
    made: list[_Part] = []
    own = False
    for part in parts:
        others = [n for n in part.nodes if not _is_references(n)]
        if part.heading is not None and not others and (others != part.nodes or _names_references(part.heading)):
            part.heading["c"][1][1].append("unnumbered")
            made.append(_Part(part.heading, refs))
            own = True
        else:
            made.append(_Part(part.heading, others))
    if own:
        return made
    title = [{"t": "Str", "c": translate("References", lang)}]
    ours = _Part({"t": "Header", "c": [1, ["sec-references", ["unnumbered"], []], title]}, refs)
    return [*made, ours]


def _is_references(node: Node) -> bool:
    return node["t"] == "Div" and node["c"][0][0] == "refs"


def _names_references(heading: Node) -> bool:
    names = {"daftar pustaka", "referensi", "references", "bibliography"}
    return "references" in heading["c"][1][1] or "".join(plain(heading["c"][2])).strip().lower() in names
