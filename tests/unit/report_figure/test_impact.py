"""What the figures of impact show of the rows they are given."""

import re
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from lxml import etree
from unit.report_figure.every import made
from unit.report_figure.given import ALT, protected
from unit.report_figure.given_impact import (
    ARMS,
    COVARIATES,
    ESTIMATORS,
    MONTHS,
    POPULATIONS,
    RESOLVED,
    RETURNED,
    STAYED,
    balance_rows,
    bin_rows,
    binned_rows,
    cohort_rows,
    comparison_rows,
    curve_rows,
    estimates,
    event_rows,
    mde_rows,
    path_rows,
    plane_rows,
    power_rows,
    robust_rows,
)
from unit.report_figure.reading import ends, marks, said

from kesos_research.language import words
from kesos_research.report import figure, style
from kesos_research.report.figure import Panel

PAPER = style.PAPER.lower()


def line_through(x, y) -> float:
    """How far points are from a straight line, in parts of their spread: a linear scale has none."""
    return 1 - abs(np.corrcoef(np.asarray(x, float), np.asarray(y, float))[0, 1])


def test_a_love_plot_stands_in_the_order_of_what_differed_and_counts_what_still_does():
    rows = balance_rows()
    svg = made("love_plot").svg["en"]
    order = rows.assign(size=rows["smd_before"].abs()).sort_values("size", ascending=False)["covariate"]
    names = [COVARIATES[c]["en"] for c in order]
    assert [t for t in said(svg) if t in names] == names
    after = marks(svg, fill=style.TREATED)[1:]  # the first explains them
    drawn = dict(zip(order, after, strict=True))
    assert line_through([x for x, _ in drawn.values()], rows.set_index("covariate").loc[order, "smd_after"]) < 1e-6
    beyond = int((rows["smd_before"].abs() > 0.1).sum())
    assert f"before weighting: {beyond} of 7 beyond ±0.1" in said(svg)


def test_a_love_plot_of_a_trial_has_one_mark_a_covariate_and_a_withheld_one_is_a_dash():
    rows = balance_rows().drop(columns="smd_after")
    rows.loc[2, "smd_before"] = np.nan
    one = figure.love_plot(
        protected(rows), id="fig-a", alt=ALT, names=COVARIATES, before=words(id="awal", en="baseline"), on_slide=()
    )
    assert len(marks(one.svg["en"], fill=PAPER)) == 6 + 1
    assert not marks(one.svg["en"], fill=style.TREATED)
    assert said(one.svg["en"]).count("–") == 1
    assert any(t.startswith("baseline: ") and "of 6" in t for t in said(one.svg["en"]))


