"""What each figure shows of the rows it is given."""

import re

import numpy as np
import pandas as pd
import pytest
from lxml import etree
from unit.report_figure.every import made
from unit.report_figure.given import (
    ALT,
    ASPECTS,
    CHOICE_NAMES,
    CHOICES,
    HEADLINE,
    ITEMS,
    PANELS,
    PILOTS,
    POINTS,
    REACHED,
    SCALES,
    TENTHS,
    evidence_rows,
    forest_rows,
    gap_rows,
    incidence_rows,
    ladder_rows,
    map_rows,
    protected,
    specification_rows,
    trajectory_rows,
    trend_rows,
)
from unit.report_figure.reading import said, strokes

from kesos_research.language import words
from kesos_research.report import figure, style

HOSTILE = [
    "<script>alert(1)</script>",
    "$x_{1}$ & Co",
    'A "quoted" \\frac{1}{2}',
    "line\nbreak\x00\x1b[31m",
    "字 🙂 ]]>",
]


def test_names_are_text_whatever_they_hold():
    names = dict(zip(PILOTS, HOSTILE, strict=True))
    drawn = [
        figure.trends(protected(trend_rows()), id="fig-a", alt=ALT, panels=PANELS[:1], names=names, on_slide=()),
        figure.gaps(protected(gap_rows(20)), id="fig-b", alt=ALT, names=names, since=2013, unit=POINTS, on_slide=()),
        figure.dot_map(
            protected(map_rows()), id="fig-c", alt=ALT, label="$P_0$", unit="<b>%</b>", names=names, slide=False
        ),
        figure.evidence_matrix(
            protected(evidence_rows()), id="fig-d", alt=ALT, items=ITEMS, units=names, aspects=ASPECTS, slide=False
        ),
    ]
    for one in drawn:
        for svg in one.svg.values():
            tags = {etree.QName(e).localname for e in etree.fromstring(svg.encode()).iter()}
            assert tags <= {"svg", "defs", "style", "g", "path", "text", "use", "clipPath", "rect"}
            shown = " ".join(said(svg))
            assert "alert(1)</script>" in shown
            assert "$x_{1}$" in shown
            assert "\\frac{1}{2}" in shown
            assert "break [31m" in shown


def test_a_year_without_a_value_breaks_the_line():
    mean = strokes(made("trends").svg["id"], style.TREATED, 1.5 * style.LINE_PT)
    assert len(mean) == len(PANELS)
    moves = [d.count("M") for d in mean]
    assert moves == [1, 2, 1, 1], "unemployment of 2016 lacks"


def test_a_flagged_value_is_ringed_and_explained():
    rows = trend_rows()
    with_flag = figure.trends(protected(rows), id="fig-a", alt=ALT, panels=PANELS[:1], on_slide=())
    without = figure.trends(protected(rows.assign(flag=False)), id="fig-a", alt=ALT, panels=PANELS[:1], on_slide=())
    assert any("lompatan angka" in t for t in said(with_flag.svg["id"]))
    assert not any("lompatan angka" in t for t in said(without.svg["id"]))


def test_every_line_is_named_in_each_panel():
    shown = said(made("trends").svg["en"])
    for name in PILOTS.values():
        assert shown.count(name) == len(PANELS)
    assert shown.count("Pilots: mean") == len(PANELS)


def test_a_trajectory_names_region_province_nation_and_peers():
    rows = trajectory_rows()
    rows = rows[rows["panel"] == "p0"]
    one = figure.trajectory(
        protected(rows), id="fig-a", alt=ALT, panels=PANELS[:1], names={"region": "Kab. Sragen"}, on_slide=()
    )
    shown = " ".join(said(one.svg["en"]))
    for text in ("Kab. Sragen", "Province: median", "Indonesia: median", "Ten nearest peers"):
        assert text in shown
    assert one.slide_svg == {"id": "", "en": ""}


def test_the_cloud_is_stored_once_for_all_panels():
    svg = made("gaps").svg["id"]
    points = sum(p.get("d").count("L") + p.get("d").count("M") for p in etree.fromstring(svg.encode()).iter("{*}path"))
    assert 482 * 6 < points < 482 * 6 * 1.3, "482 placebos of six years, not once for each of five panels"
    assert "482 daerah bukan percontohan" in " ".join(said(svg))


def test_years_left_out_stay_a_gap():
    own = strokes(made("gaps").svg["en"], style.TREATED, 1.5 * style.LINE_PT)
    assert len(own) == 6
    assert {d.count("M") for d in own} == {2}, "2013 lies between"


