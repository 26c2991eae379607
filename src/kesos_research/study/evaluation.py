"""A programme for families: which populations it reached, who was offered it, what it should change, at what cost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import AfterValidator

from kesos_research.language import _
from kesos_research.study.plan import Part
from kesos_research.study.refusal import Refused, listed, shown
from kesos_research.study.sample import Column
from kesos_research.study.scalar import Bilingual, Flag, Text, a_list, distinct, maybe_empty, whole

Columns = Annotated[tuple[Column, ...], a_list, AfterValidator(distinct())]
MaybeColumns = Annotated[tuple[Column, ...], maybe_empty, AfterValidator(distinct())]


class Population(Part):
    """Families that are one population, with an estimand of their own. Two of them are never pooled.

    Attributes
    ----------
    value
        How the column `group` names it.
    estimand
        What is estimated for it, in a sentence's part.
    spell
        Whether its families have left, and can come back: the column pair `spell` is about them.
    """

    value: Text
    name: Bilingual
    estimand: Bilingual
    spell: Flag = False


class Measured(Part):
    """An outcome, measured before and after.

    Attributes
    ----------
    id
        Its name in claims.
    before, after
        Columns; `before` is empty where it could not be measured before.
    unit
        Of a difference.
    """

    id: Column
    before: Column = ""
    after: Column
    name: Bilingual
    unit: Bilingual
    decimals: Annotated[int, whole(0, 6)] = 0
    share: Flag = False
    """True for a yes or no: its mean is a share, shown in percent."""


class Spell(Part):
    """Time from leaving to coming back, or to the last look.

    Attributes
    ----------
    time, event
        Columns: how long, and whether the family came back then.
    lasting
        Time after which leaving counts as lasting; everybody was followed that long.
    """

    time: Column
    event: Column
    lasting: Annotated[int, whole(1, 600)]


class Evaluation(Part):
    """What the programme was, for whom, and what is compared; columns of the sample's source by their names there.

    Attributes
    ----------
    group, populations
        The column that tells populations apart, and its values in the order of the tables.
    treated, received
        Who was offered the programme, and who of them took it up.
    assigned
        The units to which it was offered as a whole, such as villages.
    observed
        Whether the endline reached the family.
    outcomes
        The first is the headline.
    covariates
        What is held equal between those offered and the others.
    placebo
        Something the programme cannot have changed.
    subgroups
        Traits by which effects are told apart, named before any result is seen.
    spell
        Time until a family comes back, where it had left.
    funding, costs
        Who pays, and the columns of the ingredients of the cost of a family.
    """

    group: Column
    populations: Annotated[tuple[Population, ...], a_list, AfterValidator(distinct(lambda p: p.value))]
    treated: Column
    received: Column = ""
    assigned: Column
    observed: Column = ""
    outcomes: Annotated[tuple[Measured, ...], a_list, AfterValidator(distinct(lambda o: o.id))]
    covariates: Columns
    placebo: Column = ""
    subgroups: MaybeColumns = ()
    spell: Spell | None = None
    funding: Column = ""
    costs: MaybeColumns = ()

    @property
    def headline(self) -> Measured:
        """The outcome that is the main answer."""
        return self.outcomes[0]

    @property
    def flags(self) -> tuple[str, ...]:
        """Columns of yes and no."""
        event = (self.spell.event,) if self.spell else ()
        return tuple(c for c in (self.treated, self.received, self.observed, *event) if c)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column the study uses, each once."""
        outcomes = [c for o in self.outcomes for c in (o.before, o.after)]
        spell = [self.spell.time] if self.spell else []
        named = (
            self.group, *self.flags, self.assigned, *outcomes, *self.covariates, self.placebo, *self.subgroups, *spell,
            self.funding, *self.costs,
        )  # fmt: skip
        return tuple(dict.fromkeys(c for c in named if c))


def disagreements_of_evaluation(evaluation: Any, *, sampled: bool) -> Iterator[Refused]:
    """What two lines of an evaluation may not say at once; of one that was read in part, too."""
    if not sampled:
        yield Refused(
            _("An evaluation of families needs the sample they come from."),
            expected=_("the key sample: with the source of the rows"),
            at=("evaluation",),
        )
    spell, populations = getattr(evaluation, "spell", None), getattr(evaluation, "populations", ())
    leaving = [p for p in populations if getattr(p, "spell", False)]
    if leaving and spell is None:
        yield Refused(
            _("Families of {name} can come back, and nothing says after how long.", name=shown(leaving[0].value)),
            expected=_("the key spell: with time, event and lasting"),
            at=("evaluation",),
        )
    if spell is not None and populations and not leaving:
        yield Refused(
            _("No population is said to have left."),
            expected=_("spell: true at the populations that can come back"),
            at=("evaluation", "spell"),
        )
    if getattr(evaluation, "costs", ()) and not getattr(evaluation, "funding", ""):
        yield Refused(
            _("Costs are told apart by who pays, and nothing says who."),
            expected=_("the key funding: with the column of the funding source"),
            at=("evaluation", "costs"),
        )
    yield from _one_role(evaluation)
    yield from _after_in_covariates(evaluation)


def _one_role(evaluation: Any) -> Iterator[Refused]:
    """Who a family is, the offer, and what is known of it before and after, are different columns."""
    spell = getattr(evaluation, "spell", None)
    named: list[tuple[tuple[str | int, ...], str]] = [
        ((key,), getattr(evaluation, key, "")) for key in ("group", "treated", "received", "observed", "placebo")
    ]
    named += [(("spell", key), getattr(spell, key, "")) for key in ("time", "event")]
    for position, outcome in enumerate(getattr(evaluation, "outcomes", ())):
        named += [(("outcomes", position, key), getattr(outcome, key, "")) for key in ("before", "after")]
    used: dict[str, str] = {}
    for at, column in named:
        role = ".".join(str(step + 1) if isinstance(step, int) else step for step in at)
        if column and column in used:
            yield Refused(
                _("The column {name} is both {one} and {other}.", name=shown(column), one=used[column], other=role),
                expected=_("a column has one role"),
                at=("evaluation", *at),
            )
        used.setdefault(column, role)


def _after_in_covariates(evaluation: Any) -> Iterator[Refused]:
    """What the programme may have changed is nothing to hold equal."""
    outcomes = getattr(evaluation, "outcomes", ())
    spell = getattr(evaluation, "spell", None)
    changed = {getattr(o, "after", "") for o in outcomes} | {
        getattr(evaluation, k, "") for k in ("treated", "received")
    }
    changed |= {getattr(spell, k, "") for k in ("time", "event")}
    for key in ("covariates", "subgroups"):
        for position, column in enumerate(getattr(evaluation, key, ())):
            if column in changed:
                yield Refused(
                    _("The programme may have changed {column}: it cannot be held equal.", column=shown(column)),
                    expected=_("columns known before the programme"),
                    remedy=_("take it out of {names}", names=listed([key])),
                    at=("evaluation", key, position),
                )
