"""Replicate weights made from a design, for measures or programs that want them."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, get_args

import numpy as np
import pandas as pd

from kesos_research.design import Replication, SurveyDesign
from kesos_research.errors import MethodError, Where
from kesos_research.language import _
from kesos_research.methods import _replicate, _rows
from kesos_research.methods._linearize import Array, Codes
from kesos_research.methods._sample import read

Kind = Literal["jk1", "jkn", "brr", "fay", "bootstrap"]


def replicated(
    data: pd.DataFrame,
    *,
    design: SurveyDesign,
    kind: Kind = "jkn",
    replicates: int = 500,
    rho: float = 0.5,
    seed: int | None = None,
) -> tuple[pd.DataFrame, SurveyDesign]:
    """The rows with columns of replicate weights, and the design that uses them.

    Parameters
    ----------
    data
        One row a sampled unit. It is not changed.
    design
        One stage counts: units and strata of the first. Its adjustments are made on every replicate.
    kind
        ``"jkn"`` leaves out one unit at a time, in strata; ``"jk1"`` without strata; ``"brr"`` and ``"fay"`` take
        balanced halves of strata with two units each; ``"bootstrap"`` draws units anew (Rao and Wu).
    replicates, seed
        Of the bootstrap. The seed is needed there and nowhere else.
    rho
        Of Fay's method.

    Raises
    ------
    DataError, MethodError
        When the design does not allow that kind.

    Examples
    --------
    >>> rows = pd.DataFrame({"psu": [1, 2, 3], "w": [10.0, 10.0, 20.0], "size": [3, 5, 4]})
    >>> more, by_replicates = replicated(rows, design=SurveyDesign(weight="w", cluster="psu"), kind="jk1")
    >>> more["replicate_1"].tolist(), by_replicates.replication.kind
    ([0.0, 15.0, 30.0], 'jk1')
    """
    if kind not in get_args(Kind) or design.replicate_weights or not design.weight:
        raise MethodError(
            _("{name} is {value}.", name="kind", value=_rows.said(kind)),
            expected=_(
                "one of {names}, on a design with a weight and without replicates", names=", ".join(get_args(Kind))
            ),
            where=Where(key="kind"),
        )
    sample = read(data, {}, design=replace(design, adjustments=()))
    stage = sample.layout.stages[0]
    units = stage.units
    lengths = np.diff(np.append(sample.layout.first, len(data)))
    cell_unit = np.repeat(stage.unit, np.diff(np.append(stage.first, len(lengths))))
    unit = np.empty(len(data), np.intp)
    unit[sample.order] = np.repeat(cell_unit, lengths)
    fractions = 1 - units.scale * (units.n - 1) / units.n
    M, how = _multipliers(kind, unit, units.stratum, fractions, replicates=replicates, rho=rho, seed=seed)
    names = [f"replicate_{r}" for r in range(1, len(M) + 1)]
    taken = [c for c in names if c in data.columns]
    if taken:
        raise MethodError(
            _("The column {column} is there already.", column=taken[0]),
            remedy=_("drop the old replicates first"),
            where=Where(column=taken[0]),
        )
    made = pd.DataFrame((M * data[design.weight].to_numpy(dtype=float)).T, columns=names, index=data.index)
    new = SurveyDesign(
        weight=design.weight, replicate_weights=tuple(names), replication=how, adjustments=design.adjustments
    )
    return pd.concat([data, made], axis=1), new


def _multipliers(
    kind: Kind, unit: Codes, stratum: Codes, fractions: Array, *, replicates: int, rho: float, seed: int | None
) -> tuple[Array, Replication]:
    n = np.bincount(stratum)
    if (n < 2).any():
        raise _refused(_("{n} strata hold one sampled unit.", n=int((n < 2).sum())), _("two units or more in each"))
    if kind == "jk1" and len(n) > 1:
        raise _refused(_("The design has {n} strata.", n=len(n)), _("jkn, which leaves units out in strata"))
    if kind in ("jk1", "jkn"):
        M, rscales = _replicate.jackknife(unit, stratum, fractions)
        return M, Replication("jk1", scale=float(rscales[0])) if kind == "jk1" else Replication(
            "jkn", rscales=rscales.tolist()
        )
    if fractions.max() > 1e-7:
        raise _refused(_("The design has population sizes."), _("jk1 or jkn, which can make use of them"))
    if kind == "bootstrap":
        if seed is None:
            raise _refused(_("The bootstrap has no seed."), _("seed=… , so that the same is drawn again"))
        rng = np.random.default_rng(_rows.whole(seed, "seed", least=0))
        R = _rows.whole(replicates, "replicates", least=2)
        return _replicate.resampled(unit, stratum, R, rng), Replication("bootstrap", scale=1 / R, mse=True)
    if (n != 2).any():
        raise _refused(_("{n} strata hold more than two units.", n=int((n != 2).sum())), _("two units in each stratum"))
    if kind == "brr":
        return _replicate.balanced(unit, stratum, 0.0), Replication("brr")
    return _replicate.balanced(unit, stratum, _rows.fraction(rho, "rho")), Replication("fay", rho=rho)


def _refused(found: str, expected: str) -> MethodError:
    return MethodError(found, expected=expected, where=Where(key="kind"))
