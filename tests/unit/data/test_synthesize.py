"""Synthetic rows, held to their own check, to scipy's distributions and to what the codebook says hangs together."""

from __future__ import annotations

import csv
import io
import itertools
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented_books import text as invented
from scipy import stats

from kesos_research.data.check import check_cells
from kesos_research.data.codebook_text import parse_codebook
from kesos_research.data.copula import nearest
from kesos_research.data.identity import fault
from kesos_research.data.invented_identity import INVENTED
from kesos_research.data.read import read_cells
from kesos_research.data.rules import Reference
from kesos_research.data.spread import Spread
from kesos_research.data.synthesize import synthesize
from kesos_research.data.typed import typed
from kesos_research.domain import example_regions, regions
from kesos_research.errors import DataError, KesosError
from kesos_research.language import use

N = 20_000


@pytest.fixture(autouse=True)
def english():
    with use("en"):
        yield


def book(columns: str, *more: str, key: str = "no", unit: str = "person"):
    own = "  no: {label: {id: No, en: No}, jenis: bilangan, rentang: [1, 999999], peran: id, sensitivitas: publik}\n"
    head = f"satuan_pengamatan: {unit}\nkunci: [{key}]\nkolom:\n" + (own if key == "no" else "")
    lines = [f"  {name}: {{label: {{id: x, en: x}}, peran: covariate, sensitivitas: publik, {told}}}"
             for name, told in (line.strip().split(": ", 1) for line in columns.strip().splitlines())]  # fmt: skip
    return parse_codebook(head + "\n".join([*lines, *more]) + "\n", "buku.yaml")


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(1, 400))
def test_rows_of_any_codebook_pass_their_own_check_as_a_file(tmp_path_factory, seed, n):
    codebook = parse_codebook(invented(seed), "buku.yaml")
    made = synthesize(codebook, n, seed=seed)
    path = tmp_path_factory.mktemp("rows") / "baris_sintetis.csv"
    path.write_bytes(made.csv())
    cells = read_cells(path, codebook=codebook)
    findings = check_cells(cells, made.codebook)
    assert (findings.rows, [f.text for f in findings.found]) == (n, [])
    pd.testing.assert_frame_equal(typed(cells, codebook), made.rows)
    assert made.csv() == synthesize(codebook, n, seed=seed).csv()


@pytest.mark.parametrize(
    ("told", "law"),
    [
        ("{bentuk: normal, rerata: 10, simpangan: 3}", stats.norm(10, 3)),
        ("{bentuk: lognormal, median: 900000, rasio: 1.8}", stats.lognorm(np.log(1.8), scale=900_000)),
        ("{bentuk: gamma, rerata: 30, simpangan: 20}", stats.gamma(2.25, scale=400 / 30)),
        ("{bentuk: eksponensial, rerata: 5}", stats.expon(scale=5)),
    ],
)
def test_a_declared_distribution_is_kept(told, law):
    rows = synthesize(book(f"a: jenis: angka, sebaran: {told}"), N, seed=5).rows
    assert stats.kstest(rows["a"], law.cdf).pvalue > 0.001


@pytest.mark.parametrize(
    ("told", "law"),
    [
        ("{bentuk: normal, rerata: 10, simpangan: 3}", stats.norm(10, 3)),
        ("{bentuk: lognormal, median: 9, rasio: 1.8}", stats.lognorm(np.log(1.8), scale=9)),
        ("{bentuk: eksponensial, rerata: 5}", stats.expon(scale=5)),
        ("{bentuk: beta, alfa: 2, beta: 5}", stats.beta(2, 5, loc=8, scale=4)),
        ("{bentuk: seragam}", stats.uniform(8, 4)),
    ],
)
def test_cut_at_its_range_it_keeps_its_shape_within(told, law):
    rows = synthesize(book(f"a: jenis: angka, rentang: [8, 12], sebaran: {told}"), N, seed=6).rows
    low, high = law.cdf([8, 12])
    assert rows["a"].between(8, 12).all()
    assert stats.kstest(rows["a"], lambda x: (law.cdf(x) - low) / (high - low)).pvalue > 0.001


