"""The study of a programme: what its notebook claims against sums over the families, and another file by one line."""

import ast
import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kesos_research.data.synthesize_programme import prokus_like
from kesos_research.domain import regions
from kesos_research.report import Results, collect, compose
from kesos_research.study import Study, read_study

ROOT = Path(__file__).parents[2]
SYNTHETIC = ROOT / "data" / "synthetic"
POPULATIONS = ("mandiri", "alamiah", "rintisan")
COVARIATES = (
    "kepala_perempuan", "umur_kepala", "lama_sekolah", "anggota", "pernah_latihan", "jarak_pasar",
    "penghasilan_awal", "aset_awal",
)  # fmt: skip


def executed(notebook: Path, folder: Path) -> Path:
    """The notebook as a kernel would leave it, its cells run in this process."""
    told = json.loads(notebook.read_text(encoding="utf-8"))
    names: dict[str, object] = {}
    for cell in told["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [
                {"output_type": "execute_result", "data": data} for data in shown("".join(cell["source"]), names)
            ]
    made = folder / notebook.name
    made.write_text(json.dumps(told), encoding="utf-8")
    return made


def shown(source: str, names: dict[str, object]) -> list[dict]:
    tree = ast.parse(source)
    last = ast.Expression(tree.body.pop().value) if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    value = eval(compile(last, "cell", "eval"), names) if last else None
    return [value._repr_mimebundle_()] if value is not None else []


def ran(folder: Path, workspace: Path) -> tuple[Study, Results]:
    patch = pytest.MonkeyPatch()
    patch.chdir(workspace / "notebooks")
    made = read_study("prokus"), collect([executed(workspace / "notebooks" / "dampak_program.ipynb", folder)])
    patch.undo()
    return made


@pytest.fixture(scope="module")
def told(tmp_path_factory) -> tuple[Study, Results]:
    return ran(tmp_path_factory.mktemp("prokus"), ROOT)


@pytest.fixture(scope="module")
def claims(told):
    return told[1].claims


@pytest.fixture(scope="module")
def families() -> dict[str, pd.DataFrame]:
    """The file itself, by population."""
    rows = pd.read_parquet(SYNTHETIC / "prokus_sintetis.parquet")
    flags = ["ditawari", "menerima", "terwawancara", "kepala_perempuan", "pernah_latihan"]
    rows[flags] = rows[flags].astype(int)
    rows = rows.astype(dict.fromkeys(["penghasilan_akhir", "aset_akhir", "swadaya_akhir", "bulan", "kembali"], float))
    return {p: rows[rows["kelompok"] == p] for p in POPULATIONS}


@pytest.fixture(scope="module")
def truth() -> pd.Series:
    return pd.read_csv(SYNTHETIC / "kebenaran_prokus_sintetis.csv").set_index(["kelompok", "term"])["estimate"]


def doubly_robust(rows: pd.DataFrame, outcome: str) -> float:
    """The equation of the paper, written out: a logit by Newton's steps, a regression over those that wait."""
    x = rows[list(COVARIATES)].to_numpy(float)
    X = np.column_stack([np.ones(len(x)), (x - x.mean(axis=0)) / x.std(axis=0)])
    d, y = rows["ditawari"].to_numpy(float), rows[outcome].to_numpy(float)
    beta = np.zeros(X.shape[1])
    for _step in range(25):
        e = 1 / (1 + np.exp(-X @ beta))
        beta += np.linalg.solve(X.T @ (X * (e * (1 - e))[:, None]), X.T @ (d - e))
    e = 1 / (1 + np.exp(-X @ beta))
    r = y - X @ np.linalg.lstsq(X[d == 0], y[d == 0], rcond=None)[0]
    return float(((d - (1 - d) * e / (1 - e)) * r).sum() / d.sum())


def test_both_documents_are_composed_and_say_that_rows_are_invented(told):
    study, results = told
    assert study.synthetic
    for lang in ("id", "en"):
        paper = compose(study, results, kind="paper", lang=lang)
        assert paper.claims
        assert set(paper.claims) <= set(results.claims)
        assert paper.meta.synthetic


@pytest.mark.parametrize("population", POPULATIONS)
@pytest.mark.parametrize("outcome", ["penghasilan", "aset", "swadaya"])
def test_the_offer_by_the_equation_of_the_paper(claims, families, population, outcome):
    own = families[population]
    reached = own[own["terwawancara"] == 1]
    scale = 100 if outcome == "swadaya" else 1
    claim = claims[f"{population}.{outcome}.itt"]
    assert claim.estimate == pytest.approx(scale * doubly_robust(reached, f"{outcome}_akhir"), rel=1e-6)
    alone = claims[f"{population}.{outcome}.alone"]
    assert claim.p_value >= alone.p_value  # Holm


