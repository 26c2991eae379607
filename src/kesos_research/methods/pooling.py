"""Treated units that were each compared with units of their own, taken together."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from kesos_research.errors import MethodError
from kesos_research.estimates import Estimates
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._checks import attainable, chosen_not_drawn, draws_made, finite
from kesos_research.methods._randomize import Reference
from kesos_research.methods.randomization import DRAWS, inference

_REFERENCES = ("draws", "placebos")
"""Where the methods for one treated unit leave the distribution that their p-value comes from."""


def pool(data: Mapping[str, Estimates], *, seed: int, draws: int = DRAWS, level: float = 0.95) -> Estimates:
    """What is the mean effect over treated units that were each compared with units of their own?

    Estimand: the mean of the units' effects, each as the method that estimated it defines it. Its reference
    distribution is that of the mean of one stand-in for each treated unit, drawn from that unit's own reference.

    Parameters
    ----------
    data
        For each treated unit the estimates of `randomization_inference` or `synthetic_control` with that unit alone
        treated and the units it is compared with.
    seed
        Of the draws.
    draws
        Sets of stand-ins drawn, at least 9,999.
    level
        Confidence level of the interval.

    Returns
    -------
    Estimates
        One row, ``term="pooled"``, without `n`: each unit has its own comparison. Evidence: ``draws``, ``inference``,
        and ``units``, the effect of each. Stand-ins of different units are drawn independently, so that in rare sets
        one unit stands in twice.

    Raises
    ------
    MethodError
        When there is no unit, the parts are of several methods, or a part has several treated units.

    Examples
    --------
    >>> import pandas as pd
    >>> from kesos_research.methods import randomization_inference
    >>> rows = pd.DataFrame([
    ...     {"place": u, "year": t, "poor": 10.0 + t * (u % 7), "pilot": u == 0} for u in range(40) for t in (0, 1)])
    >>> one = randomization_inference(
    ...     rows, outcome="poor", unit="place", period="year", treated="pilot", since=1, seed=1)
    >>> both = pool({"a": one, "b": one}, seed=1)
    >>> round(float(both.row(term="pooled").estimate - one.row(term="treated").estimate), 12)
    0.0

    References
    ----------
    Dube, A., & Zipperer, B. (2015). Pooling multiple case studies using synthetic controls: an application to minimum
    wage policies. IZA Discussion Paper 8944. Here with draws in place of their analytic sum of ranks.
    """
    level = _rows.fraction(level, "level")
    seed, draws = _rows.whole(seed, "seed", least=0), _rows.whole(draws, "draws", least=DRAWS)
    effects, references = _parts(data)
    rng = np.random.default_rng(seed)
    T = np.mean([np.sort(own)[rng.integers(0, len(own), draws)] for own in references], axis=0)
    estimate = float(np.mean(effects))
    smallest = max(1 / (1 + draws), float(np.prod([1 / len(own) for own in references])))
    # a stand-in is no treated unit, so an effect on the treated would leave T as it is
    reference = Reference(estimate, T, np.zeros(draws), own=False, exact=False, smallest_p=smallest)
    low, high = reference.interval(level)
    row = {
        "term": "pooled",
        "estimate": estimate,
        "std_error": reference.std_error,
        "conf_low": finite(low),
        "conf_high": finite(high),
        "p_value": reference.p_value,
    }
    first = next(iter(data.values()))
    return Estimates(
        pd.DataFrame([row]),
        first.method,
        "Mean of the effects on treated units, each compared with units of its own",
        level=level,
        checks=(chosen_not_drawn(len(effects)), attainable(reference, level), draws_made(reference)),
        evidence={
            "draws": pd.DataFrame({"statistic": np.sort(T)}),
            "inference": inference({"pooled": reference}, level),
            "units": pd.DataFrame({"unit": list(data), "estimate": effects}),
        },
    )


def _parts(data: Mapping[str, Estimates]) -> tuple[list[float], list[np.ndarray]]:
    """The effect of each treated unit and the distribution it is held against, in an order of the numbers."""
    if not data or len({part.method for part in data.values()}) != 1:
        raise MethodError(
            _("Estimates of {n} methods cannot be pooled.", n=len({part.method for part in data.values()})),
            expected=_("estimates of one method, one for each treated unit"),
        )
    found: list[tuple[float, np.ndarray]] = []
    for name, part in data.items():
        terms = part.table[part.table["term"] != "pooled"]
        frame = next((part.evidence[e] for e in _REFERENCES if e in part.evidence), pd.DataFrame())
        if len(terms) != 1 or frame.empty:
            raise MethodError(
                _("The estimates of {name} are of {n} treated units.", name=name, n=len(terms)),
                expected=_("one treated unit, and the distribution its p-value comes from"),
                remedy=_("estimate each treated unit with the others left out"),
            )
        found.append((float(terms["estimate"].iloc[0]), frame["statistic"].to_numpy(float)))
    found.sort(key=lambda part: (part[0], len(part[1])))
    return [effect for effect, _own in found], [own for _effect, own in found]
