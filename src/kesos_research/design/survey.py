"""How the rows came to us: which column is weight, stratum, cluster, population size, replicate weight.

Here the roles are said and checked; the estimators that use them take a `SurveyDesign` and nothing else, so that a
design is said once and no estimator has a `weights=` of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal, get_args

import numpy as np
import pandas as pd

from kesos_research.design import adjustment
from kesos_research.design.adjustment import Adjustment, Distance, Totals
from kesos_research.design.replication import Replication
from kesos_research.errors import DataError, KesosError, MethodError, Problems, Where
from kesos_research.language import _

Lonely = Literal["fail", "adjust", "average", "certainty", "remove"]
"""What becomes of a stratum with one sampled unit."""

ROLES = ("weight", "strata", "cluster", "fpc", "replicate_weights")


@dataclass(frozen=True)
class SurveyDesign:
    """The design of a sample, as names of columns.

    Parameters
    ----------
    weight
        Sampling weight: how many units of the population a row stands for.
    strata
        Stratum of the first stage; a tuple for several stages.
    cluster
        Primary sampling unit; a tuple for several stages, the outermost first. This is how rows were *sampled*; where a
        programme was *assigned* is said to the method.
    fpc
        Number of primary sampling units in the population of the stratum, or the fraction sampled; a tuple for several
        stages.
    replicate_weights
        Columns of replicate weights, as the producer of the survey made them; instead of `strata`, `cluster` and `fpc`.
    replication
        How the replicate weights were made. A variance cannot be had without it.
    lonely
        What a stratum with one sampled unit adds to the variance: ``"fail"`` refuses it; ``"adjust"`` its distance from
        the mean of all units; ``"average"`` what the other strata add on average; ``"certainty"`` and ``"remove"``
        nothing. Strata that are wholly in the sample (by `fpc`) add nothing in any case.
    adjustments
        What `poststratified`, `raked` and `calibrated` remember.

    Raises
    ------
    MethodError
        When a name is no text or is given twice, or roles contradict each other.

    Examples
    --------
    >>> SurveyDesign(weight="fwt", strata="strata", cluster="psu").columns
    ('fwt', 'strata', 'psu')
    >>> SurveyDesign(cluster=["psu", "ruta"]).cluster
    ('psu', 'ruta')
    """

    weight: str | None = None
    strata: str | Sequence[str] | None = None
    cluster: str | Sequence[str] | None = None
    fpc: str | Sequence[str] | None = None
    replicate_weights: str | Sequence[str] | None = None
    replication: Replication | None = None
    lonely: Lonely = "fail"
    adjustments: tuple[Adjustment, ...] = ()

    def __post_init__(self) -> None:
        for role in ROLES:
            names = _names(getattr(self, role), role)
            if role == "weight" and len(names) > 1:
                raise MethodError(
                    _("There are {n} weights.", n=len(names)),
                    expected=_("one column"),
                    remedy=_("name replicates under replicate_weights"),
                    where=Where(key=role),
                )
            single = isinstance(getattr(self, role), str | None)
            object.__setattr__(self, role, getattr(self, role) if single else names)
        twice = sorted({name for name in self.columns if self.columns.count(name) > 1})
        if twice:
            raise MethodError(
                _("The columns {names} have more than one role.", names=", ".join(twice)),
                expected=_("one role for each column"),
            )
        self._agree()

    def _agree(self) -> None:
        replicates = self.of("replicate_weights")
        if replicates and (self.of("strata") or self.of("cluster") or self.of("fpc")):
            raise MethodError(
                _("Replicate weights already hold strata and clusters."),
                expected=_("either replicate_weights, or strata, cluster and fpc"),
            )
        if replicates and not self.weight:
            raise MethodError(_("Replicate weights need the weight they replicate."), remedy=_("name it under weight"))
        if self.replication and not replicates:
            raise MethodError(
                _("A replication needs replicate weights."), remedy=_("name them under replicate_weights")
            )
        if self.lonely not in get_args(Lonely):
            raise MethodError(
                _("{name} is {value}.", name="lonely", value=repr(self.lonely)),
                expected=", ".join(get_args(Lonely)),
                where=Where(key="lonely"),
            )
        stages = max(1, len(self.of("cluster")))
        for role in ("strata", "fpc"):
            if len(self.of(role)) > stages:
                raise MethodError(
                    _("{role} names {n} stages, cluster {stages}.", role=role, n=len(self.of(role)), stages=stages),
                    expected=_("at most one column a stage"),
                )

    def of(self, role: str) -> tuple[str, ...]:
        """The columns of a role, none or several.

        Examples
        --------
        >>> SurveyDesign(weight="w").of("weight"), SurveyDesign(weight="w").of("strata")
        (('w',), ())
        """
        return _names(getattr(self, role), role)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column the design names in a role."""
        return tuple(name for role in ROLES for name in self.of(role))

    def poststratified(self, by: str | tuple[str, ...], totals: Totals) -> SurveyDesign:
        """The same design with weights that meet the population counts of post-strata.

        Examples
        --------
        >>> SurveyDesign(weight="w").poststratified("sex", {"f": 510, "m": 490}).adjustments[0].columns
        ('sex',)
        """
        return replace(self, adjustments=(*self.adjustments, adjustment.poststratify(by, totals)))

    def raked(self, margins: Mapping[str, Totals]) -> SurveyDesign:
        """The same design with weights that meet the population counts of several columns, by iterative fitting."""
        return replace(self, adjustments=(*self.adjustments, adjustment.rake(margins)))

    def calibrated(
        self,
        totals: Mapping[str, float | Totals],
        *,
        size: float | None = None,
        distance: Distance = "linear",
        bounds: tuple[float, float] | None = None,
    ) -> SurveyDesign:
        """The same design with weights that meet known totals and stay near the old ones.

        Parameters
        ----------
        totals
            For a column of numbers its total, for a column of categories the count of each.
        size
            The number of units in the population, where no column of categories says it.
        distance
            ``"linear"`` (GREG), ``"raking"`` (never negative), ``"logit"`` (between `bounds`), ``"ratio"`` (one column:
            all weights times one number).
        bounds
            Lowest and highest ratio of new to old weight.
        """
        done = adjustment.calibrate(totals, size=size, distance=distance, bounds=bounds)
        return replace(self, adjustments=(*self.adjustments, done))

    def check(self, data: pd.DataFrame) -> None:
        """Do these rows keep what the design promises?

        Parameters
        ----------
        data
            One row a sampled unit.

        Raises
        ------
        DataError, Problems
            When a column is not there, a value is missing, a weight is not a positive number, a cluster lies in two
            strata, or a population size does not fit; all problems at once.

        Examples
        --------
        >>> rows = pd.DataFrame({"w": [10.0, 12.0], "psu": ["a", "b"]})
        >>> SurveyDesign(weight="w", cluster="psu").check(rows)
        """
        problems: list[KesosError] = [
            DataError(
                _("There is no column {name}.", name=repr(name)),
                expected=_("one of {names}", names=", ".join(map(str, data.columns))),
                where=Where(column=name),
            )
            for name in self.columns
            if name not in data.columns
        ]
        if not problems and len(data) == 0:
            problems.append(DataError(_("There are no rows.")))
        if not problems:
            for name in self.columns:
                problems += _missing(data[name])
        if not problems:
            problems = [*self._weights(data), *self._nested(data), *self._population(data)]
        if problems:
            raise problems[0] if len(problems) == 1 else Problems(problems)

    def _weights(self, data: pd.DataFrame) -> Iterator[DataError]:
        for role, lowest in (("weight", _("larger than 0")), ("replicate_weights", _("0 or more"))):
            for name in self.of(role):
                if not _is_number(data[name]):
                    yield DataError(
                        _("The column {name} holds no numbers.", name=name), expected=lowest, where=Where(column=name)
                    )
                    continue
                values = data[name].to_numpy(dtype=float)
                bad = ~np.isfinite(values) | (values < 0 if role == "replicate_weights" else values <= 0)
                if bad.any():
                    yield DataError(
                        _("{n} weights are not positive numbers.", n=int(bad.sum())),
                        expected=lowest,
                        remedy=_("ask the producer of the survey for the weight of these rows"),
                        where=Where(row=int(np.argmax(bad)) + 1, column=name),
                    )

    def _nested(self, data: pd.DataFrame) -> Iterator[DataError]:
        """Every cluster lies in one stratum, every later stage in one cluster of the stage before."""
        chain = [*self.of("strata")[:1], *self.of("cluster")]
        for outer, inner in pairwise(chain):
            homes = data.groupby(inner, observed=True)[outer].nunique()
            several = homes[homes > 1]
            if len(several):
                yield DataError(
                    _("{n} values of {inner} lie in more than one {outer}.", n=len(several), inner=inner, outer=outer),
                    expected=_("each {inner} in one {outer}", inner=inner, outer=outer),
                    remedy=_(
                        "number {inner} anew within each {outer}, or join the two codes", inner=inner, outer=outer
                    ),
                    where=Where(column=inner),
                )

    def _population(self, data: pd.DataFrame) -> Iterator[DataError]:
        """Population sizes are one number a stratum of their stage, and not smaller than the sample there."""
        names, clusters, strata = self.of("fpc"), self.of("cluster"), self.of("strata")
        wrong = [name for name in names if not _is_number(data[name])]
        if wrong:
            yield from (
                DataError(_("The column {name} holds no numbers.", name=name), where=Where(column=name))
                for name in wrong
            )
            return
        counts = any((data[name] > 1).any() for name in names)
        for stage, name in enumerate(names):
            within = [*clusters[stage - 1 : stage], *strata[stage : stage + 1]]
            unit = data[clusters[stage]] if stage < len(clusters) else np.arange(len(data))
            frame = data[[*within, name]].assign(_unit=unit, _all=0)
            grouped = frame.groupby(within or ["_all"], observed=True)
            values = grouped[name].agg(["min", "max"])
            if (values["min"] != values["max"]).any():
                yield DataError(
                    _("{name} is not one number in each stratum.", name=name),
                    expected=_("the same population size on every row of a stratum"),
                    where=Where(column=name),
                )
                continue
            size = values["max"].to_numpy(dtype=float)
            small = ~(size > 0) | (counts & (size < grouped["_unit"].nunique().to_numpy()))
            if small.any():
                yield DataError(
                    _("In {n} strata the population is smaller than the sample.", n=int(small.sum())),
                    expected=_("the number of units in the population, or the fraction sampled"),
                    where=Where(column=name),
                )


def _names(told: str | Sequence[str] | None, role: str) -> tuple[str, ...]:
    if told is None:
        return ()
    names = (told,) if isinstance(told, str) else tuple(told) if isinstance(told, Sequence) else (told,)
    for name in names:
        if not isinstance(name, str) or not name.strip():
            raise MethodError(
                _("{value} is no name of a column.", value=repr(name)),
                expected=_("the name of a column as text, or several of them"),
                where=Where(key=role),
            )
    return names


def _missing(values: pd.Series) -> Iterator[DataError]:
    n = int(values.isna().sum())
    if n:
        yield DataError(
            _("{n} of {all} values are missing.", n=n, all=len(values)),
            remedy=_("a design needs every value: look why they are missing before dropping rows"),
            where=Where(row=int(np.argmax(values.isna().to_numpy())) + 1, column=str(values.name)),
        )


def _is_number(values: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
