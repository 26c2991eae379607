"""Rows as the estimators of impact give them, and the figures drawn of them."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from unit.report_figure.given import ALT, POINTS, RULE, protected

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
    "love_plot of a trial": lambda: figure.love_plot(
        protected(balance_rows().drop(columns="smd_after")),
        id="fig-love",
        alt=ALT,
        names=COVARIATES,
        before=words(id="pada survei awal", en="at baseline"),
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
    "survival as incidence": lambda: figure.survival(
        protected(curve_rows(n=12_000, a=0.003, b=0.006)),
        id="fig-survival",
        alt=ALT,
        panels=RETURNED,
        names=ARMS,
        foot=MONTHS,
        show="incidence",
        width="column",
    ),
    "survival of two populations": lambda: figure.survival(
        {"lulus": protected(curve_rows()), "rintisan": protected(curve_rows(23))},
        id="fig-survival",
        alt=ALT,
        panels=POPULATIONS,
        names=ARMS,
        foot=MONTHS,
    ),
    "sensitivity": lambda: figure.sensitivity(
        estimates("honest_did", robust=robust_rows(), breakdown=pd.DataFrame({"bound": [1.27]})),
        id="fig-sensitivity",
        alt=ALT,
        panels=RESOLVED,
    ),
}
