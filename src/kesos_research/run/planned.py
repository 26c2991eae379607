"""The plan against the study's own data: which of its methods does the chooser refuse, and does the plan say why?

Counts and the table of true sizes only; nothing is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kesos_research.errors import KesosError, StudyError, Where
from kesos_research.language import _, current
from kesos_research.study import Study

if TYPE_CHECKING:
    import pandas as pd

    from kesos_research.methods.choice import Design


DESCRIBED = ("before_after",)
"""Refused as effects, but a plan may describe with them: they say change themselves."""


@dataclass(frozen=True)
class Refusal:
    """A method of the plan that the chooser refuses, and whether the plan says why it is there all the same."""

    method: str
    error: StudyError
    explained: bool


def refusals(study: Study) -> tuple[Refusal, ...]:
    """What the chooser refuses of what the plan names, for the headline outcome in the study's own data.

    Only studies that compare regions over years are looked at: for persons the chooser has no verdict.

    Raises
    ------
    KesosError
        When the data cannot be read, or contradict themselves.
    """
    if not study.plan.methods or (study.windows is None and study.adoption is None):
        return ()
    from kesos_research.methods.choice import verdicts

    looks = [
        verdicts(rows, draws=study.plan.draws, level=study.plan.level, **roles)  # type: ignore[arg-type]
        for rows, roles in _rows(study)
    ]
    return tuple(_refused(study, looks))


def _rows(study: Study) -> Iterator[tuple[pd.DataFrame, Mapping[str, object]]]:
    """The rows of the headline answer, and again with the years that synthetic controls imitate."""
    if study.adoption is not None:
        from kesos_research.data import read_adoption

        yield read_adoption(study), {**study.adoption.roles, "outcome": study.adoption.headline}  # type: ignore[arg-type]
    elif study.windows is not None:
        from kesos_research.data import read_panel

        panel, windows = read_panel(study), study.windows
        for before in (windows.before, windows.synthetic_before):
            sample = panel.balanced(
                study.headline,
                (*before.years, *windows.after[0].years),
                treated=study.treated,
                exclude=study.donors.exclude,
            )
            roles = {"unit": "wilayah", "period": "tahun", "treated": "treated", "since": study.since}
            yield sample.rows, {**roles, "outcome": study.headline}


def _refused(study: Study, looks: list[tuple[Design, ...]]) -> Iterator[Refusal]:
    """A method is refused when every design it carries out is, whichever years it is given."""
    told = [design for designs in looks for design in designs]
    for position, name in enumerate(study.plan.methods):
        said = [design for design in told if design.name == name and name not in DESCRIBED]
        if said and all(design.verdict == "refused" for design in said):
            yield Refusal(name, _error(study, name, position, said, told), name in study.plan.reasons)


def _error(study: Study, name: str, position: int, said: list[Design], told: list[Design]) -> StudyError:
    used = dict.fromkeys(design.name for design in told if design.verdict == "used")
    reasons = dict.fromkeys(design.reason[current()] for design in said)
    return StudyError(
        _(
            "The plan names {method}, which the chooser refuses for these data: {reason}",
            method=name,
            reason=" ".join(reasons),
        ),
        expected=_("what it takes for them: {names}", names=", ".join(used)) if used else None,
        remedy=_(
            "take it out of plan: methods:, or say in both languages why it stays, under plan: reasons: {method}:",
            method=name,
        ),
        where=Where(
            file=(study.folder / "study.yaml").relative_to(study.root).as_posix(), key=f"plan.methods.{position + 1}"
        ),
    )


def kept(refusal: Refusal) -> KesosError:
    """What is said of a refused method that the plan keeps with a reason."""
    return KesosError(
        _("The plan keeps {method} and says why: {found}", method=refusal.method, found=refusal.error.found),
        where=refusal.error.where,
    )
