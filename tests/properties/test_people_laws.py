"""Laws of the methods for persons and households: what must not change an answer, and what must by a known amount."""

import numpy as np
import pandas as pd
import pytest

from kesos_research import methods
from kesos_research.design import SurveyDesign

NUMBERS = ["estimate", "std_error", "conf_low", "conf_high", "p_value", "df"]
X = {"covariates": ["x", "kind"]}
CALLS = {
    "intention_to_treat": X | {"strata": "stratum", "cluster": "place"},
    "late": X | {"takeup": "joined", "cluster": "place"},
    "many_outcomes": X | {"outcome": ["y", "z"], "cluster": "place", "seed": 3, "draws": 999},
    "attrition_bounds": {"observed": "seen", "cluster": "place"},
    "matching": X | {"seed": 3, "replacement": "with"},
    "entropy_balancing": X | {"cluster": "place"},
    "inverse_probability": X,
    "doubly_robust": X | {"target": "all"},
    "local_randomization": {"running": "score", "cutoff": 0.0, "window": 0.5, "seed": 3},
}
EVERY = pytest.mark.parametrize("name", CALLS)


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(11)
    n = 180
    place, x = np.repeat(np.arange(18), 10), rng.normal(size=n)
    A = place % 2 == 0
    return pd.DataFrame(
        {
            "A": A,
            "joined": A & (rng.random(n) < 0.8),
            "seen": rng.random(n) < np.where(A, 0.95, 0.85),
            "x": x,
            "kind": np.array(["a", "b"])[rng.integers(0, 2, n)],
            "place": [f"p{i:02d}" for i in place],
            "stratum": [f"s{i // 6}" for i in place],
            "score": rng.uniform(-1, 1, n),
            "y": 1.0 * A + 0.5 * x + rng.normal(size=n),
            "z": 0.4 * x + rng.normal(size=n),
            "w": rng.integers(1, 4, n) * 1.0,
        }
    )


def run(name, rows, **more):
    spec = {"outcome": "y", "treated": "A", **CALLS[name], **more}
    if name == "local_randomization":
        del spec["treated"]
    return getattr(methods, name)(rows, **spec).table.set_index("term")[NUMBERS].astype(float)


def same(a, b, rel=1e-8):
    pd.testing.assert_frame_equal(a, b, rtol=rel, atol=1e-10)


@EVERY
def test_order_and_names_never_matter(name, rows):
    again = rows.sample(frac=1, random_state=2).reset_index(drop=True)
    again["place"] = "q" + (50 - again["place"].str[1:].astype(int)).astype(str)
    same(run(name, again), run(name, rows))


@EVERY
def test_other_columns_change_nothing(name, rows):
    same(run(name, rows.assign(more=1, name="someone")), run(name, rows), rel=0)


@EVERY
def test_units_of_the_outcome(name, rows):
    """(y + 5) · 3: estimates, errors and ends times three; p-values and degrees of freedom as they were."""
    scaled = rows.assign(y=3 * (rows["y"] + 5), z=3 * (rows["z"] + 5))
    a, b = run(name, rows), run(name, scaled)
    other = [t for t in a.index if t in ("attrition", "first_stage")]
    b.loc[~b.index.isin(other), NUMBERS[:4]] /= 3
    same(b, a, rel=1e-6)


@EVERY
def test_units_of_a_covariate(name, rows):
    if "covariates" in CALLS[name]:
        same(run(name, rows.assign(x=100 * rows["x"] - 7)), run(name, rows), rel=1e-6)


@EVERY
def test_a_known_effect_is_added(name, rows):
    if name in ("local_randomization", "late", "attrition_bounds"):
        return
    more = rows.assign(y=rows["y"] + 2.5 * rows["A"])
    assert run(name, more)["estimate"].iloc[0] == pytest.approx(run(name, rows)["estimate"].iloc[0] + 2.5)


@pytest.mark.parametrize(
    "name", ["intention_to_treat", "late", "attrition_bounds", "entropy_balancing", "inverse_probability"]
)
def test_a_weight_may_be_split(name, rows):
    design = SurveyDesign(weight="w")
    whole = rows.loc[rows.index.repeat(2)].assign(w=lambda d: d["w"] / 2)
    more = {"cluster": "place", "design": design}
    a, b = run(name, rows, **more), run(name, whole, **more)
    assert b["estimate"].to_numpy() == pytest.approx(a["estimate"].to_numpy(), rel=1e-7, nan_ok=True)
    if name not in ("intention_to_treat", "late"):  # CR2 takes rows, not weights, as equally noisy
        same(a, b, rel=1e-6)


def test_change_before_and_after_of_other_units_of_measurement(rows):
    long = pd.DataFrame(
        {"who": np.tile(np.arange(180), 2), "year": np.repeat([1, 2], 180), "v": np.concatenate([rows["z"], rows["y"]])}
    )
    spec = {"outcome": "v", "unit": "who", "period": "year", "since": 2}
    a = methods.before_after(long, **spec).table
    b = methods.before_after(long.sample(frac=1, random_state=1).assign(v=lambda d: 3 * d["v"]), **spec).table
    assert b["std_error"].to_numpy() == pytest.approx(3 * a["std_error"].to_numpy())
