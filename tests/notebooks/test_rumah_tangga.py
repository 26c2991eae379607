"""The studies of households: what their notebooks claim against sums over the rows, written here by hand."""

import ast
import csv
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kesos_research.report import Results, collect, compose
from kesos_research.study import Study, read_study

ROOT = Path(__file__).parents[2]
NOTEBOOKS = {"peta-kemiskinan": "peta_kemiskinan", "ketepatan-sasaran": "ketepatan_sasaran"}
SYNTHETIC = ROOT / "data" / "synthetic"


def executed(name: str, folder: Path) -> Path:
    """The notebook as a kernel would leave it, its cells run in this process."""
    notebook = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
    names: dict[str, object] = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [
                {"output_type": "execute_result", "data": data} for data in shown("".join(cell["source"]), names)
            ]
    made = folder / f"{name}.ipynb"
    made.write_text(json.dumps(notebook), encoding="utf-8")
    return made


def shown(source: str, names: dict[str, object]) -> list[dict]:
    tree = ast.parse(source)
    last = ast.Expression(tree.body.pop().value) if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    value = eval(compile(last, "cell", "eval"), names) if last else None
    return [value._repr_mimebundle_()] if value is not None else []


@pytest.fixture(scope="module")
def told(tmp_path_factory) -> dict[str, tuple[Study, Results]]:
    patch = pytest.MonkeyPatch()
    patch.chdir(ROOT / "notebooks")
    folder = tmp_path_factory.mktemp("rumah_tangga")
    made = {s: (read_study(s), collect([executed(n, folder)])) for s, n in NOTEBOOKS.items()}
    patch.undo()
    return made


@pytest.fixture(scope="module")
def homes() -> pd.DataFrame:
    """The file itself: its numbers, the weight of persons, and who is poor."""
    rows = pd.read_parquet(SYNTHETIC / "survei_sintetis.parquet")
    flags = ["perkotaan", "pkh", "bpnt"]
    rows[flags] = rows[flags].astype(int)
    y = rows["pengeluaran_kapita"]
    return rows.assign(w=rows["penimbang"] * rows["anggota"], poor=y < rows["garis_kemiskinan"])


@pytest.fixture(scope="module")
def truth() -> dict[str, float]:
    with (SYNTHETIC / "kebenaran_sintetis.csv").open(encoding="utf-8", newline="") as file:
        nation = next(r for r in csv.DictReader(file) if r["kab"] == "nasional")
    return {key: float(value) for key, value in nation.items() if value and key != "kab"}


def share(part: pd.Series, whole: pd.Series, w: pd.Series) -> float:
    return 100 * float((w * (part & whole)).sum() / (w * whole).sum())


def spread(y: pd.Series, x: pd.Series, homes: pd.DataFrame) -> float:
    """Standard error of Σ w y / Σ w x from the sums of blocks in their strata, written out."""
    w = homes["w"]
    ratio = (w * y).sum() / (w * x).sum()
    sums = (w * (y - ratio * x) / (w * x).sum()).groupby([homes["strata"], homes["psu"]]).sum()
    variance = sum(len(z) / (len(z) - 1) * ((z - z.mean()) ** 2).sum() for _, z in sums.groupby(level=0))
    return 100 * float(np.sqrt(variance))


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_both_documents_are_composed_and_say_that_rows_are_invented(told, name):
    study, results = told[name]
    assert study.synthetic
    for lang in ("id", "en"):
        paper = compose(study, results, kind="paper", lang=lang)
        assert paper.claims
        assert set(paper.claims) <= set(results.claims)


def test_poverty_of_the_nation_and_its_error(told, homes, truth):
    _study, results = told["peta-kemiskinan"]
    claim = results.claims["nation.p0"]
    everybody = pd.Series(1, index=homes.index)
    assert claim.estimate == pytest.approx(share(homes["poor"], everybody > 0, homes["w"]), rel=1e-9)
    assert claim.std_error == pytest.approx(spread(homes["poor"].astype(int), everybody, homes), rel=1e-6)
    assert results.claims["truth.p0"].estimate == pytest.approx(100 * truth["p0"])
    for code in (0, 1):
        own = homes["perkotaan"] == code
        rural = results.claims[f"p0.perkotaan.{code}"].estimate
        assert rural == pytest.approx(share(homes["poor"], own, homes["w"]), rel=1e-9)


