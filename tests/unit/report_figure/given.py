"""Simulated rows for every figure, of the size and shape of the real ones."""

from collections.abc import Callable
from itertools import product

import numpy as np
import pandas as pd

from kesos_research.disclosure import Protected, Published, protect
from kesos_research.domain import regions
from kesos_research.estimates import Estimates
from kesos_research.language import words
from kesos_research.report import figure
from kesos_research.report.exhibit import Figure
from kesos_research.report.figure import Panel, Span

RULE = Published(words(id="BPS, diolah", en="BPS, own computation"))
ALT = words(id="Uraian gambar.", en="What the picture shows.")
PILOTS = {
    "33.14": "Kab. Sragen",
    "64.03": "Kab. Berau",
    "73.03": "Kab. Bantaeng",
    "13.76": "Kota Payakumbuh",
    "32.72": "Kota Sukabumi",
}
PANELS = (
    Panel("p0", words(id="Kemiskinan (P0)", en="Poverty rate (P0)"), words(id="persen", en="percent")),
    Panel("tpt", words(id="Pengangguran (TPT)", en="Unemployment (TPT)"), words(id="persen", en="percent")),
    Panel("rls", words(id="Rata-rata lama sekolah", en="Mean years of schooling"), words(id="tahun", en="years")),
    Panel("pdrb", words(id="PDRB per kapita", en="GRDP per head"), words(id="ribu rupiah", en="thousand rupiah")),
)
POINTS = words(id="poin persen", en="percentage points")
SPANS = (
    Span(2013, 2013, words(id="transisi", en="transition")),
    Span(2016, 2019, words(id="SLRT di daerah lain", en="SLRT elsewhere")),
)


def protected(rows: pd.DataFrame) -> Protected:
    return protect(rows, rule=RULE)


def trend_rows() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    rows = []
    for panel, year in product(PANELS, range(2009, 2020)):
        if (panel.key, year) == ("tpt", 2016):
            continue
        scale = 40_000 if panel.key == "pdrb" else 12.0
        level = scale * (1 - 0.02 * (year - 2009))
        rows.append((panel.key, year, "comparison", level, 0.7 * level, 1.4 * level, False))
        each = level * rng.uniform(0.5, 1.5, len(PILOTS))
        rows.append((panel.key, year, "treated", each.mean(), np.nan, np.nan, False))
        rows += [
            (panel.key, year, c, v, np.nan, np.nan, (c, year) == ("64.03", 2014))
            for c, v in zip(PILOTS, each, strict=True)
        ]
    return pd.DataFrame(rows, columns=["panel", "period", "group", "value", "low", "high", "flag"])


def trajectory_rows() -> pd.DataFrame:
    rows = trend_rows()
    roles = {"comparison": "nation", "treated": "province", "33.14": "region", "64.03": "peers"}
    return rows[rows["group"].isin(roles)].assign(group=lambda d: d["group"].map(roles))


def gap_rows(placebos: int = 482) -> pd.DataFrame:
    rng = np.random.default_rng(2)
    years = (2009, 2010, 2011, 2012, 2014, 2015)
    codes = [r.code for r in regions() if r.code not in PILOTS][:placebos]
    noise = np.column_stack([rng.normal(0, 0.2, (len(codes), 4)), rng.standard_t(3, (len(codes), 2))])
    own = np.column_stack([rng.normal(0, 0.2, (5, 4)), rng.normal(0, 1.2, (5, 2))])
    rows = [
        (c, y, g, "placebo") for c, gaps in zip(codes, noise, strict=True) for y, g in zip(years, gaps, strict=True)
    ]
    rows += [
        (c, y, g, "treated") for c, gaps in zip(PILOTS, own, strict=True) for y, g in zip(years, gaps, strict=True)
    ]
    rows += [("pooled", y, g, "pooled") for y, g in zip(years, own.mean(axis=0), strict=True)]
    return pd.DataFrame(rows, columns=["unit", "period", "gap", "kind"])


def gap_estimates() -> Protected:
    table = pd.DataFrame({"term": ["pooled"], "estimate": [0.034]})
    return protect(Estimates(table, "synthetic_control", "x", evidence={"gaps": gap_rows()}), rule=RULE)


def forest_rows() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    rows = []
    for panel, (group, terms) in product(("p0", "tpt"), (("pooled", ("did", "sc")), ("each", tuple(PILOTS)))):
        for term in terms:
            e = rng.normal(0, 1)
            half = np.nan if (group, term) == ("each", "33.14") else 1.9
            rows.append((panel, group, term, e, e - half, e + half))
    return pd.DataFrame(rows, columns=["panel", "group", "term", "estimate", "conf_low", "conf_high"])


