"""Rescaled randomisation: the test of few treated units that are noisier, or quieter, than the others."""

from __future__ import annotations

from math import comb

import numpy as np
import pandas as pd

from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._checks import attainable, chosen_not_drawn, draws_made, estimate_row, spoken
from kesos_research.methods._randomize import assignments, noise
from kesos_research.methods.few._rescale import Rescaled, by_noise, by_size, squares, variance_by_size
from kesos_research.methods.randomization import DRAWS, inference


def rescaled_randomization(
    data: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    period: str,
    treated: str,
    since: float | str,
    seed: int,
    size: str | None = None,
    draws: int = DRAWS,
    level: float = 0.95,
) -> Estimates:
    """How often would units taken at random differ as much, were they as noisy as the treated are?

    Estimand: that of `diff_in_diff`, under a constant effect. `randomization_inference` takes the treated to be as
    noisy as the others; where they are twice as noisy, its 5 % test rejects in 20 to 35 %. Here the reference is
    put on the scale of the treated units' noise.

    Parameters
    ----------
    data, outcome, unit, period, treated, since, level
        As for `diff_in_diff`.
    seed
        Of the draws. Units are put in the order of their changes first: names and row order change nothing.
    size
        Column with each unit's size, above 0 (households, respondents), one value for each unit. The variance of a
        change is then A + B/size, with A, B ≥ 0 fitted on the comparison units' changes and steps before treatment.
        It assumes that size alone makes noise differ. Without it, each set's difference is divided by that set's own
        noise from period to period before treatment, which assumes that noise before is as noise after, and needs
        three periods before or more to have power.
    draws
        At least 9,999: permutations with `size`; without it sets of units, all of them where no more than that exist.

    Returns
    -------
    Estimates
        One row, ``term="treated"``: the difference in differences, the standard deviation of the rescaled distribution,
        p-value and interval as for `randomization_inference` (absent where no effect is rejected). Evidence: ``draws``,
        ``inference``, and ``variance``: the variance of each unit's change by its size, or its mean squared step
        before.

    Raises
    ------
    MethodError
        As `randomization_inference`; when a size is not above 0; without `size`, when there is one period before or no
        noise in it.

    Examples
    --------
    >>> import pandas as pd
    >>> wave = [0.0, 1.0, -1.0, 0.5]
    >>> rows = pd.DataFrame([
    ...     {"place": u, "year": t, "poor": 10 + (3 if u == 0 else 1 + u % 5) * wave[(t + u) % 4], "pilot": u == 0}
    ...     for u in range(40) for t in range(6)])
    >>> answer = rescaled_randomization(
    ...     rows, outcome="poor", unit="place", period="year", treated="pilot", since=4, seed=1)
    >>> round(float(answer.row(term="treated").p_value), 3)
    0.425

    References
    ----------
    Ferman, B., & Pinto, C. (2019). Inference in differences-in-differences with few treated groups and
    heteroskedasticity. Review of Economics and Statistics 101(3), 452–467.
    """
    level = _rows.fraction(level, "level")
    seed, draws = _rows.whole(seed, "seed", least=0), _rows.whole(draws, "draws", least=DRAWS)
    panel = _rows.read_design(data, outcome=outcome, unit=unit, period=period, treated=treated, since=since)
    if (~panel.treated).sum() < 2:
        raise MethodError(
            _("There is one comparison unit."), expected=_("at least two, so that their spread can be measured")
        )
    if np.ptp(panel.changes) <= 1e-12 * max(1.0, float(np.abs(panel.Y).max())):
        raise MethodError(
            _("All units change by the same amount: no set of units differs from another."),
            expected=_("changes that differ"),
            where=Where(column=outcome),
        )
    if size is None:
        M, (variance, reference) = np.full(len(panel.units), np.nan), _by_noise(panel, draws=draws, seed=seed)
    else:
        M = _sizes(data, unit, size, panel)
        variance, reference = _by_size(panel, M, draws=draws, seed=seed)
    return Estimates(
        pd.DataFrame([estimate_row("treated", reference, level, len(panel.units))]),
        "rescaled_randomization",
        "Mean effect on the treated in the periods after, the same for each, if they could have been any units of "
        "their own noise",
        level=level,
        checks=(
            chosen_not_drawn(panel.k),
            _model(panel, variance, size),
            attainable(reference, level),
            draws_made(reference) if size is None else _permuted(reference),
        ),
        evidence={
            "draws": pd.DataFrame({"statistic": np.sort(reference.T)}),
            "inference": inference({"treated": reference}, level),
            "variance": pd.DataFrame(
                {"unit": panel.units, "treated": panel.treated, "size": M, "variance": variance}
            ).sort_values(["treated", "unit"], ascending=[False, True], ignore_index=True),
        },
    )


