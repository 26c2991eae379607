"""Drawing a sample from a frame: the rows, their weights, and the design to analyse them by."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kesos_research.design import SurveyDesign
from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._checks import listed, spoken
from kesos_research.methods._draw import Drawn, proportional, simple, systematic
from kesos_research.methods.small_area import one_of

Array = NDArray[np.float64]
Method = Literal["simple", "systematic", "proportional_to_size"]

ADDED = ("inclusion", "weight", "fpc", "fpc_2", "unit")
"""Columns that a drawn sample has beyond those of its frame."""


@dataclass(frozen=True)
class DrawnSample:
    """Rows drawn, with `inclusion` probability and `weight`; the design that estimators take; and what was seen."""

    rows: pd.DataFrame
    design: SurveyDesign
    checks: tuple[Check, ...]


@dataclass(frozen=True)
class _Plan:
    method: Method
    size: str | None
    order: tuple[str, ...]
    cluster: str | None
    within: int | None


def draw_sample(
    frame: pd.DataFrame,
    *,
    n: int | Mapping[object, int],
    seed: int,
    method: Method = "simple",
    strata: str | None = None,
    size: str | None = None,
    order: str | Sequence[str] = (),
    cluster: str | None = None,
    within: int | None = None,
) -> DrawnSample:
    """Which units of the frame are asked, and how many does each stand for?

    Parameters
    ----------
    frame
        Every unit of the population, one a row, (N,).
    n
        Units to draw, or with `cluster` clusters; with `strata` a number for each stratum (`allocation` finds them).
    seed
        Of the draw; the same frame and seed draw the same units. Rows are put in an order of their own values first, so
        that the order of the file changes nothing.
    method
        ``"simple"``: every set as probable as any other. ``"systematic"``: every k-th from a random start.
        ``"proportional_to_size"``: systematically, with probability proportional to `size`; units too large for that
        are drawn for certain.
    strata
        Column of strata, drawn from separately.
    size
        Column of sizes; with `cluster` the same on all rows of a cluster, or left out, which counts its rows.
    order
        Columns by which units are sorted before a systematic draw, which spreads the sample over them.
    cluster, within
        Column of clusters (villages, census blocks), which are drawn first by `method`, and the number of units then
        drawn from each by simple random sampling, or all of a cluster that has no more.

    Returns
    -------
    DrawnSample
        `rows` in the order of the frame, with the columns ``inclusion``, ``weight`` = 1/inclusion, and where units have
        equal probabilities ``fpc`` (and of two stages ``unit``, its number in the frame, and ``fpc_2``); `design` names
        them. Of systematic and
        proportional draws no second-order probabilities exist; their design has no fpc and takes them as drawn with
        replacement, which is cautious.

    Raises
    ------
    MethodError
        When the frame lacks a column or a value, has columns of these names, or cannot give as many units.

    Examples
    --------
    >>> frame = pd.DataFrame({"village": list("aaabbbccc"), "house": range(9)})
    >>> drawn = draw_sample(frame, n={"a": 2, "b": 1, "c": 1}, strata="village", seed=7)
    >>> drawn.rows.groupby("village").weight.sum().tolist()
    [3.0, 3.0, 3.0]
    >>> drawn.design.columns
    ('weight', 'village', 'fpc')

    References
    ----------
    Cochran, W. G. (1977). Sampling techniques (3rd ed.). Wiley, ch. 5, 8, 9A, 10. — Madow, W. G. (1949). On the theory
    of systematic sampling, II. Annals of Mathematical Statistics 20, 333–354. — Tillé, Y. (2006). Sampling algorithms.
    Springer, §2.10.
    """
    seed = _rows.whole(seed, "seed", least=0)
    plan = _plan(method, size, order, cluster, within)
    _readable(frame, plan, strata)
    rng = np.random.default_rng(seed)
    ordered = _ordered(frame, plan.order)
    pieces, notes = [], []
    for label, wanted in _wanted(ordered, n, strata).items():
        part = ordered if strata is None else ordered[ordered[strata] == label]
        rows, drawn = _clusters(part, wanted, plan, rng, label) if cluster else _units(part, wanted, plan, rng, label)
        pieces.append(rows)
        notes.append((label, drawn, len(rows)))
    rows = pd.concat(pieces).sort_values("_place", kind="stable")
    rows = rows.drop(columns="_place").reset_index(drop=True)
    return DrawnSample(rows, _design(rows, strata, cluster), _checks(frame, rows, notes, plan))


def _design(rows: pd.DataFrame, strata: str | None, cluster: str | None) -> SurveyDesign:
    """How the rows were drawn, for the methods that estimate from them."""
    if "fpc_2" in rows:
        # the second stage has the units themselves, and no strata of its own
        both = (str(cluster), "unit")
        return SurveyDesign(weight="weight", strata=strata, cluster=both, fpc=("fpc", "fpc_2"))
    return SurveyDesign(weight="weight", strata=strata, cluster=cluster, fpc="fpc" if "fpc" in rows else None)


def _plan(
    method: Method, size: str | None, order: str | Sequence[str], cluster: str | None, within: int | None
) -> _Plan:
    one_of(method, "method", get_args(Method))
    by_size = method == "proportional_to_size"
    if by_size and size is None and cluster is None:
        raise MethodError(
            _("No sizes are told."), expected=_("a column under {role}", role="size"), where=Where(key="size")
        )
    if size is not None and not by_size:
        raise MethodError(
            _("Sizes are told, but the method {method} does not use them.", method=method),
            remedy=_("method='proportional_to_size'"),
            where=Where(key="size"),
        )
    if (cluster is None) != (within is None):
        raise MethodError(
            _("Clusters and the number of units in each go together."),
            expected=_("both cluster and within, or neither"),
        )
    if within is not None:
        within = _rows.whole(within, "within", least=1)
    return _Plan(method, size, (order,) if isinstance(order, str) else tuple(order), cluster, within)


def _readable(frame: pd.DataFrame, plan: _Plan, strata: str | None) -> None:
    named = {"strata": strata, "size": plan.size, "cluster": plan.cluster}
    named |= {f"order {i}": c for i, c in enumerate(plan.order, 1)}
    _rows.columns(frame, {role: c for role, c in named.items() if c is not None})
    taken = [c for c in (*ADDED, "_place") if c in frame.columns]
    if taken:
        raise MethodError(
            _("The frame has columns that the draw will make: {names}.", names=", ".join(taken)),
            remedy=_("give them other names"),
        )
    if frame.empty:
        raise MethodError(_("There are no rows."), expected=_("at least one row"))
    if plan.size is not None:
        _rows.numeric(frame, plan.size)
        if (frame[plan.size] <= 0).any():
            raise MethodError(
                _("{n} units have a size of 0 or less.", n=int((frame[plan.size] <= 0).sum())),
                expected=_("sizes above 0: a unit without size could never be drawn"),
                where=Where(column=plan.size),
            )
    if plan.cluster is not None and strata is not None:
        homes = frame.groupby(plan.cluster, observed=True)[strata].nunique()
        if (homes > 1).any():
            raise MethodError(
                _("{n} clusters lie in more than one stratum.", n=int((homes > 1).sum())),
                expected=_("each cluster in one stratum"),
                where=Where(column=plan.cluster),
            )


def _ordered(frame: pd.DataFrame, order: tuple[str, ...]) -> pd.DataFrame:
    """The frame sorted by the named columns, then by everything else it says, as text where values do not compare."""
    rest = sorted((c for c in frame.columns if c not in order), key=str)
    keys = pd.DataFrame(index=frame.index)
    for column in (*order, *rest):
        values = frame[column]
        comparable = pd.api.types.is_numeric_dtype(values) or pd.api.types.is_datetime64_any_dtype(values)
        keys[column] = values if comparable else values.astype(str)
    placed = frame.assign(_place=np.arange(len(frame)))
    return placed.iloc[np.lexsort([keys[c].to_numpy() for c in keys.columns[::-1]])]


def _wanted(frame: pd.DataFrame, n: int | Mapping[object, int], strata: str | None) -> dict[object, int]:
    if strata is None:
        if isinstance(n, Mapping):
            raise MethodError(_("Numbers for strata are told, but no strata."), expected=_("a column under strata"))
        return {"": _rows.whole(n, "n", least=1)}
    labels = sorted(frame[strata].unique(), key=str)
    if not isinstance(n, Mapping):
        raise MethodError(
            _("Strata are told, but one number of units."),
            expected=_("a number for each stratum"),
            remedy=_("share it out with allocation(...)"),
            where=Where(key="n"),
        )
    unknown, lacking = [k for k in n if k not in set(labels)], [k for k in labels if k not in n]
    if unknown or lacking:
        raise MethodError(
            _("The strata told and those of the frame differ: {names}.", names=listed([*unknown, *lacking])),
            expected=_("a number for each stratum"),
            where=Where(column=strata),
        )
    return {label: _rows.whole(n[label], "n", least=0) for label in labels if n[label] != 0}


def _units(
    part: pd.DataFrame, n: int, plan: _Plan, rng: np.random.Generator, label: object
) -> tuple[pd.DataFrame, Drawn]:
    _enough(len(part), n, label)
    sizes = part[plan.size].to_numpy(float) if plan.size else np.ones(len(part))
    drawn = _by(plan.method, sizes)(n, rng)
    pi = drawn.probability[drawn.places]
    rows = part.iloc[drawn.places].assign(inclusion=pi, weight=1 / pi)
    return (rows.assign(fpc=float(len(part))) if plan.method == "simple" else rows), drawn


def _clusters(
    part: pd.DataFrame, n: int, plan: _Plan, rng: np.random.Generator, label: object
) -> tuple[pd.DataFrame, Drawn]:
    """Clusters first, then units of each."""
    assert plan.cluster is not None
    assert plan.within is not None
    units = dict(list(part.groupby(plan.cluster, sort=False, observed=True)))
    names = list(units)
    _enough(len(names), n, label)
    drawn = _by(plan.method, _cluster_sizes(units, plan))(n, rng)
    pieces = []
    for place in drawn.places:
        own = units[names[place]]
        take = min(plan.within, len(own))
        second = simple(len(own), take, rng)
        pi = drawn.probability[place] * take / len(own)
        rows = own.iloc[second.places].assign(inclusion=pi, weight=1 / pi)
        pieces.append(
            rows.assign(fpc=float(len(names)), fpc_2=float(len(own)), unit=rows["_place"] + 1)
            if plan.method == "simple"
            else rows
        )
    return pd.concat(pieces), drawn


def _cluster_sizes(units: Mapping[Any, pd.DataFrame], plan: _Plan) -> Array:
    if plan.size is None:
        return np.array([len(own) for own in units.values()], float)
    changing = [name for name, own in units.items() if own[plan.size].nunique() != 1]
    if changing:
        raise MethodError(
            _("The size changes within {n} clusters: {names}.", n=len(changing), names=listed(changing)),
            expected=_("one size for each cluster, on all its rows"),
            where=Where(column=plan.size),
        )
    return np.array([float(own[plan.size].iloc[0]) for own in units.values()])


def _by(method: Method, sizes: Array) -> Callable[[int, np.random.Generator], Drawn]:
    N = len(sizes)
    if method == "simple":
        return lambda n, rng: simple(N, n, rng)
    if method == "systematic":
        return lambda n, rng: systematic(N, n, rng)
    return lambda n, rng: proportional(sizes, n, rng)


def _enough(N: int, n: int, label: object) -> None:
    if n > N:
        raise MethodError(
            _(
                "{n} units are wanted and {all} are there{where}.",
                n=n,
                all=N,
                where=f" ({label})" if label != "" else "",
            ),
            expected=_("no more units than the frame has"),
            where=Where(key="n"),
        )


def _checks(
    frame: pd.DataFrame, rows: pd.DataFrame, notes: list[tuple[object, Drawn, int]], plan: _Plan
) -> tuple[Check, ...]:
    total, N = float(rows["weight"].sum()), len(frame)
    checks = [_weights(total, N, plan)]
    certain = sum(drawn.certain for _label, drawn, _n in notes)
    if plan.method == "proportional_to_size" and certain:
        checks.append(
            Check(
                "certain_units",
                "info",
                "{n} units are so large that they are drawn for certain; they stand for themselves alone.",
                {"n": certain},
            )
        )
    alone = [label for label, drawn, _n in notes if len(drawn.places) == 1]
    if alone:
        checks.append(
            Check(
                "one_unit",
                "warn",
                "{n} strata have one unit of the first stage: their variance cannot be told, and they must be joined "
                "with others.",
                {"n": len(alone)},
            )
        )
    if plan.method != "simple":
        checks.append(
            Check(
                "systematic",
                "info",
                "Units are drawn at a fixed interval. Standard errors take them as drawn with replacement, which is "
                "cautious where the order of the frame helps, and wrong where the frame has a period of that interval.",
            )
        )
    return tuple(checks)


def _weights(total: float, N: int, plan: _Plan) -> Check:
    evidence = {"total": spoken(total, 1), "N": N}
    if abs(total - N) <= 1e-6 * N:
        return Check("weights", "pass", "The weights add up to the {N} units of the frame.", evidence)
    if plan.method == "proportional_to_size" or plan.cluster is not None:
        return Check(
            "weights",
            "info",
            "The weights add up to {total}; the frame has {N} units. They agree on average over all samples, not in "
            "each: adjust the weights to the known total.",
            evidence,
        )
    return Check("weights", "fail", "The weights add up to {total}, but the frame has {N} units.", evidence)
