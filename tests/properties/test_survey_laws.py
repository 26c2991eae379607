"""Laws of survey methods: what must not change an answer, and what must change it by a known amount."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kesos_research.design import SurveyDesign
from kesos_research.methods import (
    alkire_foster,
    atkinson,
    concentration,
    difference,
    fgt,
    generalized_entropy,
    gini,
    inequality_by_source,
    lorenz,
    mean,
    palma,
    proportion,
    quantile,
    quintile_share_ratio,
    ratio,
    regression,
    relative_poverty,
    sen,
    total,
    variance,
    watts,
)

DESIGN = SurveyDesign(weight="w", strata="strata", cluster="psu")
CALLS = {
    "mean": (mean, {"of": ["y", "x"]}),
    "total": (total, {"of": "y"}),
    "ratio": (ratio, {"of": "y", "to": "x"}),
    "proportion": (proportion, {"of": "water"}),
    "quantile": (quantile, {"of": "y"}),
    "quantile hf7": (quantile, {"of": "y", "rule": "hf7", "p": 0.4}),
    "variance": (variance, {"of": "y"}),
    "regression": (regression, {"of": "y", "covariates": ["x", "water"]}),
    "fgt": (fgt, {"of": "y", "line": 6.0}),
    "watts": (watts, {"of": "y", "line": 6.0}),
    "sen": (sen, {"of": "y", "line": 6.0}),
    "relative_poverty": (relative_poverty, {"of": "y"}),
    "gini": (gini, {"of": "y"}),
    "generalized_entropy": (generalized_entropy, {"of": "y"}),
    "atkinson": (atkinson, {"of": "y"}),
    "quintile_share_ratio": (quintile_share_ratio, {"of": "y"}),
    "palma": (palma, {"of": "y"}),
    "lorenz": (lorenz, {"of": "y"}),
    "concentration": (concentration, {"of": "x", "rank": "y"}),
    "inequality_by_source": (inequality_by_source, {"of": ["y", "x"]}),
    "alkire_foster": (alkire_foster, {"of": ["poor", "sick"], "cutoff": 0.5}),
    "difference": (difference, {"of": "y", "between": "water", "against": "tap"}),
}
EVERY = pytest.mark.parametrize("name", CALLS)
SOME = settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def samples(draw):
    """Sizes, weights and amounts with ties, two to four units in each of two to four strata."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    units = rng.integers(2, 5, draw(st.integers(2, 4)))
    psu = np.repeat(np.arange(units.sum()), 6)
    n = len(psu)
    return pd.DataFrame(
        {
            "strata": np.repeat(np.arange(len(units)), units * 6),
            "psu": psu,
            "w": rng.integers(1, 40, n) / 4,
            "y": rng.integers(4, 60, n) / 4,
            "x": rng.integers(4, 40, n) / 4,
            "water": rng.choice(["tap", "well"], n),
            "poor": rng.random(n) < 0.5,
            "sick": rng.random(n) < 0.4,
            "kab": rng.choice(["p", "q"], n),
        }
    )


def run(name, rows, **more):
    method, roles = CALLS[name]
    return method(rows, **{**roles, **more}, design=DESIGN).table


def same(left, right, rtol=1e-9, columns=None):
    pick = columns or [c for c in left.columns if c not in ("n", "term")]
    for c in pick:
        if left[c].dtype.kind == "f":
            # an error that is nothing but rounding has no relative precision
            np.testing.assert_allclose(left[c], right[c], rtol=rtol, atol=1e-9, err_msg=c)


@EVERY
class TestNothingChanges:
    @SOME
    @given(rows=samples(), seed=st.integers(0, 1000))
    def test_with_the_order_of_rows(self, name, rows, seed):
        by = {} if name == "difference" else {"by": "kab"}
        same(run(name, rows, **by), run(name, rows.sample(frac=1, random_state=seed), **by))

    @SOME
    @given(rows=samples(), seed=st.integers(0, 1000))
    def test_with_the_names_of_units_and_strata(self, name, rows, seed):
        rng = np.random.default_rng(seed)
        psu, strata = rng.permutation(rows.psu.max() + 1), rng.permutation(rows.strata.max() + 1)
        renamed = rows.assign(psu=[f"u{k}" for k in psu[rows.psu]], strata=[f"s{k}" for k in strata[rows.strata]])
        same(run(name, rows), run(name, renamed))

    @SOME
    @given(rows=samples())
    def test_with_a_column_that_nobody_asks_for(self, name, rows):
        pd.testing.assert_frame_equal(run(name, rows), run(name, rows.assign(other=np.nan, more="?")))

    @SOME
    @given(rows=samples(), part=st.floats(0.1, 0.9))
    def test_when_a_weight_is_split_over_two_equal_rows_of_a_unit(self, name, rows, part):
        split = pd.concat([rows.assign(w=rows.w * part), rows.assign(w=rows.w * (1 - part))])
        if name in ("variance", "quantile hf7"):  # these count rows: n/(n − 1), places between rows
            return
        same(run(name, rows), run(name, split))

    @SOME
    @given(rows=samples(), factor=st.floats(0.01, 500))
    def test_with_the_scale_of_the_weights(self, name, rows, factor):
        scaled = run(name, rows.assign(w=rows.w * factor))
        plain = run(name, rows)
        if name == "total":
            plain[["estimate", "std_error", "conf_low", "conf_high"]] *= factor
        kernel = name in ("quintile_share_ratio", "palma", "relative_poverty")  # its width depends on the population
        same(plain, scaled, columns=["estimate"] if kernel else None)