@pytest.mark.parametrize(
    ("told", "law", "support"),
    [
        ("jenis: bilangan, sebaran: {bentuk: poisson, rerata: 4}", stats.poisson(4), range(25)),
        ("jenis: bilangan, rentang: [2, 6], sebaran: {bentuk: poisson, rerata: 4}", stats.poisson(4), range(2, 7)),
        ("jenis: bilangan, rentang: [3, 9]", stats.randint(3, 10), range(3, 10)),
        ("jenis: tahun, rentang: [2010, 2014]", stats.randint(2010, 2015), range(2010, 2015)),
        ("jenis: pilihan, pilihan: {1: {id: a, en: a}, 2: {id: b, en: b}}, sebaran: {bentuk: peluang, nilai: {1: 0.2, "
         "2: 0.8}}", stats.randint(1, 3), range(1, 3)),
    ],
)  # fmt: skip
def test_counts_and_choices_are_spread_as_declared(told, law, support):
    rows = synthesize(book(f"a: {told}"), N, seed=7).rows
    found = rows["a"].astype(int).value_counts().reindex(support, fill_value=0)
    expected = law.pmf(list(support)) if "peluang" not in told else np.array([0.2, 0.8])
    expected = expected / expected.sum() * N
    few = expected < 5
    pooled = [np.append(x[~few], x[few].sum()) if few.any() else x for x in (found.to_numpy(), expected)]
    assert stats.chisquare(*pooled).pvalue > 0.001
    assert found.sum() == N


def test_several_answers_have_each_its_own_share():
    told = "jenis: pilihan_ganda, pilihan: {a: {id: a, en: a}, b: {id: b, en: b}}, sebaran: {bentuk: peluang, nilai: "
    rows = synthesize(book(f"x: {told}{{a: 0.7, b: 0.5}}}}"), N, seed=8).rows["x"]
    given_ = rows.fillna("").str.split()
    for code, share in (("a", 0.7), ("b", 0.5)):
        count = int(given_.map(lambda found, code=code: code in found).sum())
        assert stats.binomtest(count, N, share).pvalue > 0.001
    assert set(rows.dropna()) == {"a", "b", "a b"}
    required = synthesize(book(f"x: wajib: ya, {told}{{a: 0.01, b: 0.0}}}}"), 500, seed=8).rows["x"]
    assert set(required) == {"a"}


def test_values_are_missing_as_often_as_declared_and_never_where_one_is_needed():
    columns = """
        a: jenis: angka, sebaran: {bentuk: normal, rerata: 0, simpangan: 1, kosong: 0.05}
        b: jenis: angka, wajib: ya, sebaran: {bentuk: normal, rerata: 0, simpangan: 1, kosong: 0.05}
        c: jenis: nik, sebaran: {bentuk: seragam}
    """
    with pytest.raises(KesosError):
        book(columns)
    rows = synthesize(book("\n".join(columns.splitlines()[:3])), N, seed=9).rows
    assert stats.binomtest(int(rows["a"].isna().sum()), N, 0.05).pvalue > 0.001
    assert not rows["b"].isna().any()


@pytest.mark.parametrize("rho", [-0.8, -0.3, 0.3, 0.6, 0.9])
def test_rank_correlations_are_kept_whatever_the_margins(rho):
    columns = """
        a: jenis: angka, sebaran: {bentuk: lognormal, median: 900000, rasio: 3}
        b: jenis: angka, rentang: [0, 20], sebaran: {bentuk: eksponensial, rerata: 5}
    """
    rows = synthesize(book(columns, f"korelasi: [[a, b, {rho}]]"), N, seed=10).rows
    found = stats.spearmanr(rows["a"], rows["b"])[0]
    assert abs(np.arctanh(found) - np.arctanh(rho)) < 3.3 * 1.06 / np.sqrt(N - 3)


