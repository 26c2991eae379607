"""What the guard says of all that a release shows: a record of each exhibit and claim, and an attack on them all."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from kesos_research.disclosure.record import Record
from kesos_research.errors import DisclosureError, KesosError, OutputError, Where
from kesos_research.language import LANGUAGES, Words, _, both, current
from kesos_research.run.drafts import Drafted, Unit
from kesos_research.run.names import GUARD
from kesos_research.run.released import releases_of
from kesos_research.run.write import as_json
from kesos_research.study import Study


@dataclass(frozen=True)
class Shown:
    """An exhibit, or the claims drawn from one table, and how it was guarded.

    Attributes
    ----------
    notebook
        Name of the notebook that shows it.
    id
        Of the exhibit; empty for claims.
    title
        The caption.
    claims
        Names of the claims.
    records
        The guard's records of the tables behind it.
    """

    notebook: str
    id: str = ""
    title: Words = field(default_factory=dict)
    claims: tuple[str, ...] = ()
    records: tuple[Record, ...] = ()


@dataclass(frozen=True)
class Guarded:
    """The guard's word on a release.

    Attributes
    ----------
    shown
        Exhibits and claims, in the order of notebooks and cells.
    failures
        What did not pass, in both languages; a named reviewer may answer for it.
    refused
        What nobody may answer for: it carries no record.
    linked
        How many tables of persons there are, those of earlier releases of the same populations included.
    attacked
        How many hidden values were attacked, with all those tables at hand.
    narrowest
        The smallest range that was left to a hidden count.
    earlier
        Releases of the same populations that were attacked together with this one.
    """

    shown: tuple[Shown, ...]
    failures: tuple[Words, ...] = ()
    refused: tuple[KesosError, ...] = ()
    linked: int = 0
    attacked: int = 0
    narrowest: float | None = None
    earlier: tuple[str, ...] = ()

    @property
    def records(self) -> tuple[Record, ...]:
        """Each record once."""
        return tuple({record.digest: record for shown in self.shown for record in shown.records}.values())

    @property
    def errors(self) -> tuple[KesosError, ...]:
        """The failures, as they stop a release that nobody answers for."""
        remedy = _('change what is shown; or let a reviewer answer for it: --approve "NAME" --reason "…"')
        return tuple(DisclosureError(text[current()], remedy=remedy) for text in self.failures)

    def document(self, study: Study, version: str) -> bytes:
        """`pengungkapan.json`: who is guarded by which record, and the records, for later audits."""
        return as_json(
            {
                "study": study.id,
                "version": version,
                "synthetic": study.synthetic,
                "shown": [
                    {
                        "notebook": shown.notebook,
                        **({"exhibit": shown.id} if shown.id else {"claims": list(shown.claims)}),
                        "records": [record.digest for record in shown.records],
                    }
                    for shown in self.shown
                ],
                "records": [record.as_dict() for record in sorted(self.records, key=lambda r: r.digest)],
            }
        )


def guarded(study: Study, drafts: Drafted) -> Guarded:
    """Is everything that would be shown guarded, and does nothing give away what is hidden?

    Parameters
    ----------
    study
        The study.
    drafts
        Its drafts.

    Returns
    -------
    Guarded
        The attack takes every table of the same populations together: those of this release and those of all earlier
        releases in the workspace, this study's and others'.
    """
    from kesos_research.disclosure.audit import GUARDED, audit

    shown = tuple(one for unit in drafts.units for one in _shown(study, unit))
    seen = Guarded(shown, refused=tuple(_without_record(shown)))
    earlier = _earlier(study, {record.population for record in seen.records if record.population})
    before = [record for records in earlier.values() for record in records]
    found = audit(seen.records, earlier=before)
    failures = [*_not_passed(shown), *_not_public(study, shown), *found.failures]
    linked = {record.digest for record in (*seen.records, *before) if record.rule in GUARDED}
    return replace(
        seen,
        failures=tuple(failures),
        linked=len(linked),
        attacked=len(found.verdicts),
        narrowest=found.narrowest,
        earlier=tuple(earlier),
    )


def _shown(study: Study, unit: Unit) -> Iterator[Shown]:
    from kesos_research.report.document.captions import titles

    guards: Mapping[str, Record] = unit.results.guards
    for told in unit.results.sequences.values():
        said = {lang: titles(study, told, unit.results, lang) for lang in LANGUAGES}
        for id, exhibit in told.exhibits.items():
            title = {lang: said[lang][id] for lang in LANGUAGES}
            yield Shown(told.notebook, id, title, (), tuple(guards[d] for d in exhibit.guards if d in guards))
        tables: dict[str, list[str]] = {}
        for name in told.claims:
            tables.setdefault(unit.results.claims[name].guard, []).append(name)
        for guard, names in tables.items():
            records = (guards[guard],) if guard in guards else ()
            yield Shown(told.notebook, claims=tuple(sorted(names)), records=records)


def _without_record(shown: Sequence[Shown]) -> Iterator[KesosError]:
    for one in shown:
        if not one.records:
            yield DisclosureError(
                _("{name} has not passed the guard: it carries no record.", name=one.id or ", ".join(one.claims)),
                remedy=_("show it through report.table, report.figure or report.claim, from disclosure.protect()"),
                where=Where(file=one.notebook),
            )


def _not_passed(shown: Sequence[Shown]) -> Iterator[Words]:
    for one in shown:
        for record in one.records:
            if record.audit.get("outcome", "not needed") not in ("pass", "not needed"):
                yield both("{name}: the guard's own attack on its table did not pass.", name=one.id or one.claims[0])


def _not_public(study: Study, shown: Sequence[Shown]) -> Iterator[Words]:
    """What calls itself published before, in a study that has no published figures."""
    if any(source.public or source.synthetic for source in study.sources):
        return
    for one in shown:
        if any(record.rule == "public" for record in one.records):
            yield both(
                "{name} passed as published before, and no source of the study is public.", name=one.id or one.claims[0]
            )


def _earlier(study: Study, populations: set[str]) -> dict[str, list[Record]]:
    """Records of earlier releases of the same populations, by study and version."""
    found: dict[str, list[Record]] = {}
    for folder in releases_of(study.root) if populations else ():
        records = [record for record in _records_in(folder) if record.population in populations]
        if records:
            found[f"{folder.parent.name}/{folder.name}"] = records
    return found


def _records_in(folder: Path) -> list[Record]:
    name = f"{folder.parent.name}/{folder.name}"
    files = sorted(folder.glob(GUARD.replace(".", "*.")))
    try:
        return [Record.from_dict(said) for file in files for said in json.loads(file.read_bytes())["records"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OutputError(
            _("The guard's records of the release {name} cannot be read, so that nothing can be audited.", name=name),
            remedy=_("see what is wrong: {command}", command=f"kesos verify {name} --no-rerun"),
            where=Where(file=f"reports/released/{name}/{GUARD}"),
        ) from error
