"""The proxy-means test: statsmodels' weighted least squares, targeting by the same scores, what a perfect test does."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from kesos_research import SurveyDesign
from kesos_research.errors import KesosError
from kesos_research.language import use
from kesos_research.methods.proxy_means import proxy_means
from kesos_research.methods.targeting import targeting

DESIGN = SurveyDesign(weight="w", cluster="psu")
SAID = {"of": "spent", "covariates": ["rooms", "floor", "size"], "design": DESIGN, "seed": 7}


@pytest.fixture(autouse=True)
def english():
    with use("en"):
        yield


@pytest.fixture
def rows() -> pd.DataFrame:
    rng = np.random.default_rng(11)
    n, psu = 800, np.repeat(np.arange(80), 10)
    rooms, size = rng.integers(1, 7, n), rng.integers(1, 9, n)
    floor = rng.choice(["earth", "cement", "tile"], n)
    log = 0.1 * rooms - 0.12 * size + 0.4 * (floor == "tile") + rng.normal(0, 0.35, n) + rng.normal(0, 0.2, 80)[psu]
    return pd.DataFrame(
        {"psu": psu, "w": rng.uniform(1, 3, n), "spent": np.exp(log), "rooms": rooms, "size": size, "floor": floor}
    )


def test_coefficients_are_those_of_weighted_least_squares(rows):
    found = proxy_means(rows, **SAID).evidence["coefficients"].set_index("term")["estimate"]
    X = sm.add_constant(
        pd.get_dummies(rows[["rooms", "floor", "size"]], columns=["floor"], drop_first=True, dtype=float)
    )
    fit = sm.WLS(np.log(rows["spent"]), X, weights=rows["w"]).fit()
    for ours, theirs in (("(intercept)", "const"), ("rooms", "rooms"), ("size", "size"), ("floor=tile", "floor_tile")):
        assert found[ours] == pytest.approx(fit.params[theirs], rel=1e-9)
    assert proxy_means(rows, **SAID).evidence["fit"]["r_squared"].item() == pytest.approx(fit.rsquared, rel=1e-9)


def test_no_household_is_predicted_from_its_own_unit(rows):
    """Changing what one unit spends moves the scores of others and not its own."""
    before = proxy_means(rows, **SAID, folds=80).evidence["scores"]["score"]
    spoiled = rows.assign(spent=rows["spent"].where(rows["psu"] != 5, rows["spent"] * 50))
    after = proxy_means(spoiled, **SAID, folds=80).evidence["scores"]["score"]
    own = (rows["psu"] == 5).to_numpy()
    assert before[own].to_numpy() == pytest.approx(after[own].to_numpy(), rel=1e-12)
    assert (np.abs(before[~own] - after[~own]) > 1e-6).all()


def test_errors_are_those_of_targeting_by_the_scores(rows):
    answer = proxy_means(rows, **SAID, cutoffs=[0.2, 0.4])
    score = answer.evidence["scores"]["score"].to_numpy()

    def poorest(values, share):
        order = np.argsort(values)
        reached = np.cumsum(rows["w"].to_numpy()[order]) >= share * rows["w"].sum() - 1e-9
        return values <= values[order][np.argmax(reached)]

    marked = rows.assign(meant=poorest(rows["spent"].to_numpy(), 0.4), chosen=poorest(score, 0.4))
    audit = targeting(marked, of="chosen", eligible="meant", design=DESIGN)
    for term in ("exclusion_error", "inclusion_error"):
        mine, other = answer.row(cutoff=0.4, term=term), audit.row(term=term)
        assert (mine.estimate, mine.std_error) == pytest.approx((other.estimate, other.std_error), rel=1e-10)


def test_a_perfect_proxy_misses_nobody_and_noise_misses_as_many_as_chance(rows):
    perfect = rows.assign(log=np.log(rows["spent"]))
    made = proxy_means(perfect, **{**SAID, "covariates": "log"}, cutoffs=0.3)
    assert made.row(cutoff=0.3, term="exclusion_error").estimate == 0
    noise = rows.assign(noise=np.random.default_rng(1).normal(size=len(rows)))
    made = proxy_means(noise, **{**SAID, "covariates": "noise"}, cutoffs=0.3)
    row = made.row(cutoff=0.3, term="exclusion_error")
    assert abs(row.estimate - 0.7) < 4 * row.std_error


def test_names_and_the_order_of_rows_change_nothing(rows):
    one = proxy_means(rows, **SAID)
    mixed = rows.sample(frac=1, random_state=3)
    two = proxy_means(mixed.assign(psu=mixed["psu"].map(lambda u: f"unit {(u * 37) % 101}")), **SAID)
    assert two.table["estimate"].to_numpy() == pytest.approx(one.table["estimate"].to_numpy(), rel=1e-9)
    assert two.table["std_error"].to_numpy() == pytest.approx(one.table["std_error"].to_numpy(), rel=1e-9)


def test_learning_by_heart_is_told(rows):
    rng = np.random.default_rng(2)
    few = rows.iloc[:120].assign(**{f"x{i}": rng.normal(size=120) for i in range(25)})
    made = proxy_means(few, **{**SAID, "covariates": [f"x{i}" for i in range(25)]}, folds=4)
    assert [c.status for c in made.checks if c.name == "overfitted"] == ["warn"]
    assert not [c for c in proxy_means(rows, **SAID).checks if c.name == "overfitted"]


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"cutoffs": 1.5}, "cutoffs"),
        ({"folds": 81}, "81 parts"),
        ({"covariates": ["rooms", "rooms2"]}, "depend on each other"),
        ({"of": "rooms0"}, "nought or less"),
    ],
)
def test_refused(rows, more, says):
    rows = rows.assign(rooms2=2 * rows["rooms"], rooms0=rows["rooms"] - 1)
    with pytest.raises(KesosError, match=says):
        proxy_means(rows, **{**SAID, **more})