@pytest.mark.parametrize("rho", [-0.5, 0.4])
def test_tied_values_have_the_declared_rank_correlation_too(rho):
    columns = """
        a: jenis: bilangan, rentang: [0, 8], sebaran: {bentuk: poisson, rerata: 1.3}
        b: jenis: bilangan, rentang: [1, 5]
        c: jenis: angka, rentang: [0, 1]
    """
    rows = synthesize(book(columns, f"korelasi: [[a, b, {rho}], [b, c, {rho}]]"), N, seed=11).rows
    for x, y in (("a", "b"), ("b", "c")):
        found = stats.spearmanr(rows[x], rows[y])[0]
        assert abs(np.arctanh(found) - np.arctanh(rho)) < 3.3 * 1.2 / np.sqrt(N - 3)


def test_choices_and_dates_can_be_correlated_in_their_order():
    columns = """
        a: jenis: pilihan, pilihan: {9: {id: a, en: a}, 1: {id: b, en: b}, 5: {id: c, en: c}}
        b: jenis: tanggal, rentang: [2000-01-01, 2020-12-31]
    """
    rows = synthesize(book(columns, "korelasi: [[a, b, 0.5]]"), N, seed=23).rows
    found = stats.spearmanr(rows["a"].map({"9": 0, "1": 1, "5": 2}), rows["b"].astype("int64"))[0]
    assert abs(np.arctanh(found) - np.arctanh(0.5)) < 3.3 * 1.2 / np.sqrt(N - 3)
    with pytest.raises(KesosError, match="have no order"):
        book(columns.rstrip() + "\n        c: jenis: teks", "korelasi: [[a, c, 0.5]]")


def test_correlations_that_cannot_all_hold_are_told_and_brought_near():
    columns = "\n".join(f"{c}: jenis: angka, rentang: [0, 1]" for c in "abc")
    made = synthesize(book(columns, "korelasi: [[a, b, 0.9], [b, c, 0.9], [a, c, -0.9]]"), N, seed=12)
    [notice] = made.notices
    assert (notice.name, notice.status) == ("synthesize.correlations", "warn")
    assert "cannot all hold" in notice.say("en")
    found = stats.spearmanr(made.rows[["a", "b", "c"]])[0]
    assert found[0, 1] == pytest.approx(found[1, 2], abs=0.03)
    assert 0.3 < found[0, 1] < 0.9
    tied = synthesize(book("a: jenis: bilangan, rentang: [0, 1], sebaran: {bentuk: peluang, nilai: {0: 0.99, 1: 0.01}}"
                           "\nb: jenis: angka, rentang: [0, 1]", "korelasi: [[a, b, 0.9]]"), 100, seed=1)  # fmt: skip
    assert "at most 0.17" in tied.notices[0].say("en")


def test_the_nearest_correlation_matrix_is_highams():
    # Higham (2002), section 4: the example [1 1 0; 1 1 1; 0 1 1]
    found = nearest(np.array([[1.0, 1, 0], [1, 1, 1], [0, 1, 1]]))
    assert found == pytest.approx(np.array([[1, 0.7607, 0.1573], [0.7607, 1, 0.7607], [0.1573, 0.7607, 1]]), abs=1e-4)


