"""Values that want to be more than values: nothing runs, nothing is written elsewhere, text stays text

2,000 texts for HTML, typst, Jinja, LaTeX, spreadsheets, SQL, shells, Python, terminals and paths, as names of regions
and respondents, as columns, codebooks and parameters, through reading, checking, writing, documents and figures.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import random
import re
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
from assurance._hostile import SEEDS
from documents import compose_sample
from documents.test_annex import STUDY
from lxml import etree, html
from typer.testing import CliRunner
from unit.report_figure import given

from kesos_research.cli import build
from kesos_research.data import codebook as data
from kesos_research.data.codebook import Codebook, Kind, plain_column
from kesos_research.data.codebook_text import parse_codebook
from kesos_research.data.codebook_yaml import codebook_yaml
from kesos_research.data.read import check, read_cells, read_codebook
from kesos_research.data.write import write_rows
from kesos_research.disclosure import scan_pdf
from kesos_research.errors import KesosError
from kesos_research.language import words
from kesos_research.report import figure
from kesos_research.report.document.compose import compose
from kesos_research.report.exhibit import Column, Figure, Table
from kesos_research.report.render.annex import xlsx
from kesos_research.report.render.page import html as page
from kesos_research.report.render.slides import pptx
from kesos_research.report.render.typst import pdf
from kesos_research.report.render.word import docx
from kesos_research.run.parameters import checked, declared

CANARY = "kenari"
"""No file of this name may come to be."""
AROUND = ("", "Kab. ", "Siti ", "x", "Desa <", "R1; ", "\u00e9 ", "A & B ")


def values(n: int, seed: int) -> list[str]:
    """`n` different texts: each seed alone, then in and beside others."""
    rng = random.Random(seed)
    found = dict.fromkeys(SEEDS)
    while len(found) < n:
        more = rng.choice(SEEDS) if rng.random() < 0.4 else ""
        found[f"{rng.choice(AROUND)}{rng.choice(SEEDS)}{rng.choice(AROUND)}{more}"] = None
    return list(found)[:n]


@contextlib.contextmanager
def watched() -> Iterator[Path]:
    """A folder in a folder; afterwards nothing stands beside it, and no canary anywhere below or where we are."""
    with tempfile.TemporaryDirectory() as above:
        here = Path(above) / "kerja"
        here.mkdir()
        with contextlib.chdir(here):
            yield here
        assert [p.name for p in Path(above).iterdir()] == ["kerja"]
        assert not [p for p in Path(above).rglob("*") if p.name.startswith(CANARY)]
    assert not Path(CANARY).exists()


def printable(text: str) -> bool:
    """Whether a document may hold it: control characters and byte-order marks are refused there, with a message."""
    return not re.search("[\x00-\x08\x0b-\x1f\x7f\ufeff\ufffe\uffff]", text)


def squeezed(text: str) -> str:
    """A text without what typesetting may change: spaces, hyphens, marks that are not seen."""
    return re.sub(r"[\s\u00ad\u200b-\u200f\u2028-\u202f\u2060-\u2069\ufeff-]+", "", text)


# --- documents


def table(told: Sequence[str]) -> Table:
    """A table whose cells, groups and labels are the texts."""
    rows: list[dict[str, Any]] = [{"group": words(id=told[0], en=told[0])}]
    rows += [{"window": text, "estimate": 1.0} for text in told[1:]]
    columns = (
        Column("window", words(id=told[-1], en=told[-1]), "text"),
        Column("estimate", words(id="Nilai", en="Value")),
    )
    return Table(
        "tbl-did",
        caption=words(id="Tabel.", en="Table."),
        note=words(id="", en=""),
        source=words(id="BPS.", en="BPS."),
        columns=columns,
        rows=tuple(rows),
    )


BENIGN = ("Kab. Sragen", "Siti\nAminah", "Desa A")


def documents(told: Sequence[str], folder: Path) -> dict[str, bytes]:
    """A page, a paper, a Word file, slides and an annex that show the texts."""
    results = compose_sample.results(**{"tbl-did": table(told)})
    study = compose_sample.study(folder)
    made = {
        "page": page(compose(study, results, kind="page", lang="id")),
        "pdf": pdf(compose(study, results, kind="paper", lang="id")),
        "docx": docx(compose(study, results, kind="paper", lang="id")),
        "xlsx": xlsx(STUDY, results, "id", captions={}),
    }
    few = compose_sample.study(folder, id=SLIDES)
    shown = compose_sample.results(**{"tbl-did": table(told[:3])})
    with contextlib.suppress(KesosError):  # too long for a slide, and said so
        made["pptx"] = pptx(compose(few, shown, kind="slides", lang="id"))
    return made


SLIDES = '# Abstrak {.abstract}\n\nX.\n\n# Paparan {.slides}\n\n## Tabel\n\n{{ exhibit("tbl-did") }}\n'


def live(made: dict[str, bytes]) -> dict[str, set[str]]:
    """All in documents that could do something: elements, handlers, addresses, fields, relations, actions."""
    found: dict[str, set[str]] = {}
    for kind, raw in made.items():
        if kind == "page":
            root = html.document_fromstring(raw)
            marks = {str(e.tag) for e in root.iter()} | {k for e in root.iter() for k in e.attrib if k.startswith("on")}
            found[kind] = marks | {e.get("href", "").split(":")[0] for e in root.iter("a") if ":" in e.get("href", "")}
        elif kind == "pdf":
            found[kind] = {
                n for n in ("/JavaScript", "/JS", "/Launch", "/EmbeddedFile", "/SubmitForm") if n.encode() in raw
            }
        else:
            found[kind] = set()
            for name, part in _parts(raw):
                if name.endswith((".xml", ".rels")):
                    root = etree.fromstring(part)
                    found[kind] |= {etree.QName(e).localname for e in root.iter() if isinstance(e.tag, str)}
                    found[kind] |= {e.get("Target", "") for e in root.iter() if e.get("TargetMode") == "External"}
    return found


def _parts(raw: bytes) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return [(name, archive.read(name)) for name in archive.namelist()]


def text_of(kind: str, raw: bytes) -> str:
    """What a reader sees."""
    if kind == "page":
        return "".join(html.document_fromstring(raw).itertext())
    if kind == "pdf":
        from pypdf import PdfReader

        return "".join("".join(scan_pdf._shown(p, set())) for p in PdfReader(io.BytesIO(raw)).pages)
    if kind == "xlsx":
        cells = [c for sheet in openpyxl.load_workbook(io.BytesIO(raw)) for row in sheet.iter_rows() for c in row]
        assert not [c for c in cells if c.data_type == "f"]
        return "\n".join(str(c.value) for c in cells if c.value is not None)
    parts = [
        etree.fromstring(p) for n, p in _parts(raw) if re.fullmatch(r"word/document.xml|ppt/slides/slide\d+.xml", n)
    ]
    return "".join(t for root in parts for t in root.itertext("{*}t"))


def in_documents(told: Sequence[str], baseline: dict[str, set[str]]) -> int:
    """Show the texts; how many stand in every document as they are."""
    with watched() as folder:
        made = documents(told, folder)
        assert {p.name for p in folder.iterdir()} == {"narrative.id.md", "narrative.en.md", "references.bib"}
    for kind, marks in live(made).items():
        assert marks <= baseline[kind], (kind, marks - baseline[kind])
    for kind, raw in made.items():
        seen = squeezed(text_of(kind, raw))
        for text in told[: 3 if kind == "pptx" else None]:
            turned = re.search("[\u202a-\u202e\u2066-\u2069]", text)  # a page that is set is set the other way round
            assert squeezed(text) in seen or turned, (kind, text)
    return len(told)


def drawn(told: Sequence[str]) -> None:
    """Names in a figure: its SVG has no other element than that of plain names, and says them."""

    def forest(names: Sequence[str]) -> Figure:
        rows = pd.DataFrame(
            [("a", f"t{i}", 1.0, 0.0, 2.0) for i in range(len(names))],
            columns=["group", "term", "estimate", "conf_low", "conf_high"],
        )
        known = {"a": "A", **{f"t{i}": name for i, name in enumerate(names)}}
        return figure.forest(given.protected(rows), id="fig-f", alt=given.ALT, panels=given.PANELS[:1], names=known)

    plain, hostile = (
        etree.fromstring(forest(names).svg["id"].encode()) for names in ([w.split("\n")[0] for w in BENIGN] * 2, told)
    )
    assert {e.tag for e in hostile.iter()} <= {e.tag for e in plain.iter()} | {"{http://www.w3.org/2000/svg}tspan"}
    assert {k for e in hostile.iter() for k in e.attrib} <= {k for e in plain.iter() for k in e.attrib}
    seen = squeezed("".join(hostile.itertext()))
    for text in told:
        assert squeezed(text) in seen, text


# --- files


def in_files(told: Sequence[str]) -> int:
    """The texts as names of respondents and of columns, read, checked, told and written."""
    with watched() as folder:
        names = {"no": _column("no", "bilangan"), "nama": _column("nama")}
        book = Codebook(names, "person", ("no",))
        (folder / "buku.yaml").write_text(codebook_yaml(book), encoding="utf-8")
        with (folder / "warga.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([("no", "nama"), *enumerate(told, 1), ("x", told[0])])
        for form in ("text", "json", "html"):
            said = _kesos("check", "warga.csv", "--codebook", "buku.yaml", "--format", form)
            if form == "html":
                tags = {str(e.tag) for e in html.document_fromstring(said).iter()}
                assert not tags & {"script", "iframe", "img", "svg", "a"}, tags
            if form == "json":
                json.loads(said)
        _kesos("describe", "warga.csv", "--output", "draf.yaml")
        if (folder / "draf.yaml").exists():
            read_codebook(folder / "draf.yaml")
        rows = pd.DataFrame({"no": np.arange(len(told)), "nama": pd.Series(told, dtype="str")})
        for suffix in (".csv", ".xlsx", ".parquet"):
            _written(rows, folder / f"tulis{suffix}", book)
        assert not {p.name for p in folder.iterdir()} - {"buku.yaml", "warga.csv", "draf.yaml", *_WRITTEN}
    return len(told)


_WRITTEN = ("tulis.csv", "tulis.xlsx", "tulis.parquet")


def _kesos(*arguments: str) -> str:
    answer = CliRunner().invoke(build(), ["data", *arguments])
    assert answer.exit_code in (0, 2), answer.output
    assert "Traceback" not in answer.output
    assert "\x1b[2J" not in answer.output
    return answer.stdout


def _written(rows: pd.DataFrame, path: Path, book: Codebook) -> None:
    try:
        write_rows(rows, path, book)
    except KesosError:
        clean = rows[[printable(t) for t in rows["nama"]]]
        with contextlib.suppress(KesosError):  # what the format cannot hold is said
            write_rows(clean, path, book)
    if path.suffix == ".csv" and path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        assert not [c for c in cells if re.match(r"[=+\-@\t\r]", c) and not re.fullmatch(r"-?[\d.]+", c)]
    if path.suffix == ".xlsx" and path.exists():
        book_ = openpyxl.load_workbook(path)
        assert not [c for s in book_ for row in s.iter_rows() for c in row if c.data_type == "f"]


def _column(name: str, kind: Kind = "teks") -> data.Column:
    return replace(plain_column(name, kind), label=words(id=name, en=name))


def as_columns(text: str) -> None:
    """A text as the name of a column, as a pattern, a condition, a file referred to, a code: read or refused."""
    with watched() as folder:
        book = Codebook({text: _column(text), "n": _column("n", "bilangan")}, "person", (text,))
        try:
            again = parse_codebook(codebook_yaml(book), "buku.yaml")
        except KesosError:
            again = None
        if again is not None:
            with (folder / "a.csv").open("w", encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows([(text, "n"), ("a", "1"), ("b", "2"), ("b", "x")])
            found = check(folder / "a.csv", again)
            assert not found.clean
            with contextlib.suppress(KesosError):
                read_cells(folder / "a.csv")
        said = json.dumps(text)
        for line in (
            f"pola: {said}",
            f"satuan: {{id: {said}, en: {said}}}",
            f"rujukan: {{berkas: {said}, kolom: {said}}}",
        ):
            _try(f"satuan_pengamatan: person\nkunci: [a]\nkolom:\n  a: {{{_A}, {line}}}\n", folder)
        _try(
            f"satuan_pengamatan: person\nkunci: [a]\nkolom:\n  a: {{{_A}}}\naturan:\n  - {{nama: x, syarat: {said}}}\n",
            folder,
        )
        _try(
            f"satuan_pengamatan: {said}\nkunci: [{said}]\nberkas: {said}\nkosong: [{said}]\nkolom:\n  a: {{{_A}}}\n",
            folder,
        )
        assert {p.name for p in folder.iterdir()} <= {"a.csv", "b.csv"}


_A = "label: {id: A, en: A}, jenis: teks, peran: id, sensitivitas: terbatas"


def _try(book: str, folder: Path) -> None:
    (folder / "b.csv").write_text("a\nx\ny\n", encoding="utf-8")
    with contextlib.suppress(KesosError):
        str(check(folder / "b.csv", parse_codebook(book, "buku.yaml")).found)


# --- notebooks


def as_parameters(told: Sequence[str]) -> None:
    """Texts as values of parameters are what the notebook gets; as names they are refused."""
    import nbformat
    from papermill.parameterize import parameterize_notebook

    cell = {"source": "\n".join(f'p{i} = ""' for i in range(len(told))), "metadata": {"tags": ["parameters"]}}
    defaults = declared([cell], name="n.ipynb")
    typed = checked({f"p{i}": text for i, text in enumerate(told)}, defaults, name="n.ipynb")
    with watched():
        book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell["source"], metadata=cell["metadata"])])
        book.metadata["kernelspec"] = {"name": "python3", "language": "python", "display_name": "Python"}
        book.metadata["papermill"] = {}
        done = parameterize_notebook(book, typed)
        names: dict[str, Any] = {}
        for made in done.cells:
            exec(compile(made.source, "cell", "exec"), names)
        assert [names[f"p{i}"] for i in range(len(told))] == [*told]
        for text in told:
            try:
                checked({text: "1"}, defaults, name="n.ipynb")
            except KesosError as error:
                assert all(c.isprintable() or c == "\n" for c in str(error))  # noqa: PT017 - all must end here
            else:
                raise AssertionError(text)


def run(n: int = 2000, seed: int = 11) -> dict[str, object]:
    """The long run."""
    told = values(n, seed)
    shown = [t for t in told if printable(t)]
    with watched() as folder:
        baseline = live(documents(BENIGN, folder))
    seen = sum(in_documents(some, baseline) for some in _by(50, shown))
    print(
        f"{seen} texts stand in a page, a paper, a Word file and an annex as text; nothing else came of them",
        flush=True,
    )
    names = [t for t in shown[:SLOW] if "\n" not in t]
    for some in _by(8, names):
        drawn(some)
    read = sum(in_files(some) for some in _by(200, shown)) + sum(in_files([t]) for t in told if not printable(t))
    for text in told[:SLOW]:
        as_columns(text)
    for some in _by(50, told):
        as_parameters(some)
    print(f"{read} read, checked, told and written as names; {len(told)} reached a notebook as they are", flush=True)
    return {
        "hostile texts": f"{len(told):,}",
        "shown in page, paper, Word, slides and annex, as text": f"{seen:,}",
        "refused there for control characters": len(told) - len(shown),
        "names in a figure": len(names),
        "names of columns, patterns, conditions and files of a codebook": SLOW,
        "read, checked, told and written as names of respondents": f"{read:,}",
        "given to a notebook as parameters, unchanged": f"{len(told):,}",
        "run, or written elsewhere": 0,
    }


SLOW = 300
"""How many are tried where each takes long; all seeds are among them."""


def _by(n: int, texts: Sequence[str]) -> Iterator[Sequence[str]]:
    return (texts[i : i + n] for i in range(0, len(texts), n))
