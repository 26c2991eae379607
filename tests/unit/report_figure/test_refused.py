"""What a figure does not draw, and what it says then."""

import pandas as pd
import pytest
from unit.report_figure.given import (
    ALT,
    ASPECTS,
    CHOICE_NAMES,
    CHOICES,
    FOREST_NAMES,
    GROUPS,
    HEADLINE,
    ITEMS,
    PANELS,
    PILOTS,
    POINTS,
    REACHED,
    SCALES,
    TENTHS,
    detectable_rows,
    evidence_rows,
    forest_rows,
    gap_rows,
    incidence_rows,
    map_rows,
    protected,
    specification_rows,
    trajectory_rows,
    trend_rows,
)
from unit.report_figure.given_impact import (
    ARMS,
    COVARIATES,
    MONTHS,
    POPULATIONS,
    RANK,
    RESOLVED,
    STAYED,
    balance_rows,
    bin_rows,
    binned_rows,
    cohort_rows,
    comparison_rows,
    curve_rows,
    estimates,
    event_rows,
    path_rows,
    plane_rows,
    power_rows,
    robust_rows,
    worth_rows,
)

from kesos_research.errors import DataError, DisclosureError, DocumentError, KesosError
from kesos_research.language import use, words
from kesos_research.report import figure


def trends(rows, **changed):
    given = {"id": "fig-trends", "alt": ALT, "panels": PANELS[:1], "on_slide": ()} | changed
    return figure.trends(protected(rows) if isinstance(rows, pd.DataFrame) else rows, **given)


def spec(**changed):
    given = {"id": "fig-s", "alt": ALT, "panels": SCALES, "choices": CHOICES, "names": CHOICE_NAMES} | changed
    return figure.specification_curve(protected(specification_rows()), **{"headline": HEADLINE} | given)


def evidence(rows, **changed):
    given = {"items": ITEMS, "units": PILOTS, "aspects": ASPECTS, "groups": GROUPS} | changed
    return figure.evidence_matrix(protected(rows), id="fig-e", alt=ALT, **given)


def dots(rows, **changed):
    given = {"label": "P0", "unit": "%", "names": PILOTS} | changed
    return figure.dot_map(protected(rows), id="fig-map", alt=ALT, **given)


def strip(rows):
    names = {"p0": "P0", "tpt": "TPT", "pdrb": "PDRB"}
    return figure.detectable(protected(rows), id="fig-d", alt=ALT, names=names, units=names)


def forest(rows, **changed):
    given = {"panels": PANELS[:2], "names": FOREST_NAMES} | changed
    return figure.forest(protected(rows), id="fig-f", alt=ALT, **given)


def gaps(rows, **changed):
    return figure.gaps(protected(rows), id="fig-g", alt=ALT, since=2013, unit=POINTS, **{"names": PILOTS} | changed)


def bars(rows):
    return figure.incidence(protected(rows), id="fig-i", alt=ALT, panels=REACHED, foot=TENTHS)


def love(rows, **changed):
    source = protected(rows) if isinstance(rows, pd.DataFrame) else rows
    return figure.love_plot(source, id="fig-l", alt=ALT, on_slide=(), **{"names": COVARIATES} | changed)


def events(rows, **changed):
    source = protected(rows) if isinstance(rows, pd.DataFrame) else rows
    return figure.event_study(source, id="fig-e", alt=ALT, on_slide=(), **{"panels": RESOLVED} | changed)


def curve(rows, **changed):
    given = {"panels": STAYED, "names": ARMS, "foot": MONTHS} | changed
    return figure.survival(protected(rows), id="fig-k", alt=ALT, on_slide=(), **given)


def plane(rows, **changed):
    return figure.cost_plane(protected(rows), id="fig-p", alt=ALT, effect="e", cost="c", slide=False, **changed)


def sides(rows, draw=figure.density, **changed):
    return draw(protected(rows), id="fig-s", alt=ALT, cutoff=30, foot=RANK, slide=False, **changed)


def several(n):
    rows = {f"e{i}": protected(event_rows(i)) for i in range(n)}
    return events(rows, names={key: key for key in rows})