def test_conditions_are_kept_and_what_they_ask_of_some_leaves_the_others_alone():
    yes = "pilihan: {1: {id: a, en: a}, 2: {id: b, en: b}}"
    columns = f"""
        jk: jenis: pilihan, {yes}, sebaran: {{bentuk: peluang, nilai: {{1: 0.5, 2: 0.5}}}}
        umur: jenis: bilangan, rentang: [0, 99]
        hamil: jenis: pilihan, {yes}
        kawin: jenis: pilihan, {yes}
        makan: jenis: angka, rentang: [0, 100]
        total: jenis: angka, rentang: [0, 100]
    """
    rules = """aturan:
  - {nama: satu, syarat: "jika jk = 1 atau umur < 10 maka kosong(hamil)"}
  - {nama: dua, syarat: "jika jk = 2 dan umur >= 10 maka terisi(hamil)"}
  - {nama: tiga, syarat: "jika umur < 16 maka kawin = 2"}
  - {nama: empat, syarat: "makan <= total"}"""
    rows = synthesize(book(columns, rules), N, seed=13).rows
    women = (rows["jk"] == "2") & (rows["umur"] >= 10)
    assert (rows["hamil"].notna() == women).all()
    assert (rows.loc[rows["umur"] < 16, "kawin"] == "2").all()
    assert (rows["makan"] <= rows["total"]).all()
    # the questions keep their shares, and of two even numbers the larger has the square as its distribution
    assert stats.binomtest(int((rows["jk"] == "1").sum()), N, 0.5).pvalue > 0.001
    assert stats.chisquare(rows["umur"].value_counts()).pvalue > 0.001
    assert stats.kstest(rows["total"] / 100, lambda x: x**2).pvalue > 0.001


def test_order_from_left_to_right_is_kept():
    columns = "\n".join(f"{c}: jenis: angka, rentang: [0, 100]" for c in ("p2", "p1", "p0"))
    rows = synthesize(book(columns, "urutan: [p2, p1, p0]"), 3000, seed=14).rows
    assert (rows["p2"] <= rows["p1"]).all()
    assert (rows["p1"] <= rows["p0"]).all()
    assert stats.kstest(rows["p0"] / 100, lambda x: x**3).pvalue > 0.001


def test_a_rare_condition_is_mended_and_an_impossible_one_is_named():
    columns = "a: jenis: angka, rentang: [0, 100]\nb: jenis: angka, rentang: [0, 100]"
    rows = synthesize(book(columns, 'aturan: [{nama: sama, syarat: "a = b"}]'), 500, seed=15).rows
    assert (rows["a"] == rows["b"]).all()
    rows = synthesize(book(columns, 'aturan: [{nama: jauh, syarat: "a > b + 99"}]'), 500, seed=15).rows
    assert (rows["a"] > rows["b"] + 99).all()
    with pytest.raises(DataError, match="so that mustahil holds") as refused:
        synthesize(book(columns, 'aturan: [{nama: mustahil, syarat: "a > b + 200"}]'), 500, seed=15)
    assert str(refused.value.where) == "key aturan.mustahil"


def test_a_value_outside_its_years_is_not_there():
    columns = "tahun: jenis: tahun, rentang: [2000, 2009]\na: jenis: angka, rentang: [0, 1], tahun: [2005, 2007]"
    rows = synthesize(book(columns), 500, seed=16).rows
    assert (rows["a"].notna() == rows["tahun"].between(2005, 2007)).all()


# --- keys, groups, designs


def test_a_panel_has_every_region_in_every_year():
    key = "  wilayah: {label: {id: W, en: W}, jenis: wilayah, peran: unit, sensitivitas: publik}\n"
    text = f"satuan_pengamatan: region\nkunci: [wilayah, tahun]\nkolom:\n{key}"
    text += (
        "  tahun: {label: {id: T, en: T}, jenis: tahun, rentang: [2011, 2020], peran: period, sensitivitas: publik}\n"
    )
    codebook = parse_codebook(text, "buku.yaml")
    rows = synthesize(codebook, 300, seed=17).rows
    assert rows["wilayah"].nunique() == 30
    assert (rows.groupby("wilayah")["tahun"].apply(list).map(tuple) == tuple(range(2011, 2021))).all()
    assert set(rows["wilayah"]) <= {r.code for r in example_regions()}
    assert not set(rows["wilayah"]) & {r.code for r in regions()}
    assert len(synthesize(codebook, 5140, seed=17).rows) == 5140
    with pytest.raises(DataError, match="514 different values"):
        synthesize(codebook, 5141, seed=17)


