"""Density at a cut-off: did units move to the side they wanted?"""

from __future__ import annotations

import warnings
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._checks import probability
from kesos_research.methods._settings import choice
from kesos_research.methods.discontinuity import _local
from kesos_research.methods.discontinuity._running import Running, continuous, mass_points, read

BINS = 20
"""Bins on the longer side, for the eye."""

Side = Literal["above", "below"]
Kernel = Literal["triangular", "epanechnikov", "uniform"]


def density_test(
    data: pd.DataFrame,
    *,
    running: str,
    cutoff: float,
    side: Side = "above",
    bandwidth: float | None = None,
    kernel: Kernel = "triangular",
    order: int = 2,
    level: float = 0.95,
) -> Estimates:
    """Are there more units on one side of the cut-off than the other side leads one to expect?

    Estimand: density of the score at the cut-off on the treated side less that on the other. A jump says that units, or
    those who scored them, knew the cut-off and moved across.

    Parameters
    ----------
    data, running, cutoff, side, level
        As for `regression_discontinuity`.
    bandwidth
        In units of the score; chosen by the mean squared error if not told.
    kernel, order
        Weights about the cut-off, and order of the local polynomial of the distribution.

    Returns
    -------
    Estimates
        One row, ``density_jump``, bias-corrected, with jackknife error. Evidence: ``density`` on each
        side, ``bins`` of one width with their numbers of units.

    Raises
    ------
    MethodError
        As for `regression_discontinuity`.

    Examples
    --------
    >>> import numpy as np
    >>> rows = pd.DataFrame({"score": np.random.default_rng(1).normal(size=500)})
    >>> bool(density_test(rows, running="score", cutoff=0).table.p_value[0] > 0.05)
    True

    References
    ----------
    Cattaneo, M. D., Jansson, M., & Ma, X. (2020). Simple local polynomial density estimators. Journal of the American
    Statistical Association 115, 1449–1455. — McCrary, J. (2008). Journal of Econometrics 142(2), 698–714.
    """
    level = _rows.fraction(level, "level")
    choice(kernel, "kernel", tuple(_local.KERNELS))
    order = _rows.whole(order, "order", least=1)
    if bandwidth is not None and _rows.nonnegative(bandwidth, "bandwidth") == 0:
        raise MethodError(
            _("{name} is {value}.", name="bandwidth", value=bandwidth),
            expected=_("a number larger than 0"),
            where=Where(key="bandwidth"),
        )
    r = read(data, running=running, cutoff=cutoff, side=side)
    continuous(r, running)
    found, few = _tested(r, bandwidth, kernel, order)
    value, error = float(found.f_diff), float(found.se_diff)
    if not np.isfinite(value) or not error > 0:
        raise _nothing()
    reach = float(stats.norm.ppf((1 + level) / 2)) * error
    p = float(2 * stats.norm.sf(abs(value) / error))
    row = {"term": "density_jump", "estimate": value, "std_error": error, "conf_low": value - reach}
    said = [mass_points(r), _moved(p)]
    if few:
        said.append(Check("few_near", "warn", "Fewer than twenty units lie near the cut-off on a side."))
    return Estimates(
        pd.DataFrame([{**row, "conf_high": value + reach, "p_value": p, "n": len(r.u)}]),
        "density_test",
        "Density of the score at the cut-off, treated side less the other",
        level=level,
        checks=tuple(said),
        evidence={"density": _sides(found), "bins": _bins(r)},
    )


def _tested(r: Running, bandwidth: float | None, kernel: str, order: int) -> tuple[Any, bool]:
    from diff_diff import RDDensityTest

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            test = RDDensityTest(cutoff=0.0, p=order, kernel=kernel, h=bandwidth)
            found = test.fit(pd.DataFrame({"u": r.u}), "u")
        except (ValueError, np.linalg.LinAlgError, ArithmeticError) as error:
            raise _nothing() from error
    return found, any("Fewer than 20" in str(w.message) for w in caught)


def _sides(found: Any) -> pd.DataFrame:
    sides = (
        ("comparison", found.f_left, found.se_left, found.h_left, found.n_eff_left),
        ("treated", found.f_right, found.se_right, found.h_right, found.n_eff_right),
    )
    return pd.DataFrame(sides, columns=["side", "density", "std_error", "h", "n"])


def _bins(r: Running) -> pd.DataFrame:
    """How many units lie in bins of one width, none of which straddles the cut-off."""
    width = float(np.abs(r.u).max()) / BINS
    place = np.clip(np.floor(r.u / width).astype(int), -BINS, BINS - 1)
    first, last = int(place.min()), int(place.max())
    edges = r.cutoff + r.sign * width * np.arange(first, last + 2)
    n = np.bincount(place - first, minlength=last - first + 1)
    frame = pd.DataFrame({"low": np.minimum(edges[:-1], edges[1:]), "high": np.maximum(edges[:-1], edges[1:]), "n": n})
    return frame.sort_values("low", ignore_index=True)


def _moved(p: float) -> Check:
    told = {"p": probability(p)}
    if p < 0.05:
        return Check(
            "manipulation",
            "warn",
            "Units heap on one side of the cut-off (p = {p}): scores may have been made to fit, and then the sides "
            "differ in more than the programme.",
            told,
        )
    return Check("manipulation", "pass", "No sign that units moved across the cut-off (p = {p}).", told)


def _nothing() -> MethodError:
    return MethodError(
        _("No density can be fitted on both sides of the cut-off."),
        expected=_("twenty units or more with different scores near the cut-off, on both sides"),
    )
