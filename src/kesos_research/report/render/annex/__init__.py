"""The annex: every table as real numbers, every figure's data, every claim, and what the columns mean."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from openpyxl import Workbook

from kesos_research.domain import indicator, indicators
from kesos_research.errors import DocumentError
from kesos_research.estimates import Check
from kesos_research.language import Language, Words, _, words
from kesos_research.report.deviation import with_plan
from kesos_research.report.document.captions import Caption
from kesos_research.report.document.captions import captions as printed
from kesos_research.report.document.compose import compose
from kesos_research.report.exhibit import Column, Exhibit, Figure, Glance, Table
from kesos_research.report.render.annex.columns import defined
from kesos_research.report.render.annex.sheet import Heading, Sheet
from kesos_research.report.render.package import Properties, legal, normalise

if TYPE_CHECKING:
    from kesos_research.report.collect import Results
    from kesos_research.study import Study

_LONGEST: Final = 31
_FORBIDDEN: Final = re.compile(r"[\[\]:*?/\\]")
_W: Final[Mapping[str, Words]] = {
    "contents": words(id="Isi", en="Contents"),
    "claims": words(id="Klaim", en="Claims"),
    "checks": words(id="Pemeriksaan", en="Checks"),
    "definitions": words(id="Definisi operasional", en="Definitions"),
    "columns": words(id="Definisi", en="Definitions"),
    "sources": words(id="Sumber data", en="Data sources"),
    "table": words(id="Tabel", en="Table"),
    "figure": words(id="Gambar", en="Figure"),
    "sheet": words(id="Lembar", en="Sheet"),
    "shows": words(id="Apa yang ditunjukkan", en="What it shows"),
    "group": words(id="Kelompok", en="Group"),
    "low": words(id="batas bawah", en="low"),
    "high": words(id="batas atas", en="high"),
    "annex": words(id="Lampiran", en="Annex"),
    "all_claims": words(
        id="Semua angka yang dikutip dokumen, dengan ketelitian penuh",
        en="Every number the documents state, in full precision",
    ),
    "all_checks": words(
        id="Asumsi yang diperiksa dan hasilnya", en="Assumptions that were looked at, and what was seen"
    ),
    "all_definitions": words(
        id="Arti, satuan, dan penerbit tiap indikator", en="Meaning, unit and publisher of each indicator"
    ),
    "all_columns": words(
        id="Definisi operasional kolom sumber data", en="Operational definitions of the columns of a source"
    ),
    "all_sources": words(id="Asal data dan izin pemakaiannya", en="Where the data come from, and under which licence"),
    "mark": words(id="Tanda", en="Mark"),
    "source": words(id="Sumber", en="Source"),
    "data": words(id="data gambar", en="the figure's data"),
}
_CLAIM_HEADS: Final[Sequence[tuple[str, Words, str, bool]]] = (
    ("name", words(id="Nama", en="Name"), "General", True),
    ("estimate", words(id="Estimasi", en="Estimate"), "0.0000", False),
    ("std_error", words(id="Galat baku", en="Standard error"), "0.0000", False),
    ("conf_low", words(id="Batas bawah", en="Interval low"), "0.0000", False),
    ("conf_high", words(id="Batas atas", en="Interval high"), "0.0000", False),
    ("level", words(id="Tingkat kepercayaan", en="Confidence level"), "0%", False),
    ("p_value", words(id="Nilai p", en="p value"), "0.0000", False),
    ("n", words(id="n", en="n"), "#,##0", False),
    ("unit", words(id="Satuan", en="Unit"), "General", True),
    ("method", words(id="Metode", en="Method"), "General", True),
    ("public", words(id="Angka publik", en="Public figure"), "General", True),
)
_STATUS: Final[Mapping[str, Words]] = {
    "pass": words(id="terpenuhi", en="holds"),
    "warn": words(id="perlu kehati-hatian", en="with care"),
    "fail": words(id="tidak terpenuhi", en="does not hold"),
    "info": words(id="keterangan", en="information"),
}
_BETTER: Final[Mapping[str, Words]] = {
    "lower": words(id="lebih rendah", en="lower"),
    "higher": words(id="lebih tinggi", en="higher"),
    "neither": words(id="–", en="–"),
}


def xlsx(
    study: Study,
    results: Results,
    lang: Language,
    *,
    captions: Mapping[str, Caption] | None = None,
    used_in: Mapping[str, Sequence[str]] | None = None,
    checks: Sequence[Check] = (),
) -> bytes:
    """The annex of a study as a workbook; the same results give the same bytes.

    Parameters
    ----------
    study
        For its title, authors, outcomes and sources.
    results
        Claims and exhibits of the run.
    captions
        Label, caption and note of each exhibit as the documents print them (`document.captions`); by default those of
        the study's page, which shows every exhibit.
    used_in
        By name of a claim: the documents that state it.
    checks
        Assumptions that were looked at.

    Raises
    ------
    DocumentError
        When an exhibit's caption is a template that nobody filled, or a text holds a control character.
    """
    results = with_plan(study, results)
    if captions is None:
        captions = printed(compose(study, results, kind="page", lang=lang))
    return _Annex(study, results, lang, captions, used_in or {}, checks).bytes()


@dataclass
class _Annex:
    study: Any
    results: Any
    lang: Language
    captions: Mapping[str, Caption]
    used_in: Mapping[str, Sequence[str]]
    checks: Sequence[Check]
    book: Workbook = field(default_factory=Workbook)
    names: set[str] = field(default_factory=set)
    contents: list[tuple[str, str]] = field(default_factory=list)

    def say(self, key: str) -> str:
        return _W[key][self.lang]

    def bytes(self) -> bytes:
        first = self.book.active
        assert first is not None
        first.title = self._name(self.say("contents"))
        exhibits = self.results.exhibits
        # in the order of the documents, then what they do not show
        for id in dict.fromkeys([*(id for id in self.captions if id in exhibits), *exhibits]):
            self._exhibit(exhibits[id])
        self._claims()
        if self.checks:
            self._checks()
        if self.study.outcomes:  # what an office publishes, not the columns of a source
            self._definitions()
        self._columns()
        self._sources()
        self._contents(Sheet(first, self.lang))
        out = io.BytesIO()
        self.book.save(out)
        title = self._text(self.study.title)
        return normalise(
            out.getvalue(),
            Properties(
                title=f"{title} – {self.say('annex')}",
                lang=self.lang,
                authors=() if self.study.anonymous else [a.name for a in self.study.authors],
                date=str(self.study.date),
            ),
        )

    # --- sheets

    def _sheet(self, name: str, title: str) -> Sheet:
        name = self._name(name)
        sheet = Sheet(self.book.create_sheet(name), self.lang)
        self.contents.append((name, title))
        if self.study.synthetic:
            sheet.warn()
        sheet.title(title)
        sheet.row += 1
        sheet.link(1, f"← {self.say('contents')}", self.say("contents"))
        sheet.skip()
        return sheet

    def _exhibit(self, exhibit: Exhibit) -> None:
        said = self._said(exhibit)
        kind = "figure" if isinstance(exhibit, Figure) else "table"
        title = f"{said.label}. {said.caption}" if said.label else said.caption
        if kind == "figure":
            title = f"{title} ({self.say('data')})"
        name = said.label or f"{self.say(kind)} {exhibit.id.split('-', 1)[-1]}"
        sheet = self._sheet(name, title)
        match exhibit:
            case Table():
                self._table(sheet, exhibit)
            case Figure():
                self._records(sheet, exhibit.data)
            case Glance():
                self._records(sheet, exhibit.tiles)
        for text in filter(None, said.note.split("\n")):
            sheet.skip()
            sheet.line(text)
        sheet.finish(self._text(self.study.short_title))

    def _table(self, sheet: Sheet, table: Table) -> None:
        grouped = any("group" in row for row in table.rows)
        heads = [Heading(self.say("group"), text=True)] if grouped else []
        for column in table.columns:
            heads += self._heads(column)
        rows: list[list[Any]] = []
        formats: dict[tuple[int, int], str] = {}
        group = ""
        for row in table.rows:
            if "group" in row:
                group = self._text(row["group"])
                continue
            values: list[Any] = [group] if grouped else []
            for column in table.columns:
                if "decimals" in row and column.kind in ("number", "interval"):
                    for j in range(len(values), len(values) + len(self._heads(column))):
                        formats[len(rows), j] = _decimal(int(row["decimals"]))
                values += _values(column, row.get(column.key))
            rows.append(values)
        if any("marks" in row for row in table.rows):
            heads.append(Heading(self.say("mark"), text=True))
            said = (" ".join(row.get("marks", {}).values()) for row in table.rows if "group" not in row)
            rows = [[*values, mark] for values, mark in zip(rows, said, strict=True)]
        sheet.table(heads, rows, formats=formats)

    def _heads(self, column: Column) -> list[Heading]:
        label, unit = self._text(column.label), self._text(column.unit)
        whole = f"{label} ({unit})" if unit else label
        match column.kind:
            case "interval":
                sides = (self.say("low"), self.say("high"))
                return [Heading(f"{whole}, {side}", _decimal(column.decimals)) for side in sides]
            case "number":
                return [Heading(whole, _decimal(column.decimals))]
            case "p":
                return [Heading(whole, "0.000")]
            case "integer":
                return [Heading(whole, "#,##0")]
            case _:
                return [Heading(whole, text=True)]

    def _records(self, sheet: Sheet, records: Sequence[Mapping[str, Any]]) -> None:
        # a column that holds nothing says nothing
        keys = list(dict.fromkeys(k for record in records for k, v in record.items() if v not in (None, "")))
        if not keys:
            return
        numeric = {key for key in keys if all(_is_number(r.get(key)) or r.get(key) is None for r in records)}
        heads = [Heading(str(key), text=key not in numeric) for key in keys]
        sheet.table(heads, [[record.get(key) for key in keys] for record in records])

    def _claims(self) -> None:
        sheet = self._sheet(self.say("claims"), self.say("all_claims"))
        claims = list(self.results.claims.values())
        heads = [Heading(label[self.lang], form, text) for _key, label, form, text in _CLAIM_HEADS]
        rows: list[list[Any]] = [[getattr(claim, key) for key, *_rest in _CLAIM_HEADS] for claim in claims]
        if any(claim.quality for claim in claims):
            heads.append(Heading(self.say("mark"), text=True))
            for row, claim in zip(rows, claims, strict=True):
                row.append(claim.quality)
        if self.used_in:
            heads.append(Heading(words(id="Dipakai di", en="Used in")[self.lang], text=True))
            for row, claim in zip(rows, claims, strict=True):
                row.append(", ".join(self.used_in.get(claim.name, ())))
        sheet.table(heads, rows)
        sheet.finish(self._text(self.study.short_title))

    def _checks(self) -> None:
        sheet = self._sheet(self.say("checks"), self.say("all_checks"))
        labels = (
            words(id="Asumsi", en="Assumption"),
            words(id="Hasil", en="Result"),
            words(id="Keterangan", en="What was seen"),
        )
        rows = [[check.name, _STATUS[check.status], check.say(self.lang)] for check in self.checks]
        sheet.table([Heading(label[self.lang], text=True) for label in labels], rows)
        sheet.finish(self._text(self.study.short_title))

    def _definitions(self) -> None:
        sheet = self._sheet(self.say("definitions"), self.say("all_definitions"))
        labels = (
            words(id="Kode", en="Code"), words(id="Indikator", en="Indicator"), words(id="Satuan", en="Unit"),
            words(id="Definisi", en="Definition"), words(id="Lebih baik bila", en="Better when"),
            words(id="Penerbit", en="Publisher"),
        )  # fmt: skip
        first = [indicator(code) for code in self.study.outcomes]
        rest = [one for one in indicators() if one.code not in self.study.outcomes]
        rows = [[i.code, i.name, i.unit, i.definition, _BETTER[i.better], i.publisher] for i in [*first, *rest]]
        sheet.table([Heading(label[self.lang], text=True) for label in labels], rows)
        sheet.finish(self._text(self.study.short_title))

    def _columns(self) -> None:
        """The operational definitions of each source, as its codebook declares them."""
        for source in self.study.sources:
            told = defined(source, self.lang)
            if told is None:
                continue
            heads, rows = told
            sheet = self._sheet(f"{self.say('columns')} {source.id}", f"{self.say('all_columns')}: {source.id}")
            sheet.table(heads, rows)
            sheet.finish(self._text(self.study.short_title))

    def _sources(self) -> None:
        sheet = self._sheet(self.say("sources"), self.say("all_sources"))
        labels = (
            words(id="Sumber", en="Source"), words(id="Berkas", en="File"), words(id="Penerbit", en="Publisher"),
            words(id="Izin", en="Licence"), words(id="Angka publik", en="Public figures"),
            words(id="Data sintetis", en="Synthetic data"),
        )  # fmt: skip
        # the file's name only: where it lies on this machine is nobody's business
        rows = [
            [s.id, re.split(r"[\\/]", str(s.file))[-1], s.publisher, s.licence, s.public, s.synthetic]
            for s in self.study.sources
        ]
        sheet.table([Heading(label[self.lang], text=True) for label in labels], rows)
        sheet.finish(self._text(self.study.short_title))

    def _contents(self, sheet: Sheet) -> None:
        study = self.study
        if study.synthetic:
            sheet.warn()
        sheet.title(self._text(study.title))
        sheet.line(self._text(study.question))
        people = "" if study.anonymous else ", ".join(a.name for a in study.authors)
        sheet.line(" · ".join(filter(None, (people, str(study.date)))))
        sheet.skip()
        heads = [Heading(self.say("sheet"), text=True), Heading(self.say("shows"), text=True, widest=100)]
        sheet.table(heads, [[name, title] for name, title in self.contents])
        start = sheet.row - len(self.contents)
        for i, (name, _title) in enumerate(self.contents, 1):
            sheet.row = start + i
            sheet.link(1, name, name)
        sheet.finish(self._text(study.short_title))

    # --- words

    def _text(self, value: Any) -> str:
        return str(value.get(self.lang, "")) if isinstance(value, Mapping) else str(value)

    def _said(self, exhibit: Exhibit) -> Caption:
        if exhibit.id in self.captions:
            return self.captions[exhibit.id]
        caption, note, source = (self._text(t) for t in (exhibit.caption, exhibit.note, exhibit.source))
        for text in (caption, note, source):
            if "{{" in text or "{%" in text:
                raise DocumentError(
                    _("The caption of {id} was not filled in.", id=exhibit.id),
                    expected=_("captions as the documents print them"),
                )
        note = "\n".join(filter(None, (note, f"{self.say('source')}: {source}" if source else "")))
        return Caption("", caption or exhibit.id, note)

    def _name(self, wanted: str) -> str:
        """A sheet's name as Excel takes it: 31 characters, none of its own signs, no two alike."""
        plain = _FORBIDDEN.sub(" ", legal(wanted)).strip().strip("'") or "-"
        name, n = plain[:_LONGEST], 1
        while name.casefold() in self.names or name.casefold() == "history":
            n += 1
            tail = f" {n}"
            name = plain[: _LONGEST - len(tail)] + tail
        self.names.add(name.casefold())
        return name


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _decimal(places: int) -> str:
    return "#,##0" + ("." + "0" * places if places else "")


def _values(column: Column, value: Any) -> list[Any]:
    if column.kind == "interval":
        low, high = value if isinstance(value, list | tuple) and len(value) == 2 else (None, None)
        return [low, high]
    return [value]