def test_two_populations_share_scale_and_order():
    svg = made("love_plot of two populations").svg["en"]
    assert all(t in said(svg) for t in ("Graduated from PKH (2020)", "Nascent business (2021)"))
    assert len(marks(svg, fill=style.TREATED)) == 2 * 7 + 1
    texts = [t for t in said(svg) if re.match(r"^−?0\.\d$", t)]
    assert len(texts) % 2 == 0
    assert texts[: len(texts) // 2] == texts[len(texts) // 2 :]


def test_a_slide_shows_the_covariates_that_differ_most_and_says_how_many_are_left():
    names = {f"x{i}": f"covariate {i}" for i in range(40)}
    rows = pd.DataFrame({"covariate": list(names), "smd_before": np.linspace(1, 0.01, 40)})
    one = figure.love_plot(protected(rows), id="fig-a", alt=ALT, names=names)
    page, slide = (sum(t.startswith("covariate ") for t in said(s["en"])) for s in (one.svg, one.slide_svg))
    assert page == 40
    assert slide < 20
    assert f"{40 - slide} others differ less before" in said(one.slide_svg["en"])
    assert len(one.data) == 40


def test_an_event_study_draws_every_time_but_marks_the_reference():
    rows = event_rows()
    svg = made("event_study").svg["en"]
    assert len(marks(svg, fill=style.TREATED)) == len(rows) - 1
    intervals = [d for d in ends(svg, style.TREATED, style.LINE_PT) if d[0][0] == d[1][0]]
    assert len(intervals) == len(rows) - 1
    real = rows.dropna(subset="conf_low")
    longest = max(abs(a[1] - b[1]) for a, b in intervals)
    expected = (real["conf_high"] - real["conf_low"]) / (real["conf_high"] - real["conf_low"]).max()
    assert [abs(a[1] - b[1]) / longest for a, b in intervals] == pytest.approx(list(expected), abs=0.01)
    texts = said(svg)
    assert "95 percent interval for each time" in texts
    assert "95 percent band for all times at once" in texts
    assert "reference, zero by definition" in texts
    assert [t for t in texts if re.fullmatch(r"−?\d", t)][-10:] == [
        "−5",
        "−4",
        "−3",
        "−2",
        "−1",
        "0",
        "1",
        "2",
        "3",
        "4",
    ]


def test_estimators_stand_side_by_side_in_marks_of_their_own():
    svg = made("event_study by several estimators").svg["en"]
    for color in (style.TREATED, style.SYNTHETIC, style.HIGHLIGHT):
        assert len(marks(svg, fill=color)) == 9 + 1
    assert all((n if isinstance(n, str) else n["en"]) in said(svg) for n in ESTIMATORS.values())
    across = [marks(svg, fill=c)[1][0] for c in (style.TREATED, style.SYNTHETIC, style.HIGHLIGHT)]
    assert across == sorted(across)
    assert len(set(across)) == 3


def test_an_event_study_without_a_band_or_a_reference_explains_neither():
    rows = event_rows(reference=None).drop(columns=["band_low", "band_high"])
    one = figure.event_study(protected(rows), id="fig-a", alt=ALT, panels=RESOLVED, reference=None, on_slide=())
    assert [t for t in said(one.svg["en"]) if "band" in t or "reference" in t] == []


def test_a_survival_curve_steps_down_to_the_last_share_and_counts_those_at_risk():
    rows = curve_rows()
    svg = made("survival").svg["en"]
    (drawn,) = [d for d in ends(svg, style.TREATED, 1.2 * style.LINE_PT) if len(d) > 10]
    tall = drawn[0][1], drawn[-1][1]
    own = rows[rows["group"] == "a"]
    lowest = float(own["survival"].iloc[-1])
    zero = next(y for x, y in _texts_at(svg, "0") if x < 40)
    # the label of nought stands .32 sizes of its type under the line of nought
    assert (tall[1] - tall[0]) / (zero - 0.32 * 8 - tall[0]) == pytest.approx(1 - lowest, abs=0.01)
    assert all(b[0] == a[0] or b[1] == a[1] for a, b in pairwise(drawn)), "steps, not slopes"
    for months in (0, 6, 12, 18, 24):
        at_risk = int(own.loc[own["time"] >= months, "at_risk"].iloc[0])
        assert str(at_risk) in said(svg)


def test_incidence_is_what_survival_lacks():
    rows = curve_rows()
    given = {"id": "fig-a", "alt": ALT, "names": ARMS, "foot": MONTHS, "on_slide": ()}
    falls = figure.survival(protected(rows), panels=STAYED, **given).svg["en"]
    rises = figure.survival(protected(rows), panels=RETURNED, show="incidence", **given).svg["en"]
    (down,), (up,) = ([d for d in ends(s, style.TREATED, 1.2 * style.LINE_PT) if len(d) > 10] for s in (falls, rises))
    assert [x for x, _ in down] == pytest.approx([x for x, _ in up])
    assert line_through([y for _, y in down], [y for _, y in up]) < 1e-4
    assert down[-1][1] > down[0][1]
    assert up[-1][1] < up[0][1]


def test_a_stroke_stands_where_somebody_was_last_seen():
    rows = pd.DataFrame(
        {
            "time": [0.0, 1, 2, 3],
            "survival": [1, 0.9, 0.9, 0.8],
            "conf_low": np.nan,
            "conf_high": np.nan,
            "at_risk": [10, 10, 9, 5],
            "events": [0, 1, 0, 1],
        }
    )
    svg = figure.survival(protected(rows), id="fig-a", alt=ALT, panels=STAYED, foot=MONTHS, on_slide=()).svg["en"]
    (strokes,) = ends(svg, style.TREATED, 0.6 * style.LINE_PT)
    assert len(strokes) == 2 * 2, "four leave after 2 and four after 3, without the event"
    assert "not observed any longer" in said(svg)


def test_those_at_risk_that_were_withheld_are_a_dash_and_times_beyond_are_left_out():
    rows = curve_rows(a=0.05).assign(group="a")
    rows.loc[rows["time"] == 12, ["survival", "at_risk", "events"]] = np.nan
    one = figure.survival(
        protected(rows), id="fig-a", alt=ALT, panels=STAYED, foot=MONTHS, at=(0, 12, 24, 36), on_slide=()
    )
    texts = said(one.svg["en"])
    assert texts.count("–") == 1
    assert "36" not in texts
    assert str(int(rows["at_risk"].iloc[-1])) in texts


def test_the_breakdown_is_the_one_found_or_the_last_bound_that_holds():
    assert "excludes 0 up to M = 1.27" in said(made("sensitivity").svg["en"])
    grid = figure.sensitivity(protected(robust_rows()), id="fig-a", alt=ALT, panels=RESOLVED, on_slide=())
    held = robust_rows().query("conf_low > 0")["bound"].max()
    assert f"excludes 0 up to M = {held:.2f}" in said(grid.svg["en"])
    orange, grey = (ends(grid.svg["en"], c, w) for c, w in ((style.TREATED, 1.68), (style.COMPARISON, style.LINE_PT)))
    # a stroke and two feet each, and one of each in the key
    assert (len(orange) - 1, len(grey) - 1) == (3 * 6, 3 * 3)


def test_a_breakdown_is_not_rounded_upward_and_a_level_is_written_where_it_is_told():
    source = {"": estimates("honest_did", robust=robust_rows(), breakdown=pd.DataFrame({"bound": [1.379]}))}
    bare = protected(robust_rows())
    told, asked, silent = (
        " ".join(said(figure.sensitivity(rows, id="fig-a", alt=ALT, panels=RESOLVED, on_slide=(), **level).svg["en"]))
        for rows, level in ((source, {}), (bare, {"level": 0.9}), (bare, {}))
    )
    assert "up to M = 1.37" in told
    assert "95 percent interval holds 0" in told
    assert "90 percent interval holds 0" in asked
    assert "percent interval" not in silent


@pytest.mark.parametrize(("centre", "text"), [(0.1, "holds 0 at every M"), (9.0, "excludes 0 at every M looked at")])
def test_a_conclusion_that_never_or_always_holds_is_said_so(centre, text):
    one = figure.sensitivity(protected(robust_rows(centre)), id="fig-a", alt=ALT, panels=RESOLVED, on_slide=())
    assert text in said(one.svg["en"])


def test_the_forbidden_comparisons_are_crosses_with_their_weight():
    rows = comparison_rows()
    svg = made("bacon").svg["en"]
    share = rows.loc[rows["kind"] == "later_vs_earlier", "weight"].sum()
    assert any(
        t.startswith(f"compared with: already treated (forbidden); weight {100 * share:.0f} percent") for t in said(svg)
    )
    assert f"weighted mean, the two-way estimate: {rows['estimate'] @ rows['weight']:.2f}" in said(svg)
    assert len(marks(svg, fill=style.TREATED)) == len(marks(svg, fill=style.SYNTHETIC)) == 4 + 1


def test_an_ellipse_holds_the_share_of_draws_it_says():
    rows = plane_rows(n=20_000)
    one = figure.cost_plane(protected(rows), id="fig-a", alt=ALT, effect="e", cost="c", level=0.8, slide=False)
    outline = np.array(ends(one.svg["en"], style.TREATED, style.LINE_PT)[-1])
    # on paper, an ellipse: the draws' distance from its middle against the outline's, both along the axes of the cloud
    dots = np.array(marks(one.svg["en"], fill=style.TREATED))[1:-1]
    middle = (outline.max(axis=0) + outline.min(axis=0)) / 2
    root = np.linalg.inv(np.linalg.cholesky(np.cov((outline[:-1] - middle).T)))
    far = np.linalg.norm((outline[:-1] - middle) @ root.T, axis=1)
    assert np.ptp(far) < 0.02
    inside = np.linalg.norm((dots - middle) @ root.T, axis=1) < far.mean()
    assert len(dots) == len(one.data) == 400
    assert inside.mean() == pytest.approx(0.8, abs=0.06), "400 draws: three standard errors"


def test_draws_below_the_ray_are_counted_for_each_programme():
    texts = said(made("cost_plane").svg["en"])
    for name, rows in (("APBN", plane_rows()), ("domestic grants", plane_rows(25, 2.5, 6.5))):
        share = (rows["cost"] < 4e6 * rows["effect"]).mean()
        assert f"{name}: {100 * share:.0f} percent of draws below the line" in texts


def test_the_power_asked_for_is_reached_where_the_curve_crosses_it():
    assert "80 percent from 2.50 on" in said(made("power_curve").svg["en"])
    one = figure.power_curve(
        protected(power_rows().assign(power=0.3)), id="fig-a", alt=ALT, foot="x", slide=False, marked=1, marked_name="y"
    )
    assert "80 percent is not reached" in said(one.svg["en"])
    assert "y" in said(one.svg["en"])


def test_more_clusters_see_smaller_effects():
    names = {"0.05": "low", "0.2": words(id="tinggi", en="high")}
    given = {"of": "clusters", "by": "icc", "names": names, "label": "mde", "foot": "clusters", "slide": False}
    svg = figure.mde_curve(protected(mde_rows()), id="fig-a", alt=ALT, marked=30, marked_name="plan", **given).svg["en"]
    assert {"low", "high", "plan"} <= set(said(svg))
    for color, icc in ((style.TREATED, "0.05"), (style.SYNTHETIC, "0.2")):
        (drawn,) = ends(svg, color, 1.3 * style.LINE_PT)
        own = mde_rows()[mde_rows()["icc"] == icc]
        assert line_through([x for x, _ in drawn], own["clusters"]) < 1e-6
        assert line_through([y for _, y in drawn], own["mde"]) < 1e-4


def test_adoption_adds_up():
    rows = pd.DataFrame(made("adoption").data)
    assert list(rows["year"]) == [2013, 2014, 2015, 2016, 2017, 2018]
    assert list(rows["began"]) == [0, 5, 45, 70, 0, 20]
    assert rows["share"].iloc[-1] == pytest.approx(140 / 200)
    texts = said(made("adoption").svg["en"])
    assert {"5", "45", "70", "20"} <= set(texts)
    late = figure.adoption(protected(cohort_rows()), id="fig-a", alt=ALT, years=(2016, 2018), total=280, slide=False)
    assert [r["share"] for r in late.data] == pytest.approx([120 / 280, 120 / 280, 0.5])


def test_bars_on_both_sides_are_as_high_as_their_numbers():
    rows = bin_rows()
    drawn = etree.fromstring(made("density").svg["en"].encode())
    found = [p.get("d").split() for p in drawn.iter("{*}path") if "opacity: 0.45" in p.get("style", "")]
    bars = sorted(found[2:], key=lambda d: float(d[1]))  # without those of the key
    high = [max(y) - min(y) for y in ([float(v) for v in d[2::3]] for d in bars)]
    seen = rows.loc[rows["n"] > 0, "n"].to_numpy()
    assert np.array(high) / max(high) == pytest.approx(seen / seen.max(), abs=0.01)
    below = int(rows.loc[rows["low"] < 30, "n"].sum())
    assert f"programme’s side: {below:,}" in said(made("density").svg["en"])


def test_a_jump_is_drawn_from_the_bins_and_lines_stop_where_the_fit_does():
    rows = binned_rows()
    svg = made("discontinuity").svg["en"]
    dots = [*marks(svg, fill=PAPER)]
    assert len(dots) == len(rows) + 2
    right, left = (ends(svg, c, 1.5 * style.LINE_PT)[0] for c in (style.TREATED_INK, style.COMPARISON_INK))
    assert len(right) == len(left) == int(rows.loc[rows["side"] == "treated", "fitted"].notna().sum())
    assert left[-1][0] < right[0][0]
    assert left[-1][1] > right[0][1], "up by fifteen"


def test_nothing_joins_before_and_after():
    rows = path_rows()
    svg = made("interrupted").svg["en"]
    parts = ends(svg, style.TREATED, 1.4 * style.LINE_PT)
    assert [len(p) for p in parts] == [8, 7]
    (going_on,) = ends(svg, style.SYNTHETIC, 1.4 * style.LINE_PT)
    assert len(going_on) == int(rows["counterfactual"].notna().sum())
    assert "had it gone on as before" not in said(svg), "it takes two lines"
    assert {"had it gone on as", "before", "fitted", "observed"} <= set(said(svg))


def test_a_figure_of_several_remembers_all_their_records():
    rows = {p.key: protected(balance_rows(s)) for s, p in enumerate(POPULATIONS)}
    one = figure.love_plot(rows, id="fig-a", alt=ALT, names=COVARIATES, panels=POPULATIONS, on_slide=("rintisan",))
    assert set(one.guards) == {p.record.digest for p in rows.values()}
    assert len(one.records) == 2
    assert one.source["en"] == "BPS, own computation"
    assert {r["panel"] for r in one.data} == {"lulus", "rintisan"}
    assert "Nascent business (2021)" in said(one.slide_svg["en"])
    assert "Graduated from PKH (2020)" not in said(one.slide_svg["en"])


def test_names_are_text_whatever_they_hold():
    odd = "<b>{0} $x$</b> {n}"
    given = {"id": "fig-a", "alt": ALT, "on_slide": ()}
    drawn = [
        figure.love_plot(protected(balance_rows()), names=dict.fromkeys(COVARIATES, odd), before=odd, **given),
        figure.event_study(
            {"a": protected(event_rows())}, panels=[Panel("", odd, odd)], names={"a": odd}, begins=odd, **given
        ),
        figure.survival(protected(curve_rows()), panels=STAYED, names={"a": odd, "b": odd}, foot=odd, **given),
        figure.bacon(
            protected(comparison_rows()),
            panels=RESOLVED,
            names=dict.fromkeys(set(comparison_rows()["kind"]), odd),
            **given,
        ),
    ]
    for one in drawn:
        texts = " ".join(said(one.svg["id"]))
        assert "<b>{0} $x$</b>" in texts
        assert "{n}" in texts


def _texts_at(svg: str, text: str) -> list[tuple[float, float]]:
    every = etree.fromstring(svg.encode()).iter("{*}text")
    return [(float(t.get("x")), float(t.get("y"))) for t in every if t.text == text]