def test_populations_are_never_pooled(claims):
    """Every claim of a result names its one population; what names none tells of the sample as a whole."""
    free = {
        "sample.families",
        "sample.villages",
        "sample.districts",
        "sample.lasting",
        "truth.compared",
        "truth.inside",
    }
    assert {name for name in claims if not any(p in name.split(".") for p in POPULATIONS)} == free
    assert not [name for name in claims if sum(p in name.split(".") for p in POPULATIONS) > 1]


@pytest.mark.parametrize("population", ["mandiri", "alamiah"])
def test_those_still_out_of_pkh_by_the_product_limit(claims, families, population):
    own = families[population]
    for arm, name in ((1, "offered"), (0, "waiting")):
        part = own[own["ditawari"] == arm]
        left = 1.0
        for month in range(1, 19):
            at_risk = (part["bulan"] >= month).sum()
            left *= 1 - ((part["bulan"] == month) & (part["kembali"] == 1)).sum() / at_risk
        assert claims[f"{population}.still.{name}"].estimate == pytest.approx(100 * left, rel=1e-9)


def test_families_in_pkh_have_no_spell(claims):
    assert not [n for n in claims if n.startswith("rintisan.") and ("hazard" in n or "still" in n or "bertahan" in n)]


@pytest.mark.parametrize("population", POPULATIONS)
def test_cost_of_a_family_from_its_ingredients(claims, families, population):
    own = families[population]
    parts = [c for c in own if c.startswith("biaya_")]
    for fund in ("apbn", "hdn"):
        served = own[(own["dana"] == fund) & (own["ditawari"] == 1)]
        cost = claims[f"cost.{population}.{fund}.per_unit"].estimate
        assert cost == pytest.approx(served[parts].to_numpy().sum() / len(served), rel=1e-9)
        worth = claims[f"worth.{population}.{fund}"]
        ratio = (
            claims[f"worth.{population}.{fund}.cost"].estimate / claims[f"worth.{population}.{fund}.effect"].estimate
        )
        assert worth.estimate == pytest.approx(100 * ratio, rel=1e-9)


def test_truth_stands_beside_its_estimate(claims, truth):
    held = 0
    scales = {"itt.swadaya": 100, "itt.bertahan": 100, "cost_per.apbn": 1e-3, "cost_per.hdn": 1e-3}
    names = {"hazard_ratio": "hazard_ratio", "cost_per.apbn": None, "cost_per.hdn": None}
    for name in [n for n in claims if n.startswith("truth.") and n.count(".") > 1]:
        population, term = name.removeprefix("truth.").split(".", 1)
        true = truth[population, term] * scales.get(term, 1)
        assert claims[name].estimate == pytest.approx(true, rel=1e-9)
        found = {
            "cost_per": f"worth.{population}.{term[-4:].strip('.')}",
            "hazard_ratio": f"{population}.{names['hazard_ratio']}",
            "itt": f"{population}.{term.removeprefix('itt.')}.itt",
        }[term.split(".")[0]]
        claim = claims[found]
        low = -np.inf if claim.conf_low is None else claim.conf_low
        high = np.inf if claim.conf_high is None else claim.conf_high
        held += low <= true <= high
    assert claims["truth.inside"].estimate == held


def test_a_ministrys_own_file_is_one_line(tmp_path_factory):
    """The same notebook and prose on a file of real places: no mark, no truth, every number anew."""
    workspace = tmp_path_factory.mktemp("kementerian")
    for part in ("notebooks/studies/prokus", "data/synthetic"):
        shutil.copytree(ROOT / part, workspace / part)
    shutil.copy(ROOT / "notebooks" / "dampak_program.ipynb", workspace / "notebooks")
    (workspace / "data" / "raw").mkdir()
    rows = prokus_like(seed=7, villages=40).families
    real = dict(zip(rows["kab"].unique(), [r.code for r in regions() if r.type == "kabupaten"], strict=False))
    rows.assign(kab=rows["kab"].map(real)).to_parquet(workspace / "data" / "raw" / "prokus.parquet", index=False)
    file = workspace / "notebooks" / "studies" / "prokus" / "study.yaml"
    asked = file.read_text(encoding="utf-8")
    assert asked.count("data/synthetic/prokus_sintetis.parquet") == 1
    file.write_text(
        asked.replace("data/synthetic/prokus_sintetis.parquet", "data/raw/prokus.parquet"), encoding="utf-8"
    )

    study, results = ran(tmp_path_factory.mktemp("lapangan"), workspace)
    assert not study.synthetic
    assert results.claims["sample.villages"].estimate == 40
    assert "tbl-truth" not in results.exhibits
    for lang in ("id", "en"):
        for kind in ("paper", "slides"):
            document = compose(study, results, kind=kind, lang=lang)
            assert not document.meta.synthetic
            said = repr((document.meta.abstracts, document.blocks, document.slides)).casefold()
            assert "sintetis" not in said
            assert "synthetic" not in said
            assert "rekaan" not in said
            assert "invented" not in said
