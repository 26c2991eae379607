"""Staggered adoption with 9,999 draws against diff-diff, and the wild bootstrap of 38 clusters, in one run.

`python benchmarks/staggered.py`: 500 units in five periods, three dates of start (the shape of mpdta), once without and
once with a covariate; then 38 clusters in fourteen periods with an interval by inversion.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd

from kesos_research.methods import callaway_santanna, wild_bootstrap

DRAWS = 9_999
ROLES = {"outcome": "y", "unit": "unit", "period": "t", "since": "since"}


def panel(n: int, periods: int, starts: tuple[float, ...], shares: tuple[float, ...], seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    since = rng.choice(starts, n, p=shares)
    unit, t = np.repeat(np.arange(n), periods), np.tile(np.arange(periods), n)
    x = rng.normal(size=n)[unit]
    y = rng.normal(size=n)[unit] + x * t / 5 + rng.normal(size=n * periods) - 0.5 * (t >= since[unit])
    return pd.DataFrame({"unit": unit, "t": t, "since": np.where(np.isinf(since), np.nan, since)[unit], "x": x, "y": y})


def best(answer: Callable[[], object], times: int = 3) -> float:
    """The shortest of several runs, in seconds; the first warms up."""
    answer()
    took = []
    for _ in range(times):
        start = time.perf_counter()
        answer()
        took.append(time.perf_counter() - start)
    return min(took)


def peer(rows: pd.DataFrame, covariates: list[str] | None) -> float:
    """Seconds of diff-diff for the same cells, means and bands."""
    from diff_diff import CallawaySantAnna

    frame = rows.assign(g=rows.since.fillna(0))

    def fit() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            CallawaySantAnna(n_bootstrap=DRAWS, seed=1).fit(
                frame, outcome="y", unit="unit", time="t", first_treat="g", covariates=covariates, aggregate="all"
            )

    return best(fit)


DEARER = {"no covariate": 1.0, "a covariate": 1.3}
"""Our draws also draw how uncertain each cohort's errors are, for which the peer has nothing: with a covariate, where
the influence of a unit has more directions, that costs a little more than the rest saves."""


def main() -> None:
    rows = panel(500, 5, (1.0, 3.0, 4.0, np.inf), (0.04, 0.08, 0.26, 0.62))
    promises = []
    for name, covariates in (("no covariate", []), ("a covariate", ["x"])):
        ours = best(lambda c=covariates: callaway_santanna(rows, **ROLES, seed=1, covariates=c, draws=DRAWS))
        theirs = peer(rows, covariates or None)
        said = f"{ours * 1e3:.0f} ms; diff-diff takes {theirs / ours:.1f} times as long"
        print(f"500 units, 5 periods, {name}, 9,999 draws: {said}")
        promises.append(ours <= DEARER[name] * theirs)
    few = panel(38, 14, (7.0, np.inf), (0.4, 0.6))
    took = best(lambda: wild_bootstrap(few, **ROLES, seed=1, draws=DRAWS))
    print(f"wild bootstrap, 38 clusters, 9,999 draws, interval by inversion: {took * 1e3:.0f} ms")
    promises.append(took <= 1.5)
    if not all(promises):
        raise SystemExit("a promise is broken (or the machine is busy)")


if __name__ == "__main__":
    main()
