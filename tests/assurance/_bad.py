"""Bad files of every format, made from good ones by a seeded hand: what each is, and what must be said of it."""

from __future__ import annotations

import io
import struct
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from unit.data.dbf import dbf

from kesos_research.data.codebook import Codebook
from kesos_research.data.codebook_text import parse_codebook
from kesos_research.data.read.bps import read_bps_table
from kesos_research.data.read.codebook import read_codebook
from kesos_research.data.read.kobo import read_kobo
from kesos_research.data.read.rows import read_microdata
from kesos_research.data.read.service_log import read_service_log
from kesos_research.data.read.xlsform import read_form
from kesos_research.data.write import write_rows
from kesos_research.errors import KesosError, Problems

Rng = np.random.Generator

BOOK = """\
satuan_pengamatan: person
kunci: [id]
kolom:
  id: {label: {id: Nomor, en: Number}, jenis: teks, peran: id, sensitivitas: publik, wajib: ya, unik: ya}
  nik: {label: {id: NIK, en: NIK}, jenis: nik, peran: id, sensitivitas: rahasia}
  jk:
    label: {id: Jenis kelamin, en: Sex}
    jenis: pilihan
    pilihan: {1: {id: L, en: M}, 2: {id: P, en: F}}
    peran: covariate
    sensitivitas: publik
  umur: {label: {id: Umur, en: Age}, jenis: bilangan, rentang: [0, 120], peran: covariate, sensitivitas: publik}
  x: {label: {id: X, en: X}, jenis: angka, peran: outcome, sensitivitas: publik}
  tgl: {label: {id: Tanggal, en: Date}, jenis: tanggal, peran: period, sensitivitas: publik}
"""
NIK = "3314055501900001"
HEADER = ("id", "nik", "jk", "umur", "x", "tgl")


@dataclass(frozen=True)
class Case:
    """One bad input.

    Attributes
    ----------
    kind
        What was done to it.
    name
        What the file is called.
    raw
        Its bytes; None where no file is laid down.
    must
        Whether it has to be refused; a changed byte may leave a good file.
    placed
        Whether the refusal has to name a line, row, column, or key.
    act
        Reads the file.
    """

    kind: str
    name: str
    raw: bytes | None
    must: bool = True
    placed: bool = False
    act: Callable[[Path, str], object] = lambda path, name: read_microdata(path, book(), name=name)


@cache
def book() -> Codebook:
    return parse_codebook(BOOK, "buku.yaml")


@cache
def good(suffix: str) -> bytes:
    """A good file of each format."""
    n = 20
    if suffix == ".dbf":
        rows = [[f"R{i}", NIK, "12"[i % 2], str(i), f"{i / 4}", "20200229"] for i in range(n)]
        kinds = (("C", 6, 0), ("C", 16, 0), ("C", 1, 0), ("N", 3, 0), ("N", 9, 3), ("D", 8, 0))
        return dbf([(name, *kind) for name, kind in zip(HEADER, kinds, strict=True)], rows)
    frame = pd.DataFrame(
        {
            "id": [f"R{i}" for i in range(n)],
            "nik": [NIK] * n,
            "jk": pd.Categorical(["12"[i % 2] for i in range(n)], categories=["1", "2"]),
            "umur": range(n),
            "x": [i / 4 for i in range(n)],
            "tgl": pd.to_datetime(["2020-02-29"] * n),
        }
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a{suffix}"
        write_rows(frame, path, book())
        return path.read_bytes()


def look(case: Case, folder: Path) -> bool:
    """Whether the file is refused, and refused well.

    Raises
    ------
    AssertionError
        When a bad file is taken, or its refusal names neither file nor remedy, or no place where there is one.
    """
    path = folder / case.name.replace("\x00", "").replace("/", "_")[:80] if case.raw is not None else folder / case.name
    if case.raw is not None:
        path.write_bytes(case.raw)
    try:
        case.act(path, case.name)
    except KesosError as error:
        _well(error, case)
        return True
    finally:
        if case.raw is not None:
            path.unlink()
    assert not case.must, f"{case.kind}: taken"
    return False


def _well(error: KesosError, case: Case) -> None:
    said = str(error)
    problems = error.problems if isinstance(error, Problems) else (error,)
    assert "Traceback" not in said, said
    assert all(c.isprintable() or c == "\n" for c in said), repr(said)
    assert NIK not in said, f"{case.kind}: an identifier is shown"
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in case.name)
    assert shown[:30] in said, f"{case.kind}: the file is not named: {said}"
    for problem in problems:
        assert problem.remedy, f"{case.kind}: no remedy: {problem}"
        where = problem.where
        placed = where is not None and (where.line or where.row or where.column or where.key)
        assert placed or not case.placed, f"{case.kind}: no place: {problem}"