FOREST_NAMES = {
    **PILOTS,
    "pooled": words(id="Kelima daerah bersama", en="All five pilots"),
    "each": words(id="Tiap daerah percontohan", en="Each pilot"),
    "did": "difference-in-differences",
    "sc": words(id="kontrol sintetis", en="synthetic control"),
}
CHOICES = {
    "window": words(id="Jendela sesudah", en="Window after"),
    "pool": words(id="Daerah pembanding", en="Comparison districts"),
    "method": words(id="Metode", en="Method"),
}
CHOICE_NAMES = {
    "window": {"2014_2015": "2014–2015", "2014_2019": "2014–2019"},
    "pool": {
        "all": words(id="semua", en="all"),
        "same_island": words(id="satu pulau", en="same island"),
        "similar_level": words(id="tingkat serupa", en="similar level"),
    },
    "method": {"did": "difference-in-differences", "sc": words(id="kontrol sintetis", en="synthetic control")},
}
HEADLINE = {"panel": "level", "window": "2014_2015", "pool": "all", "method": "did"}
SCALES = (
    Panel("level", words(id="P0, tingkat", en="P0, level"), POINTS),
    Panel("log", words(id="P0, logaritma", en="P0, log"), words(id="persen", en="percent")),
)


def specification_rows() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    rows = []
    for panel, *choice in product(("level", "log"), *(CHOICE_NAMES[c] for c in CHOICES)):
        scale = 1.2 if panel == "level" else 9.0
        e, half = scale * rng.normal(0.1, 0.3), scale * rng.uniform(0.9, 1.5)
        rows.append((panel, *choice, e, e - half, e + half))
    return pd.DataFrame(rows, columns=["panel", *CHOICES, "estimate", "conf_low", "conf_high"])


def map_rows() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    rows = pd.DataFrame([(r.code, r.lat, r.lon, r.province_code) for r in regions()])
    rows.columns = ["code", "lat", "lon", "province"]
    value = rng.gamma(4, 3, len(rows))
    value[::40] = np.nan
    return rows.assign(value=value)


ITEMS = {
    **{
        f"A{i}": words(id=f"Butir kebijakan yang panjang namanya nomor {i}", en=f"Policy item {i}") for i in range(1, 7)
    },
    **{f"B{i}": words(id=f"Pelayanan {i}", en=f"Service {i}") for i in range(1, 6)},
}
ASPECTS = {
    "regulasi": words(id="regulasi", en="regulation"),
    "kelembagaan": words(id="kelembagaan", en="institutions"),
    "sdm": words(id="SDM", en="staff"),
    "anggaran": words(id="anggaran", en="budget"),
    "data": "data",
    "layanan": words(id="layanan", en="services"),
}
GROUPS = {
    "A": words(id="Kebijakan, strategi, dan program", en="Policy, strategy and programme"),
    "B": words(id="Pelayanan terpadu", en="Integrated services"),
}


def evidence_rows() -> pd.DataFrame:
    rows = pd.DataFrame(list(product(ITEMS, PILOTS, ASPECTS)), columns=["item", "unit", "aspect"])
    return rows.assign(found=(rows["item"] == "A2") & (rows["aspect"] == "kelembagaan"))


def detectable_rows() -> pd.DataFrame:
    rows = [("p0", 0.034, -1.3, 1.4, 1.96), ("tpt", -0.7, -2.2, 0.9, 2.24), ("pdrb", 812.0, -2100.0, 3600.0, 4100.0)]
    return pd.DataFrame(rows, columns=["term", "estimate", "conf_low", "conf_high", "mde"])


OUTCOMES = {p.key: p.label for p in PANELS}
LADDER_NAMES = {
    "direct": words(id="taksiran langsung", en="direct estimate"),
    "model": words(id="taksiran model", en="model estimate"),
    "truth": words(id="nilai sebenarnya", en="true value"),
}


def ladder_rows() -> dict[str, pd.DataFrame]:
    rng = np.random.default_rng(9)
    truth = pd.DataFrame({"kab": [f"01.{i:02d}" for i in range(1, 49)], "estimate": rng.uniform(3, 25, 48)})
    made = {"truth": truth}
    for name, error in (("direct", 4.0), ("model", 2.0)):
        at = np.maximum(truth["estimate"] + rng.normal(0, error, 48), 0.5)
        made[name] = truth.assign(estimate=at, conf_low=np.maximum(at - 2 * error, 0), conf_high=at + 2 * error)
    made["direct"].loc[3, ["estimate", "conf_low", "conf_high"]] = np.nan
    return {name: made[name] for name in LADDER_NAMES}


