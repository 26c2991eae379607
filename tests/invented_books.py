"""Codebooks made up at random: kinds, ranges, distributions, patterns, keys, conditions that can be kept."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

_PATTERNS = ("R[0-9]{6}", "[A-Z]{2}-\\d{3,5}", "(RW|RT)[0-9]{2}[a-f]?", "[a-z]+[0-9]+", "\\d{4}[^0-9a]{3}")
_DELIMITERS = ('","', '";"', "tab", '"|"')
_MISSING = ('""', '["", "."]', '"-"')
_NUMERIC = (
    "{bentuk: normal, rerata: 50, simpangan: 20}",
    "{bentuk: lognormal, median: 40, rasio: 1.7, kosong: 0.1}",
    "{bentuk: gamma, rerata: 30, simpangan: 15}",
    "{bentuk: eksponensial, rerata: 25, kosong: 0.02}",
    "{bentuk: beta, alfa: 2, beta: 5}",
    "{bentuk: poisson, rerata: 12}",
    "{bentuk: seragam}",
)


def text(seed: int) -> str:
    """One codebook as YAML."""
    random = np.random.default_rng([seed, 77])
    numbers = [f"angka_{i}" for i in range(random.integers(2, 5))]
    lines = [
        "pemisah: " + random.choice(_DELIMITERS),
        "desimal: " + random.choice(('"."', '","')),
        "satuan_pengamatan: " + random.choice(("person", "household", "institution")),
        "kosong: " + random.choice(_MISSING),
        *_key(random),
    ]
    for name in numbers:
        kind, shape = random.choice(["angka", "bilangan"]), random.choice(_NUMERIC)
        low, high = random.uniform((-5, 40), (8, 105)).round(random.integers(0, 4))
        lines.append(_column(name, kind, f"rentang: [{low}, {high}], sebaran: {shape}", random))
    for i in range(random.integers(1, 4)):
        codes = [str(c) for c in random.choice(100, size=random.integers(2, 7), replace=False)]
        listed = "{" + ", ".join(f"{c}: {{id: a{c}, en: b{c}}}" for c in codes) + "}"
        kind = random.choice(["pilihan", "pilihan", "pilihan_ganda"])
        shares = random.dirichlet(np.ones(len(codes))).round(3)
        shares[-1] = round(1 - shares[:-1].sum(), 3)
        told = ", ".join(f"{c}: {s}" for c, s in zip(codes, shares, strict=True))
        spread = (
            f", sebaran: {{bentuk: peluang, nilai: {{{told}}}}}" if min(shares) >= 0 and random.random() < 0.6 else ""
        )
        lines.append(_column(f"pilih_{i}", kind, f"pilihan: {listed}{spread}", random))
    lines.append(_column("kode", "teks", f"pola: '{random.choice(_PATTERNS)}'", random, unique=random.random() < 0.3))
    lines.append(_column("tanggal_lahir", "tanggal", "rentang: [1950-01-01, 2020-12-31]", random))
    lines.append(_column("nik", "nik", "", random))
    lines.append(_column("kab", "wilayah", "", random))
    lines += _conditions(numbers, random)
    a, b = numbers[:2]
    lines += [f"korelasi: [[{a}, {b}, {random.uniform(-0.8, 0.8):.2f}]]"] if random.random() < 0.7 else []
    return "\n".join(lines) + "\n"


def _key(random: np.random.Generator) -> Iterator[str]:
    number, text, place, year = "bilangan, rentang: [1, 99999]", "teks, pola: 'R[0-9]{7}'", "wilayah", "tahun"
    member, years = "bilangan, rentang: [1, 15]", f"{year}, rentang: [2010, 2019]"
    keys = ({"no": number}, {"ruta": text, "urut": member}, {"daerah": place, "tahun": years})
    chosen = keys[random.integers(0, 3)]
    yield f"kunci: [{', '.join(chosen)}]\nkolom:"
    for name, told in chosen.items():
        yield f"  {name}: {{label: {{id: x, en: x}}, jenis: {told}, peran: id, sensitivitas: publik}}"


def _column(name: str, kind: str, more: str, random: np.random.Generator, *, unique: bool = False) -> str:
    said = [f"label: {{id: {name}, en: {name}}}", f"jenis: {kind}", "peran: covariate", "sensitivitas: publik"]
    said += [more] if more else []
    said += ["wajib: ya"] if random.random() < 0.4 else []
    said += ["unik: ya"] if unique else []
    return f"  {name}: {{{', '.join(said)}}}"


def _conditions(numbers: list[str], random: np.random.Generator) -> Iterator[str]:
    a, b = numbers[:2]
    each = [
        f"{a} <= {b} + 60",
        f"jika {a} > 50 maka {b} > -100",
        f"bukan ({a} > 99 dan {b} < -99)",
        f"jika terisi({a}) maka {a} * 2 >= {a} - 200",
        f"{b} >= -1000 atau {a} = 3",
    ]
    chosen = [c for c in each if random.random() < 0.4]
    if chosen:
        yield "aturan:"
        yield from (f'  - {{nama: janji_{i}, syarat: "{c}"}}' for i, c in enumerate(chosen))
