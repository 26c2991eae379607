"""A million dirty rows: every planted defect is counted exactly, and clean files raise no alarm.

`python -m tests.assurance.check_rows [ROWS] [CLEAN FILES]`. The counts come from the planting itself: nothing of the
package is asked how many there are.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

ROWS, CLEAN = 1_000_000, 500

BOOK = """\
satuan_pengamatan: household
kunci: [id_ruta]
kosong: ["", "."]
kolom:
  id_ruta:
    {label: {id: Nomor, en: Number}, jenis: teks, peran: id, sensitivitas: terbatas, wajib: ya, pola: "R[0-9]{7}"}
  kab: {label: {id: Kabupaten, en: District}, jenis: wilayah, peran: strata, sensitivitas: publik, wajib: ya}
  tahun:
    {label: {id: Tahun, en: Year}, jenis: tahun, rentang: [2015, 2024], peran: period, sensitivitas: publik}
  tgl:
    label: {id: Tanggal, en: Date}
    jenis: tanggal
    rentang: [2000-01-01, 2024-12-31]
    peran: covariate
    sensitivitas: publik
  jk:
    label: {id: Jenis kelamin, en: Sex}
    jenis: pilihan
    pilihan: {1: {id: Laki-laki, en: Male}, 2: {id: Perempuan, en: Female}}
    peran: covariate
    sensitivitas: publik
  umur:
    {label: {id: Umur, en: Age}, jenis: bilangan, rentang: [0, 120], peran: covariate, sensitivitas: publik}
  total:
    {label: {id: Total, en: Total}, jenis: angka, rentang: [0, 100000000], peran: outcome, sensitivitas: publik}
  makanan:
    {label: {id: Makanan, en: Food}, jenis: angka, rentang: [0, 100000000], peran: outcome, sensitivitas: publik}
aturan:
  - {nama: makanan_dalam_total, syarat: "makanan <= total"}
  - {nama: anak_tanpa_belanja, syarat: "jika umur < 5 dan jk = 2 maka total > 100"}