PERSON = """
satuan_pengamatan: person
kunci: [ruta, urut]
kolom:
  ruta: {label: {id: R, en: R}, jenis: teks, pola: 'R[0-9]{6}', peran: id, sensitivitas: terbatas}
  urut: {label: {id: U, en: U}, jenis: bilangan, rentang: [1, 12], peran: id, sensitivitas: publik}
  kab: {label: {id: K, en: K}, jenis: wilayah, peran: unit, sensitivitas: publik}
  nomor_kk: {label: {id: K, en: K}, jenis: nomor_kk, peran: id, sensitivitas: rahasia}
  nik: {label: {id: N, en: N}, jenis: nik, peran: id, sensitivitas: rahasia, wajib: ya}
  tgl_lahir: {label: {id: L, en: B}, jenis: tanggal, rentang: [1940-01-01, 2020-12-31], peran: covariate, sensitivitas: terbatas}
  jk: {label: {id: J, en: S}, jenis: pilihan, pilihan: {L: {id: Laki-laki, en: Male}, P: {id: Perempuan, en: Female}}, peran: covariate, sensitivitas: publik}
  strata: {label: {id: S, en: S}, jenis: pilihan, pilihan: {1: {id: a, en: a}, 2: {id: b, en: b}, 3: {id: c, en: c}}, peran: strata, sensitivitas: publik}
  psu: {label: {id: P, en: P}, jenis: teks, pola: 'B[0-9]{4}', peran: cluster, sensitivitas: terbatas}
  penimbang: {label: {id: W, en: W}, jenis: angka, rentang: [1, 5000], peran: weight, sensitivitas: terbatas}
  fpc: {label: {id: F, en: F}, jenis: bilangan, rentang: [5, 9000], peran: fpc, sensitivitas: publik}
"""  # noqa: E501


def test_persons_live_in_households_and_these_in_a_design():
    rows = synthesize(parse_codebook(PERSON, "b.yaml"), 3000, seed=18).rows
    sizes = rows.groupby("ruta").size()
    assert 2.5 < sizes.mean() < 4.5
    assert sizes.max() <= 12
    assert (rows.groupby("ruta")["urut"].apply(list).map(lambda u: u == list(range(1, len(u) + 1)))).all()
    for name in ("kab", "nomor_kk", "strata", "psu", "penimbang", "fpc"):
        assert (rows.groupby("ruta")[name].nunique(dropna=False) == 1).all(), name
    assert (rows.groupby("psu")["strata"].nunique() == 1).all()
    blocks = rows.groupby("strata")["psu"].nunique()
    assert (blocks >= 2).all()
    assert (rows.groupby("strata")["fpc"].nunique() == 1).all()
    assert (rows.groupby("strata")["fpc"].first() >= blocks).all()


def test_numbers_of_people_have_the_right_form_and_can_be_nobodys():
    rows = synthesize(parse_codebook(PERSON, "b.yaml"), 2000, seed=19).rows
    assert rows["nik"].is_unique
    for kind in ("nik", "nomor_kk"):
        assert not [v for v in rows[kind].dropna() if fault(kind, v) is not None]
        assert all(INVENTED.fullmatch(v) for v in rows[kind].dropna())
    day = rows["nik"].str[6:8].astype(int)
    told = rows["tgl_lahir"].notna() & rows["jk"].notna()
    assert (day % 40 == rows["tgl_lahir"].dt.day)[told].all()
    assert ((day > 40) == (rows["jk"] == "P"))[told].all()