def test_joint_placebos_stand_behind_the_pooled_gap():
    rows = gap_rows(30)
    joint = rows[rows["kind"] == "placebo"].assign(kind="joint")
    given = {"id": "fig-a", "alt": ALT, "names": PILOTS, "since": 2013, "unit": POINTS, "on_slide": ()}
    without, one = (
        figure.gaps(protected(r), **given).svg["en"] for r in (rows, pd.concat([rows, joint], ignore_index=True))
    )
    assert "30 sets of other districts" in " ".join(said(one))
    assert "sets of" not in " ".join(said(without))
    clouds = [sum(1 for _ in etree.fromstring(svg.encode()).iter("{*}use")) for svg in (without, one)]
    assert clouds[1] > clouds[0], "the mean has a cloud of its own"


def test_a_forest_prints_the_numbers_it_draws():
    rows = forest_rows()
    shown = said(made("forest").svg["id"])
    r = rows.iloc[0]
    assert f"{r['estimate']:.2f}".replace(".", ",").replace("-", "−") in shown
    low, high = (f"{r[c]:.2f}".replace(".", ",").replace("-", "−") for c in ("conf_low", "conf_high"))
    assert f"[{low}; {high}]" in shown
    assert shown.count("0: tidak ada perbedaan") == 2
    assert sum(t.startswith("[") for t in shown) == int(rows["conf_low"].notna().sum())


def test_specifications_are_sorted_and_one_is_the_headline():
    one = made("specification_curve")
    rows = pd.DataFrame(one.data)
    assert rows.groupby("panel")["estimate"].apply(lambda s: s.is_monotonic_increasing).all()
    assert rows["headline"].sum() == 1
    assert len(rows) == 2 * 2 * 3 * 2
    assert said(one.svg["id"]).count("utama") == 1


def test_choices_may_be_numbers():
    rows = specification_rows().assign(method=lambda d: d["method"].map({"did": 0.1, "sc": 1.0}))
    one = figure.specification_curve(
        protected(rows),
        id="fig-a",
        alt=ALT,
        panels=SCALES,
        choices=CHOICES,
        names=CHOICE_NAMES | {"method": {0.1: "λ = 0,1", 1.0: "λ = 1"}},
        headline=HEADLINE | {"method": 0.1},
        on_slide=(),
    )
    assert "λ = 1" in said(one.svg["id"])


def test_a_map_counts_its_classes():
    rows = map_rows()
    one = figure.dot_map(
        protected(rows), id="fig-a", alt=ALT, label="P0", unit="%", names={}, breaks=(8, 12, 16), slide=False
    )
    wanted = np.histogram(rows["value"].dropna(), [-np.inf, 8, 12, 16, np.inf])[0]
    shown = said(one.svg["en"])
    assert [f"n = {n}" for n in [*wanted, rows["value"].isna().sum()]] == [t for t in shown if t.startswith("n = ")]
    assert [t for t in shown if re.match(r"[<≥\d]|no", t)] == [
        "< 8.0",
        "8.0 – < 12.0",
        "12.0 – < 16.0",
        "≥ 16.0",
        "no figure",
    ]
    circles = etree.fromstring(one.svg["en"].encode()).iter("{*}use")
    assert sum(1 for _ in circles) == len(rows) + 5, "514 dots, and five in the legend"


def test_a_locator_is_as_wide_as_asked():
    one = figure.locator(protected(map_rows()), id="fig-a", alt=ALT, code="91.71", name="Kota Jayapura", mm=48)
    assert 'width="48mm"' in one.svg["id"]
    assert said(one.svg["id"]) == ["Kota Jayapura"]


def test_empty_cells_of_evidence_are_drawn_and_filled_ones_counted():
    one = made("evidence_matrix")
    for svg in (one.svg["id"], one.slide_svg["id"]):
        looks = [m.get("style") or m.getparent().get("style") for m in etree.fromstring(svg.encode()).iter("{*}use")]
        fills = re.findall(r"fill: (#[0-9a-f]{6})", " ".join(looks))
        assert fills.count(style.HIGHLIGHT.lower()) == 5 + 1, "five findings, and the legend's"
        assert fills.count(style.PAPER.lower()) == 11 * 5 * 6 - 5 + 1
        assert "belum ada bukti" in said(svg)
    shown = said(one.svg["id"])
    assert shown.count("5") >= 1
    assert "dari 66" in shown