SCALED = {"mean", "total", "quantile", "variance", "relative_poverty"}


@EVERY
@SOME
@given(rows=samples(), factor=st.sampled_from([0.25, 2.0, 1024.0]))
def test_the_unit_of_money(name, rows, factor):
    """Measures of inequality and poverty know no unit, others move with it. Powers of two round nothing."""
    method, roles = CALLS[name]
    if method in (concentration, alkire_foster, proportion):
        return
    moved = {**roles, **({"line": roles["line"] * factor} if "line" in roles else {})}
    money = rows.assign(y=rows.y * factor, x=rows.x * (factor if name in ("inequality_by_source", "mean") else 1.0))
    plain, scaled = run(name, rows), method(money, **moved, design=DESIGN).table
    size = np.ones(len(plain))
    if name in ("mean", "total", "quantile", "quantile hf7", "ratio", "regression"):
        size *= factor
    elif name == "variance":
        size *= factor**2
    elif name == "relative_poverty":
        size = np.where(plain.term.isin(["line", "median_of_poor"]), factor, 1.0)
    elif name == "difference":
        size = np.where(plain.term == "difference", factor, 1.0)
    for column in ("estimate", "std_error", "conf_low", "conf_high"):
        np.testing.assert_allclose(plain[column] * size, scaled[column], rtol=1e-9, atol=1e-9 * factor, err_msg=column)


@SOME
@given(rows=samples())
def test_totals_of_domains_add_up(rows):
    for by in ("kab", "water", ["kab", "water"]):
        parts = total(rows, of="y", by=by, design=DESIGN).table.estimate.sum()
        assert parts == pytest.approx(run("total", rows).estimate[0])


@SOME
@given(rows=samples())
def test_shares_add_up_and_poverty_is_ordered(rows):
    assert run("proportion", rows).estimate.sum() == pytest.approx(1)
    p0, p1, p2 = run("fgt", rows).estimate
    assert 0 <= p2 <= p1 <= p0 <= 1
    L = run("lorenz", rows).estimate.to_numpy()
    assert (np.diff(L) >= -1e-12).all()
    assert (np.arange(1, 10) / 10 + 1e-12 >= L).all()
    assert 0 <= run("gini", rows).estimate[0] < 1


@SOME
@given(rows=samples())
def test_entropy_has_its_limits(rows):
    for alpha in (0.0, 1.0):
        exact = generalized_entropy(rows, of="y", alpha=alpha, design=DESIGN).table
        near = generalized_entropy(rows, of="y", alpha=alpha + 1e-5, design=DESIGN).table
        np.testing.assert_allclose(exact[["estimate", "std_error"]], near[["estimate", "std_error"]], rtol=1e-3)


@SOME
@given(rows=samples())
def test_atkinson_is_a_transform_of_entropy(rows):
    a = atkinson(rows, of="y", epsilon=0.5, design=DESIGN).table.estimate[0]
    ge = generalized_entropy(rows, of="y", alpha=0.5, design=DESIGN).table.estimate[0]
    assert a == pytest.approx(1 - (1 - ge / 4) ** 2)


@SOME
@given(rows=samples(), shift=st.floats(1, 100))
def test_inequality_falls_when_everyone_gets_the_same(rows, shift):
    assert run("gini", rows.assign(y=rows.y + shift)).estimate[0] <= run("gini", rows).estimate[0] + 1e-12


@SOME
@given(rows=samples())
def test_a_domain_is_the_product_with_its_indicator(rows):
    """A domain total is the total of y·1(domain); a domain mean the ratio to the total of 1(domain)."""
    inside = (rows.kab == "p").astype(float)
    if inside.sum() in (0, len(rows)):
        return
    extra = rows.assign(inside=inside, own=rows.y * inside)
    by_total = total(rows, of="y", by="kab", design=DESIGN).row(kab="p")
    plain = total(extra, of="own", design=DESIGN).row(term="own")
    assert [by_total.estimate, by_total.std_error] == pytest.approx([plain.estimate, plain.std_error], nan_ok=True)
    by_mean = mean(rows, of="y", by="kab", design=DESIGN).row(kab="p")
    plain = ratio(extra, of="own", to="inside", design=DESIGN).row(term="ratio")
    assert [by_mean.estimate, by_mean.std_error] == pytest.approx([plain.estimate, plain.std_error], nan_ok=True)