"""
COLUMNS = ("id_ruta", "kab", "tahun", "tgl", "jk", "umur", "total", "makanan")
CODES = ("11.01", "13.76", "32.10", "32.72", "33.14", "35.78", "53.08", "64.03", "73.03", "91.71")

Rows = dict[str, np.ndarray]

DEFECTS: dict[tuple[str, str], tuple[str, Callable[[int], str]]] = {
    ("required", "id_ruta"): ("id_ruta", lambda i: ("", ".")[i % 2]),
    ("pattern", "id_ruta"): ("id_ruta", lambda i: f"r{i:07d}"),
    ("required", "kab"): ("kab", lambda i: ""),
    ("region", "kab"): ("kab", lambda i: ("32.1", "6405", "99.99", "Kab. Sragen", " 33.14")[i % 5]),
    ("year", "tahun"): ("tahun", lambda i: ("20", "2014.0", "dua ribu", "２０１５")[i % 4]),
    ("range", "tahun"): ("tahun", lambda i: ("2014", "2025")[i % 2]),
    ("date", "tgl"): ("tgl", lambda i: ("2001-02-30", "1/2/2003", "20010203", "2001-2-3")[i % 4]),
    ("range", "tgl"): ("tgl", lambda i: ("1999-12-31", "2025-01-01")[i % 2]),
    ("choice", "jk"): ("jk", lambda i: ("3", "L", "01", "1 ")[i % 4]),
    ("whole", "umur"): ("umur", lambda i: ("1.5", "12,0", "tujuh", "1e1", "")[i % 4]),
    ("range", "umur"): ("umur", lambda i: ("-1", "121", "999")[i % 3]),
    ("number", "total"): ("total", lambda i: ("1,5", "nan", "1_0", "0x1F", "1.000.000", "Rp5", "1e", " 7")[i % 8]),
    ("size", "total"): ("total", lambda i: "1e999"),
    ("range", "total"): ("total", lambda i: ("2e8", "100000000.5", "1e9")[i % 3]),
    ("number", "makanan"): ("makanan", lambda i: ("12..5", "--1", "1e5.5")[i % 3]),
    ("range", "makanan"): ("makanan", lambda i: "-5"),
}
"""Kinds of defect in one cell, and the cells that have them."""


def clean(rows: int, seed: int) -> Rows:
    """Cells that keep every promise of `BOOK`, a few of them missing."""
    rng = np.random.default_rng(seed)
    total = rng.integers(200, 90_000_000, rows)
    made = {
        "id_ruta": np.array([f"R{i:07d}" for i in rng.permutation(rows)], dtype=object),
        "kab": rng.choice(np.array(CODES, dtype=object), rows),
        "tahun": rng.integers(2015, 2025, rows).astype(str).astype(object),
        "tgl": (np.datetime64("2000-01-01") + rng.integers(0, 9131, rows)).astype(str).astype(object),
        "jk": rng.integers(1, 3, rows).astype(str).astype(object),
        "umur": rng.integers(0, 121, rows).astype(str).astype(object),
        "total": total.astype(str).astype(object),
        "makanan": (total * rng.uniform(0, 1, rows)).astype(np.int64).astype(str).astype(object),
    }
    for name in ("tgl", "umur", "total", "makanan"):
        made[name][rng.random(rows) < 0.01] = ("", ".")[int(rng.integers(2))]
    return made


def dirty(rows: int, seed: int) -> tuple[Rows, dict[tuple[str, str], int]]:
    """Cells with planted defects, and how many of each there are; a row has one defect at most."""
    rng = np.random.default_rng(seed)
    cells, planted = clean(rows, seed), {}
    free = rng.permutation(rows)[: rows // 4]
    share = len(free) // (len(DEFECTS) + 4)
    for position, (kind, (column, cell)) in enumerate(DEFECTS.items()):
        # of unequal frequency, so that no count can be right by chance
        chosen = free[position * share : position * share + share - position - 1]
        cells[column][chosen] = [cell(i) for i in range(len(chosen))]
        planted[kind] = len(chosen)
    at = len(DEFECTS) * share
    over, toddler, twice, whole = (free[at + k * share : at + (k + 1) * share - 3 * k - 1] for k in range(4))
    for name, value in (("total", "5000"), ("makanan", "5000.01")):
        cells[name][over] = value
    planted["makanan_dalam_total", "makanan"] = len(over)
    for name, value in (("umur", "4"), ("jk", "2"), ("total", "100"), ("makanan", "50")):
        cells[name][toddler] = value
    planted["anak_tanpa_belanja", "umur"] = len(toddler)
    # some households three times: every one but the first is a repeat
    half = len(twice) // 2
    cells["id_ruta"][twice[:half]] = "R9999999"
    cells["id_ruta"][twice[half:]] = [f"R{9_000_000 + i // 3:07d}" for i in range(len(twice) - half)]
    planted["key", "id_ruta"] = half - 1 + (len(twice) - half) - -(-(len(twice) - half) // 3)
    cells["umur"][whole] = "9007199254740993"
    planted["size", "umur"] = len(whole)
    return cells, planted


def write(path: Path, cells: Rows) -> None:
    """The cells as a plain CSV file, by the standard library alone."""
    rows = zip(*(cells[name] for name in COLUMNS), strict=True)
    quoted = (",".join(f'"{c}"' if "," in c else c for c in row) for row in rows)
    path.write_text("\n".join([",".join(COLUMNS), *quoted]) + "\n", encoding="utf-8")


def counted(path: Path) -> dict[tuple[str, str], int]:
    """What the checker counts, by rule and first column."""
    from kesos_research.data.codebook_text import parse_codebook
    from kesos_research.data.read import check

    findings = check(path, parse_codebook(BOOK, "buku.yaml"))
    return {(f.rule, f.columns[0] if f.columns else ""): f.count for f in findings.found}


def measured(path: Path) -> tuple[float, float]:
    """Seconds and gigabytes of one whole check, in a process of its own."""
    code = f"import tests.assurance.check_rows as c; from pathlib import Path; c.counted(Path({str(path)!r})); c.peak()"
    start = time.perf_counter()
    root = Path(__file__).parents[2]
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    return time.perf_counter() - start, float(said.stdout)


def peak() -> None:
    sys.stdout.write(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.3f}")


def held(folder: Path, rows: int, files: int, seed: int) -> dict[tuple[str, str], int]:
    """What was planted in `rows` dirty rows, all of it counted exactly, and no alarm in clean files.

    Raises
    ------
    AssertionError
        When a defect is counted otherwise than it was planted, or a clean file raises an alarm.
    """
    path = folder / "kotor.csv"
    cells, planted = dirty(rows, seed)
    write(path, cells)
    del cells
    found = counted(path)
    if found != planted:
        raise AssertionError(f"planted {planted}, counted {found}")
    rng = np.random.default_rng(seed)
    for i in range(files):
        write(folder / "bersih.csv", clean(int(rng.integers(1, 400)), seed + 1 + i))
        if alarm := counted(folder / "bersih.csv"):
            raise AssertionError(f"clean file {i}: {alarm}")
    return planted


def run(rows: int = ROWS, files: int = CLEAN, seed: int = 20261128) -> dict[str, object]:
    """The results of a whole run, with seconds and memory of one check in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        planted = held(Path(folder), rows, files, seed)
        seconds, gigabytes = measured(Path(folder) / "kotor.csv")
    planting = f"{sum(planted.values())} defects of {len(planted)} kinds in {rows} rows"
    sys.stdout.write(f"{planting}; {files} clean files, no alarm; {seconds:.1f} s, {gigabytes:.2f} GB\n")
    return {
        "dirty rows": rows,
        "kinds of planted defect": len(planted),
        "defects planted, all counted exactly": sum(planted.values()),
        "clean files": files,
        "false alarms": 0,
        "seconds of one check, its start included": seconds,
        "gigabytes at its peak": gigabytes,
    }


def main() -> None:
    run(*(int(a) for a in sys.argv[1:3]))


if __name__ == "__main__":
    main()
