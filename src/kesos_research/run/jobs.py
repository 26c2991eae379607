"""What a study has to run: each notebook once, or once for each treated region."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kesos_research.domain import Region, region_in
from kesos_research.errors import KesosError, ParameterError, Problems, RegionError, StudyError, Where
from kesos_research.language import _
from kesos_research.run.cells import cells_of
from kesos_research.run.parameters import checked, declared
from kesos_research.study import NotebookUse, Study
from kesos_research.study.refusal import listed, nearest, shown


@dataclass(frozen=True, eq=False)
class Job:
    """One notebook with one set of parameters."""

    notebook: Path
    file: str
    """Its path from the workspace's top, for people."""
    parameters: Mapping[str, Any]
    region: Region | None = None
    nth: int = 1
    """Above 1 where the study uses the same notebook again with other parameters."""

    @property
    def name(self) -> str:
        """File name of the executed notebook, without suffix."""
        region, again = self.region.code if self.region else "", str(self.nth) if self.nth > 1 else ""
        return "_".join(filter(None, (self.notebook.stem, region, again)))

    @property
    def label(self) -> str:
        """What to call it on screen."""
        return f"{self.notebook.stem} ({self.region.label})" if self.region else self.notebook.stem


def jobs(study: Study, *, only: str | None = None) -> tuple[Job, ...]:
    """The jobs of a study, in the order of its document; parameters are checked for all before any runs.

    Parameters
    ----------
    study
        The study.
    only
        A treated region's code: just the notebooks that are run for each region, and just for this one.

    Raises
    ------
    ParameterError, RegionError, StudyError, RunError, Problems
    """
    regions = _regions(study, only)
    found: list[Job] = []
    seen: Counter[str] = Counter()
    problems: list[KesosError] = []
    for use in study.notebooks:
        try:
            seen[use.notebook] += 1
            found.extend(replace(job, nth=seen[use.notebook]) for job in _jobs_of(use, study, regions, only))
        except Problems as several:
            problems.extend(several.problems)
        except KesosError as problem:
            problems.append(problem)
    if len(problems) > 1:
        raise Problems(problems)
    for problem in problems:
        raise problem
    if not found:
        raise StudyError(
            _("The study has no notebook that is run for each region."),
            expected=_("an entry beneath notebooks: with per: treated"),
            where=Where(file=_from_top(study.folder / "study.yaml", study), key="notebooks"),
        )
    return tuple(found)


def _regions(study: Study, only: str | None) -> tuple[Region, ...]:
    if only is None:
        return tuple(region_in(code, synthetic=study.invented) for code in study.treated)
    if only not in study.treated:
        asked = region_in(only, synthetic=study.invented)  # says so when it is no code at all
        raise RegionError(
            _("{region} is not one of the study's regions.", region=f"{asked.code} {asked.label}"),
            expected=_("one of {names}", names=listed(study.treated)),
            remedy=nearest(only, study.treated),
        )
    return (region_in(only, synthetic=study.invented),)


def _jobs_of(use: NotebookUse, study: Study, regions: tuple[Region, ...], only: str | None) -> list[Job]:
    if only is not None and use.per != "treated":
        return []
    path = study.notebook(use.notebook)
    file = _from_top(path, study)
    defaults = declared(cells_of(path, file), name=file)
    own = checked(use.parameters, defaults, name=file)
    for taken in ("study", "region") if use.per == "treated" else ("study",):
        if taken in own:
            raise ParameterError(
                _("The parameter {key} is set by the run itself.", key=shown(taken)),
                remedy=_("take it out of the study"),
                where=Where(file=_from_top(study.folder / "study.yaml", study), key="notebooks"),
            )
    given: list[tuple[Region | None, dict[str, str]]] = [(None, {})]
    if use.per == "treated":
        given = [(r, {"region": r.code}) for r in regions]
    return [
        Job(path, file, {**own, **checked({"study": _called(study), **extra}, defaults, name=file)}, r)
        for r, extra in given
    ]


def _called(study: Study) -> str:
    """What a notebook calls the study: its id where it lies among the workspace's studies, else its path."""
    notebooks = study.root / "notebooks"
    if study.folder == notebooks / "studies" / study.id:
        return study.id
    return Path("..", study.folder.relative_to(study.root)).as_posix()


def _from_top(path: Path, study: Study) -> str:
    return path.relative_to(study.root).as_posix()