def cases(rng: Rng, n: int, *, statistical: float = 0.04) -> Iterator[Case]:
    """`n` bad inputs, each kind as often as the others; Stata and SPSS files are a share of them, for each costs a
    process of its own."""
    others = [make for make in MAKERS if make not in (_dta, _sav)]
    for i in range(n):
        if rng.random() < statistical:
            yield (_dta, _sav)[i % 2](rng)
        else:
            yield others[i % len(others)](rng)


def _csv(rng: Rng, change: Callable[[list[str]], None]) -> bytes:
    lines = good(".csv").decode().splitlines()
    change(lines)
    return ("\n".join(lines) + "\n").encode()


def _line(rng: Rng, lines: list[str]) -> int:
    return int(rng.integers(1, len(lines)))


def _encoding(rng: Rng) -> Case:
    text = good(".csv").decode().replace("R3", "Ré3")
    codec = str(rng.choice(["cp1252", "utf-16-le", "utf-32", "cp037", "utf-16-be"]))
    return Case("encoding", "data/a.csv", text.encode(codec))


def _bytes(rng: Rng) -> Case:
    raw = bytearray(good(".csv"))
    raw[int(rng.integers(40, len(raw)))] = int(rng.integers(128, 256))
    return Case("a byte that is no text", "data/a.csv", bytes(raw), placed=True)


def _delimiter(rng: Rng) -> Case:
    other = str(rng.choice([";", "\t", "|"]))
    return Case("delimiter", "data/a.csv", good(".csv").replace(b",", other.encode()), placed=True)


def _cut(rng: Rng) -> Case:
    raw = good(".csv")
    return Case("cut text", "data/a.csv", raw[: int(rng.integers(20, len(raw) - 1))].rstrip(b"\n"), placed=True)


def _nul(rng: Rng) -> Case:
    raw = bytearray(good(".csv"))
    raw[int(rng.integers(0, len(raw)))] = 0
    return Case("NUL", "data/a.csv", bytes(raw), placed=True)


def _headers(rng: Rng) -> Case:
    names = list(HEADER)
    i, j = rng.choice(len(names), 2, replace=False)
    names[i] = str(rng.choice([names[j], "", " ", names[i].upper() + "?", "x" * 3000, "=1+1"]))

    def change(lines: list[str]) -> None:
        lines[0] = ",".join(names)

    return Case("headers", "data/a.csv", _csv(rng, change), placed=True)


def _ragged(rng: Rng) -> Case:
    def change(lines: list[str]) -> None:
        i = _line(rng, lines)
        lines[i] = str(rng.choice([lines[i] + ",1", lines[i].rpartition(",")[0], "", lines[i].replace(",", ";")]))

    return Case("ragged", "data/a.csv", _csv(rng, change), placed=True)


def _quotes(rng: Rng) -> Case:
    def change(lines: list[str]) -> None:
        i = _line(rng, lines)
        at = int(rng.integers(0, len(lines[i])))
        lines[i] = lines[i][:at] + '"' + lines[i][at:]

    return Case("quotation marks", "data/a.csv", _csv(rng, change), placed=True)


def _line_ends(rng: Rng) -> Case:
    raw = good(".csv").split(b"\n")
    i = int(rng.integers(1, len(raw) - 2))
    return Case("line ends", "data/a.csv", b"\n".join(raw[:i]) + b"\r" + b"\n".join(raw[i:]), placed=True)


def _huge(rng: Rng) -> Case:
    def change(lines: list[str]) -> None:
        lines[_line(rng, lines)] = "R1," + "9" * int(rng.integers(1 << 20, 1 << 21)) + ",1,1,1,"

    return Case("huge field", "data/a.csv", _csv(rng, change), placed=True)


def _wide(rng: Rng) -> Case:
    n = int(rng.choice([2_000, 9_000, 20_000]))
    raw = (",".join(f"k{i}" for i in range(n)) + "\n" + ",".join("1" * n) + "\n").encode()
    return Case("20,000 columns", "data/a.csv", raw)