def test_members_stand_within_given_households_and_take_over_what_these_have():
    homes = PERSON.replace("[ruta, urut]", "[ruta]").replace("person", "household")
    homes = "\n".join(line for line in homes.splitlines() if not line.strip().startswith(("urut", "nik", "jk", "tgl")))
    households = synthesize(parse_codebook(homes, "b.yaml"), 400, seed=20)
    people = parse_codebook(
        PERSON.replace("'R[0-9]{6}', ", "'R[0-9]{6}', rujukan: {berkas: ruta.csv, kolom: ruta}, "), "b.yaml"
    )
    members = synthesize(people, 1500, seed=21, within=households.rows).rows
    assert set(members["ruta"]) == set(households.rows["ruta"])
    shared = ["kab", "nomor_kk", "strata", "psu", "penimbang", "fpc"]
    both = members.merge(households.rows, on="ruta", suffixes=("", "_h"))
    for name in shared:
        assert (both[name].fillna("–") == both[f"{name}_h"].fillna("–")).all(), name
    few = synthesize(people, 7, seed=21, within=households.rows).rows
    assert few["ruta"].nunique() == 7
    with pytest.raises(DataError, match="tells 4800 rows apart"):
        synthesize(people, 4801, seed=21, within=households.rows)
    with pytest.raises(DataError, match="share no column"):
        synthesize(people, 10, seed=21, within=pd.DataFrame({"lain": ["x"]}))


def test_values_of_another_table_are_referred_to():
    told = "desa: jenis: teks, wajib: ya, rujukan: {berkas: desa.csv, kolom: kode}"
    known = {Reference("desa.csv", "kode"): ("A1", "A2", "B7")}
    rows = synthesize(book(told), 300, seed=22, values=known).rows
    assert set(rows["desa"]) == {"A1", "A2", "B7"}
    with pytest.raises(DataError, match=r"refers to desa\.csv"):
        synthesize(book(told), 3, seed=22)
    once = book(told.replace("wajib", "unik: ya, wajib"))
    assert set(synthesize(once, 3, seed=22, values=known).rows["desa"]) == {"A1", "A2", "B7"}
    with pytest.raises(DataError, match="3 different values, and 4 are needed"):
        synthesize(once, 4, seed=22, values=known)


# --- refusals, forms


@pytest.mark.parametrize("n", [0, -1, 5_000_001])
def test_so_many_rows_cannot_be_made(n):
    with pytest.raises(DataError, match="cannot be made"):
        synthesize(book("a: jenis: teks"), n, seed=1)


def test_a_distribution_beyond_its_range_is_refused():
    with pytest.raises(DataError, match="leaves nothing within 0 and 1"):
        synthesize(
            book("a: jenis: angka, rentang: [0, 1], sebaran: {bentuk: normal, rerata: 99, simpangan: 1}"), 5, seed=1
        )


def test_the_file_is_written_as_its_codebook_says():
    columns = (
        "a: jenis: angka, rentang: [0, 1], sebaran: {bentuk: seragam, kosong: 0.5}\nb: jenis: teks, pola: ';[a-c]\"'"
    )
    made = synthesize(book(columns, "pemisah: ';'", "desimal: ','", "kosong: '.'", "pengodean: utf-16"), 50, seed=1)
    rows = list(csv.reader(io.StringIO(made.csv().decode("utf-16")), delimiter=";"))
    assert rows[0] == ["no", "a", "b"]
    assert {len(row) for row in rows} == {3}
    assert all(re.fullmatch(r"\.|[01],\d{1,4}", row[1]) for row in rows[1:])
    assert "." in {row[1] for row in rows[1:]}
    assert all(re.fullmatch(';[a-c]"', row[2]) for row in rows[1:])


def test_a_distribution_function_is_its_own_inverse():
    told = "rentang: [1, 60], sebaran: {bentuk: gamma, rerata: 30, simpangan: 20}"
    codebook = book(f"a: jenis: angka, {told}\nb: jenis: bilangan, {told}")
    shares = np.linspace(0.01, 0.99, 50)
    smooth, whole = (Spread(codebook.columns[name]) for name in "ab")
    assert smooth.share(smooth.values(shares)) == pytest.approx(shares, abs=2e-3)
    counts = np.diff(whole.share(np.arange(0, 61)))
    drawn = np.bincount(whole.values((np.arange(10_000) + 0.5) / 10_000).astype(int), minlength=61)[1:] / 10_000
    assert counts == pytest.approx(drawn, abs=2e-4)
    assert list(itertools.accumulate(counts))[-1] == pytest.approx(1)