@pytest.mark.parametrize("programme", ["pkh", "bpnt"])
@pytest.mark.parametrize("meant", ["miskin", "hampir", "register"])
def test_coverage_and_errors_of_targeting(told, homes, programme, meant):
    claims, w = told["ketepatan-sasaran"][1].claims, homes["w"]
    received = homes[programme] == 1
    eligible = {
        "miskin": homes["poor"],
        "hampir": homes["pengeluaran_kapita"] < 1.5 * homes["garis_kemiskinan"],
        "register": homes["desil"] <= 4,
    }[meant]
    name = f"{programme}.{meant}"
    assert claims[f"{name}.coverage"].estimate == pytest.approx(share(received, eligible, w), rel=1e-9)
    assert claims[f"{name}.inclusion_error"].estimate == pytest.approx(share(~eligible, received, w), rel=1e-9)
    missed = (eligible & ~received).astype(int)
    assert claims[f"{name}.exclusion_error"].std_error == pytest.approx(
        spread(missed, eligible.astype(int), homes), rel=1e-6
    )


@pytest.mark.parametrize("programme", ["pkh", "bpnt"])
def test_truth_stands_beside_its_estimate(told, truth, programme):
    claims = told["ketepatan-sasaran"][1].claims
    pairs = {"reached": "coverage", "exclusion_error": "exclusion", "inclusion_error": "inclusion"}
    for term, column in pairs.items():
        assert claims[f"truth.{programme}.{term}"].estimate == pytest.approx(100 * truth[f"{programme}_{column}"])
    held = sum(
        c.conf_low <= claims[f"truth.{p}.{t}"].estimate <= c.conf_high
        for p in ("pkh", "bpnt")
        for t in pairs
        for c in [claims[f"{p}.miskin.{t}"]]
    )
    assert claims["truth.inside"].estimate == held


def test_benefits_of_the_poorest_and_the_simulated_poverty(told, homes):
    claims, w = told["ketepatan-sasaran"][1].claims, homes["w"]
    head = homes["bantuan"] / homes["anggota"]
    order = homes["pengeluaran_kapita"].sort_values().index
    below = w[order].cumsum() <= 0.4 * w.sum()
    poorest = (w * head)[order][below].sum() / (w * head).sum()
    # the household at the limit is cut in two by some definitions
    assert claims["any.curve.p40"].estimate == pytest.approx(100 * poorest, abs=0.1)
    assert claims["any.cgh"].estimate == pytest.approx(poorest / 0.4, abs=0.01)
    after = homes["pengeluaran_kapita"] + head < homes["garis_kemiskinan"]
    assert claims["any.after_p0"].estimate == pytest.approx(100 * float(w[after].sum() / w.sum()), rel=1e-9)
    gap = (homes["garis_kemiskinan"] - homes["pengeluaran_kapita"]).clip(lower=0)
    filled = (w * np.minimum(head, gap)).sum() / (w * head).sum()
    assert claims["any.into_gap"].estimate == pytest.approx(100 * float(filled), rel=1e-9)


def test_a_list_paid_to_the_letter_and_the_least_inclusion_error(told, homes):
    claims, w = told["ketepatan-sasaran"][1].claims, homes["w"]
    for last in range(1, 7):
        listed = homes["desil"] <= last
        assert claims[f"list.{last}.exclusion_error"].estimate == pytest.approx(share(~listed, homes["poor"], w))
    received = homes["bpnt"] == 1
    least = 100 * (1 - w[homes["poor"]].sum() / w[received].sum())
    assert claims["bpnt.miskin.least_inclusion"].estimate == pytest.approx(least)
    assert claims["change.size"].estimate == pytest.approx(claims["list.4.reached"].estimate, abs=0.5)