def _values(rng: Rng) -> Case:
    column = int(rng.integers(0, len(HEADER)))
    wrong = {
        "id": ["", "R5"],
        "nik": ["33140555", "3.314055501900001E+15", "3314055501900001.0", "33140 55501900001"],
        "jk": ["3", "L", "1.0"],
        "umur": ["-1", "121", "dua", "1e400", "3.5", "=1+1"],
        "x": ["1,5", "nan", "inf", "0x1F", "١٢", "1_000", "--1"],
        "tgl": ["2020-02-30", "29/02/2020", "44000", "0000-00-00"],
    }[HEADER[column]]

    def change(lines: list[str]) -> None:
        cells = lines[2].split(",")
        cells[column] = '"1,5"' if (value := str(rng.choice(wrong))) == "1,5" else value
        lines[2] = ",".join(cells)

    return Case("wrong values", "data/a.csv", _csv(rng, change), placed=True)


def _empty(rng: Rng) -> Case:
    raw = (b"", b"\n", b" ", b"\xef\xbb\xbf", b"\n\n\n", b"id,nik,jk,umur,x,tgl\n", b",,,,,\n", b"\r\n", b"\x1a")
    return Case("empty", f"data/a{rng.choice(['.csv', '.tsv', '.txt'])}", raw[int(rng.integers(0, len(raw)))])


def _wrong_type(rng: Rng) -> Case:
    suffixes = (".csv", ".xlsx", ".parquet", ".dbf")
    raw = good(str(rng.choice(suffixes)))
    named = str(rng.choice([".xlsx", ".parquet", ".dbf", ".dta", ".sav", ".csv", ".xls", ".docx", ".json", ""]))
    if raw == (good(named) if named in suffixes else None):
        raw = rng.bytes(300)
    return Case("wrong type", f"data/a{named}", raw)


def _changed(raw: bytes, rng: Rng) -> bytes:
    """Cut, or with some bytes changed, more of them at the beginning."""
    if rng.random() < 0.3:
        return raw[: int(rng.integers(1, len(raw)))]
    made = bytearray(raw)
    for _ in range(int(rng.choice([1, 2, 5, 20]))):
        at = int(rng.integers(0, len(made) if rng.random() < 0.5 else min(len(made), 600)))
        made[at] = int(rng.choice([0, 255, 128, int(rng.integers(0, 256))]))
    return bytes(made)


def _xlsx(rng: Rng) -> Case:
    return Case("changed workbook", "data/a.xlsx", _changed(good(".xlsx"), rng), must=False)


def _parquet(rng: Rng) -> Case:
    return Case("changed Parquet", "data/a.parquet", _changed(good(".parquet"), rng), must=False)


def _dbf(rng: Rng) -> Case:
    return Case("changed dBase", "data/a.dbf", _changed(good(".dbf"), rng), must=False)


def _dta(rng: Rng) -> Case:
    return Case("changed Stata", "data/a.dta", _changed(good(".dta"), rng), must=False)


def _sav(rng: Rng) -> Case:
    return Case("changed SPSS", "data/a.sav", _changed(good(".sav"), rng), must=False)


def _parts(change: Callable[[dict[str, bytes]], None]) -> bytes:
    """The good workbook with its parts changed."""
    with zipfile.ZipFile(io.BytesIO(good(".xlsx"))) as before:
        parts = {name: before.read(name) for name in before.namelist()}
    change(parts)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for name, raw in parts.items():
            after.writestr(name, raw)
    return out.getvalue()


def _xml(rng: Rng) -> Case:
    """A part of the workbook changed, its packing whole."""

    def change(parts: dict[str, bytes]) -> None:
        name = str(rng.choice(sorted(parts)))
        if rng.random() < 0.2:
            del parts[name]
        else:
            parts[name] = _changed(parts[name], rng)

    return Case("changed part", "data/a.xlsx", _parts(change), must=False)


def _bomb(rng: Rng) -> Case:
    sheet = "xl/worksheets/sheet1.xml"
    kind = int(rng.integers(0, 6))

    def change(parts: dict[str, bytes]) -> None:
        if kind == 0:
            parts[sheet] += b" " * (8 << 20)
        elif kind == 1:
            parts.update({f"xl/media/{i}": b"" for i in range(6000)})
        elif kind == 2:
            entity = b'<!DOCTYPE w [<!ENTITY a "xxxxxxxxxx">' + b'<!ENTITY b "&a;&a;&a;&a;">]>'
            parts[sheet] = entity + parts[sheet][parts[sheet].index(b"<worksheet") :]
        elif kind == 3:
            parts[str(rng.choice(["../../etc/x", "/etc/x", "C:\\x", "xl/../../x"]))] = b"x"
        elif kind == 4:
            parts["xl/nested.xlsx"] = b"\x00" * (5 << 20)
        else:
            parts[sheet] = parts[sheet].replace(b"<row ", b"<row " + b'a="1" ' * 2, 1)  # an attribute twice

    raw = _parts(change)
    if kind == 4 and rng.random() < 0.5:  # parts that overlap: sizes that lie
        raw = raw.replace(struct.pack("<L", 5 << 20), struct.pack("<L", 1 << 31))
    return Case("zip bombs", "data/a.xlsx", raw)


