"""`kesos check`: everything that can fail before an hour of computing, all of it at once."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from kesos_research.errors import KesosError, OutputError, Problems, Where
from kesos_research.language import _
from kesos_research.study import Study, Windows, read_study
from kesos_research.study.manuscript import breaches
from kesos_research.study.narrative import Narrative, read_narrative
from kesos_research.study.survey import owed
from kesos_research.study.tree import read_text

if TYPE_CHECKING:
    from kesos_research.data import Panel

_BIBTEX = 8 * 1024 * 1024


@dataclass
class Findings:
    """What would fail, and what should be known."""

    study: Study | None = None
    errors: list[KesosError] = field(default_factory=list)
    warnings: list[KesosError] = field(default_factory=list)

    def hold(self, look: Callable[[], None]) -> None:
        """Look, and keep what is wrong, each thing once."""
        try:
            look()
        except KesosError as error:
            self.add(error)

    def add(self, error: KesosError) -> None:
        """Keep an error, or each of several."""
        for one in error.problems if isinstance(error, Problems) else (error,):
            if str(one) not in map(str, self.errors):
                self.errors.append(one)

    def note(self, text: str, where: Where) -> None:
        """Keep what should be known."""
        told = KesosError(text, where=where)
        if str(told) not in map(str, self.warnings):
            self.warnings.append(told)


def examine(where: str | Path, *, earlier: bool = True) -> Findings:
    """Can this study run, and would its venue take the manuscript?

    Parameters
    ----------
    where
        The study: folder, study.yaml or id.
    earlier
        Hold the claims that the prose names against those of the last run.

    Returns
    -------
    Findings
        `errors` is empty when it can run.
    """
    found = Findings()
    found.hold(lambda: setattr(found, "study", read_study(where)))
    if (study := found.study) is None:
        return found

    from kesos_research.cli.prose import prose

    narratives: list[Narrative] = []
    found.hold(lambda: _data(study, found))
    if not found.errors:
        found.hold(lambda: _plan(study, found))
    found.hold(lambda: _notebooks(study))
    for lang in study.deliverables.languages:
        if study.narrative(lang).is_file():
            found.hold(lambda lang=lang: narratives.append(_narrative(study, lang)))
        else:
            found.warnings.append(_no_narrative(study, lang))
    bibtex = ""
    if study.references.is_file():
        try:
            bibtex = read_text(study.references, name=_file(study, study.references), limit=_BIBTEX)
        except KesosError as error:
            found.add(error)
    claims = claims_of_last_run(study) if earlier else None
    for narrative in narratives:
        found.hold(lambda n=narrative: prose(study, n, bibtex, claims))
    if earlier:
        _quality(study, narratives, found)
    if study.programme:
        found.hold(lambda: _evidence(study))
    found.hold(lambda: _writable(study))
    found.warnings.extend(breaches(study, narratives, bibtex))
    found.warnings.extend(map(_for_release, owed(study)))
    return found


def _quality(study: Study, narratives: list[Narrative], found: Findings) -> None:
    """Numbers the prose states that were withheld or imprecise in the last run."""
    from kesos_research.report.marks import remark
    from kesos_research.run.claims import read

    told = read(study.root / "reports" / "drafts" / study.id)
    for narrative in narratives:
        for mention in narrative.looked_up("claim"):
            if quality := told.get(mention.name, {}).get("quality"):
                found.note(remark(mention.name, quality), Where(file=narrative.file, line=mention.line))


def _for_release(error: KesosError) -> KesosError:
    found = _("A release will ask for more: {text}", text=error.found)
    return KesosError(found, expected=error.expected, remedy=error.remedy, where=error.where)


def _file(study: Study, path: Path) -> str:
    return path.relative_to(study.root).as_posix()


def _narrative(study: Study, lang: str) -> Narrative:
    path = study.folder / f"narrative.{lang}.md"
    return read_narrative(path, "id" if lang == "id" else "en", name=_file(study, path))


def _no_narrative(study: Study, lang: str) -> KesosError:
    return KesosError(
        _("There is no narrative.{lang}.md: documents in this language hold what the notebooks say.", lang=lang),
        where=Where(file=_file(study, study.folder)),
    )


def _notebooks(study: Study) -> None:
    from kesos_research.run.jobs import jobs

    jobs(study)


def _evidence(study: Study) -> None:
    from kesos_research.data.read import read_evidence

    read_evidence(study)


def _adoption(study: Study) -> None:
    from kesos_research.data import read_adoption

    read_adoption(study)


def _evaluation(study: Study) -> None:
    from kesos_research.data import read_evaluation

    read_evaluation(study)


def _plan(study: Study, found: Findings) -> None:
    """The plan names no method that the chooser refuses, or says why."""
    from kesos_research.run.planned import kept, refusals

    for refusal in refusals(study):
        if refusal.explained:
            found.warnings.append(kept(refusal))
        else:
            found.add(refusal.error)


def _data(study: Study, found: Findings) -> None:
    """Every source keeps its promises; the first has the figures that the windows ask for."""
    from kesos_research.data import read_panel

    panels: list[Panel] = []
    before = len(found.errors)
    for source in study.sources:
        if not _rows(study, source.id, found):
            found.hold(lambda source=source: panels.append(read_panel(study, source=source.id)))
    if len(found.errors) > before:
        return
    if study.adoption is not None:
        found.hold(lambda: _adoption(study))
    if study.evaluation is not None:
        found.hold(lambda: _evaluation(study))
    if study.windows is None:
        return
    if not panels:
        found.hold(lambda: panels.append(read_panel(study)))
        return
    _windows(study, study.windows, panels[0], found)


def _windows(study: Study, windows: Windows, panel: Panel, found: Findings) -> None:
    """The panel has the figures that the windows ask for."""
    file = _file(study, study.folder / "study.yaml")
    for outcome in study.outcomes:
        for key, years, needed in _spans(windows, headline=outcome == study.headline):
            try:
                balanced = panel.balanced(outcome, years, treated=study.treated, exclude=study.donors.exclude)
            except KesosError as error:
                if needed:
                    found.add(_placed(error, study, f"windows.{key}"))
                else:
                    found.note(error.found, Where(file=file, key=f"windows.{key}"))
                continue
            for notice in _notices(balanced.dropped_years, balanced.treated_with_break, outcome, key):
                found.note(notice, Where(file=file))
    for years in windows.after:
        if years.first == study.since:
            year = _("The window {years} holds the year the programme began.", years=years)
            found.note(year, Where(file=file, key="windows.after"))


def _rows(study: Study, source: str, found: Findings) -> bool:
    """Whether a source has other rows than regions by year; these are held against their codebook."""
    from kesos_research.data.read import source_findings

    told = None
    with contextlib.suppress(KesosError):  # what cannot be opened is told by the one who reads it
        told = source_findings(study, source=source)
    if told is None:
        return False
    for finding in told.errors:
        found.add(finding.error)
    found.warnings.extend(finding.error for finding in told.warnings)
    return True


def _spans(windows: Windows, *, headline: bool) -> Iterator[tuple[str, tuple[int, ...], bool]]:
    """The years each answer needs, and whether the study fails without them.

    Only the headline must have its placebo and its synthetic control; other outcomes may begin later.
    """
    for position, after in enumerate(windows.after, 1):
        yield f"after.{position}", (*windows.before.years, *after.years), True
    yield "placebo_before", (*windows.placebo_before.years, *windows.placebo_after.years), headline
    yield "synthetic_before", (*windows.synthetic_before.years, *windows.after[0].years), headline


def _notices(dropped: tuple[int, ...], broken: tuple[str, ...], outcome: str, key: str) -> Iterator[str]:
    if dropped:
        years = ", ".join(map(str, dropped))
        yield _("{outcome}: nobody has a figure for {years}; left out.", outcome=outcome, years=years)
    if broken:
        codes = ", ".join(broken)
        yield _("{outcome}: the series of {codes} breaks within windows.{key}.", outcome=outcome, codes=codes, key=key)


def _placed(error: KesosError, study: Study, key: str) -> KesosError:
    if error.where is not None:
        return error
    where = Where(file=_file(study, study.folder / "study.yaml"), key=key)
    return type(error)(error.found, expected=error.expected, remedy=error.remedy, where=where)


def claims_of_last_run(study: Study) -> set[str] | None:
    """Names of the claims of the last run; None where there is none, or what they rest on has changed since."""
    file = study.root / "reports" / "drafts" / study.id / "claims.json"
    rest_on = [study.folder / "study.yaml", *(study.notebook(use.notebook) for use in study.notebooks)]
    try:
        if any(path.stat().st_mtime > file.stat().st_mtime for path in rest_on):
            return None
        return {str(claim["name"]) for claim in json.loads(file.read_text(encoding="utf-8"))["claims"]}
    except (OSError, ValueError, KeyError, TypeError):
        return None  # no run yet, or none that ended: the names are looked at by their form


def _writable(study: Study) -> None:
    """Can a file be made where the documents will lie?"""
    drafts = study.root / "reports" / "drafts" / study.id
    folder = next(p for p in (drafts, *drafts.parents) if os.path.lexists(p))
    try:
        with tempfile.TemporaryFile(dir=folder):
            return
    except OSError as error:
        raise OutputError(
            _("The folder for the documents cannot be written: {reason}.", reason=error.strerror or str(error)),
            expected=_("a folder you may write to, with room left"),
            remedy=_("copy the workspace to a folder of your own"),
            where=Where(file=folder.relative_to(study.root).as_posix()),
        ) from error
