"""Poverty and inequality: definitions by brute force, and influence as the derivative with respect to a weight."""

import numpy as np
import pandas as pd
import pytest

from kesos_research.design import SurveyDesign
from kesos_research.errors import MethodError
from kesos_research.methods import (
    RelativeLine,
    alkire_foster,
    atkinson,
    concentration,
    difference,
    fgt,
    generalized_entropy,
    gini,
    growth_incidence,
    growth_redistribution,
    inequality_by_group,
    inequality_by_source,
    lorenz,
    palma,
    poverty_by_group,
    quintile_share_ratio,
    sen,
    watts,
)

RNG = np.random.default_rng(11)
N = 400
ROWS = pd.DataFrame(
    {
        "w": RNG.uniform(1, 5, N),
        "psu": np.repeat(np.arange(80), 5),
        "strata": np.repeat(np.arange(8), 50),
        "y": np.round(np.exp(RNG.normal(2, 0.6, N)), 1),
        "aid": np.round(np.maximum(RNG.normal(1, 1, N), 0), 1),
        "kab": RNG.choice(["a", "b", "c"], N),
        "year": RNG.choice([2023, 2024], N),
        "water": RNG.random(N) < 0.3,
        "school": RNG.random(N) < 0.2,
        "floor": RNG.random(N) < 0.4,
    }
)
DESIGN = SurveyDesign(weight="w", strata="strata", cluster="psu")

SMOOTH = {
    "gini": (gini, {"of": "y"}),
    "concentration": (concentration, {"of": "aid", "rank": "y"}),
    "generalized_entropy": (generalized_entropy, {"of": "y", "alpha": (-1, 0, 0.5, 1, 2, 3)}),
    "atkinson": (atkinson, {"of": "y", "epsilon": (0.5, 1, 2)}),
    "fgt": (fgt, {"of": "y", "line": 6.0}),
    "fgt relative to the mean": (fgt, {"of": "y", "line": RelativeLine(0.8, None), "order": (1, 2)}),
    "watts": (watts, {"of": "y", "line": 6.0}),
    "watts relative to the mean": (watts, {"of": "y", "line": RelativeLine(0.8, None)}),
    "sen": (sen, {"of": "y", "line": 6.0}),
    "alkire_foster": (alkire_foster, {"of": {"water": 2, "school": 1, "floor": 1}, "cutoff": 0.5}),
    "poverty_by_group": (poverty_by_group, {"of": "y", "line": 6.0, "groups": "kab", "order": 1}),
    "inequality_by_group": (inequality_by_group, {"of": "y", "groups": "kab", "alpha": 0}),
    "inequality_by_source": (inequality_by_source, {"of": ["y", "aid"]}),
    "growth_redistribution": (growth_redistribution, {"of": "y", "line": 6.0, "period": "year", "order": 2}),
    "difference of gini": (difference, {"of": "y", "between": "year", "against": 2023, "measure": "gini"}),
    "difference of watts": (difference, {"of": "y", "between": "kab", "against": "a", "measure": "watts", "line": 6.0}),
}
KERNEL = {
    "growth_incidence": (growth_incidence, {"of": "y", "period": "year", "p": (0.25, 0.5, 0.75)}),
    "head count": (growth_redistribution, {"of": "y", "line": 6.0, "period": "year", "order": 0}),
    "quintile_share_ratio": (quintile_share_ratio, {"of": "y"}),
    "palma": (palma, {"of": "y"}),
    "lorenz": (lorenz, {"of": "y", "p": (0.2, 0.5, 0.8)}),
    "concentration curve": (lorenz, {"of": "aid", "rank": "y", "p": (0.2, 0.5, 0.8)}),
}


def derivatives(method, roles, rows, step=1e-5):
    """Standard errors from numerical derivatives with respect to each weight."""
    base = method(rows, **roles, design=DESIGN).table
    Z = np.empty((len(rows), len(base)))
    for i in range(len(rows)):
        moved = rows.w.to_numpy().copy()
        moved[i] *= 1 + step
        up = method(rows.assign(w=moved), **roles, design=DESIGN).table.estimate.to_numpy()
        moved[i] *= (1 - step) / (1 + step)
        down = method(rows.assign(w=moved), **roles, design=DESIGN).table.estimate.to_numpy()
        Z[i] = (up - down) / (2 * step)
    units = pd.DataFrame(Z).groupby([rows.strata.to_numpy(), rows.psu.to_numpy()]).sum()
    strata = units.groupby(level=0)
    n = strata.transform("size").to_numpy()[:, None]
    return base, np.sqrt((n / (n - 1) * (units - strata.transform("mean")) ** 2).sum().to_numpy())