def _sheet(rng: Rng) -> Case:
    made = openpyxl.load_workbook(io.BytesIO(good(".xlsx")))
    sheet = made["data"]
    row, column = int(rng.integers(2, 21)), int(rng.integers(1, 7))
    kind = int(rng.integers(0, 8))
    at = sheet.cell(row, column)
    if kind == 0:
        at.value = "=1+1"
    elif kind == 1:
        at.value = str(rng.choice(["#REF!", "#N/A", "#DIV/0!"]))
        at.data_type = "e"
    elif kind == 2:
        sheet.cell(row, 2).value = int(NIK)
    elif kind == 3:
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=2)
    elif kind == 4:
        for cell in sheet[min(row, 20)]:
            cell.value = None
    elif kind == 5:
        sheet.cell(1, column).value = str(rng.choice(["id", ""])) if column > 1 else None
    elif kind == 6:
        sheet.cell(row, 6).value = 1e12
        sheet.cell(row, 6).number_format = "yyyy-mm-dd"
    else:
        made.create_sheet("lain").append(["x"])
    out = io.BytesIO()
    made.save(out)
    return Case("cells of a sheet", "data/a.xlsx", out.getvalue(), placed=kind < 7)


def _columns(rng: Rng) -> Case:
    n = 3
    bad = (
        pa.array([[1]] * n),
        pa.array([{"a": 1}] * n),
        pa.array([b"\xff"] * n),
        pa.array([float(NIK)] * n),
        pa.array([None] * n, pa.map_(pa.string(), pa.string())),
    )
    out = io.BytesIO()
    column = str(rng.choice(["x", "lain"]))
    pq.write_table(pa.table({"id": ["a", "b", "c"], column: bad[int(rng.integers(0, len(bad)))]}), out)
    return Case("columns of Parquet", "data/a.parquet", out.getvalue(), placed=True)


_TRICKS = (
    "!!python/object/apply:os.system [id]",
    "&a [*a, *a]",
    "<<: *a",
    "{" * 60,
    "[" * 3000,
    "\t- x",
    "“x”",
    "id: 1\nid: 2",
    "? {a: b}\n: c",
    "\x00",
    "\ufeff",
    "--- \n---",
    "%YAML 9.9",
    "x: !!binary aaaa",
    "0o17: 1",
    "1" * 5000,
    "'",
    "|\n  teks",
    "NaN",
    "kolom: []",
)


def _yaml(rng: Rng) -> Case:
    lines = BOOK.splitlines()
    for _ in range(int(rng.integers(1, 4))):
        i = int(rng.integers(0, len(lines)))
        at = int(rng.integers(0, len(lines[i]) + 1))
        lines[i] = lines[i][:at] + str(rng.choice(_TRICKS)) + lines[i][at:]
    raw = ("\n".join(lines) + "\n").encode("utf-8", "surrogatepass")
    return Case("YAML", "data/buku.yaml", raw, must=False, act=lambda path, name: read_codebook(path, name=name))


def _promise(rng: Rng) -> Case:
    """A codebook whose words are of no kind it knows."""
    old, new = (
        ("jenis: bilangan", "jenis: bulat"),
        ("rentang: [0, 120]", "rentang: [120, 0]"),
        ("peran: outcome", "peran: hasil"),
        ("satuan_pengamatan: person", "satuan_pengamatan: orang"),
        ("kunci: [id]", "kunci: [tiada]"),
        ("label: {id: X, en: X}", "label: X"),
        ("wajib: ya", "wajib: mungkin"),
        ("jenis: angka", "jenis: angka, pola: '((a+)+)+$(?=x)'"),
        ("jenis: tanggal", "jenis: [tanggal]"),
        ("pilihan: {1:", "pilhan: {1:"),
        ("satuan_pengamatan: person\n", ""),
        ("kolom:", "aturan: [{nama: a, syarat: 'x < '}]\nkolom:"),
        ("kolom:", "aturan: [{nama: a, syarat: 'x <= 1; drop table x'}]\nkolom:"),
        ("kolom:", "pemisah: ab\nkolom:"),
        ("kolom:", "pengodean: utf-7\nkolom:"),
    )[int(rng.integers(0, 15))]
    raw = BOOK.replace(old, new, 1).encode()
    return Case(
        "words of a codebook",
        "data/buku.yaml",
        raw,
        placed=bool(new),
        act=lambda path, name: read_codebook(path, name=name),
    )


