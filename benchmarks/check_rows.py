"""A dirty file of 1 M rows against its codebook: ours against pandera, lazy and without coercion, in one run.

`python benchmarks/check_rows.py [ROWS]` needs the dependency group `bench`. Both are given the same file and the same
rules on cells; both are counted from opening the file to the last count. pandera is not asked for what ours does
besides: places of cells over several lines, rows that are ragged, values shown masked, remedies. The ratio is what
counts; seconds depend on the machine.
"""

from __future__ import annotations

import re
import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.assurance import check_rows as rows

THEIRS = {
    ("pattern", "id_ruta"): "str_matches",
    ("region", "kab"): "isin",
    ("year", "tahun"): "str_matches",
    ("choice", "jk"): "isin",
    ("whole", "umur"): "str_matches",
    ("number", "total"): "str_matches",
    ("number", "makanan"): "str_matches",
}
"""Rules of which pandera counts the same, by the name of its check."""

_NUMBER = r"^[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?\Z"


def ours(path: Path) -> dict[tuple[str, str], int]:
    return rows.counted(path)


def theirs(path: Path) -> dict[tuple[str, str], int]:
    """pandera over text, all failures at once."""
    import pandas as pd
    import pandera.pandas as pa

    from kesos_research.domain import regions

    def numbers(text: pd.Series) -> pd.Series:
        return pd.to_numeric(text.where(text.str.match(_NUMBER)), errors="coerce")

    def between(low: float, high: float) -> pa.Check:
        return pa.Check(lambda text: (v := numbers(text)).isna() | v.between(low, high), name="between")

    def days(text: pd.Series) -> pd.Series:
        return pd.to_datetime(text.where(text.str.match(r"^\d{4}-\d\d-\d\d\Z")), format="%Y-%m-%d", errors="coerce")

    dated = pa.Check(lambda text: days(text).notna(), name="date")
    dates = pa.Check(lambda text: (v := days(text)).isna() | v.between("2000-01-01", "2024-12-31"), name="between")
    amount = [pa.Check.str_matches(_NUMBER), between(0, 1e8)]
    columns = {
        "id_ruta": pa.Column(str, pa.Check.str_matches(r"^R[0-9]{7}\Z")),
        "kab": pa.Column(str, pa.Check.isin([r.code for r in regions()])),
        "tahun": pa.Column(str, [pa.Check.str_matches(r"^[0-9]{4}\Z"), between(2015, 2024)], nullable=True),
        "tgl": pa.Column(str, [dated, dates], nullable=True),
        "jk": pa.Column(str, pa.Check.isin(["1", "2"]), nullable=True),
        "umur": pa.Column(str, [pa.Check.str_matches(r"^[+-]?[0-9]+\Z"), between(0, 120)], nullable=True),
        "total": pa.Column(str, amount, nullable=True),
        "makanan": pa.Column(str, amount, nullable=True),
    }
    within = pa.Check(lambda f: ~(numbers(f["makanan"]) > numbers(f["total"])), name="within")
    schema = pa.DataFrameSchema(columns, checks=within)
    frame = pd.read_csv(path, dtype=str, keep_default_na=False, na_values=["", "."])
    try:
        schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as errors:
        cases = errors.failure_cases
        checks = cases["check"].astype(str).map(lambda text: re.split(r"\W", text)[0])
        counts = cases.groupby([cases["column"], checks]).size()
        return {(str(check), str(column)): int(n) for (column, check), n in counts.items()}
    return {}


def main() -> None:
    n = int(sys.argv[1]) if len(sys.argv) > 1 else rows.ROWS
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "kotor.csv"
        cells, planted = rows.dirty(n, 1)
        rows.write(path, cells)
        del cells
        taken, counts = {}, {}
        for name, check in (("ours", ours), ("pandera", theirs)):
            check(_small(Path(folder)))  # what is imported once is not counted
            start = time.perf_counter()
            counts[name] = check(path)
            taken[name] = time.perf_counter() - start
            if name == "ours":
                gigabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{n} dirty rows, {path.name}: ours {taken['ours']:.2f} s, at most {gigabytes:.2f} GB with the planting")
    print(f"  pandera {taken['pandera']:.1f} s: {taken['pandera'] / taken['ours']:.1f} times as long")
    wrong = {kind for kind, count in planted.items() if counts["ours"].get(kind) != count}
    differ = {kind for kind, name in THEIRS.items() if counts["pandera"].get((name, kind[1])) != planted[kind]}
    print(f"  of {len(planted)} kinds ours counts {len(planted) - len(wrong)} exactly")
    print(f"  of {len(THEIRS)} kinds compared pandera counts {len(THEIRS) - len(differ)} the same")
    if wrong or taken["ours"] > 5:
        raise SystemExit("a promise is broken")


def _small(folder: Path) -> Path:
    path = folder / "kecil.csv"
    rows.write(path, rows.dirty(2000, 2)[0])
    return path


if __name__ == "__main__":
    main()
