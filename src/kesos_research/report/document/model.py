"""The document model: what every renderer reads, and nothing else.

A `Document` is in one language; its strings are ready to be set (numbers formatted, templates filled, citations and
cross-references resolved). Renderers decide how it looks, never what it says. `as_json()` is what typst is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from kesos_research.language import Language
from kesos_research.report.exhibit import Width

# --- inlines: pieces of a line


@dataclass(frozen=True)
class Text:
    s: str
    t: Literal["text"] = "text"


@dataclass(frozen=True)
class Styled:
    """Emphasis and its kin around other inlines."""

    style: Literal["emph", "strong", "sup", "sub", "code", "smallcaps"]
    c: Sequence[Inline]
    t: Literal["styled"] = "styled"


@dataclass(frozen=True)
class Link:
    url: str
    c: Sequence[Inline]
    t: Literal["link"] = "link"


@dataclass(frozen=True)
class Ref:
    """A cross-reference to a numbered thing: `s` is the whole text, e.g. "Tabel 2"."""

    target: str
    s: str
    t: Literal["ref"] = "ref"


@dataclass(frozen=True)
class Cite:
    """A citation, already formatted in `c`; links to reference entries `ref-<key>`."""

    keys: Sequence[str]
    c: Sequence[Inline]
    t: Literal["cite"] = "cite"


@dataclass(frozen=True)
class Math:
    """A formula: TeX as written, typst and MathML made from it, and words for those who cannot see it."""

    tex: str
    typst: str
    mathml: str
    alt: str
    t: Literal["math"] = "math"


@dataclass(frozen=True)
class Note:
    """A footnote."""

    blocks: Sequence[Block]
    t: Literal["note"] = "note"


@dataclass(frozen=True)
class Break:
    t: Literal["break"] = "break"


Inline = Text | Styled | Link | Ref | Cite | Math | Note | Break

# --- blocks: what stands on its own


@dataclass(frozen=True)
class Heading:
    level: int
    """1 for a section, 2 and 3 below it."""
    id: str
    c: Sequence[Inline]
    number: str = ""
    """"2.1"; empty where the section is not numbered."""
    t: Literal["heading"] = "heading"


@dataclass(frozen=True)
class Paragraph:
    c: Sequence[Inline]
    t: Literal["paragraph"] = "paragraph"


@dataclass(frozen=True)
class Items:
    """A list; each item is a sequence of blocks."""

    ordered: bool
    items: Sequence[Sequence[Block]]
    t: Literal["items"] = "items"


@dataclass(frozen=True)
class Quote:
    blocks: Sequence[Block]
    t: Literal["quote"] = "quote"


@dataclass(frozen=True)
class Equation:
    id: str
    number: str
    """"1"; empty where the equation is not numbered."""
    math: Math
    t: Literal["equation"] = "equation"


@dataclass(frozen=True)
class Head:
    """The head of a table's column, and how its cells stand."""

    label: str
    unit: str
    align: Literal["left", "right", "center"]
    weight: float
    """Relative width for text columns; 0 for columns as narrow as their content."""


@dataclass(frozen=True)
class Row:
    """`cells` are ready strings, one a column; a group row has one cell that spans all."""

    cells: Sequence[str]
    group: bool = False


@dataclass(frozen=True)
class TableBlock:
    id: str
    label: str
    """"Tabel 2" / "Table 2"."""
    caption: Sequence[Inline]
    note: Sequence[Inline]
    """Note and source, one paragraph; empty if none."""
    columns: Sequence[Head]
    rows: Sequence[Row]
    width: Width
    t: Literal["table"] = "table"


@dataclass(frozen=True)
class FigureBlock:
    id: str
    label: str
    caption: Sequence[Inline]
    note: Sequence[Inline]
    alt: str
    svg: str
    slide_svg: str
    width: Width
    t: Literal["figure"] = "figure"


@dataclass(frozen=True)
class Entry:
    """One reference of the bibliography."""

    key: str
    c: Sequence[Inline]


@dataclass(frozen=True)
class References:
    entries: Sequence[Entry]
    t: Literal["references"] = "references"


@dataclass(frozen=True)
class Tile:
    """A figure of a profile at a glance."""

    label: str
    value: str
    unit: str
    year: str
    place: str
    """Where it lies among the districts of its province and of the nation."""
    change: str
    """Its change, and what noise alone would give."""
    t: Literal["tile"] = "tile"


@dataclass(frozen=True)
class Tiles:
    id: str
    tiles: Sequence[Tile]
    t: Literal["tiles"] = "tiles"


Block = Heading | Paragraph | Items | Quote | Equation | TableBlock | FigureBlock | References | Tiles

# --- documents


@dataclass(frozen=True)
class Author:
    name: str
    affiliation: str = ""
    email: str = ""
    orcid: str = ""


@dataclass(frozen=True)
class Abstract:
    lang: Language
    heading: str
    """"Abstrak" / "Abstract"."""
    blocks: Sequence[Block]
    keywords_label: str
    keywords: Sequence[str]


@dataclass(frozen=True)
class Meta:
    title: str
    short_title: str
    authors: Sequence[Author] = ()
    abstracts: Sequence[Abstract] = ()
    """Document's own language first."""
    other_title: str = ""
    """The title in the other language."""
    date: str = ""
    """Set by the study, never by the clock; ISO."""
    venue: str = ""
    """Running head, e.g. the conference's name."""
    contact: str = ""
    synthetic: bool = False
    """True: every page says DATA SINTETIS – BUKAN HASIL PENELITIAN."""
    anonymous: bool = False
    layout: Literal["proceedings", "manuscript"] = "proceedings"
    """Two columns, or one column with line numbers."""
    footer: str = ""
    """Short source line for slides and profiles."""
    words: dict[str, str] = field(default_factory=dict)
    """The few words renderers print themselves (contents, page, other language …), in the document's language."""


@dataclass(frozen=True)
class Slide:
    """One slide: its title is its message. At most one figure or table among its blocks."""

    title: Sequence[Inline]
    blocks: Sequence[Block]
    notes: str
    layout: Literal["title", "content", "closing"] = "content"


Kind = Literal["paper", "profile", "slides", "page"]


@dataclass(frozen=True)
class Document:
    kind: Kind
    lang: Language
    meta: Meta
    blocks: Sequence[Block] = ()
    slides: Sequence[Slide] = ()
    other_language: str = ""
    """File name of the same document in the other language, relative to this one; empty if none."""
    claims: Sequence[str] = ()
    """Names of the claims that were looked up to make it. Not printed."""
    remarks: Sequence[str] = ()
    """What a careful editor would say, for the person who runs the study. Not printed."""

    def as_json(self) -> dict[str, Any]:
        """Plain data, for renderers outside Python: all that is printed."""
        return {key: value for key, value in asdict(self).items() if key not in ("claims", "remarks")}
