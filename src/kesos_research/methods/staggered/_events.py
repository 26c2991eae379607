"""An event study as arrays, read from the answer of the method that made it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Estimates
from kesos_research.language import _
from kesos_research.methods.staggered._panel import Array, Mask

SOURCES = ("event_study", "callaway_santanna", "sun_abraham")


@dataclass(frozen=True)
class Events:
    """at: (K,) event times without the reference; beta: (K,); V: (K, K); reference: its event time."""

    at: Array
    beta: Array
    V: Array
    reference: float

    @property
    def before(self) -> Mask:
        return self.at < self.reference

    @property
    def counted(self) -> Mask:
        """Times from treatment on."""
        return self.at >= 0


def events(answer: Estimates) -> Events:
    """Estimates at event times that keep one reference, with their covariance."""
    if not isinstance(answer, Estimates) or answer.method not in SOURCES:
        raise MethodError(
            _("The answer is of {method}.", method=getattr(answer, "method", type(answer).__name__)),
            expected=_("an answer of {methods}", methods=", ".join(SOURCES)),
        )
    table = answer.evidence["event_time"]
    nought = table[table.std_error.isna() & (table.estimate == 0)]
    if len(nought) != 1:
        raise MethodError(
            _("The effects before treatment are each against the period before."),
            expected=_("one reference period for all"),
            remedy=_('callaway_santanna(…, base="universal")'),
            where=Where(key="base"),
        )
    reference = float(nought.event_time.iloc[0])
    V = answer.evidence["event_covariance"].pivot(index="event_time", columns="other", values="covariance")
    shown = table[table.event_time != reference].set_index("event_time")
    at = shown.index.to_numpy(float)
    if not ((at < reference).any() and (at >= 0).any()):
        raise MethodError(
            _("There is no estimate before the reference period, or none after treatment."),
            expected=_("two periods before treatment or more, and one after"),
        )
    gaps = np.diff(np.sort(np.append(at, reference)))
    if not np.allclose(gaps, gaps[0]):
        raise MethodError(
            _("The event times are not evenly spaced."),
            expected=_("times since treatment without gaps"),
            remedy=_("choose a window without gaps"),
        )
    return Events(at, shown.estimate.to_numpy(float), V.loc[at, at].to_numpy(float), reference)
