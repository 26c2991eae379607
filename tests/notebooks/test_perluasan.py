"""The study of staggered adoption: what its notebook claims against means over the file, written here by hand."""

import ast
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kesos_research.report import Results, collect, compose
from kesos_research.report.document.flat import count
from kesos_research.study import Study, read_study

ROOT = Path(__file__).parents[2]
FILE = ROOT / "data" / "synthetic" / "perluasan_sintetis.csv"
TRUTH = ROOT / "data" / "synthetic" / "kebenaran_perluasan_sintetis.csv"
MAIN = "pengaduan_selesai"
QUICK = "bounds = [1, 6]"
"""Two bounds of the robust intervals: those between are the same computation again."""


def executed(folder: Path) -> Path:
    """The notebook as a kernel would leave it, its cells run in this process."""
    notebook = json.loads((ROOT / "notebooks" / "perluasan_bertahap.ipynb").read_text(encoding="utf-8"))
    names: dict[str, object] = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            source = "".join(cell["source"])
            value = shown(f"{source}\n{QUICK}" if "parameters" in cell["metadata"].get("tags", []) else source, names)
            cell["outputs"] = [{"output_type": "execute_result", "data": data} for data in value]
    made = folder / "perluasan_bertahap.ipynb"
    made.write_text(json.dumps(notebook), encoding="utf-8")
    return made


def shown(source: str, names: dict[str, object]) -> list[dict]:
    tree = ast.parse(source)
    last = ast.Expression(tree.body.pop().value) if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    value = eval(compile(last, "cell", "eval"), names) if last else None
    return [value._repr_mimebundle_()] if value is not None else []


@pytest.fixture(scope="module")
def told(tmp_path_factory) -> tuple[Study, Results]:
    patch = pytest.MonkeyPatch()
    patch.chdir(ROOT / "notebooks")
    study = read_study("perluasan-slrt")
    results = collect([executed(tmp_path_factory.mktemp("perluasan"))])
    patch.undo()
    return study, results


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    return pd.read_csv(FILE, dtype={"wilayah": str})


@pytest.fixture(scope="module")
def truth() -> dict[str, float]:
    return pd.read_csv(TRUTH).set_index("butir")["nilai"].to_dict()


def by_hand(panel: pd.DataFrame, outcome: str, *, waiting: bool = False) -> pd.DataFrame:
    """Effects of each cohort and year as differences of mean changes: `kohor, tahun, n, effect`."""
    wide = panel.pivot(index="wilayah", columns="tahun", values=outcome)
    since = panel.drop_duplicates("wilayah").set_index("wilayah")["tahun_slrt"]
    cells = []
    for cohort in sorted(since.dropna().unique()):
        for year in wide.columns[wide.columns >= cohort]:
            change = wide[year] - wide[cohort - 1]
            others = since.isna() | (since > year) if waiting else since.isna()
            effect = change[since == cohort].mean() - change[others].mean()
            cells.append({"kohor": cohort, "tahun": year, "n": (since == cohort).sum(), "effect": effect})
    return pd.DataFrame(cells)


def test_both_languages_of_paper_and_slides_are_composed_of_its_claims(told):
    study, results = told
    assert (study.synthetic, study.invented) == (True, True)
    for lang in ("id", "en"):
        for kind in ("paper", "slides"):
            document = compose(study, results, kind=kind, lang=lang)
            assert document.claims
            assert set(document.claims) <= set(results.claims)


def test_abstracts_have_200_to_250_words(told):
    study, results = told
    for lang in ("id", "en"):
        for abstract in compose(study, results, kind="paper", lang=lang).meta.abstracts:
            assert 200 <= count(abstract.blocks) <= 250, (lang, abstract.lang, count(abstract.blocks))


