"""Rows as the estimators of impact give them, and the figures drawn of them."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from unit.report_figure.given import ALT, PANELS, POINTS, RULE, protected

from kesos_research.disclosure import Protected, protect
from kesos_research.estimates import Estimates
from kesos_research.language import words
from kesos_research.report import figure
from kesos_research.report.exhibit import Figure
from kesos_research.report.figure import Panel


def estimates(method: str, **evidence: pd.DataFrame) -> Protected:
    """Estimates with what stands behind them, as a method returns them."""
    table = pd.DataFrame({"term": ["treated"], "estimate": [1.0]})
    return protect(Estimates(table, method, "x", level=0.95, evidence=evidence), rule=RULE)


COVARIATES = {
    "umur": words(id="Umur kepala keluarga", en="Age of the head of household"),
    "perempuan": words(id="Kepala keluarga perempuan", en="Head is a woman"),
    "sekolah": words(id="Lama sekolah", en="Years of schooling"),
    "anggota": words(id="Jumlah anggota keluarga", en="Household size"),
    "usaha": words(id="Sudah punya usaha", en="Already had a business"),
    "aset": words(id="Indeks aset", en="Asset index"),
    "desa": words(id="Tinggal di perdesaan", en="Lives in a rural area"),
}
POPULATIONS = (
    Panel("lulus", words(id="Lulus dari PKH (2020)", en="Graduated from PKH (2020)"), ""),
    Panel("rintisan", words(id="Usaha rintisan (2021)", en="Nascent business (2021)"), ""),
)


def balance_rows(seed: int = 11) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    n = len(COVARIATES)
    rows = pd.DataFrame({"covariate": list(COVARIATES), "mean_treated": 1.0, "mean_comparison": 0.9})
    return rows.assign(smd_before=rng.normal(0, 0.3, n), smd_after=rng.normal(0, 0.03, n))


def event_rows(seed: int = 12, first: int = -5, last: int = 4, reference: int | None = -1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    time = np.arange(first, last + 1)
    estimate = np.where(time >= 0, 1.5 * (1 - np.exp(-(time + 1) / 2)), 0) + rng.normal(0, 0.15, len(time))
    rows = pd.DataFrame({"event_time": time, "estimate": estimate, "std_error": 0.2 + 0.05 * np.abs(time)})
    for name, factor in (("conf", 1.96), ("band", 2.7)):
        rows[f"{name}_low"] = rows["estimate"] - factor * rows["std_error"]
        rows[f"{name}_high"] = rows["estimate"] + factor * rows["std_error"]
    if reference is not None:
        rows.loc[rows["event_time"] == reference, "estimate"] = 0.0
        rows.loc[rows["event_time"] == reference, rows.columns[2:]] = np.nan
    return rows


RESOLVED = (Panel("", words(id="Pengaduan yang selesai", en="Complaints resolved"), POINTS),)
ESTIMATORS = {
    "callaway_santanna": "Callaway–Sant’Anna",
    "imputation": words(id="imputasi", en="imputation"),
    "sun_abraham": "Sun–Abraham",
}


def curve_rows(seed: int = 13, n: int = 400, **hazards: float) -> pd.DataFrame:
    """Kaplan–Meier by hand: the product over the times at which anybody leaves."""
    rng = np.random.default_rng(seed)
    rows = []
    for group, hazard in (hazards or {"a": 0.02, "b": 0.035}).items():
        event, end = np.ceil(rng.exponential(1 / hazard, n)), np.minimum(np.ceil(rng.exponential(90, n)), 24)
        time, share = np.minimum(event, end), 1.0
        rows.append((group, 0.0, 1.0, 1.0, 1.0, n, 0))
        for t in np.unique(time):
            at_risk, events = int((time >= t).sum()), int(((time == t) & (event <= end)).sum())
            share *= 1 - events / at_risk
            rows.append((group, t, share, max(share - 0.05, 0.0), min(share + 0.05, 1.0), at_risk, events))
    columns = ["group", "time", "survival", "conf_low", "conf_high", "at_risk", "events"]
    return pd.DataFrame(rows, columns=columns)


ARMS = {
    "a": words(id="ditawari bantuan usaha", en="offered business support"),
    "b": words(id="pembanding", en="comparison"),
}
STAYED = (Panel("", words(id="Belum kembali ke PKH", en="Not back in PKH"), words(id="persen", en="percent")),)
RETURNED = (Panel("", words(id="Sudah kembali ke PKH", en="Back in PKH"), words(id="persen", en="percent")),)
MONTHS = words(id="bulan sejak lulus", en="months since graduation")


def robust_rows(centre: float = 1.2) -> pd.DataFrame:
    bound = np.arange(0, 2.01, 0.25)
    return pd.DataFrame(
        {"bound": bound, "conf_low": centre - 0.5 - 0.55 * bound, "conf_high": centre + 0.5 + 0.55 * bound}
    )


def comparison_rows() -> pd.DataFrame:
    rng = np.random.default_rng(14)
    kinds = {"treated_vs_never": 1.2, "earlier_vs_later": 1.1, "later_vs_earlier": 0.1}
    rows = [(kind, rng.normal(mean, 0.2), rng.uniform(0.2, 1.0)) for kind, mean in kinds.items() for _ in range(4)]
    made = pd.DataFrame(rows, columns=["kind", "estimate", "weight"])
    return made.assign(weight=made["weight"] / made["weight"].sum())


def plane_rows(seed: int = 15, effect: float = 1.2, cost: float = 4.1, n: int = 1000) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    drawn = rng.multivariate_normal([effect, cost], [[0.25, 0.05], [0.05, 0.16]], n)
    return pd.DataFrame({"cost": 1e6 * drawn[:, 1], "effect": drawn[:, 0]})


FUNDS = {"apbn": "APBN", "hdn": words(id="hibah dalam negeri", en="domestic grants")}
LASTING = words(id="keluarga yang bertahan, per seratus", en="families for good, per hundred")


def worth_rows(seed: int = 15) -> pd.DataFrame:
    drawn, threshold = plane_rows(seed), np.linspace(0, 1e7, 41)
    return pd.DataFrame(
        {"threshold": threshold, "probability": [(drawn["cost"] < t * drawn["effect"]).mean() for t in threshold]}
    )


def power_rows() -> pd.DataFrame:
    effect = np.linspace(0, 4, 41)
    return pd.DataFrame({"effect": effect, "power": np.clip(0.05 + 0.3 * effect, 0, 1)})


def mde_rows() -> pd.DataFrame:
    rows = [(str(icc), k, 56 * np.sqrt((icc + (1 - icc) / 20) / k)) for icc in (0.05, 0.2) for k in range(6, 61, 6)]
    return pd.DataFrame(rows, columns=["icc", "clusters", "mde"])


def cohort_rows() -> pd.DataFrame:
    return pd.DataFrame({"since": [2014, 2015, 2016, 2018, np.nan], "n": [5, 45, 70, 20, 60]})


RANK = words(id="peringkat kesejahteraan (persen)", en="welfare rank (percent)")


def bin_rows() -> pd.DataFrame:
    low = np.arange(0, 60, 2)
    return pd.DataFrame({"low": low, "high": low + 2, "n": np.round(200 * np.exp(-(((low - 29) / 15) ** 2)))})


def binned_rows() -> pd.DataFrame:
    rng = np.random.default_rng(16)
    running = np.arange(10.5, 50, 1)
    fitted = 40 + running + 15 * (running > 30)
    rows = pd.DataFrame({"side": np.where(running > 30, "treated", "comparison"), "running": running, "n": 50})
    near = np.abs(running - 30) < 12
    return rows.assign(outcome=fitted + rng.normal(0, 2, len(rows)), fitted=np.where(near, fitted, np.nan))


def path_rows(first: int = 2005, since: int = 2013, n: int = 15) -> pd.DataFrame:
    rng = np.random.default_rng(17)
    period = first + np.arange(n)
    before, after = 14 - 0.35 * np.arange(n), period >= since
    fitted = before - after * (0.8 + 0.2 * (period - since))
    going_on, half = np.where(after, before, np.nan), 0.6 + 0.16 * np.maximum(period - since, 0)
    return pd.DataFrame(
        {
            "period": period,
            "observed": fitted + rng.normal(0, 0.25, n),
            "fitted": fitted,
            "counterfactual": going_on,
            "low": going_on - half,
            "high": going_on + half,
        }
    )


IMPACT: dict[str, Callable[[], Figure]] = {
    "love_plot": lambda: figure.love_plot(
        estimates("entropy_balancing", balance=balance_rows()), id="fig-love", alt=ALT, names=COVARIATES
    ),
    "love_plot of two populations": lambda: figure.love_plot(
        {"lulus": protected(balance_rows()), "rintisan": protected(balance_rows(21))},
        id="fig-love",
        alt=ALT,
        names=COVARIATES,
        panels=POPULATIONS,
        width="page",
    ),
    "event_study": lambda: figure.event_study(
        estimates("callaway_santanna", event_time=event_rows()), id="fig-event", alt=ALT, panels=RESOLVED
    ),
    "event_study by several estimators": lambda: figure.event_study(
        {name: protected(event_rows(seed)) for seed, name in enumerate(ESTIMATORS)},
        id="fig-event",
        alt=ALT,
        panels=RESOLVED,
        names=ESTIMATORS,
        width="column",
    ),
    "event_study in panels": lambda: figure.event_study(
        {name: protected(event_rows(seed, reference=None)) for seed, name in enumerate(ESTIMATORS)},
        id="fig-event",
        alt=ALT,
        panels=[Panel(key, name, POINTS) for key, name in ESTIMATORS.items()],
        reference=None,
    ),
    "survival": lambda: figure.survival(
        estimates("kaplan_meier", curve=curve_rows()),
        id="fig-survival",
        alt=ALT,
        panels=STAYED,
        names=ARMS,
        foot=MONTHS,
        at=(0, 6, 12, 18, 24),
    ),
    "sensitivity": lambda: figure.sensitivity(
        estimates("honest_did", robust=robust_rows(), breakdown=pd.DataFrame({"bound": [1.27]})),
        id="fig-sensitivity",
        alt=ALT,
        panels=RESOLVED,
    ),
    "bacon": lambda: figure.bacon(
        estimates("bacon_decomposition", comparisons=comparison_rows()), id="fig-bacon", alt=ALT, panels=RESOLVED
    ),
    "cost_plane": lambda: figure.cost_plane(
        {"apbn": protected(plane_rows()), "hdn": protected(plane_rows(25, 2.5, 6.5))},
        id="fig-plane",
        alt=ALT,
        effect=LASTING,
        cost=words(id="Biaya per keluarga (rupiah)", en="Cost per family (rupiah)"),
        names=FUNDS,
        ray=4e6,
    ),
    "acceptability": lambda: figure.acceptability(
        {"apbn": protected(worth_rows()), "hdn": protected(worth_rows(25))},
        id="fig-worth",
        alt=ALT,
        foot=words(id="rupiah per keluarga yang bertahan", en="rupiah per family for good"),
        names=FUNDS,
        marked=4e6,
        marked_name=words(id="bantuan PKH setahun", en="a year of PKH"),
    ),
    "power_curve": lambda: figure.power_curve(
        estimates("minimum_detectable_effect", power=power_rows()), id="fig-power", alt=ALT, foot=POINTS
    ),
    "adoption": lambda: figure.adoption(protected(cohort_rows()), id="fig-adoption", alt=ALT),
    "density": lambda: figure.density(
        protected(bin_rows()), id="fig-density", alt=ALT, cutoff=30, foot=RANK, side="below"
    ),
    "discontinuity": lambda: figure.discontinuity(
        protected(binned_rows()), id="fig-jump", alt=ALT, cutoff=30, foot=RANK, label=RESOLVED[0].label
    ),
    "interrupted": lambda: figure.interrupted(
        estimates("interrupted_series", path=path_rows()), id="fig-path", alt=ALT, panels=PANELS[:1], since=2013
    ),
    "interrupted by month": lambda: figure.interrupted(
        {p.key: protected(path_rows(0, 36, 72)) for p in PANELS[:2]},
        id="fig-path",
        alt=ALT,
        panels=PANELS[:2],
        since=36,
        foot=MONTHS,
    ),
}
