"""Fay–Herriot with a parametric bootstrap of 1,000 draws over 514 areas: ours against samplics' `EblupAreaModel`.

`python benchmarks/small_area.py`. samplics (MIT) is not in the lock: where it is installed, a bootstrap is made of its
own `fit` and `predict`, one draw after another, as its users have to write it, for a few draws; without it only our
time is shown and no ratio. The ratio is what counts; seconds depend on the machine.
"""

from __future__ import annotations

import time
from importlib.util import find_spec

import numpy as np
import pandas as pd

from kesos_research.methods import bootstrap_mse, fay_herriot

AREAS, DRAWS, THEIRS = 514, 1000, 5
COVARIATES = ["x0", "x1", "x2", "x3"]
PROMISE = 0.35
"""Seconds of processor time for the estimate and all draws."""


def rows() -> pd.DataFrame:
    rng = np.random.default_rng(514)
    frame = pd.DataFrame({"area": np.arange(AREAS), "v": rng.uniform(0.5, 2.0, AREAS)})
    for name in COVARIATES:
        frame[name] = rng.normal(size=AREAS)
    truth = 12 + frame[COVARIATES].sum(axis=1) + rng.normal(size=AREAS)
    return frame.assign(y=truth + np.sqrt(frame.v) * rng.normal(size=AREAS))


def ours(frame: pd.DataFrame) -> tuple[float, pd.DataFrame]:
    start = time.process_time()
    answer = fay_herriot(frame, of="y", variance="v", area="area", covariates=COVARIATES)
    table = bootstrap_mse(answer, seed=1, draws=DRAWS).table
    return time.process_time() - start, table


def theirs(frame: pd.DataFrame) -> float | None:
    """Processor time of one draw: fit and predict."""
    if find_spec("samplics") is None:
        return None
    from samplics.sae import EblupAreaModel

    rng = np.random.default_rng(2)
    x, area, error = frame[COVARIATES].to_numpy(), frame.area.to_numpy(), np.sqrt(frame.v.to_numpy())
    start = time.process_time()
    for _draw in range(THEIRS):
        model = EblupAreaModel()
        model.fit(yhat=frame.y.to_numpy() + error * rng.normal(size=AREAS), X=x, area=area, error_std=error)
        model.predict(X=x, area=area, b_const=1.0)
    return (time.process_time() - start) / THEIRS


def main() -> None:
    frame = rows()
    ours(frame)
    took, table = min((ours(frame) for _round in range(3)), key=lambda pair: pair[0])
    print(f"{AREAS} areas, {DRAWS} draws: ours {took:.2f} s of processor time, {table.std_error.notna().sum()} errors")
    one = theirs(frame)
    if one is None:
        print("  samplics is not installed: no ratio")
    else:
        print(f"  samplics.sae.EblupAreaModel, one draw after another: {one * DRAWS / took:,.0f} times as long")
    if took > PROMISE:
        raise SystemExit("a promise is broken")


if __name__ == "__main__":
    main()
