"""Exhibits and claims: what a notebook hands to the documents.

An exhibit is made once, in every language, and travels in the executed notebook as a mime bundle. Its captions, notes
and alt texts are templates: `{{ claim("p0.mde") | number(2) }}` is filled when the document is made, so that no result
is ever typed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, Self

from kesos_research.disclosure import RECORD_MIME, Record
from kesos_research.language import Words, current, words

EXHIBIT_MIME = "application/vnd.kesos.exhibit+json"
CLAIM_MIME = "application/vnd.kesos.claim+json"

Width = Literal["column", "page"]
"""One of the paper's two columns (84 mm), or the whole type area (174 mm)."""


def _empty() -> Words:
    return words(id="", en="")


@dataclass(frozen=True)
class Exhibit:
    """What tables and figures have in common. `id` begins with `tbl-` or `fig-`."""

    id: str
    caption: Words = field(default_factory=_empty, kw_only=True)
    note: Words = field(default_factory=_empty, kw_only=True)
    source: Words = field(default_factory=_empty, kw_only=True)
    width: Width = field(default="column", kw_only=True)
    public: bool = field(default=False, kw_only=True)
    guards: Sequence[str] = field(default=(), kw_only=True)
    """Digests of the guard's records of the tables behind it."""
    records: Sequence[Record] = field(default=(), kw_only=True, repr=False, compare=False)
    """These records; they travel beside the exhibit, not in it."""

    def _bundle(self, kind: str) -> dict[str, Any]:
        fields = asdict(replace(self, records=()))
        del fields["records"]
        # a plain text of our own: Python's would repeat everything
        told: dict[str, Any] = {"text/plain": f"{kind} {self.id}", EXHIBIT_MIME: {"kind": kind, **fields}}
        return {**told, RECORD_MIME: [r.as_dict() for r in self.records]} if self.records else told

    def with_caption(self, *, id: str, en: str) -> Self:
        """The caption: the finding first, then what is shown."""
        return replace(self, caption=words(id=id, en=en))

    def with_note(self, *, id: str, en: str) -> Self:
        """The note beneath: method, n, marks. Added to the note that is there."""
        joined = {k: " ".join(filter(None, (self.note[k], v))) for k, v in words(id=id, en=en).items()}
        return replace(self, note=joined)

    def wide(self) -> Self:
        """As wide as the page's type area."""
        return replace(self, width="page")


@dataclass(frozen=True)
class Column:
    """One column of a table.

    `kind`: `text` (a string, or `{"id": …, "en": …}`), `number` (float shown with `decimals`), `integer`,
    `interval` (a `[low, high]` pair shown in brackets), `p` (a p-value).
    """

    key: str
    label: Words
    kind: Literal["text", "number", "integer", "interval", "p"] = "number"
    decimals: int = 2
    unit: Words = field(default_factory=_empty)
    weight: float = 1.0
    """Share of the free width a text column takes, relative to the other text columns."""


@dataclass(frozen=True)
class Table(Exhibit):
    """A table as data. `rows` maps column keys to values; None is an absent value, shown as an en dash.

    A row `{"group": Words}` is a heading for the rows beneath it.
    """

    columns: Sequence[Column] = ()
    rows: Sequence[Mapping[str, Any]] = ()

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        from kesos_research.report.preview import table_html

        return {"text/html": table_html(self, current()), **self._bundle("table")}


@dataclass(frozen=True)
class Figure(Exhibit):
    """A drawing as SVG, one for each language, drawn at its printed size with real text in it."""

    svg: Words = field(default_factory=_empty)
    slide_svg: Words = field(default_factory=_empty)
    """The same drawn again for a slide: 16:9, larger type. Empty where there is none."""
    alt: Words = field(default_factory=_empty)
    data: Sequence[Mapping[str, Any]] = ()
    """The numbers drawn, for the annex."""

    def with_alt(self, *, id: str, en: str) -> Self:
        """What the picture shows, for a reader who does not see it."""
        return replace(self, alt=words(id=id, en=en))

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return {"image/svg+xml": self.svg[current()], **self._bundle("figure")}


@dataclass(frozen=True)
class Glance(Exhibit):
    """A profile's figures at a glance. `id` begins with `glance-`; each tile maps `Tile`'s fields to `Words`."""

    tiles: Sequence[Mapping[str, Words]] = ()

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        from kesos_research.report.preview import glance_html

        return {"text/html": glance_html(self, current()), **self._bundle("glance")}


@dataclass(frozen=True)
class Claim:
    """One number that prose, tables, charts and slides may state. Absent values are None."""

    name: str
    estimate: float | None
    std_error: float | None = None
    conf_low: float | None = None
    conf_high: float | None = None
    p_value: float | None = None
    n: int | None = None
    unit: str = ""
    method: str = ""
    public: bool = False
    level: float | None = None
    inputs: str = ""
    """sha256 of the protected rows the number was taken from; hidden values play no part in it."""
    quality: str = ""
    """What stands beside it: nothing, `b` or `c` (BPS's marks of precision), or `withheld`."""
    guard: str = ""
    """Digest of the guard's record of its table."""


@dataclass(frozen=True)
class Claims:
    """Claims shown by one notebook cell."""

    claims: Sequence[Claim]
    records: Sequence[Record] = field(default=(), repr=False, compare=False)

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        from kesos_research.report.preview import claims_html

        return {
            "text/plain": ", ".join(c.name for c in self.claims),
            "text/html": claims_html(self.claims, current()),
            CLAIM_MIME: [asdict(c) for c in self.claims],
            **({RECORD_MIME: [r.as_dict() for r in self.records]} if self.records else {}),
        }