def incidence_rows() -> pd.DataFrame:
    rng = np.random.default_rng(10)
    rows = []
    for panel, first in (("pkh", 58.0), ("bpnt", 72.0)):
        for quantile in range(1, 11):
            e = first * 0.75 ** (quantile - 1)
            rows.append((panel, quantile, e, e - rng.uniform(1, 3), e + rng.uniform(1, 3)))
    return pd.DataFrame(rows, columns=["panel", "quantile", "estimate", "conf_low", "conf_high"])


REACHED = (
    Panel("pkh", "PKH", words(id="persen penduduk", en="percent of persons")),
    Panel("bpnt", "BPNT", words(id="persen penduduk", en="percent of persons")),
)
TENTHS = words(id="Desil pengeluaran per kapita", en="Tenths by expenditure per head")

UNITS = {"p0": POINTS, "tpt": POINTS, "pdrb": words(id="ribu rupiah per orang", en="thousand rupiah per person")}

FIGURES: dict[str, Callable[[], Figure]] = {
    "trends": lambda: figure.trends(
        protected(trend_rows()), id="fig-trends", alt=ALT, panels=PANELS, names=PILOTS, spans=SPANS
    ),
    "trends without names": lambda: figure.trends(
        protected(trend_rows()), id="fig-trends", alt=ALT, panels=PANELS[:1], spans=SPANS, width="column"
    ),
    "trajectory": lambda: figure.trajectory(
        protected(trajectory_rows()),
        id="fig-trajectory",
        alt=ALT,
        panels=PANELS,
        names={"region": "Kab. Sragen", "province": words(id="Jawa Tengah: median", en="Jawa Tengah: median")},
        spans=SPANS[:1],
        on_slide=("p0",),
    ),
    "gaps": lambda: figure.gaps(gap_estimates(), id="fig-gaps", alt=ALT, names=PILOTS, since=2013, unit=POINTS),
    "forest": lambda: figure.forest(
        protected(forest_rows()), id="fig-forest", alt=ALT, panels=PANELS[:2], names=FOREST_NAMES, headline="pooled"
    ),
    "forest in a column": lambda: figure.forest(
        protected(forest_rows()), id="fig-forest", alt=ALT, panels=PANELS[:1], names=FOREST_NAMES, width="column"
    ),
    "specification_curve": lambda: figure.specification_curve(
        protected(specification_rows()),
        id="fig-specifications",
        alt=ALT,
        panels=SCALES,
        choices=CHOICES,
        names=CHOICE_NAMES,
        headline=HEADLINE,
    ),
    "dot_map": lambda: figure.dot_map(
        protected(map_rows()), id="fig-map", alt=ALT, label=PANELS[0].label, unit=PANELS[0].unit, names=PILOTS
    ),
    "round map": lambda: figure.dot_map(
        protected(map_rows().assign(lat=lambda r: r["lon"] - 118)),
        id="fig-round",
        alt=ALT,
        label=PANELS[0].label,
        unit=PANELS[0].unit,
        names={},
    ),
    "ladder": lambda: figure.ladder(
        {name: protected(rows) for name, rows in ladder_rows().items()},
        id="fig-ladder",
        alt=ALT,
        names=LADDER_NAMES,
        area="kab",
        sort="model",
        label=words(id="Kemiskinan, persen", en="Poverty rate, percent"),
        foot=words(id="Kabupaten menurut taksiran model", en="Districts by the model's estimate"),
    ),
    "incidence": lambda: figure.incidence(
        protected(incidence_rows()), id="fig-incidence", alt=ALT, panels=REACHED, foot=TENTHS, meant=4
    ),
    "incidence in a column": lambda: figure.incidence(
        protected(incidence_rows()),
        id="fig-incidence",
        alt=ALT,
        panels=REACHED[:1],
        foot=TENTHS,
        even=None,
        width="column",
    ),
    "locator": lambda: figure.locator(
        protected(map_rows()), id="fig-locator", alt=ALT, code="13.76", name="Kota Payakumbuh", province="13"
    ),
    "evidence_matrix": lambda: figure.evidence_matrix(
        protected(evidence_rows()),
        id="fig-evidence",
        alt=ALT,
        items=ITEMS,
        units=PILOTS,
        aspects=ASPECTS,
        groups=GROUPS,
    ),
    "detectable": lambda: figure.detectable(
        protected(detectable_rows()),
        id="fig-detectable",
        alt=ALT,
        names=OUTCOMES,
        units=UNITS,
        decimals={"p0": 2, "tpt": 2, "pdrb": 0},
    ),
}
