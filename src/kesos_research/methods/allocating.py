"""How a sample is shared out over strata."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._checks import listed, spoken
from kesos_research.methods._sample_size import bounded
from kesos_research.methods.small_area import one_of

Array = NDArray[np.float64]
Rule = Literal["proportional", "neyman", "power"]


def allocation(
    data: pd.DataFrame,
    *,
    strata: str,
    size: str,
    units: int,
    rule: Rule = "proportional",
    spread: str | None = None,
    exponent: float = 0.5,
    least: int = 2,
) -> Estimates:
    """How many units of a sample should each stratum have?

    Estimand: whole numbers that add up to `units`, none below `least` (or the stratum itself), none above the stratum.

    Parameters
    ----------
    data
        One row for each stratum, (strata,).
    strata, size
        Columns with its name and its number of units.
    units
        Units of the whole sample.
    rule
        ``"proportional"`` to the size; ``"neyman"`` to size times standard deviation, best for the whole;
        ``"power"`` to size to an `exponent` between 0 and 1 times coefficient of variation, a middle between the whole
        and the strata alone.
    spread
        Column of standard deviations for ``"neyman"``; of coefficients of variation for ``"power"``, where it may be
        left out.
    exponent
        Of ``"power"``: 0 gives every stratum the same precision, 1 is near what is best for the whole.
    least
        Fewest units of a stratum; two, so that its variance can be told.

    Returns
    -------
    Estimates
        One row for each stratum, `estimate` units to draw, ``term="units"``. Evidence ``allocation``: sampling fraction
        and weight.

    Raises
    ------
    MethodError
        When sizes are not positive whole numbers, the spread lacks, or there are too few or too many units.

    Examples
    --------
    >>> rows = pd.DataFrame({"zone": ["a", "b", "c"], "N": [600, 300, 100], "sd": [10.0, 40.0, 10.0]})
    >>> allocation(rows, strata="zone", size="N", units=50).table.estimate.tolist()
    [30.0, 15.0, 5.0]
    >>> allocation(rows, strata="zone", size="N", units=50, rule="neyman", spread="sd").table.estimate.tolist()
    [16.0, 31.0, 3.0]

    References
    ----------
    Cochran, W. G. (1977). Sampling techniques (3rd ed.). Wiley, §5.5. — Bankier, M. D. (1988). Power allocations:
    determining sample sizes for subnational areas. The American Statistician 42(3), 174–177.
    """
    one_of(rule, "rule", get_args(Rule))
    n, least = _rows.whole(units, "units", least=1), _rows.whole(least, "least", least=0)
    N, S = _read(data, strata, size, spread, rule)
    low = np.minimum(float(least), N)
    if not low.sum() <= n <= N.sum():
        raise MethodError(
            _("{n} units for {strata} strata of {size} units.", n=n, strata=len(N), size=int(N.sum())),
            expected=_("from {low} to {high}", low=int(low.sum()), high=int(N.sum())),
            where=Where(key="units"),
        )
    power = _rows.nonnegative(exponent, "exponent")
    weights = {"proportional": N, "neyman": N * S, "power": N**power * S}[rule]
    found = bounded(np.maximum(weights, 1e-12 * weights.max()), n, low, N)
    return Estimates(
        pd.DataFrame({strata: data[strata].to_numpy(), "term": "units", "estimate": found}),
        "allocation",
        "Units of the sample in each stratum",
        by=(strata,),
        checks=(
            *_bounds(data[strata].tolist(), N, found, low),
            _spread_of_weights(N, found),
            *((_gained(N, S, found),) if rule == "neyman" else ()),
        ),
        evidence={
            "allocation": pd.DataFrame(
                {
                    strata: data[strata].to_numpy(),
                    "size": N,
                    "units": found,
                    "fraction": found / N,
                    "weight": np.divide(N, found, out=np.full(len(N), np.nan), where=found > 0),
                }
            )
        },
    )


def _read(data: pd.DataFrame, strata: str, size: str, spread: str | None, rule: Rule) -> tuple[Array, Array]:
    _rows.columns(data, {"strata": strata, "size": size, **({"spread": spread} if spread else {})})
    _rows.numeric(data, size)
    if data[strata].duplicated().any():
        raise MethodError(
            _("{n} rows repeat a stratum.", n=int(data[strata].duplicated().sum())),
            expected=_("one row for each stratum"),
            where=Where(column=strata),
        )
    N = data[size].to_numpy(float)
    if (N < 1).any() or (np.round(N) != N).any():
        raise MethodError(
            _("{n} sizes are no numbers of units.", n=int(((N < 1) | (np.round(N) != N)).sum())),
            expected=_("whole numbers of 1 or more"),
            where=Where(column=size),
        )
    if spread is None:
        if rule == "neyman":
            raise MethodError(
                _("Neyman's rule needs the standard deviation of each stratum."),
                expected=_("a column under {role}", role="spread"),
                where=Where(key="spread"),
            )
        return N, np.ones(len(N))
    _rows.numeric(data, spread)
    S = data[spread].to_numpy(float)
    if (S < 0).any() or not S.any():
        raise MethodError(
            _("The column {column} holds {n} negative values.", column=spread, n=int((S < 0).sum())),
            expected=_("spreads of 0 or more, not all 0"),
            where=Where(column=spread),
        )
    return N, S


def _bounds(names: list[object], N: Array, found: Array, low: Array) -> list[Check]:
    """Strata that a bound holds."""
    checks = []
    whole = [n for n, full in zip(names, found == N, strict=True) if full]
    raised = [n for n, least in zip(names, (found == low) & (found < N), strict=True) if least]
    if whole:
        checks.append(
            Check(
                "whole_strata",
                "info",
                "{n} strata are taken whole: {names}.",
                {"n": len(whole), "names": listed(whole)},
            )
        )
    if raised:
        checks.append(
            Check(
                "smallest_strata",
                "info",
                "{n} strata get the least number of units: {names}.",
                {"n": len(raised), "names": listed(raised)},
            )
        )
    if (found == 1).any():
        checks.append(
            Check(
                "one_unit",
                "warn",
                "{n} strata have one unit: their variance cannot be told, and they must be joined with others.",
                {"n": int((found == 1).sum())},
            )
        )
    return checks


def _spread_of_weights(N: Array, found: Array) -> Check:
    weights = N[found > 0] / found[found > 0]
    return Check(
        "weights",
        "info",
        "Weights go from {low} to {high}; for a figure that does not differ between strata this multiplies variances "
        "by {loss}.",
        {
            "low": spoken(float(weights.min()), 1),
            "high": spoken(float(weights.max()), 1),
            "loss": spoken(_loss(weights, found[found > 0]), 2),
        },
    )


def _gained(N: Array, S: Array, found: Array) -> Check:
    return Check(
        "gain",
        "info",
        "If the standard deviations are right, the standard error of the whole is {ratio} times that of the "
        "proportional sample.",
        {"ratio": spoken(_gain(N, S, found), 2)},
    )


def _loss(weights: Array, n: Array) -> float:
    """Kish's 1 + cv² of the weights."""
    return float((n * weights**2).sum() * n.sum() / (n * weights).sum() ** 2)


def _gain(N: Array, S: Array, found: Array) -> float:
    """Standard error against that of numbers proportional to size, finite populations counted."""

    def variance(n: Array) -> float:
        return float((N**2 * S**2 * (1 / n - 1 / N)).sum())

    plain = np.minimum(found.sum() * N / N.sum(), N)
    before = variance(plain)
    return float(np.sqrt(variance(np.maximum(found, 1e-9)) / before)) if before > 0 else 1.0
