"""Rows of persons or households as spells: how long each was seen, and how the spell ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._covariates import FEW_CLUSTERS, Codes, clusters, numbered, several, truth

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Spells:
    """frame: rows in the order of their times; time, event, cluster: (n,), the row itself where there is no cluster."""

    frame: pd.DataFrame
    time: Array
    event: Mask
    cluster: Codes
    clustered: bool

    @property
    def sums(self) -> int:
        """Clusters, or rows where there are none."""
        return len(np.unique(self.cluster))

    @property
    def df(self) -> float:
        """Degrees of freedom of an interval: clusters less one, none where rows are on their own."""
        return self.sums - 1.0 if self.clustered else float("nan")

    def part(self, keep: Mask) -> Spells:
        """The spells marked in keep: (n,)."""
        return Spells(self.frame[keep], self.time[keep], self.event[keep], self.cluster[keep], self.clustered)


_SINGLE = ("group", "competing")
"""Roles of one column, which must be told."""


def read(
    data: pd.DataFrame,
    *,
    time: str,
    event: str,
    cluster: str | None = None,
    others: Sequence[tuple[str, Any]] = (),
) -> Spells:
    """The spells, with the columns of further roles there and complete."""
    roles = {"time": time, "event": event} | ({} if cluster is None else {"cluster": cluster})
    for role, told in others:
        roles |= {role: told} if role in _SINGLE else numbered(role, () if told is None else several(told))
    _rows.columns(data, roles)
    _rows.numeric(data, time)
    seen = data[time].to_numpy(dtype=float)
    if (seen <= 0).any():
        raise MethodError(
            _("The column {column} holds {n} values of nought or less.", column=time, n=int((seen <= 0).sum())),
            expected=_("how long each row was seen, more than 0"),
            remedy=_("an event on the first day has happened within it: count from the day before"),
            where=Where(column=time),
        )
    ended = truth(data, event)
    order = np.lexsort((~ended, seen))
    codes = clusters(data, cluster)
    own = np.arange(len(data)) if codes is None else codes
    return Spells(data.iloc[order], seen[order], ended[order], own[order], codes is not None)


def some_events(spells: Spells, event: str) -> None:
    if not spells.event.any():
        raise MethodError(
            _("No row has the event {column}.", column=event),
            expected=_("at least one event"),
            where=Where(column=event),
        )


def several_clusters(part: Spells, label: str, cluster: str | None) -> None:
    """Within one cluster nothing is known of how clusters differ."""
    if part.clustered and part.sums < 2:
        raise MethodError(
            _("The group {name} lies in one cluster.", name=label),
            expected=_("at least two clusters"),
            where=Where(column=cluster),
        )


def censoring(spells: Spells) -> Check:
    n, events = len(spells.time), int(spells.event.sum())
    return Check(
        "censoring",
        "info",
        "{events} of {n} rows had the event; {censored} were no longer seen before it. They are taken to have left for "
        "reasons that have nothing to do with when the event would have come.",
        {"events": events, "n": n, "censored": n - events},
    )


def competing() -> Check:
    return Check(
        "competing",
        "info",
        "An end that rules the event out (death, moving away for good) is counted as no longer seen: where there are "
        "such ends, the share with the event is smaller than the curve says; see the cumulative incidence.",
    )


def few_clusters(spells: Spells) -> tuple[Check, ...]:
    """Too few clusters for a sandwich, where there are clusters."""
    if not spells.clustered:
        return ()
    evidence = {"G": spells.sums, "enough": FEW_CLUSTERS}
    if spells.sums < FEW_CLUSTERS:
        return (
            Check(
                "few_clusters",
                "warn",
                "{G} clusters are fewer than {enough}: standard errors from so few are too small more often than not.",
                evidence,
            ),
        )
    return (Check("few_clusters", "pass", "{G} clusters: enough for standard errors from their sums.", evidence),)
