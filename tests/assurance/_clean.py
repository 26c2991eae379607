"""Files that name nobody and are full of long numbers: money, hashes, coordinates, fractions, codes of books."""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from collections.abc import Callable

import numpy as np
from assurance._planted import png

Rng = np.random.Generator
Artefact = Callable[[Rng], tuple[str, bytes]]


def _lines(rng: Rng, n: int, line: Callable[[Rng], str]) -> str:
    return "\n".join(line(rng) for _ in range(n))


def _rupiah(rng: Rng) -> str:
    """Sums of a national budget, in quadrillions: sixteen digits, mostly round."""
    value = int(rng.integers(1, 10**7)) * 10 ** int(rng.choice([6, 9]))
    return f"Rp {value:,}".replace(",", ".")


def money(rng: Rng) -> tuple[str, bytes]:
    return "anggaran.csv", (
        "uraian;rupiah\n" + _lines(rng, 60, lambda r: f"Belanja {r.integers(99)};{_rupiah(r)}")
    ).encode()


def fractions(rng: Rng) -> tuple[str, bytes]:
    rows = [
        {"estimate": float(rng.normal()), "p_value": float(rng.random()), "se": float(rng.random() * 1e-3)}
        for _ in range(60)
    ]
    return "claims.json", json.dumps(rows).encode()


def hashes(rng: Rng) -> tuple[str, bytes]:
    told = {f"berkas{i}": hashlib.sha256(rng.bytes(8)).hexdigest() for i in range(60)}
    return "manifest.json", json.dumps(told, indent=1).encode()


def coordinates(rng: Rng) -> tuple[str, bytes]:
    ring = [[95 + 46 * float(rng.random()), -11 + 17 * float(rng.random())] for _ in range(80)]
    return "batas.geojson", json.dumps({"type": "Polygon", "coordinates": [ring]}).encode()


def references(rng: Rng) -> tuple[str, bytes]:
    def entry(r: Rng) -> str:
        isbn = f"978-{r.integers(1, 9)}-{r.integers(1000, 9999)}-{r.integers(1000, 9999)}-{r.integers(9)}"
        doi = f"10.{r.integers(1000, 9999)}/j.{r.integers(10**15, 10**16)}"
        return f"@book{{a{r.integers(10**6)}, isbn = {{{isbn}}}, doi = {{{doi}}}, year = {{{r.integers(1950, 2026)}}}}}"

    return "references.bib", _lines(rng, 40, entry).encode()


def identifiers(rng: Rng) -> tuple[str, bytes]:
    told = [str(uuid.UUID(bytes=rng.bytes(16), version=4)) for _ in range(60)]
    return "jejak.txt", "\n".join(told).encode()


def drawing(rng: Rng) -> tuple[str, bytes]:
    points = " ".join(f"{x:.6f} {y:.6f}" for x, y in rng.random((200, 2)) * 900)
    words = "".join(f'<text x="{x:.12f}" y="{x:.3f}">{x:.1f}</text>' for x in rng.random(40) * 500)
    return "gambar.svg", f'<svg xmlns="http://www.w3.org/2000/svg"><path d="M{points}"/>{words}</svg>'.encode()


def picture(rng: Rng) -> tuple[str, bytes]:
    data = base64.b64encode(png(["Software: matplotlib"]) + rng.bytes(3000)).decode()
    return "halaman.html", f'<html><body><p>Gambar 1</p><img src="data:image/png;base64,{data}"></body></html>'.encode()


def years(rng: Rng) -> tuple[str, bytes]:
    rows = [" ".join(str(1990 + (i + j) % 36) for j in range(int(rng.integers(4, 12)))) for i in range(60)]
    return "tahun.txt", "\n".join(rows).encode()


def table(rng: Rng) -> tuple[str, bytes]:
    rows = "".join("<tr>" + "".join(f"<td>{v:,}</td>" for v in rng.integers(0, 10**6, 6)) + "</tr>" for _ in range(40))
    return "tabel.html", f"<!doctype html><html><body><table>{rows}</table></body></html>".encode()


def phones(rng: Rng) -> tuple[str, bytes]:
    def line(r: Rng) -> str:
        moment = f"{r.integers(1, 29)}/{r.integers(1, 13)}/2024 10:{r.integers(10, 60)}"
        return f"Hubungi 0{r.integers(21, 99)}-{r.integers(10**6, 10**7)}, NIP {_nip(r)}, {moment}"

    return "kontak.md", _lines(rng, 30, line).encode()


def _nip(rng: Rng) -> str:
    """An official's number: eighteen digits that begin with a birth date."""
    born = f"19{rng.integers(60, 99)}{rng.integers(1, 13):02d}{rng.integers(1, 29):02d}"
    return f"{born} 20{rng.integers(10, 24)}{rng.integers(1, 13):02d} 1 {rng.integers(1, 999):03d}"


def moments(rng: Rng) -> tuple[str, bytes]:
    rows = [{"time": int(1.7e15 + rng.integers(10**14)), "row": i} for i in range(60)]
    return "log.json", json.dumps(rows).encode()


def codes(rng: Rng) -> tuple[str, bytes]:
    rows = [
        f"{r:02d}.{k:02d}.{d:02d}.{v}" for r, k, d, v in rng.integers([11, 1, 1, 1001], [95, 80, 40, 2099], (80, 4))
    ]
    return "desa.csv", ("kode\n" + "\n".join(rows)).encode()


def accounts(rng: Rng) -> tuple[str, bytes]:
    """Any sixteen digits: cards, accounts, invoices."""
    return "faktur.txt", _lines(rng, 5, lambda r: f"faktur {r.integers(10**15, 10**16)}").encode()


KINDS: tuple[Artefact, ...] = (
    *(money, fractions, hashes, coordinates, references, identifiers, drawing, picture, years, table),
    *(phones, moments, codes, accounts),
)


def artefacts(n: int, seed: int) -> list[tuple[str, bytes]]:
    """`n` clean files, of every kind in turn."""
    rng = np.random.default_rng(seed)
    return [KINDS[i % len(KINDS)](rng) for i in range(n)]