def _kobo(rng: Rng) -> Case:
    made = openpyxl.Workbook()
    main = made.active
    main.title = "data"
    main.append(["g/nama", "g/q", "g/q/a", "g/q/b", "_index"])
    for i in range(1, 6):
        main.append([f"N{i}", "a b", 1, 1, i])
    repeat = made.create_sheet("art")
    repeat.append(["umur", "_index", "_parent_index"])
    for i in range(1, 9):
        repeat.append([i, i, i % 5 + 1])
    kind = int(rng.integers(0, 4))
    if kind == 0:
        repeat.cell(int(rng.integers(2, 10)), 3).value = 77
    elif kind == 1:
        main.cell(int(rng.integers(2, 7)), 3).value = 0
    elif kind == 2:
        main.cell(3, 5).value = 1
    else:
        repeat.cell(1, 3).value = "induk"
    out = io.BytesIO()
    made.save(out)
    return Case("Kobo", "data/k.xlsx", out.getvalue(), placed=True, act=lambda path, name: read_kobo(path, name=name))


def _form(rng: Rng) -> Case:
    made = openpyxl.Workbook()
    made.active.title = str(rng.choice(["survey", "survai"]))
    rows = [["type", "name", "label"], ["begin_group", "g", "G"], ["select_one tiada", "q", "Q"], ["text", None, "T"]]
    for row in rows[: int(rng.integers(1, 5))]:
        made.active.append(row)
    out = io.BytesIO()
    made.save(out)
    return Case("XLSForm", "data/form.xlsx", out.getvalue(), act=lambda path, name: read_form(path, name=name))


def _bps(rng: Rng) -> Case:
    rows = [["Tabel, 2020", "", ""], ["Wilayah", "2019", "2020"], ["Kab. Sragen", "1,5", "2"], ["Kota Bogor", "3", "…"]]
    at, what = (
        ((2, 0), "Sukabumi"),
        ((2, 0), "Sragenn"),
        ((3, 0), "Kab. Sragen"),
        ((3, 1), "tiga"),
        ((3, 1), "2.75"),
        ((2, 0), ""),
        ((3, 2), "=1+1"),
        ((3, 1), "1.2.3"),
    )[int(rng.integers(0, 8))]
    rows[at[0]][at[1]] = what
    raw = "".join(";".join(row) + "\n" for row in rows).encode()
    return Case("BPS table", "data/t.csv", raw, placed=True, act=lambda path, name: read_bps_table(path, name=name))


def _bps_noise(rng: Rng) -> Case:
    """A printed table with cells moved and changed at random: read or refused."""
    words = [
        "",
        "Kabupaten",
        "Kota",
        "Jumlah",
        "Bogor",
        "JAMBI",
        "(1)",
        "(2)",
        "1,5",
        "2.5",
        "–",
        "x",
        "Sumber: a",
        "2020",
    ]
    rows = [[str(w) for w in rng.choice(words, 4)] for _ in range(int(rng.integers(1, 9)))]
    raw = "".join(";".join(row) + "\n" for row in rows).encode()
    return Case("BPS noise", "data/t.csv", raw, must=False, act=lambda path, name: read_bps_table(path, name=name))


def _log(rng: Rng) -> Case:
    header = (
        "id_kasus,tgl_masuk,tgl_verifikasi,tgl_putusan,tgl_rujukan,tgl_selesai,kebutuhan,ppks,desa,penyedia,hasil\n"
    )
    days = ["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05"]
    i = int(rng.integers(1, 5))
    days[i] = str(rng.choice(["2023-01-01", "2024-13-01", "kemarin"]))
    raw = (header + f"A1,{','.join(days)},x,1,y,z,selesai\n").encode()
    return Case("service log", "data/l.csv", raw, placed=True, act=lambda p, name: read_service_log(p, name=name))


def _path(rng: Rng) -> Case:
    name = str(rng.choice([".", "tiada.csv", "tiada/a.csv", "a\x00b.csv", "n" * 300 + ".csv", "a.exe", "con", "~.csv"]))
    return Case("paths", name, None)


MAKERS = (
    *(_encoding, _bytes, _delimiter, _cut, _nul, _headers, _ragged, _quotes, _line_ends, _huge, _wide, _values, _empty),
    *(
        _wrong_type,
        _xlsx,
        _xml,
        _bomb,
        _sheet,
        _parquet,
        _columns,
        _dbf,
        _dta,
        _sav,
        _yaml,
        _promise,
        _kobo,
        _form,
        _bps,
    ),
    *(_bps_noise, _log, _path),
)
