"""Multidimensional poverty: who lacks several things at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from kesos_research.design import SurveyDesign
from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._checks import spoken
from kesos_research.methods._estimate import Moments, assess, estimates
from kesos_research.methods._linearize import Array
from kesos_research.methods._sample import Sample, read


def alkire_foster(
    data: pd.DataFrame | Sample,
    *,
    of: Mapping[str, float] | Sequence[str],
    cutoff: float,
    by: str | Sequence[str] = (),
    design: SurveyDesign,
    level: float = 0.95,
) -> Estimates:
    """How many lack several things at once, how many things do they lack, and which?

    Estimand: with c = Σ_j v_j d_j the weighted share of deprivations, poor where c ≥ k: H the share of poor, A the mean
    c among them, M0 = H·A; for each indicator the share who lack it, the share who are poor and lack it (censored), and
    its contribution to M0. In each group of `by`.

    Parameters
    ----------
    data, by, design, level
        As for `mean`.
    of
        Columns of true and false: is the unit deprived? With a weight each (they are made to sum to 1), or all alike.
    cutoff
        k, the share of deprivations from which a unit is poor: 1/3 in the global index. 0 < k ≤ 1.

    Returns
    -------
    Estimates
        Terms ``"M0"``, ``"H"``, ``"A"``, and for each indicator ``"share: …"``, ``"censored: …"``,
        ``"contribution: …"``. Where nobody is poor there is no A and no contribution.

    Raises
    ------
    DataError, MethodError
        As for `mean`; when a column is not of true and false, or weights or k are not such.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"w": [1.0] * 4, "water": [True, True, False, False], "school": [True, False, True, False]})
    >>> answer = alkire_foster(rows, of=["water", "school"], cutoff=1, design=SurveyDesign(weight="w"))
    >>> answer.table.set_index("term").estimate[["M0", "H", "A"]].tolist()
    [0.25, 0.25, 1.0]

    References
    ----------
    Alkire, S., & Foster, J. (2011). Counting and multidimensional poverty measurement. Journal of Public Economics
    95(7–8), 476–487.
    """
    level = _rows.fraction(level, "level")
    weights = _weights(of)
    k = _rows.nonnegative(cutoff, "cutoff")
    if not 0 < k <= 1:
        raise MethodError(
            _("{name} is {value}.", name="cutoff", value=_rows.said(cutoff)),
            expected=_("a number larger than 0 and at most 1"),
            where=Where(key="cutoff"),
        )
    sample = read(data, {f"of {i}": c for i, c in enumerate(weights)}, by=by, design=design)
    d = [_deprived(sample, c) for c in weights]
    c = sum(v * x for v, x in zip(weights.values(), d, strict=True))
    poor = (np.asarray(c) >= k - 1e-12).astype(float)
    V: list[Array | None] = [None, poor, *d, *(poor * x for x in d)]
    answer = assess(sample, Moments(V, _counting(np.array(list(weights.values())))))
    terms = ["M0", "H", "A", *(f"{part}: {j}" for part in ("share", "censored", "contribution") for j in weights)]
    return estimates(
        answer,
        terms,
        method="alkire_foster",
        estimand="Multidimensional poverty by counting of Alkire and Foster",
        level=level,
        checks=(
            Check(
                "deprivation_cutoff",
                "info",
                "Poor is who lacks at least {k} of the weighted indicators; {n} indicators are counted.",
                {"k": spoken(k, 3), "n": len(weights)},
            ),
        ),
    )


def _counting(v: Array) -> Callable[[Array], tuple[Array, Array]]:
    """From T = Σ w (1, poor, d_j, poor·d_j) to M0, H, A, shares, censored shares, contributions."""
    J = len(v)

    def g(T: Array) -> tuple[Array, Array]:
        N, Q, raw, censored = T[0], T[1], T[2 : 2 + J], T[2 + J :]
        S = v @ censored
        parts = v[:, None] * censored / S
        theta = np.concatenate([[S / N, Q / N, S / Q], raw / N, censored / N, parts])
        G = np.zeros((len(theta), *T.shape))
        at = np.arange(J)
        G[0, 0], G[0, 2 + J :] = -S / N**2, v[:, None] / N
        G[1, 0], G[1, 1] = -Q / N**2, 1 / N
        G[2, 1], G[2, 2 + J :] = -S / Q**2, v[:, None] / Q
        G[3 + at, 0], G[3 + at, 2 + at] = -raw / N**2, 1 / N
        G[3 + J + at, 0], G[3 + J + at, 2 + J + at] = -censored / N**2, 1 / N
        G[3 + 2 * J :, 2 + J :] = -(parts / S)[:, None] * v[:, None]
        G[3 + 2 * J + at, 2 + J + at] += v[:, None] / S
        return theta, G

    return g


def _weights(of: Mapping[str, float] | Sequence[str]) -> dict[str, float]:
    told = dict(of) if isinstance(of, Mapping) else dict.fromkeys([of] if isinstance(of, str) else of, 1.0)
    for name, value in told.items():
        if not _rows.nonnegative(value, name) > 0:
            raise MethodError(
                _("{name} is {value}.", name=name, value=_rows.said(value)),
                expected=_("a number larger than 0"),
                where=Where(key="of"),
            )
    if not told:
        raise MethodError(_("No indicator is named."), expected=_("at least one column"), where=Where(key="of"))
    total = sum(told.values())
    return {name: value / total for name, value in told.items()}


def _deprived(sample: Sample, column: str) -> Array:
    values = sample.number(column)
    if not np.isin(values, (0.0, 1.0)).all():
        raise MethodError(
            _("The column {column} holds other values.", column=column),
            expected=_("true or false, 0 or 1"),
            where=Where(column=column),
        )
    return values
