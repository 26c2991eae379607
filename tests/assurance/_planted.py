"""Numbers of people who do not exist, the ways they get written, and documents that hold them."""

from __future__ import annotations

import base64
import gzip
import html
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from urllib.parse import quote

import numpy as np

from kesos_research.data.identity_set import IdentitySet
from kesos_research.disclosure.scan import _Search
from kesos_research.disclosure.scan_part import Part
from kesos_research.domain import regions

Form = Callable[[str], str]
Document = Callable[[Sequence[str]], bytes]

_FOURS = [(0, 4), (4, 8), (8, 12), (12, 16)]


def people(n: int, seed: int, *, family: bool = False) -> list[str]:
    """`n` different numbers in the form of a NIK (or of a family card), of regions all over the country."""
    rng = np.random.default_rng(seed)
    places = [r.code.replace(".", "") for r in regions()]
    found: dict[str, None] = {}
    while len(found) < n:
        day = int(rng.integers(1, 29)) + (0 if family else 40 * int(rng.integers(0, 2)))
        date = f"{day:02d}{rng.integers(1, 13):02d}{rng.integers(0, 100):02d}"
        found[f"{places[rng.integers(len(places))]}{rng.integers(1, 41):02d}{date}{rng.integers(1, 10_000):04d}"] = None
    return list(found)


def found_in(raw: bytes, name: str, known: IdentitySet | None) -> set[str]:
    """The numbers that a search finds, which a report itself never says."""
    search = _Search(name, known, set())
    search.part(Part("", name, raw), 0)
    return {value for _place, _kind, value in search.found}


def _parted(mark: str, sizes: Sequence[int] = (4, 4, 4, 4)) -> Form:
    def form(number: str) -> str:
        parts, at = [], 0
        for size in sizes:
            parts.append(number[at : at + size])
            at += size
        return mark.join(parts)

    return form


def _each(change: Callable[[str], str]) -> Form:
    return lambda number: "".join(map(change, number))


def _scientific(number: str) -> str:
    return f"{number[0]}.{number[1:]}E+15"


FORMS: dict[str, Form] = {
    "plain": str,
    "in fours": _parted(" "),
    "in fours, no-break spaces": _parted("\u00a0"),
    "in fours, thin spaces": _parted("\u2009"),
    "dots between its parts": _parted(".", (2, 2, 2, 6, 4)),
    "dashes": _parted("-", (6, 6, 4)),
    "en dashes": _parted("–", (6, 6, 4)),
    "slashes": _parted("/", (6, 6, 4)),
    "thousands with commas": _parted(",", (1, 3, 3, 3, 3, 3)),
    "thousands with dots": _parted(".", (1, 3, 3, 3, 3, 3)),
    "decimals": lambda n: f"{n}.0",
    "decimal comma": lambda n: f"{n},00",
    "scientific": _scientific,
    "scientific with a comma": lambda n: _scientific(n).replace(".", ",").replace("E", "e"),
    "apostrophe": lambda n: f"'{n}",
    "quoted": lambda n: f'"{n}"',
    "formula": lambda n: f'="{n}"',
    "entities": _each(lambda c: f"&#{ord(c)};"),
    "hexadecimal entities": _each(lambda c: f"&#x{ord(c):X};"),
    "fullwidth": _each(lambda c: chr(0xFF10 + int(c))),
    "Arabic digits": _each(lambda c: chr(0x0660 + int(c))),
    "bold mathematical digits": _each(lambda c: chr(0x1D7CE + int(c))),
    "zero-width spaces": "\u200b".join,
    "soft hyphens": _parted("\u00ad"),
    "word joiners and no-break spaces": _parted("\u2060\u00a0"),
    "URL-encoded": _each(lambda c: f"%{ord(c):02X}"),
    "URL-encoded spaces": lambda n: quote(_parted(" ")(n)),
    "escapes": _each(lambda c: f"\\u{ord(c):04x}"),
    "over a line break": _parted("\n", (8, 8)),
    "inside a word": lambda n: f"id{n}x",
    "underscores": lambda n: f"p_{_parted('_')(n)}_q",
    "base64": lambda n: base64.b64encode(f"nik={n};".encode()).decode(),
}
"""More than twelve ways to write a number."""