@pytest.mark.parametrize("outcome", [MAIN, "jangkauan", "p0", "lama_sekolah"])
def test_effects_by_cohort_and_year(told, panel, outcome):
    claims = told[1].claims
    cells = by_hand(panel, outcome)
    assert claims[f"{outcome}.att.simple"].estimate == pytest.approx(np.average(cells["effect"], weights=cells["n"]))
    cohorts = cells.groupby("kohor").agg(effect=("effect", "mean"), n=("n", "first"))
    assert claims[f"{outcome}.att.group"].estimate == pytest.approx(np.average(cohorts["effect"], weights=cohorts["n"]))
    if outcome == MAIN:
        for cohort, row in cohorts.iterrows():
            assert claims[f"{outcome}.cohort.{cohort:g}"].estimate == pytest.approx(row["effect"])
        cells["jarak"] = cells["tahun"] - cells["kohor"]
        for away, part in cells[cells["jarak"] <= 4].groupby("jarak"):
            own = np.average(part["effect"], weights=part["n"])
            assert claims[f"{outcome}.event.{away:g}"].estimate == pytest.approx(own)


def test_the_comparison_with_those_that_wait(told, panel):
    cells = by_hand(panel, MAIN, waiting=True)
    own = np.average(cells["effect"], weights=cells["n"])
    assert told[1].claims[f"{MAIN}.by.other"].estimate == pytest.approx(own)


def test_the_two_way_regression_and_its_parts(told, panel):
    claims = told[1].claims
    treated = (panel["tahun"] >= panel["tahun_slrt"]).astype(float)
    D, y = (
        x - x.groupby(panel["wilayah"]).transform("mean") - x.groupby(panel["tahun"]).transform("mean") + x.mean()
        for x in (treated, panel[MAIN])
    )
    assert claims[f"{MAIN}.twfe"].estimate == pytest.approx((D * y).sum() / (D * D).sum())
    kinds = ("treated_vs_never", "earlier_vs_later", "later_vs_earlier")
    weights = [claims[f"bacon.weight.{kind}"].estimate for kind in kinds]
    assert sum(weights) == pytest.approx(1)
    parts = sum(w * claims[f"bacon.{kind}"].estimate for w, kind in zip(weights, kinds, strict=True))
    assert parts == pytest.approx(claims[f"{MAIN}.twfe"].estimate, rel=1e-6)


def test_the_truth_stands_beside_its_estimate(told, truth):
    claims = told[1].claims
    for outcome in (MAIN, "jangkauan", "p0"):
        for term in ("simple", "group", "calendar"):
            assert claims[f"{outcome}.truth.{term}"].estimate == pytest.approx(truth[f"{outcome}.{term}"])
    missed = truth[f"{MAIN}.simple"] - claims[f"{MAIN}.twfe"].estimate
    assert claims["truth.twfe_off"].estimate == pytest.approx(missed)
    assert not claims[f"{MAIN}.twfe"].conf_low <= truth[f"{MAIN}.simple"] <= claims[f"{MAIN}.twfe"].conf_high
    held = claims[f"{MAIN}.att.simple"]
    assert held.conf_low <= truth[f"{MAIN}.simple"] <= held.conf_high


def test_groups_of_the_plan(told, panel):
    claims = told[1].claims
    means = {}
    for ready, part in panel.groupby("kesiapan"):
        cells = by_hand(part, MAIN)
        means[ready] = np.average(cells["effect"], weights=cells["n"])
        assert claims[f"by.kesiapan.{ready}"].estimate == pytest.approx(means[ready])
    assert claims["by.kesiapan.difference"].estimate == pytest.approx(means[1] - means[0])
    both = [claims[f"by.{trait}.difference"].p_value for trait in ("kesiapan", "jenis")]
    assert both[0] < 0.05 < both[1], "the trait that the law knows is found, the other is not"


def test_nothing_is_found_where_nothing_is(told):
    claims = told[1].claims
    for name in (f"{MAIN}.placebo.time", "jangkauan.placebo.time", "lama_sekolah.placebo.outcome"):
        assert claims[name].conf_low < 0 < claims[name].conf_high