@pytest.mark.parametrize("name", SMOOTH)
def test_the_influence_is_the_derivative(name):
    method, roles = SMOOTH[name]
    rows = ROWS.iloc[::16].reset_index(drop=True)
    base, numerical = derivatives(method, roles, rows)
    ours = base.std_error.to_numpy()
    assert ours == pytest.approx(numerical, rel=1e-4, abs=1e-8)


@pytest.mark.parametrize("name", KERNEL)
def test_measures_with_a_density_agree_with_the_bootstrap(name):
    """Where a quantile is in it there is no derivative; the bootstrap is within its own noise and the kernel's."""
    from kesos_research.methods.replication import replicated

    method, roles = KERNEL[name]
    linear = method(ROWS, **roles, design=DESIGN).table
    rows, design = replicated(ROWS, design=DESIGN, kind="bootstrap", replicates=200, seed=4)
    drawn = method(rows, **roles, design=design).table
    keep = linear.term != "residual"  # what is left of four head counts is mostly noise
    linear, drawn = linear[keep], drawn[keep]
    assert linear.estimate.tolist() == pytest.approx(drawn.estimate.tolist())
    assert linear.std_error.to_numpy() == pytest.approx(drawn.std_error.to_numpy(), rel=0.35)


class TestDefinitions:
    y, w = ROWS.y.to_numpy(), ROWS.w.to_numpy()

    def value(self, method, **roles):
        return method(ROWS, of="y", design=DESIGN, **roles).table.estimate.to_numpy()

    def test_gini_is_the_mean_difference(self):
        gaps = np.abs(self.y[:, None] - self.y)
        G = self.w @ gaps @ self.w / (2 * self.w.sum() ** 2 * np.average(self.y, weights=self.w))
        assert self.value(gini) == pytest.approx(G)

    def test_concentration_is_a_covariance_with_the_rank(self):
        order = np.argsort(self.y)
        middle = self.w[order].cumsum() - self.w[order] / 2
        steps = pd.DataFrame({"y": self.y[order], "w": self.w[order], "wr": self.w[order] * middle}).groupby("y")
        rank = (steps.wr.transform("sum") / steps.w.transform("sum")).to_numpy() / self.w.sum()
        h = ROWS.aid.to_numpy()[order]
        mu = np.average(h, weights=self.w[order])
        cov = np.average((h - mu) * (rank - 0.5), weights=self.w[order])
        ours = concentration(ROWS, of="aid", rank="y", design=DESIGN).table.estimate[0]
        assert ours == pytest.approx(2 * cov / mu)

    def test_concentration_over_itself_is_gini(self):
        ours = concentration(ROWS, of="y", rank="y", design=DESIGN).table
        theirs = gini(ROWS, of="y", design=DESIGN).table
        pd.testing.assert_frame_equal(ours.drop(columns="term"), theirs.drop(columns="term"))

    def test_lorenz_of_a_rank_by_itself_is_lorenz(self):
        plain, ranked = (lorenz(ROWS, of="y", **rank, p=(0.3, 0.5, 0.7), design=DESIGN) for rank in ({}, {"rank": "y"}))
        assert plain.table.estimate.tolist() == pytest.approx(ranked.table.estimate.tolist())
        assert plain.table.std_error.tolist() == pytest.approx(ranked.table.std_error.tolist(), rel=0.15)

    def test_decompositions_add_up(self):
        total, within, between = self.value(inequality_by_group, groups="kab", alpha=0.5)
        assert total == pytest.approx(within + between)
        assert total == pytest.approx(self.value(generalized_entropy, alpha=0.5)[0])
        table = poverty_by_group(ROWS, of="y", line=6.0, groups="kab", order=2, design=DESIGN).table
        parts = table.pivot(index="kab", columns="term", values="estimate")
        assert parts.contribution.sum() == pytest.approx(1)
        assert (parts.population_share * parts.poverty).sum() == pytest.approx(self.value(fgt, line=6.0, order=2)[0])
        assert table.groupby("kab").n.first().to_dict() == ROWS.kab.value_counts().to_dict()
        table = inequality_by_source(ROWS, of=["y", "aid"], design=DESIGN).table
        parts = table.pivot(index="source", columns="term", values="estimate")
        assert parts.contribution.sum() == pytest.approx(1)
        assert parts.elasticity.sum() == pytest.approx(0)
        whole = gini(ROWS.assign(all=ROWS.y + ROWS.aid), of="all", design=DESIGN).table.estimate[0]
        assert (parts.share * parts.correlation * parts.gini).sum() == pytest.approx(whole)

    def test_growth_and_redistribution_add_up(self):
        for order in (0, 1):
            answer = growth_redistribution(ROWS, of="y", line=6.0, period="year", order=order, design=DESIGN)
            t = answer.table.set_index("term").estimate
            periods = [
                fgt(ROWS[ROWS.year == y], of="y", line=6.0, order=order, design=SurveyDesign(weight="w"))
                for y in (2023, 2024)
            ]
            assert t["change"] == pytest.approx(periods[1].table.estimate[0] - periods[0].table.estimate[0])
            assert t["change"] == pytest.approx(t["growth"] + t["redistribution"] + t["residual"])
            assert t["change"] == pytest.approx(t["growth_shapley"] + t["redistribution_shapley"])

    def test_alkire_foster_by_hand(self):
        c = (2 * ROWS.water + ROWS.school + ROWS.floor) / 4
        poor = c >= 0.5
        answer = alkire_foster(ROWS, of={"water": 2, "school": 1, "floor": 1}, cutoff=0.5, design=DESIGN)
        t = answer.table.set_index("term").estimate
        assert t["H"] == pytest.approx(np.average(poor, weights=ROWS.w))
        assert t["M0"] == pytest.approx(np.average(c * poor, weights=ROWS.w))
        assert t["A"] == pytest.approx(t["M0"] / t["H"])
        assert t["contribution: water"] == pytest.approx(0.5 * t["censored: water"] / t["M0"])
        assert t["contribution: water"] + t["contribution: school"] + t["contribution: floor"] == pytest.approx(1)

    def test_nobody_poor(self):
        assert self.value(fgt, line=0.1).tolist() == [0, 0, 0]
        assert self.value(sen, line=0.1).tolist() == [0, 0]

    def test_a_line_for_each_row(self):
        rows = ROWS.assign(line=np.where(ROWS.kab == "a", 5.0, 7.0))
        by_column = fgt(rows, of="y", line="line", by="kab", design=DESIGN).table
        for kab, line in (("a", 5.0), ("b", 7.0)):
            by_number = fgt(rows, of="y", line=line, by="kab", design=DESIGN).table
            pd.testing.assert_frame_equal(by_column[by_column.kab == kab], by_number[by_number.kab == kab])

    def test_at_the_line_is_not_poor(self):
        rows = pd.DataFrame({"w": [1.0, 1.0], "y": [5.0, 10.0]})
        assert fgt(rows, of="y", line=10, order=0, design=SurveyDesign(weight="w")).table.estimate[0] == 0.5


@pytest.mark.parametrize(
    ("method", "roles", "told"),
    [
        (fgt, {"line": 0}, "line is 0"),
        (fgt, {"line": -5.0}, "line is"),
        (fgt, {"line": "aid"}, "nought or less"),
        (watts, {"line": 5.0, "of": "aid"}, "nought or less"),
        (generalized_entropy, {"of": "aid", "alpha": 0}, "nought or less"),
        (generalized_entropy, {"alpha": float("nan")}, "alpha is"),
        (atkinson, {"epsilon": 0}, "epsilon is"),
        (quintile_share_ratio, {"share": 0.7}, "at most"),
        (alkire_foster, {"of": ["water"], "cutoff": 0}, "cutoff is 0"),
        (alkire_foster, {"of": ["y"], "cutoff": 0.5}, "other values"),
        (growth_redistribution, {"line": 5.0, "period": "kab"}, "3 periods"),
        (inequality_by_source, {"of": ["y"]}, "one source"),
        (sen, {"line": RelativeLine()}, "line is"),
    ],
)
def test_what_cannot_be_is_refused(method, roles, told):
    from kesos_research.language import use

    with use("en"), pytest.raises(MethodError, match=told):
        method(ROWS, **({"of": "y"} | roles), design=DESIGN)