SIMPLE = ("plain", "in fours", "dashes", "dots between its parts", "thousands with commas", "decimals", "scientific")


# --- documents: each takes texts, and gives bytes


def txt(texts: Sequence[str]) -> bytes:
    return "\n".join(f"Baris {i}: {t} dicatat." for i, t in enumerate(texts, 1)).encode() + b"\n"


def utf16(texts: Sequence[str]) -> bytes:
    return txt(texts).decode().encode("utf-16")


def csv(texts: Sequence[str]) -> bytes:
    rows = "\n".join(f'{i};"{t.replace(chr(34), chr(34) * 2)}";{i % 7}' for i, t in enumerate(texts, 1))
    return f"no;isi;kelas\n{rows}\n".encode()


def json_file(texts: Sequence[str]) -> bytes:
    return json.dumps({"claims": [{"name": f"a{i}", "note": t} for i, t in enumerate(texts)]}).encode()


def json_numbers(texts: Sequence[str]) -> bytes:
    """Numbers as numbers; texts that are none stay texts."""
    return json.dumps([int(t) if t.isascii() and t.isdecimal() else t for t in texts]).encode()


def notebook(texts: Sequence[str]) -> bytes:
    """Sources, streams, tables, drawings, pictures, and results inside results."""
    kinds = [_source, _stream, _table, _drawing, _picture, _nested, _traceback, _attached]
    cells = [kind(texts[i :: len(kinds)]) for i, kind in enumerate(kinds)]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}).encode()


def _code(*outputs: dict) -> dict:
    cell = {"cell_type": "code", "id": "c", "metadata": {}, "execution_count": 1, "source": ["x"]}
    return {**cell, "outputs": [*outputs]}


def _shown(data: dict) -> dict:
    return {"output_type": "display_data", "metadata": {}, "data": data}


def _source(texts: Sequence[str]) -> dict:
    return {**_code(), "source": [f"rows.append({t!r})\n" if "\n" not in t else f"# {t}\n" for t in texts]}


def _stream(texts: Sequence[str]) -> dict:
    # a stream is kept in pieces that may break anywhere
    text = "\n".join(texts)
    pieces = [text[i : i + 37] for i in range(0, len(text), 37)]
    return _code({"output_type": "stream", "name": "stdout", "text": pieces})


def _table(texts: Sequence[str]) -> dict:
    rows = "".join(f"<tr><td>{i}</td><td>{html.escape(t)}</td></tr>" for i, t in enumerate(texts))
    return _code(_shown({"text/html": [f"<table>{rows}</table>"], "text/plain": ["…"]}))


def _drawing(texts: Sequence[str]) -> dict:
    return _code(_shown({"image/svg+xml": [svg(texts).decode()]}))


def _picture(texts: Sequence[str]) -> dict:
    data = base64.b64encode(png(texts)).decode()
    return _code(_shown({"image/png": "\n".join(data[i : i + 76] for i in range(0, len(data), 76))}))


def _nested(texts: Sequence[str]) -> dict:
    inner = {"kind": "table", "rows": [{"name": t, "n": i} for i, t in enumerate(texts)]}
    return _code(_shown({"application/vnd.kesos.exhibit+json": inner}))


def _traceback(texts: Sequence[str]) -> dict:
    return _code({"output_type": "error", "ename": "ValueError", "evalue": "x", "traceback": list(texts)})


def _attached(texts: Sequence[str]) -> dict:
    data = base64.b64encode(txt(texts)).decode()
    cell = {"cell_type": "markdown", "id": "m", "metadata": {"note": list(texts[:3])}, "source": ["![a](attachment:a)"]}
    return {**cell, "attachments": {"a.txt": {"text/plain": data}}}


