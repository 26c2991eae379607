"""Weighted quantiles in every domain at once, by the rules of Hyndman and Fan extended to weights.

Hyndman, R. J., & Fan, Y. (1996). Sample quantiles in statistical packages. The American Statistician 50(4), 361–365.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.intp]

Rule = Literal["math", "school", "hf1", "hf2", "hf3", "hf4", "hf5", "hf6", "hf7", "hf8", "hf9"]

_EQUAL = 1e-12
"""A cumulative share this near to p is p: sums of weights are not exact."""
_CONTINUOUS: dict[str, tuple[float, float]] = {
    "hf4": (0.0, 0.0),
    "hf5": (0.5, 0.0),
    "hf6": (0.0, 1.0),
    "hf8": (1 / 3, 1 / 3),
    "hf9": (3 / 8, 1 / 4),
}
"""Rules p_k = (W_k − a w_k)/(W_n + b w_n) by (a, b): W_k cumulative, w_k own weight."""


@dataclass(frozen=True)
class Ordered:
    """Rows sorted by domain and value. order: (n,); x, w: (n,); start: (D,) first row; size: (D,) rows."""

    order: Codes
    x: Array
    w: Array
    start: Codes
    size: Codes

    @cached_property
    def cum(self) -> Array:
        """Cumulative weight in the domain: (n,)."""
        return within(self.w, self.start, self.size)

    @cached_property
    def W(self) -> Array:  # noqa: N802
        """Weight of each domain: (D,)."""
        return self.sums(self.w)

    def sums(self, v: Array) -> Array:
        """Sums over domains: (n,) → (D,)."""
        out = np.zeros(len(self.size))
        full = self.size > 0
        out[full] = np.add.reduceat(v, self.start[full])
        return out

    def per_row(self, values: Array) -> Array:
        """A value of each domain on its rows: (D,) → (n,)."""
        return np.repeat(values, self.size)

    def back(self, v: Array) -> Array:
        """Values in sorted order to the order of the rows."""
        out = np.empty_like(v)
        out[self.order] = v
        return out


def within(v: Array, start: Codes, size: Codes) -> Array:
    """Cumulative sums of v: (n,) inside each domain."""
    c = np.cumsum(v)
    full = size > 0
    before = np.zeros(len(size))
    before[full] = c[start[full]] - v[start[full]]
    return c - np.repeat(before, size)


def order(x: Array, w: Array, rows: Codes) -> Ordered:
    """Sort x: (n,) inside domains of so many rows: (D,), whose rows lie together.

    One sort a domain: sorting everything and then by domain takes three times as long.
    """
    by_value = np.empty(len(x), np.intp)
    ends = np.cumsum(rows)
    for end, size in zip(ends.tolist(), rows.tolist(), strict=True):
        np.add(np.argsort(x[end - size : end]), end - size, out=by_value[end - size : end])
    return placed(by_value, x, w, rows)


def placed(by_value: Codes, x: Array, w: Array, rows: Codes) -> Ordered:
    """The same where the order is known already."""
    return Ordered(by_value, x[by_value], w[by_value], np.cumsum(rows) - rows, rows)


def quantile(ordered: Ordered, p: Array | float, rule: Rule = "math") -> Array:
    """The p-quantile of each domain, p: (D,) or one number; NaN without weight and where p is NaN: (D,)."""
    p = np.broadcast_to(np.asarray(p, float), ordered.W.shape)
    out = np.full(len(p), np.nan)
    for_these = np.flatnonzero((ordered.size > 0) & (ordered.W > 0) & np.isfinite(p))
    if rule in ("math", "hf1", "school", "hf2") and len(for_these):
        out[for_these] = _step(ordered, p, for_these, mean=rule in ("school", "hf2"))
        return out
    for d in for_these:
        rows = slice(ordered.start[d], ordered.start[d] + ordered.size[d])
        x, w = ordered.x[rows], ordered.w[rows]
        by_weight = np.lexsort((w, x))  # so that the order of rows does not decide between equal values
        out[d] = at_position(x[by_weight], w[by_weight], float(p[d]), rule)
    return out


def _step(ordered: Ordered, p: Array, these: Codes, *, mean: bool) -> Array:
    """The smallest value whose cumulative share reaches p; at equality the mean with the next, where asked."""
    first, last = ordered.start[these], ordered.start[these] + ordered.size[these] - 1
    target = p[these] * ordered.W[these]
    slack = _EQUAL * ordered.W[these]
    at = np.clip(_search(ordered, these, target - slack), first, last)
    low = ordered.x[at]
    if not mean:
        return low
    # the next *different* value: equal values count as one
    following = np.clip(_search(ordered, these, target + slack), first, last)
    return np.where(np.abs(ordered.cum[at] - target) <= slack, (low + ordered.x[following]) / 2, low)


def _search(ordered: Ordered, these: Codes, target: Array) -> Codes:
    """First row of each domain whose cumulative weight is at least the target, by bisection in all domains at once."""
    low, high = ordered.start[these].copy(), ordered.start[these] + ordered.size[these] - 1
    while (low < high).any():
        middle = (low + high) // 2
        enough = ordered.cum[middle] >= target
        high = np.where(enough, middle, high)
        low = np.where(enough, low, np.minimum(middle + 1, high))
    return low


def at_position(x: Array, w: Array, p: float, rule: Rule) -> float:
    """One quantile of sorted x by a rule that looks at positions or draws lines between them."""
    n, cum = len(x), np.cumsum(w)
    if n == 1:
        return float(x[0])
    if rule == "hf3":
        return _nearest_even(x, cum / cum[-1], p)
    if rule == "hf7":
        pk = np.append(0.0, cum[:-1]) / cum[-2]
    else:
        a, b = _CONTINUOUS[rule]
        pk = (cum - a * w) / (cum[-1] + b * w[-1])
    return float(np.interp(p, pk, x))


def _nearest_even(x: Array, share: Array, p: float) -> float:
    """The value at p if its place among different values is even, else the next."""
    last = np.flatnonzero(np.append(x[1:] != x[:-1], True))
    x, share = x[last], share[last]
    reached = int(np.searchsorted(share, p + _EQUAL, side="right"))
    equal = reached > 0 and abs(share[reached - 1] - p) <= _EQUAL
    return float(x[reached - 1] if equal and reached % 2 == 0 else x[min(reached, len(x) - 1)])