CASES = {
    "rows that have not passed the guard": (lambda: trends(object()), DisclosureError, "protect"),
    "a column that lacks": (lambda: trends(trend_rows().drop(columns="value")), DataError, "value"),
    "no rows": (lambda: trends(trend_rows().iloc[:0]), DataError, "no rows"),
    "no alt text": (lambda: trends(trend_rows(), alt=words(id="", en="x")), DocumentError, "alt text"),
    "an id of another kind": (lambda: trends(trend_rows(), id="tbl-x"), DocumentError, "fig-"),
    "two rows for one mark": (lambda: trends(pd.concat([trend_rows()] * 2)), DataError, "Several rows"),
    "a panel without values": (lambda: trends(trend_rows()[lambda d: d["panel"] != "p0"]), DataError, "p0"),
    "text for numbers": (lambda: trends(trend_rows().astype({"value": str})), DataError, "numbers"),
    "an unknown panel on the slide": (lambda: trends(trend_rows(), on_slide=("gini",)), DocumentError, "gini"),
    "a group no trajectory has": (
        lambda: figure.trajectory(
            protected(trajectory_rows().replace({"group": {"peers": "friends"}})), id="fig-t", alt=ALT, panels=PANELS
        ),
        DocumentError,
        "friends",
    ),
    "gaps of nobody treated": (lambda: gaps(gap_rows()[lambda d: d["kind"] == "placebo"]), DataError, "treated"),
    "gaps of a unit without a name": (lambda: gaps(gap_rows(), names={"33.14": "Sragen"}), DocumentError, "13.76"),
    "a term without a name": (lambda: forest(forest_rows(), names={"pooled": "x"}), DocumentError, "each"),
    "no estimates": (lambda: forest(forest_rows().assign(estimate=float("nan"))), DataError, "no estimates"),
    "a headline that is several": (lambda: spec(headline={"method": "did"}), DataError, "exactly one"),
    "a headline that is none": (lambda: spec(headline=HEADLINE | {"pool": "x"}), DataError, "exactly one"),
    "a headline by a strange column": (lambda: spec(headline={"penalty": 1}), DataError, "penalty"),
    "a choice without a name": (lambda: spec(names=CHOICE_NAMES | {"pool": {"all": "x"}}), DocumentError, "similar"),
    "a cell of evidence that lacks": (lambda: evidence(evidence_rows().iloc[1:]), DataError, "A1, 33.14, regulasi"),
    "evidence neither true nor false": (
        lambda: evidence(evidence_rows().assign(found="belum ada bukti")),
        DataError,
        "true and false",
    ),
    "an item of no group": (lambda: evidence(evidence_rows(), groups={"A": "A"}), DataError, "B1"),
    "a named region that is not there": (lambda: dots(map_rows().iloc[:100]), DataError, "33.14"),
    "a region at no place": (lambda: dots(map_rows().assign(lat=float("nan"))), DataError, "no place"),
    "no values to map": (lambda: dots(map_rows().assign(value=float("nan"))), DataError, "value"),
    "classes that do not ascend": (lambda: dots(map_rows(), breaks=(1, 1)), DataError, "ascending"),
    "two bars in one place": (lambda: bars(pd.concat([incidence_rows()] * 2)), DataError, "Several rows"),
    "bars of nothing": (lambda: bars(incidence_rows().assign(estimate=float("nan"))), DataError, "no estimates"),
    "tenths that are words": (lambda: bars(incidence_rows().astype({"quantile": str})), DataError, "numbers"),
    "a love plot of rows that have not passed": (lambda: love({"a": object()}), DisclosureError, "protect"),
    "a love plot of nothing": (lambda: love({}), DataError, "no rows"),
    "a covariate without a name": (lambda: love(balance_rows(), names={"umur": "Umur"}), DocumentError, "anggota"),
    "a covariate twice": (lambda: love(pd.concat([balance_rows()] * 2)), DataError, "umur"),
    "differences that are words": (lambda: love(balance_rows().astype({"smd_before": str})), DataError, "numbers"),
    "a love plot without before": (lambda: love(balance_rows().drop(columns="smd_before")), DataError, "smd_before"),
    "a limit of nought": (lambda: love(balance_rows(), threshold=0), DataError, "above zero"),
    "a population without rows": (
        lambda: love({"lulus": protected(balance_rows())}, panels=POPULATIONS),
        DataError,
        "rintisan",
    ),
    "a reference that was estimated": (lambda: events(event_rows(reference=None)), DataError, "Event time −1"),
    "a time twice": (lambda: events(pd.concat([event_rows()] * 2)), DataError, "Several rows"),
    "half a year": (lambda: events(event_rows().astype({"event_time": float}) + 0.5), DataError, "whole numbers"),
    "no interval of events": (lambda: events(event_rows().drop(columns="conf_low")), DataError, "conf_low"),
    "five estimators": (lambda: several(5), DataError, "one to 4"),
    "an estimator without a name": (
        lambda: events({"a": protected(event_rows())}, names={"b": "B"}),
        DocumentError,
        "column group",
    ),
    "survival in percent": (lambda: curve(curve_rows().assign(conf_high=100.0)), DataError, "shares, not percent"),
    "a group without a name": (lambda: curve(curve_rows(), names={"a": "A"}), DocumentError, "b"),
    "no numbers at risk": (lambda: curve(curve_rows().drop(columns="at_risk")), DataError, "at_risk"),
    "a bound twice": (
        lambda: figure.sensitivity(protected(pd.concat([robust_rows()] * 2)), id="fig-s", alt=ALT, panels=RESOLVED),
        DataError,
        "bound",
    ),
    "another level than the estimates'": (
        lambda: figure.sensitivity(
            estimates("honest_did", robust=robust_rows()), id="fig-s", alt=ALT, panels=RESOLVED, level=0.9
        ),
        DataError,
        "0.95",
    ),
    "a comparison of an unknown kind": (
        lambda: figure.bacon(
            protected(comparison_rows().replace({"later_vs_earlier": "all"})), id="fig-b", alt=ALT, panels=RESOLVED
        ),
        DocumentError,
        "all",
    ),
    "two draws": (lambda: plane(plane_rows().iloc[:2]), DataError, "too few draws"),
    "a level in percent": (lambda: plane(plane_rows(), level=95), DataError, "between 0 and 1"),
    "programmes without names": (
        lambda: plane(plane_rows().assign(group=["a", "b"] * 500)),
        DocumentError,
        "a, b",
    ),
    "a probability in percent": (
        lambda: figure.acceptability(
            protected(worth_rows().assign(probability=50.0)), id="fig-a", alt=ALT, foot="x", slide=False
        ),
        DataError,
        "shares, not percent",
    ),
    "a power of 80": (
        lambda: figure.power_curve(protected(power_rows()), id="fig-a", alt=ALT, foot="x", target=80),
        DataError,
        "between 0 and 1",
    ),
    "more that began than there are": (
        lambda: figure.adoption(protected(cohort_rows()), id="fig-a", alt=ALT, total=100),
        DataError,
        "140 of 100",
    ),
    "nobody who began": (
        lambda: figure.adoption(protected(cohort_rows().iloc[-1:]), id="fig-a", alt=ALT),
        DataError,
        "No unit",
    ),
    "a bin over the threshold": (lambda: sides(bin_rows() + 1), DataError, "holds the threshold"),
    "bins of unequal width": (lambda: sides(bin_rows().assign(high=lambda d: d["low"] ** 2 + 1)), DataError, "width"),
    "a threshold that is none": (
        lambda: sides(binned_rows().assign(running=lambda d: d["running"] + 9), figure.discontinuity, label="y"),
        DataError,
        "between the two sides",
    ),
    "a series without what would have been": (
        lambda: figure.interrupted(
            protected(path_rows().drop(columns="counterfactual")), id="fig-i", alt=ALT, panels=STAYED, since=2013
        ),
        DataError,
        "counterfactual",
    ),
    "an effect without what was detectable": (lambda: strip(detectable_rows().assign(mde=0.0)), DataError, "p0"),
}


@pytest.mark.parametrize("case", CASES)
def test_it_is_refused_and_said_why(case):
    draw, kind, said = CASES[case]
    with use("en"), pytest.raises(kind) as caught:
        draw()
    assert isinstance(caught.value, KesosError)
    assert said in str(caught.value)