def page(texts: Sequence[str]) -> bytes:
    """Words, words cut by markup, attributes, scripts, comments, data addresses."""
    parts = ["<!doctype html><html><head><title>Profil</title></head><body>"]
    for i, t in enumerate(texts):
        safe = html.escape(t) if "&#" not in t else t
        parts.append(
            (
                f"<p>Nomor {safe}, dicatat.</p>",
                f'<p title="{safe}">…</p>',
                f"<script>const x{i} = {json.dumps(t)};</script>",
                f"<!-- {t.replace('--', '- -')} -->",
                f"<p>{safe[:5]}<b>{safe[5:9]}</b><i>{safe[9:]}</i></p>" if safe.isalnum() else f"<p>{safe}</p>",
                f'<img src="data:image/png;base64,{base64.b64encode(png([t])).decode()}">',
                f'<a href="data:text/plain,{quote(t)}">a</a>',
                f"<td>{safe}</td>",
            )[i % 8]
        )
    return "".join([*parts, "</body></html>"]).encode()


def svg(texts: Sequence[str]) -> bytes:
    parts = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">']
    for i, t in enumerate(texts):
        safe = html.escape(t) if "&#" not in t else t
        cut = f"<tspan>{safe[:6]}</tspan><tspan>{safe[6:]}</tspan>" if safe.isalnum() else f"<tspan>{safe}</tspan>"
        parts.append(
            (f"<text>{cut}</text>", f"<desc>{safe}</desc>", f'<g aria-label="{safe}"/>', f"<text>{safe}</text>")[i % 4]
        )
    return "".join([*parts, "</svg>"]).encode()


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(texts: Sequence[str]) -> bytes:
    """A picture of one dot, with words in the three kinds of text chunks."""
    chunks = [_chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))]
    for i, t in enumerate(texts):
        raw = t.encode()
        kinds = [
            _chunk(b"iTXt", b"XML:com.adobe.xmp\x00\x01\x00\x00\x00" + zlib.compress(raw)),
            _chunk(b"iTXt", b"Comment\x00\x00\x00\x00\x00" + raw),
        ]
        if t.isascii():
            kinds += [_chunk(b"tEXt", b"Comment\x00" + raw), _chunk(b"zTXt", b"Comment\x00\x00" + zlib.compress(raw))]
        chunks.append(kinds[i % len(kinds)])
    chunks += [_chunk(b"IDAT", zlib.compress(b"\x00\x00")), _chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def jpeg(texts: Sequence[str]) -> bytes:
    """Segments of EXIF, comments, and what stands after the end."""
    from PIL import Image

    held = io.BytesIO()
    exif = Image.Exif()
    half = len(texts) // 2
    exif[0x010E] = "; ".join(t for t in texts[:half] if t.isascii())
    Image.new("L", (2, 2)).save(held, "JPEG", exif=exif.tobytes(), comment="; ".join(texts[half:]).encode())
    return held.getvalue() + "; ".join(t for t in texts[:half] if not t.isascii()).encode("utf-8")


def docx(texts: Sequence[str]) -> bytes:
    """Paragraphs, runs that cut a number, tables, headers, comments, properties, an embedded workbook."""
    import docx as word

    document = word.Document()
    table = document.add_table(rows=0, cols=2)
    document.core_properties.comments = " ".join(texts[:4])
    document.sections[0].header.paragraphs[0].text = " | ".join([*texts[0::9], *texts[1::9]])
    note = document.add_paragraph("Catatan")
    for i, t in enumerate(texts):
        match i % 9:
            case 2 | 3:
                paragraph = document.add_paragraph("Nomor ")
                for j in range(0, len(t), 5):
                    paragraph.add_run(t[j : j + 5]).bold = bool(j % 2)
            case 4:
                row = table.add_row().cells
                row[0].text, row[1].text = str(i), t
            case 5:
                document.add_comment(note.runs, text=t, author="A", initials="a")
            case 6:
                document.add_paragraph(t)
            case 7:
                document.add_heading(t, 2)
    held = io.BytesIO()
    document.save(held)
    with zipfile.ZipFile(held, "a") as archive:
        archive.writestr("word/embeddings/book.xlsx", xlsx(texts[8::9]))
    return held.getvalue()


def pptx(texts: Sequence[str]) -> bytes:
    """Boxes, cut runs, tables, speakers' notes, alternative texts."""
    from pptx import Presentation
    from pptx.util import Cm

    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    for i, t in enumerate(texts):
        box = slide.shapes.add_textbox(Cm(1), Cm(1), Cm(5), Cm(2))
        paragraph = box.text_frame.paragraphs[0]
        match i % 4:
            case 0:
                paragraph.add_run().text = t
            case 1:
                for j in range(0, len(t), 3):
                    paragraph.add_run().text = t[j : j + 3]
            case 2:
                box._element.nvSpPr.cNvPr.set("descr", t)
            case 3:
                frame = slide.notes_slide.notes_text_frame
                assert frame is not None
                frame.add_paragraph().text = t
    held = io.BytesIO()
    deck.save(held)
    return held.getvalue()


def xlsx(texts: Sequence[str]) -> bytes:
    """Cells of text and of numbers, comments, a hidden sheet, names, headers, properties."""
    from openpyxl import Workbook
    from openpyxl.comments import Comment
    from openpyxl.workbook.defined_name import DefinedName

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    hidden = book.create_sheet("Lama")
    hidden.sheet_state = "hidden"
    book.properties.description = "; ".join(texts[0::7])
    for i, t in enumerate(texts, 1):
        match i % 7:
            case 2:
                sheet.cell(i, 1).value = int(t) if t.isascii() and t.isdecimal() else t
                sheet.cell(i, 1).data_type = "n" if t.isascii() and t.isdecimal() else "s"
            case 3:
                sheet.cell(i, 1, "x").comment = Comment(t, "A")
            case 4:
                hidden.cell(i, 2, t).data_type = "s"
            case 5:
                plain = "".join(c for c in t if c.isalnum() or c in " .,-/")
                book.defined_names[f"N{i}"] = DefinedName(f"N{i}", attr_text=f'"{plain}"', comment=t)
            case 6:
                sheet.cell(i, 3, t).data_type = "s"
            case 0:
                sheet.cell(i, 3).hyperlink = f"https://example.org/?q={quote(t)}"
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def pdf(texts: Sequence[str]) -> bytes:
    """Pages, tables, coloured and bold pieces of a number, links, titles, bookmarks, an attached file."""
    import typst

    lines = [f"#set document(title: {json.dumps(' '.join(texts[0::6]), ensure_ascii=False)})", "#set text(size: 9pt)"]
    for i, t in enumerate(texts):
        said = json.dumps(t, ensure_ascii=False)
        lines.append(
            (
                "",
                f"Nomor #{said} dicatat.\n",
                _cut(t),
                f"#link({json.dumps('https://example.org/?q=' + quote(t))})[tautan]\n",
                f"#table(columns: 2, [{i}], {said})",
                f"= #{said}",
            )[i % 6]
        )
    return typst.compile("\n".join(lines).encode())


def _cut(text: str) -> str:
    parts = (text[:6], text[6:]) if text.isdecimal() else (text, "")
    first, rest = (json.dumps(x, ensure_ascii=False) for x in parts)
    return f"#text(fill: red, {first})#strong({rest})\n"


def parquet(texts: Sequence[str]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    held = io.BytesIO()
    pq.write_table(pa.table({"isi": list(texts), "n": list(range(len(texts)))}), held)
    return held.getvalue()


def zipped(texts: Sequence[str]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/isi.csv", csv(texts[::3]))
        archive.writestr("a/b.zip", _one("dalam.html", page(texts[1::3])))
        archive.writestr("c.json.gz", gzip.compress(json_file(texts[2::3])))
    return held.getvalue()


def _one(name: str, raw: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr(name, raw)
    return held.getvalue()


DOCUMENTS: dict[str, Document] = {
    "laporan.txt": txt,
    "laporan-utf16.txt": utf16,
    "catatan.md": txt,
    "tabel.csv": csv,
    "claims.json": json_file,
    "angka.json": json_numbers,
    "profil.ipynb": notebook,
    "halaman.html": page,
    "gambar.svg": svg,
    "gambar.png": png,
    "foto.jpg": jpeg,
    "makalah.docx": docx,
    "paparan.pptx": pptx,
    "lampiran.xlsx": xlsx,
    "makalah.pdf": pdf,
    "data.parquet": parquet,
    "arsip.zip": zipped,
}
PLAIN = ("gambar.png", "foto.jpg", "lampiran.xlsx", "makalah.docx", "paparan.pptx", "makalah.pdf", "gambar.svg")
"""Documents whose own format does not hold every character (control characters, line breaks)."""
