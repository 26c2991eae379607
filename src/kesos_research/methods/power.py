"""Power: which effect would have been told from zero?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from kesos_research.estimates import Estimates
from kesos_research.methods import _rows
from kesos_research.methods._checks import attainable, chosen_not_drawn, equally_noisy
from kesos_research.methods._randomize import power_at
from kesos_research.methods.randomization import DRAWS, distribution


def minimum_detectable_effect(
    data: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    period: str,
    treated: str,
    since: float | str,
    seed: int,
    draws: int = DRAWS,
    level: float = 0.95,
    power: float = 0.8,
    strata: str | None = None,
) -> Estimates:
    """What is the smallest effect that this comparison would probably have told from zero?

    Estimand: the smallest d > 0 with P(|T₀ + d| ≥ q) ≥ `power`, where T₀ is the randomisation distribution of the
    difference in differences and q the `level` quantile of |T₀|.

    Parameters
    ----------
    data, outcome, unit, period, treated, since, seed, draws, level, strata
        As for `randomization_inference`.
    power
        Probability with which the effect is to be told from zero.

    Returns
    -------
    Estimates
        One row, ``term="mde"``, in the outcome's unit; absent where no effect, however large, could be told from zero.
        Evidence: ``power``, the probability for effects from zero to twice the answer.

    Raises
    ------
    MethodError
        As `randomization_inference`.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame([
    ...     {"place": u, "year": t, "poor": 10.0 + t * (u % 7), "pilot": u == 0} for u in range(40) for t in (0, 1)])
    >>> answer = minimum_detectable_effect(
    ...     rows, outcome="poor", unit="place", period="year", treated="pilot", since=1, seed=1)
    >>> round(float(answer.row(term="mde").estimate), 2)
    5.13

    References
    ----------
    Bloom, H. S. (1995). Minimum detectable effects: a simple way to report the statistical power of experimental
    designs. Evaluation Review 19(5), 547–556. Here with the randomisation distribution in place of the normal.
    """
    level, power = _rows.fraction(level, "level"), _rows.fraction(power, "power")
    roles = {"outcome": outcome, "unit": unit, "period": period, "treated": treated, "since": since, "strata": strata}
    panel, reference = distribution(data, roles=roles, seed=seed, draws=draws)
    mde = reference.mde(level, power)
    effects = np.linspace(0.0, 2 * mde, 41) if np.isfinite(mde) else np.zeros(0)
    return Estimates(
        pd.DataFrame([{"term": "mde", "estimate": mde, "n": len(panel.units)}]),
        "minimum_detectable_effect",
        "Smallest effect on the treated that the randomisation test would tell from zero with the stated power",
        level=level,
        checks=(
            chosen_not_drawn(panel.k),
            equally_noisy(panel, draws=draws, seed=seed),
            attainable(reference, level),
        ),
        evidence={"power": pd.DataFrame({"effect": effects, "power": power_at(reference.T, level, effects)})},
    )
