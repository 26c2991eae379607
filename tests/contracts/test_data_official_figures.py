"""The committed figures: the values of the compilation they come from, and what that compilation is known to hold.

Counts, hashes and the numbers of the first look were computed from the raw compilation by itself, without this package.
"""

import csv
import hashlib
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from kesos_research.data import Panel, read_evidence, read_panel
from kesos_research.domain import indicator, indicators, programme, regions
from kesos_research.language import use

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data"
FOLDER = ROOT / "notebooks" / "studies" / "pkst-2013"
TREATED = ("33.14", "64.03", "73.03", "13.76", "32.72")
STUDY = SimpleNamespace(
    root=ROOT,
    folder=FOLDER,
    treated=TREATED,
    programme="PKST",
    sources=(
        SimpleNamespace(
            id="kabupaten-kota",
            file=DATA / "kabupaten_kota.csv",
            codebook=DATA / "codebook.yaml",
            flags=DATA / "kabupaten_kota_tanda.csv",
        ),
    ),
)


def cells(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def by_rule(flag: dict[str, str]) -> bool:
    """Whether a flag comes from a rule in data/susun.py, not from the compilation."""
    return flag["tanda"] == "province_value" or (flag["indikator"], flag["tanda"]) == ("p2", "implausible_p1_p0_ratio")


def digest(rows: list[tuple[str, ...]]) -> str:
    return hashlib.sha256("\n".join("|".join(row) for row in sorted(rows)).encode()).hexdigest()


@pytest.fixture(scope="module")
def panel() -> Panel:
    with use("en"):
        return read_panel(STUDY)


def test_values_are_those_of_the_compilation_to_the_last_digit():
    rows = cells("kabupaten_kota.csv")
    values = [
        (row["wilayah"], row["tahun"], name, value)
        for row in rows
        for name, value in row.items()
        if name not in ("wilayah", "tahun") and value
    ]
    assert (len(rows), len(values)) == (12852, 66044)
    assert digest(values) == "9373ab7ce4017aae862f708ade4ec5b30a45bd14b4e67db2cf0a5618f06d3a17"


def test_flags_are_those_of_the_compilation():
    ours = [r for r in cells("kabupaten_kota_tanda.csv") if by_rule(r)]
    rows = [r for r in cells("kabupaten_kota_tanda.csv") if not by_rule(r)]
    flags = [(r["wilayah"], r["tahun"], r["indikator"], r["tanda"], r["guna"]) for r in rows]
    assert len(ours) == 27 + 2
    assert {r["guna"] for r in ours} == {"exclude"}
    assert len(flags) == 2677
    assert digest(flags) == "c13c5bdfa18b759b802107a13c68089467bce22539d2264a3ad65e97038b0902"


def test_every_value_has_a_source_that_is_explained():
    rows = cells("kabupaten_kota.csv")
    for name in (i.code for i in indicators()):
        told = [r for r in cells("kabupaten_kota_sumber.csv") if r["indikator"] == name]
        assert sum(int(r["baris"]) for r in told) == sum(r[name] != "" for r in rows)
        assert all(r["keterangan_id"] and r["keterangan_en"] and r["lisensi"] for r in told)
    sources = {r["sumber"] for r in cells("kabupaten_kota_sumber.csv")}
    assert {r["sumber"] for r in cells("kabupaten_kota_tanda.csv")} <= sources | {"aturan di data/README.md"}


def test_every_region_is_there_and_every_year(panel):
    assert set(panel.rows["wilayah"]) == {r.code for r in regions()}
    assert panel.rows["tahun"].min() == 2000
    assert set(panel.rows.groupby("wilayah").size().value_counts().to_dict().items()) == {(25, 512), (26, 2)}


def test_the_codebook_says_what_the_register_of_indicators_says(panel):
    for name in panel.codebook.outcomes:
        column, told = panel.codebook.columns[name], indicator(name)
        assert (column.label, column.unit, column.publisher) == (told.name, told.unit, told.publisher)
        assert column.licence
        assert column.sensitivity == "publik"
    assert panel.codebook.outcomes == tuple(i.code for i in indicators())
    assert panel.codebook.unit_of_observation == "region"


def test_years_of_the_codebook_are_the_years_of_the_data():
    rows = cells("kabupaten_kota.csv")
    book = (DATA / "codebook.yaml").read_text(encoding="utf-8")
    for name in (i.code for i in indicators()):
        years = [int(r["tahun"]) for r in rows if r[name]]
        entry = re.search(rf"^  {name}:\n(?:    .*\n)+", book, re.MULTILINE)
        assert entry is not None
        assert f"    tahun: [{min(years)}, {max(years)}]\n" in entry.group()


def test_no_method_can_see_a_value_flagged_exclude(panel):
    barred = panel.flags[panel.flags["guna"] == "exclude"]
    values = panel.rows.set_index(["wilayah", "tahun"])
    assert len(barred) == 2645 + 29
    for name, rows in barred.groupby("indikator"):
        assert values.loc[list(zip(rows["wilayah"], rows["tahun"], strict=True)), name].isna().all()
    assert panel.rows["p0"].notna().sum() == 10021 - 2
    assert 2016 not in panel.available("tpt")


def test_no_unemployment_rate_stands_for_a_whole_province(panel):
    rows = panel.rows.dropna(subset="tpt")
    province = rows["wilayah"].map({r.code: r.bps_code_34[:2] for r in regions()})
    assert rows.groupby([province, rows["tahun"], rows["tpt"]]).size().max() < 7


def test_0_p2_p1_p0(panel):
    rows = panel.rows
    assert not (rows["p1"] > rows["p0"]).any()
    assert not (rows["p2"] > rows["p1"]).any()
    assert (rows[["p0", "p1", "p2"]].min() >= 0).all()


def test_the_human_development_index_of_2021_follows_from_its_components(panel):
    rows = panel.rows[panel.rows["tahun"] == 2021]
    health = (rows["uhh"] - 20) / 65
    education = (rows["hls"] / 18 + rows["rls"] / 15) / 2
    low, high = np.log(1_007_436), np.log(26_572_352)
    spending = (np.log(rows["pengeluaran_riil"] * 1000) - low) / (high - low)
    assert rows["ipm"].notna().sum() == 514
    assert ((100 * np.cbrt(health * education * spending) - rows["ipm"]).abs() <= 0.0051).all()


@pytest.mark.parametrize(
    ("outcome", "before", "after", "others", "difference"),
    [
        ("p0", range(2010, 2013), range(2014, 2016), 486, 0.034),
        ("p0", range(2010, 2013), range(2014, 2020), 485, 0.137),
        ("p0", range(2009, 2011), range(2011, 2013), 462, 0.825),
        ("p0", range(2007, 2010), range(2010, 2013), 441, 2.03),
        ("tpt", range(2010, 2013), range(2014, 2016), 492, -0.70),
        ("tpt", range(2010, 2013), range(2014, 2020), 492, -1.05),
    ],
)
def test_comparison_regions_and_differences_of_the_first_look(panel, outcome, before, after, others, difference):
    balanced = panel.balanced(outcome, [*before, *after], treated=TREATED)
    assert (len(balanced.treated), len(balanced.comparison)) == (5, others)
    wide = balanced.rows.pivot(index="wilayah", columns="tahun", values=outcome)
    used = [year for year in after if year in balanced.years]
    change = wide[used].mean(axis=1) - wide[list(before)].mean(axis=1)
    treated = change.index.isin(TREATED)
    decimals = len(str(difference).split(".")[1])
    assert round(change[treated].mean() - change[~treated].mean(), max(2, decimals)) == pytest.approx(difference)
    assert balanced.treated_with_break == ()


def test_the_evidence_matrix_is_complete_and_mostly_empty():
    with use("en"):
        evidence = read_evidence(STUDY)
    assert evidence.cells == 11 * 5 * 6
    filled = evidence.rows[evidence.rows["terisi"]]
    assert 0 < evidence.filled == len(filled) < 20
    assert set(filled["butir"]) <= {item.id for item in programme("PKST").scope}
    assert (filled["kunci_pustaka"] != "").all()


def test_what_is_cited_stands_in_the_references():
    bibtex = (FOLDER / "references.bib").read_text(encoding="utf-8")
    keys = re.findall(r"^@\w+\{([^,\s]+),$", bibtex, re.MULTILINE)
    assert len(keys) == len(set(keys)) == bibtex.count("\n@")
    cited = {r["kunci_pustaka"] for r in read_evidence(STUDY).rows.to_dict("records")} - {""}
    for code in ("PKST", "Pandu Gempita", "SLRT", "Puskesos-SLRT", "Bone Bolango"):
        cited |= {f.citation for f in programme(code).facts.values()}
    for narrative in FOLDER.glob("narrative.*.md"):
        text = narrative.read_text(encoding="utf-8")
        cited |= set(re.findall(r"@([a-z]+_?\d{2,4}\w*|bps_\w+|indodapoer)", text))
    assert cited <= set(keys)


def test_no_file_names_a_machine():
    for path in sorted(DATA.glob("*")):
        if path.is_file():
            assert not re.search(r"/(home|root|work|tmp|Users)/|[A-Z]:\\\\", path.read_text(encoding="utf-8"))
