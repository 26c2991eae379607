"""A programme that regions take up one after the other: which columns say where, when and with what outcome."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator

from kesos_research.language import _
from kesos_research.study.plan import Part
from kesos_research.study.refusal import Refused, listed, shown
from kesos_research.study.sample import Column
from kesos_research.study.scalar import Text, a_list, choice, distinct, maybe_empty, whole

Comparison = Literal["never_treated", "not_yet_treated"]
Columns = Annotated[tuple[Column, ...], a_list, AfterValidator(distinct())]
MaybeColumns = Annotated[tuple[Column, ...], maybe_empty, AfterValidator(distinct())]


class Adoption(Part):
    """A panel of units of which each has its own first period with the programme; columns as the codebook names them.

    Attributes
    ----------
    source
        Id of the source; the first one when not given.
    unit, period
        The columns that tell the rows apart.
    since
        The column of each unit's first period with the programme, the same in all its rows, empty where it never came.
    outcomes, headline
        What the programme should change, and the one of them that is the main answer.
    placebo
        Outcomes that the programme cannot change.
    by
        Fixed traits of the units by which effects are told apart, named before any result is seen.
    comparison
        Whom adopters are compared with: units that never adopt, or also those that have not adopted yet.
    lead
        The placebo in time: as if each unit had adopted so many periods earlier.
    horizon, history
        The last and, before adoption, the earliest event time that is shown.
    """

    source: Text | Literal[""] = ""
    unit: Column = "wilayah"
    period: Column = "tahun"
    since: Column
    outcomes: Columns
    headline: Column
    placebo: MaybeColumns = ()
    by: MaybeColumns = ()
    comparison: Annotated[Comparison, choice(*get_args(Comparison))] = "never_treated"
    lead: Annotated[int, whole(1, 10)] = 2
    horizon: Annotated[int, whole(1, 30)] = 4
    history: Annotated[int, whole(2, 30)] = 5

    @property
    def roles(self) -> dict[str, str]:
        """The columns by the roles that methods know."""
        return {"unit": self.unit, "period": self.period, "since": self.since}

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column the study uses, roles first."""
        return (self.unit, self.period, self.since, *self.outcomes, *self.placebo, *self.by)


def disagreements_of_columns(adoption: Any) -> Iterator[Refused]:
    """Columns that cannot be what two lines say; of an adoption that was read in part, too."""
    outcomes = getattr(adoption, "outcomes", ())
    headline = getattr(adoption, "headline", "")
    if headline and outcomes and headline not in outcomes:
        yield Refused(
            _("The headline {value} is not among the outcomes.", value=shown(headline)),
            expected=_("one of {names}", names=listed(outcomes)),
            at=("adoption", "headline"),
        )
    used: dict[str, str] = {}
    for key in ("unit", "period", "since", "outcomes", "placebo", "by"):
        value = getattr(adoption, key, ())
        for position, name in enumerate((value,) if isinstance(value, str) else value):
            if name in used and used[name] != key:
                yield Refused(
                    _("The column {name} is both {one} and {other}.", name=shown(name), one=used[name], other=key),
                    expected=_("a column has one role"),
                    at=("adoption", key) if isinstance(value, str) else ("adoption", key, position),
                )
            used.setdefault(name, key)