def _by_noise(panel: _rows.Panel, *, draws: int, seed: int) -> tuple[_rows.Array, Rescaled]:
    v = noise(panel.Y[:, panel.before], np.ones(int(panel.before.sum()), bool))
    if v is None:
        raise MethodError(
            _("There is one period before: how noisy each unit is cannot be seen."),
            expected=_("two periods before, better three or more"),
            remedy=_("give the units' sizes"),
            where=Where(key="size"),
        )
    A = panel.treated
    if v[A].sum() == 0 or v[~A].sum() == 0:
        raise MethodError(
            _("The treated, or the others, all move by the same step before treatment: they show no noise."),
            expected=_("units that do not move in step"),
            remedy=_("give the units' sizes"),
            where=Where(key="size"),
        )
    strata = np.zeros(len(v), np.intp)
    return v, by_noise(panel.changes, A, v, assignments(panel.changes, A, strata, draws, seed))


def _by_size(panel: _rows.Panel, M: _rows.Array, *, draws: int, seed: int) -> tuple[_rows.Array, Rescaled]:
    D, A = panel.changes, panel.treated
    steps = np.diff(panel.Y[:, panel.before], axis=1)[~A]
    a, b = variance_by_size(squares(D[~A], steps), M[~A])
    sigma2 = a + b / M
    N, k = len(D), panel.k
    smallest = max((2 if 2 * k == N else 1) / comb(N, k), 1 / (1 + draws))
    return sigma2, by_size(D, A, np.sqrt(sigma2), draws=draws, seed=seed, smallest_p=smallest)


def _sizes(data: pd.DataFrame, unit: str, size: str, panel: _rows.Panel) -> _rows.Array:
    """(N,) sizes of the units in the panel's order."""
    _rows.columns(data, {"size": size})
    _rows.numeric(data, size)
    M = _rows.per_unit(data, unit, size).reindex(list(panel.units)).to_numpy(dtype=float)
    if (M <= 0).any():
        raise MethodError(
            _("{n} units have a size of 0 or less in {column}.", n=int((M <= 0).sum()), column=size),
            expected=_("sizes above 0"),
            where=Where(column=size),
        )
    return M


def _model(panel: _rows.Panel, variance: _rows.Array, size: str | None) -> Check:
    """How noisy are the treated taken to be, and on what ground?"""
    A = panel.treated
    ratio = float(np.sqrt(variance[A].mean() / variance[~A].mean()))
    evidence = {"ratio": spoken(ratio, 2), "steps": int(panel.before.sum()) - 1, "column": size or ""}
    if size is None:
        return Check(
            "variance_model",
            "info" if evidence["steps"] >= 2 else "warn",
            "The treated jump {ratio} times as much as the others in {steps} steps before treatment; each set of units "
            "is held to its own noise before, which is taken to be its noise after.",
            evidence,
        )
    if np.ptp(variance) <= 1e-9 * float(variance.mean()):
        return Check(
            "variance_model",
            "warn",
            "Noise does not fall with {column} among the comparison units: nothing is rescaled, and the test is as "
            "large as that of units taken to be equally noisy.",
            evidence,
        )
    return Check(
        "variance_model",
        "info",
        "By {column} the treated are {ratio} times as noisy as the others; that size alone makes noise differ is "
        "assumed.",
        evidence,
    )


def _permuted(reference: Rescaled) -> Check:
    return Check("assignments", "info", "{n} permutations of the units were drawn.", {"n": len(reference.T)})