def test_effects_of_all_units_stand_on_one_scale():
    one = made("detectable")
    bars = strokes(one.svg["en"], style.TREATED, 1.4 * style.LINE_PT)
    ends = [[float(x) for x in re.findall(r"[ML] (-?[\d.]+)", d)] for d in bars]
    lengths = np.array([b - a for a, b in ends])
    rows = pd.DataFrame(one.data)
    assert lengths / lengths[0] == pytest.approx(
        (rows["conf_high"] - rows["conf_low"]) / rows["mde"] / (2.7 / 1.96), rel=0.01
    )


def test_slides_leave_out_what_they_are_told_to():
    none = figure.trends(protected(trend_rows()), id="fig-a", alt=ALT, panels=PANELS[:1], on_slide=())
    one = figure.trends(protected(trend_rows()), id="fig-a", alt=ALT, panels=PANELS, on_slide=("rls",))
    assert none.slide_svg["id"] == ""
    heads = " ".join(said(one.slide_svg["en"]))
    assert "schooling" in heads
    assert "Poverty" not in heads


def test_captions_and_notes_are_added_afterwards():
    one = made("detectable").with_caption(id="Temuan.", en="Finding.").with_note(id="n.", en="n.")
    assert one.caption == words(id="Temuan.", en="Finding.")


def test_a_ladder_stands_in_the_order_of_one_series_and_remembers_every_record():
    drawn, rows = made("ladder"), ladder_rows()
    assert len(drawn.data) == 3 * 48
    assert set(drawn.guards) == {protected(part).record.digest for part in rows.values()}
    # a blue interval for each area, from left to right in the order of the model's estimates
    blue = strokes(drawn.svg["en"], style.SYNTHETIC, 0.7 * 1.2)
    tops = [float(d.split()[-1]) for d in sorted(blue, key=lambda d: float(d.split()[1]))]
    assert len(blue) == 48
    assert tops == sorted(tops, reverse=True), "higher up the page is a smaller number"


def test_a_round_country_takes_half_as_much_height_as_width():
    drawn = etree.fromstring(made("round map").svg["en"].encode())
    assert float(drawn.get("height")[:-2]) < 0.62 * float(drawn.get("width")[:-2])


def bars(rows: pd.DataFrame, **changed) -> str:
    given = {"id": "fig-i", "alt": ALT, "panels": REACHED, "foot": TENTHS, "meant": 4, "on_slide": ()} | changed
    return figure.incidence(protected(rows), **given).svg["en"]


def test_an_incidence_has_a_bar_an_interval_and_a_number_for_each_tenth():
    rows = incidence_rows()
    svg = bars(rows)
    assert len(strokes(svg, style.TREATED_INK, style.LINE_PT)) == 2 * 4, "orange up to the tenth it is meant for"
    assert len(strokes(svg, style.COMPARISON_INK, style.LINE_PT)) == 2 * 6
    texts = said(svg)
    for _panel, own in rows.groupby("panel"):
        assert all(f"{e:.0f}" in texts for e in own["estimate"])
        assert f"mean {own['estimate'].mean():.1f}" in texts


def test_bars_are_as_high_as_their_numbers():
    rows = incidence_rows().query("panel == 'pkh'")
    drawn = etree.fromstring(bars(rows, panels=REACHED[:1]).encode())
    found = [p.get("d").split() for p in drawn.iter("{*}path") if "opacity: 0.45" in p.get("style", "")]
    high = [max(y) - min(y) for y in ([float(v) for v in d[2::3]] for d in found)]
    assert len(high) == 10
    expected = rows["estimate"].to_numpy() / rows["estimate"].iloc[0]
    assert np.array(high) / high[0] == pytest.approx(expected, abs=0.01)


def test_a_withheld_tenth_is_a_dash_and_leaves_no_even_share():
    rows = incidence_rows()
    rows.loc[(rows["panel"] == "pkh") & (rows["quantile"] == 10), ["estimate", "conf_low", "conf_high"]] = np.nan
    texts = said(bars(rows))
    assert texts.count("–") == 1
    assert sum(t.startswith("mean ") for t in texts) == 1


def test_an_interval_below_nought_stays_inside_its_panel():
    rows = incidence_rows().assign(conf_low=-50.0)
    assert "-" not in "".join(said(bars(rows)))
    assert "−" not in "".join(said(bars(rows)))
