"""A codebook as YAML: what `parse_codebook` reads back as the same codebook."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping

from kesos_research.data.codebook import Codebook, Column, Distribution, Promise
from kesos_research.language import Words

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*(?: [A-Za-z0-9_-]+)*")
_ODD = re.compile(r"[^\x20-\x7e\u00a1-\u1fff\u2010-\u2027\u2030-\u206e\u2070-\ud7ff\uf900-\ufefe]")


def codebook_yaml(codebook: Codebook, *, comments: Iterable[str] = ()) -> str:
    """The YAML of a codebook.

    Parameters
    ----------
    comments
        Lines above it.

    Examples
    --------
    >>> from kesos_research.data.codebook import plain_column
    >>> book = Codebook({"a b": plain_column("a b", "angka")}, "household", ())
    >>> print(codebook_yaml(book).splitlines()[-1])
        sensitivitas: publik
    """
    return "\n".join([*(f"# {' '.join(line.split())}" for line in comments), *_lines(codebook)]) + "\n"


def _lines(codebook: Codebook) -> Iterator[str]:
    if codebook.data_file:
        yield f"berkas: {quoted(codebook.data_file)}"
    if codebook.sources:
        yield f"sumber: {quoted(codebook.sources)}"
    yield f"pengodean: {codebook.encoding}"
    yield f"pemisah: {'tab' if codebook.delimiter == chr(9) else quoted(codebook.delimiter)}"
    yield f"desimal: {quoted(codebook.decimal)}"
    yield f"satuan_pengamatan: {codebook.unit_of_observation}"
    yield f"kunci: {_list(codebook.key)}"
    yield f"kosong: {_list(codebook.missing)}"
    if codebook.order:
        yield f"urutan: {_list(codebook.order)}"
    if codebook.synthetic:
        yield "sintetis: ya"
    yield "kolom:"
    for column in codebook.columns.values():
        yield f"  {quoted(column.name)}:"
        yield from (f"    {key}: {value}" for key, value in _column(column))
    if codebook.promises:
        yield "aturan:"
        yield from (f"  - {_promise(promise)}" for promise in codebook.promises)
    if codebook.correlations:
        yield "korelasi:"
        yield from (f"  - [{quoted(a)}, {quoted(b)}, {_number(r)}]" for a, b, r in codebook.correlations)


def _column(column: Column) -> Iterator[tuple[str, str]]:
    yield "label", _words(column.label)
    if any(column.question.values()):
        yield "pertanyaan", _words(column.question)
    yield "jenis", column.kind
    if any(column.unit.values()):
        yield "satuan", _words(column.unit)
    yield from _rules(column)
    if column.distribution:
        yield "sebaran", _distribution(column.distribution)
    yield "peran", column.role
    yield "sensitivitas", column.sensitivity
    if column.disguise:
        yield "samaran", column.disguise
    if any(column.publisher.values()):
        yield "penerbit", _words(column.publisher)
    if column.licence:
        yield "lisensi", quoted(column.licence)


def _rules(column: Column) -> Iterator[tuple[str, str]]:
    """What is promised of the values."""
    if column.choices:
        yield "pilihan", _map({code: _words(said) for code, said in column.choices.items()})
    if column.low is not None and column.high is not None:
        yield "rentang", f"[{_number(column.low)}, {_number(column.high)}]"
    if column.dates:
        yield "rentang", f"[{column.dates[0].isoformat()}, {column.dates[1].isoformat()}]"
    if column.pattern is not None:
        yield "pola", quoted(column.pattern)
    if column.years:
        yield "tahun", f"[{column.years[0]}, {column.years[1]}]"
    for key, promised in (("wajib", column.required), ("unik", column.unique)):
        if promised:
            yield key, "ya"
    if column.reference:
        yield "rujukan", _map({"berkas": quoted(column.reference.file), "kolom": quoted(column.reference.column)})


def _distribution(told: Distribution) -> str:
    values = {name: _number(value) for name, value in told.values.items()}
    inner = {"nilai": _map(values)} if told.shape == "peluang" else values
    missing = {"kosong": _number(told.missing)} if told.missing else {}
    return _map({"bentuk": told.shape, **inner, **missing})


def _promise(promise: Promise) -> str:
    told = {"nama": quoted(promise.name), "syarat": quoted(promise.condition)}
    return _map(told | ({"pesan": _words(promise.message)} if any(promise.message.values()) else {}))


def _words(said: Words) -> str:
    return f"{{id: {quoted(said['id'])}, en: {quoted(said['en'])}}}"


def _map(values: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{quoted(key)}: {value}" for key, value in values.items()) + "}"


def _list(values: Iterable[str]) -> str:
    return "[" + ", ".join(map(quoted, values)) + "]"


def _number(value: float) -> str:
    return f"{value:.15f}".rstrip("0").rstrip(".")


def quoted(text: str) -> str:
    """A text as YAML writes it: plain where that is clear, else between quotation marks."""
    if _PLAIN.fullmatch(text):
        return text
    said = json.dumps(text, ensure_ascii=False)
    return _ODD.sub(
        lambda c: json.dumps(c.group())[1:-1] if ord(c.group()) < 0x10000 else f"\\U{ord(c.group()):08x}", said
    )
