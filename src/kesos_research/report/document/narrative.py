"""What is told, before anything is filled in: the narrative's sections, or the notebooks' own cells."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kesos_research.errors import DocumentError, Where
from kesos_research.language import Language, _
from kesos_research.report.collect import Prose, Results, Told
from kesos_research.report.document.model import Kind
from kesos_research.report.exhibit import Exhibit

_HEADING = re.compile(r"#[ \t]+(?P<title>.*?)[ \t]*(?:\{(?P<attributes>[^{}]*)\})?[ \t]*$")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_PLACED = re.compile(r"""\{\{-?\s*exhibit\(\s*["']([^"']+)["']\s*\)""")


@dataclass(frozen=True)
class Source:
    """A piece of markdown with templates, the language it is in, and where a person finds it."""

    name: str
    text: str
    lang: Language
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Section:
    """A level-1 heading and what follows, as lines `first` to `last` (not included) of its text."""

    first: int
    last: int
    attributes: str

    def has(self, name: str) -> bool:
        return re.search(rf"(^|\s)\.{name}(\s|$)", self.attributes) is not None

    @property
    def lang(self) -> str | None:
        found = re.search(r"""(^|\s)lang=["']?(\w+)""", self.attributes)
        return found[2] if found else None


def narrative(study: Any, lang: Language) -> Source | None:
    """The study's narrative in one language, if it has been written."""
    path = Path(study.folder) / f"narrative.{lang}.md"
    if not path.is_file():
        return None
    name = shown_path(study, path)
    return Source(name, read(path, name), lang)


def read(path: Path, name: str) -> str:
    """A UTF-8 text with plain line ends."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentError(
            _("The text is not in UTF-8."),
            expected=_("a text file saved as UTF-8"),
            where=Where(file=name, line=path.read_bytes().count(b"\n", 0, error.start) + 1),
        ) from error
    except OSError as error:
        raise DocumentError(
            _("The file cannot be opened: {reason}.", reason=error.strerror or str(error)), where=Where(file=name)
        ) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def shown_path(study: Any, path: Path) -> str:
    """A path as errors show it: from the workspace where it lies in there."""
    root = getattr(study, "root", None)
    if root is not None and path.is_relative_to(root):
        return path.relative_to(root).as_posix()
    return path.name


def sections(text: str) -> list[Section]:
    """The level-1 sections of a text; headings inside code are none."""
    found: list[tuple[int, str]] = []
    lines = text.split("\n")
    fence = ""
    for number, line in enumerate(lines):
        if opened := _FENCE.match(line):
            mark = opened[1]
            if not fence:
                fence = mark
            elif mark[0] == fence[0] and len(mark) >= len(fence) and not line.strip().strip(mark[0]):
                fence = ""
            continue
        if not fence and (heading := _HEADING.match(line)):
            found.append((number, heading["attributes"] or ""))
    ends = [*(number for number, _attributes in found[1:]), len(lines)]
    return [Section(first, last, attributes) for (first, attributes), last in zip(found, ends, strict=False)]


def keep(source: Source, wanted: Callable[[Section], bool], *, preamble: bool = True) -> Source:
    """Only the wanted sections; the others become empty lines, so that every line keeps its number."""
    lines = source.text.split("\n")
    parts = sections(source.text)
    first = parts[0].first if parts else len(lines)
    kept = set(range(first)) if preamble else set()
    for part in parts:
        if wanted(part):
            kept.update(range(part.first, part.last))
    return Source(
        source.name, "\n".join(t if i in kept else "" for i, t in enumerate(lines)), source.lang, source.values
    )


def body(source: Source, kind: Kind) -> Source:
    """What of a narrative this kind of document tells, in the document's own language."""
    if kind == "slides":
        return keep(source, lambda s: s.has("slides"))
    return keep(source, lambda s: not s.has("slides") and s.lang in (None, source.lang))


def other_abstract(source: Source, other: Language, elsewhere: Source | None) -> Source | None:
    """The abstract in the other language: from this narrative, or from the other language's own."""
    here = Source(source.name, source.text, other, source.values)
    if any(s.has("abstract") and s.lang == other for s in sections(source.text)):
        return keep(here, lambda s: s.has("abstract") and s.lang == other, preamble=False)
    if elsewhere is None:
        return None
    abstract = keep(elsewhere, lambda s: s.has("abstract") and s.lang in (None, other))
    return abstract if any(s.has("abstract") for s in sections(abstract.text)) else None


def cells(told: Told, lang: Language) -> Iterator[Source | Exhibit]:
    """A notebook as a text: its cells in this language and its exhibits, in order."""
    for item in told.items:
        if isinstance(item, Exhibit):
            yield item
        elif item.lang == lang:
            yield _cell(told, item)


def _cell(told: Told, prose: Prose) -> Source:
    name = _("{file}, cell {n}", file=f"{told.notebook}.ipynb", n=prose.cell)
    return Source(name, prose.text, prose.lang, {"parameters": dict(told.parameters)})


def notebooks(study: Any, results: Results, asked: str | None) -> list[str]:
    """The notebooks that are told: the one asked for, else those the study runs once, else all."""
    if asked is not None:
        return [asked]
    once = {use.notebook for use in getattr(study, "notebooks", ()) if not use.per}
    return [name for name in results.sequences if name in once] or list(results.sequences)


def told_by(results: Results, notebook: str) -> Told:
    """The notebook of this name."""
    if notebook in results.sequences:
        return results.sequences[notebook]
    raise DocumentError(
        _("There is no executed notebook {name}.", name=repr(notebook)), expected=", ".join(results.sequences) or None
    )


def placed_in(source: Source) -> list[str]:
    """The exhibits a narrative places, in order, without filling it."""
    return list(dict.fromkeys(_PLACED.findall(source.text)))
