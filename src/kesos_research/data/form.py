"""A codebook as an XLSForm: the sheets survey, choices and settings of xlsform.org, in both languages."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from kesos_research.data._problems import together
from kesos_research.data.codebook import NUMBERS, Codebook, Column
from kesos_research.data.identity import kk_pattern, nik_pattern
from kesos_research.data.rules import rules_of
from kesos_research.data.write.excel import without_clock
from kesos_research.data.xpath import Asked, asked, quoted
from kesos_research.domain import register
from kesos_research.errors import DataError, KesosError, Where
from kesos_research.estimates import Check
from kesos_research.language import LANGUAGES, Language, Words, _, words
from kesos_research.study.refusal import clean

SPOKEN: Final[Mapping[Language, str]] = {"id": "Bahasa Indonesia (id)", "en": "English (en)"}
"""Languages as an XLSForm names them."""

_TEXTS = ("label", "hint", "constraint_message")
_SURVEY = ("type", "name", *(f"{text}::{SPOKEN[lang]}" for text in _TEXTS for lang in LANGUAGES), "required",
           "relevant", "constraint", "appearance")  # fmt: skip
_CHOICES = ("list_name", "name", *(f"label::{SPOKEN[lang]}" for lang in LANGUAGES))
_SETTINGS = ("form_title", "form_id", "version", "default_language")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_INTEGER = 999_999_999
"""The largest number that Collect takes as an integer."""
_BEYOND = ("required", "key", "unique", "reference", "years")
"""Rules of which a form does not tell while it is filled in."""
_LISTED = 12
"""More choices than these are searched, not scrolled."""


def xlsform(codebook: Codebook, title: str, lang: Language) -> tuple[bytes, tuple[Check, ...]]:
    """The bytes of the form, and what it leaves to the check of the answers.

    Raises
    ------
    KesosError
        When a column's name or a code is such as no XLSForm takes.
    """
    if problems := list(_wrong(codebook)):
        raise together(problems)
    survey = list(_survey(codebook))
    choices = list(_choices(codebook))
    version = hashlib.sha256(repr((survey, choices)).encode()).hexdigest()[:10]
    settings = [(title, _identifier(title), version, SPOKEN[lang])]
    sheets = {"survey": (_SURVEY, survey), "choices": (_CHOICES, choices), "settings": (_SETTINGS, settings)}
    return _workbook(sheets), tuple(_notes(codebook))


def _wrong(codebook: Codebook) -> Iterator[KesosError]:
    for column in codebook.columns.values():
        where = Where(key=f"kolom.{column.name}")
        if not _NAME.fullmatch(column.name):
            yield DataError(
                _("{name} cannot be the name of a question.", name=repr(clean(column.name))),
                expected=_("letters without accents, digits, _ - and ., beginning with a letter or _"),
                remedy=_("rename the column in the codebook"),
                where=where,
            )
        for code in column.choices:
            if len(code.split()) != 1 or code != code.strip():
                yield DataError(
                    _("{code} cannot be the code of a choice.", code=repr(clean(code))),
                    expected=_("a code without spaces"),
                    where=where,
                )


def _survey(codebook: Codebook) -> Iterator[tuple[str, ...]]:
    told, rules = asked(codebook), _rules(codebook)
    for column in codebook.columns.values():
        conditions = told[column.name]
        constraint = [*_own(column), *conditions.constraint]
        message = _message(column, rules[column.name]) if constraint else words(id="", en="")
        label = column.question if any(column.question.values()) else column.label
        yield (
            _type(column),
            column.name,
            *(label[lang] or column.name for lang in LANGUAGES),
            *(column.unit[lang] for lang in LANGUAGES),
            *(message[lang] for lang in LANGUAGES),
            _required(column, codebook, conditions),
            conditions.relevant,
            " and ".join(f"({one})" for one in constraint) if len(constraint) > 1 else "".join(constraint),
            _appearance(column),
        )


_TYPES = {"wilayah": "select_one wilayah", "tanggal": "date", "tahun": "integer", "angka": "decimal"}


def _type(column: Column) -> str:
    if column.kind == "bilangan":
        # without a range nobody knows how large it grows
        small = column.high is not None and abs(column.high) <= _INTEGER and abs(column.low or 0) <= _INTEGER
        return "integer" if small else "decimal"
    if column.choices:
        return f"{'select_one' if column.kind == 'pilihan' else 'select_multiple'} {column.name}"
    return _TYPES.get(column.kind, "text")


def _own(column: Column) -> Iterator[str]:
    """What the kind, the range and the pattern of a column say of an answer."""
    if column.kind in NUMBERS and column.low is not None and column.high is not None:
        yield f". >= {column.low:.15g} and . <= {column.high:.15g}"
    elif column.kind == "tahun":
        yield ". >= 1000 and . <= 9999"
    if column.kind == "bilangan" and _type(column) == "decimal":
        yield "round(.) = ."
    if column.dates:
        first, last = (day.isoformat() for day in column.dates)
        yield f". >= date('{first}') and . <= date('{last}')"
    pattern = {"nik": nik_pattern, "nomor_kk": kk_pattern}.get(column.kind, lambda: column.pattern)()
    if pattern:
        yield f"regex(., {quoted(f'^(?:{pattern})$')})"


def _rules(codebook: Codebook) -> dict[str, list[Words]]:
    """What a form can hold an answer against, in words."""
    said: dict[str, list[Words]] = {name: [] for name in codebook.columns}
    for rule in rules_of(codebook):
        if rule.columns and rule.severity == "error" and rule.name not in _BEYOND and any(rule.wording.values()):
            said[max(rule.columns, key=list(codebook.columns).index)].append(rule.wording)
    return said


def _message(column: Column, rules: Sequence[Words]) -> Words:
    """The promises in one sentence."""
    said = {lang: "; ".join(dict.fromkeys(rule[lang] for rule in rules)) for lang in LANGUAGES}
    return {lang: f"{column.label[lang] or column.name}: {said[lang]}." for lang in LANGUAGES}


def _required(column: Column, codebook: Codebook, conditions: Asked) -> str:
    if column.required or column.name in codebook.key:
        return "yes"
    return conditions.required


def _appearance(column: Column) -> str:
    if column.kind in ("nik", "nomor_kk"):
        return "numbers"
    if column.kind == "wilayah" or (column.kind == "pilihan" and len(column.choices) > _LISTED):
        return "minimal autocomplete"
    return ""


def _choices(codebook: Codebook) -> Iterator[tuple[str, ...]]:
    for column in codebook.columns.values():
        for code, said in column.choices.items():
            yield (column.name, code, *(said[lang] or code for lang in LANGUAGES))
    if any(column.kind == "wilayah" for column in codebook.columns.values()):
        for region in register(synthetic=codebook.synthetic):
            yield ("wilayah", region.code, *(f"{region.label}, {region.province}" for _lang in LANGUAGES))


def _notes(codebook: Codebook) -> Iterator[Check]:
    unique = [c.name for c in codebook.columns.values() if c.unique or codebook.key == (c.name,)]
    if unique:
        yield Check(
            "questionnaire.unique", "info",
            "A form on a telephone cannot know what others have entered: that no value is there twice is checked "
            "afterwards ({columns}).", {"columns": ", ".join(unique)},
        )  # fmt: skip
    referred = [c.name for c in codebook.columns.values() if c.reference is not None]
    if referred:
        yield Check(
            "questionnaire.reference", "info",
            "Whether a value is in the other file is checked afterwards ({columns}).",
            {"columns": ", ".join(referred)},
        )  # fmt: skip
    sampled = [c.name for c in codebook.columns.values() if c.role in ("weight", "fpc")]
    if sampled:
        yield Check(
            "questionnaire.weight",
            "warn",
            "{columns} are known after sampling; the form asks for them because the codebook has them.",
            {"columns": ", ".join(sampled)},
        )


def _identifier(title: str) -> str:
    plain = re.sub(r"[^a-z0-9_-]+", "_", title.lower()).strip("_-")[:60]
    return plain if re.match(r"[a-z_]", plain) else f"form_{plain}"


def _workbook(sheets: Mapping[str, tuple[Sequence[str], Iterable[Sequence[str]]]]) -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    for name, (header, rows) in sheets.items():
        sheet: Any = book.create_sheet(name)
        sheet.freeze_panes = "A2"
        for i, row in enumerate([header, *rows], 1):
            for j, text in enumerate(row, 1):
                if text:
                    cell = sheet.cell(i, j)
                    cell.value, cell.data_type, cell.number_format = text, "s", "@"
    out = io.BytesIO()
    book.save(out)
    return without_clock(out.getvalue())
