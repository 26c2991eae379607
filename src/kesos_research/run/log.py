"""The disclosure log: what a person who checks a release needs to see, on a page that can be printed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kesos_research.disclosure.record import Record
from kesos_research.language import Language, _, use
from kesos_research.report.words import ABSENT, date, integer
from kesos_research.run.guarded import Guarded
from kesos_research.run.markdown import page, plain, table
from kesos_research.study import Study

if TYPE_CHECKING:
    from kesos_research.disclosure.scan import ScanReport

_FEW = 6
"""Names of claims that are written out; of more, the first and the last."""


@dataclass(frozen=True)
class Approval:
    """Who answers for what the guard did not pass, and why."""

    reviewer: str
    reason: str


@dataclass(frozen=True)
class Log:
    """What the log tells of.

    Attributes
    ----------
    study, version
        The release.
    seen
        The guard's word on it.
    approval
        Who answers for what did not pass.
    scans
        What the search for identifiers found in each file.
    sizes
        Bytes of each file.
    """

    study: Study
    version: str
    seen: Guarded
    approval: Approval | None
    scans: Mapping[str, ScanReport]
    sizes: Mapping[str, int]

    def page(self, lang: Language) -> bytes:
        """The log in one language, as Markdown."""
        with use(lang):
            return page(*self._parts(lang))

    def _parts(self, lang: Language) -> Iterator[str]:
        study = self.study
        yield "# " + _("Disclosure log")
        if study.synthetic:
            yield "**" + _("SYNTHETIC DATA – NOT A RESEARCH RESULT") + "**"
        yield table(
            (_("Study"), plain(study.title[lang])),
            [
                (_("Id"), study.id),
                (_("Version"), self.version),
                (_("Date"), date(study.date, lang)),
                (_("Rule of the study"), study.disclosure.rule),
                (_("Decided by"), study.disclosure.decided_by),
            ],
        )
        yield self._outcome()
        yield from self._approved(lang)
        yield "## " + _("Tables, figures and maps")
        yield self._exhibits(lang)
        yield "## " + _("Claims")
        yield _("Every number that a text states is a claim; claims drawn from one table were guarded with it.")
        yield self._claims(lang)
        yield from self._rules()
        yield "## " + _("Attack on all linked tables")
        yield self._attack(lang)
        yield "## " + _("Search for identifiers")
        yield _(
            "NIK, family-card numbers and names of the study's rows were looked for in every byte of every file, also "
            "inside archives, pictures and what is written in code. This log, the manifest and the list of hashes were "
            "searched after they were written."
        )
        yield self._searched(lang)

    def _outcome(self) -> str:
        failures = len(self.seen.failures)
        if failures:
            return _(
                "{n} objections of the guard stand below; a reviewer answers for them. Everything else passed.",
                n=failures,
            )
        return _("Every table, figure and claim passed the guard.")

    def _approved(self, lang: Language) -> Iterator[str]:
        if self.approval is not None:
            yield "## " + _("Passed by a reviewer")
            rows = [(_("Reviewer"), self.approval.reviewer), (_("Reason"), self.approval.reason)]
            rows += [(_("Objection"), text[lang]) for text in self.seen.failures]
            yield table((_("Item"), _("Description")), rows)

    def _exhibits(self, lang: Language) -> str:
        head = (_("Exhibit"), _("Title"), _("Notebook"))
        rows = [
            ((shown.id, shown.title[lang] or ABSENT, shown.notebook), record)
            for shown in self.seen.shown
            if shown.id
            for record in shown.records
        ]
        return self._guard(head, rows, lang)

    def _claims(self, lang: Language) -> str:
        head = (_("Claims"), _("Number"), _("Notebook"))
        rows = [
            ((_few(shown.claims), str(len(shown.claims)), shown.notebook), record)
            for shown in self.seen.shown
            if shown.claims
            for record in shown.records
        ]
        return self._guard(head, rows, lang)

    def _guard(self, head: tuple[str, ...], rows: Iterable[tuple[tuple[str, ...], Record]], lang: Language) -> str:
        """A row for each thing shown, with what the guard says of it.

        What is the same for all is said once, above; columns in which nothing is said are left out.
        """
        joined: dict[tuple[str, ...], list[str]] = {}
        for shown, record in rows:
            joined.setdefault((*shown, *self._cells(record, lang)), []).append(record.digest[:12])
        whole = [(*cells, ", ".join(digests)) for cells, digests in joined.items()]
        if not whole:
            return _("None.")
        names = (*head, *_guard_head(), _("Record"))
        said = [n for n in range(len(names)) if any(row[n] != ABSENT for row in whole)]
        shared = range(len(head), len(names) - 1) if len(whole) > 1 else ()
        alike = [n for n in said if n in shared and len({row[n] for row in whole}) == 1]
        own = [n for n in said if n not in alike]
        told = table([names[n] for n in own], [[row[n] for n in own] for row in whole])
        if not alike:
            return told
        same = _("The same for all: {text}.", text="; ".join(f"{names[n]}: {plain(whole[0][n])}" for n in alike))
        return f"{same}\n\n{told}"

    def _cells(self, record: Record, lang: Language) -> tuple[str, ...]:
        """What the guard says of one table, in the order of `_guard_head`."""
        counted = bool(record.rows)
        marks = ", ".join(f"{mark}: {n}" for mark in ("b", "c") if (n := sum(row.mark == mark for row in record.rows)))
        decided_by = record.decided_by or (
            self.study.disclosure.decided_by if record.rule == self.study.disclosure.rule else ""
        )
        numbers = (len(record.rows), record.primary, record.secondary, record.flagged, record.base)
        return (
            _rule(record),
            decided_by or ABSENT,
            record.source.get(lang, "") or ABSENT,
            record.population or ABSENT,
            record.unit or ABSENT,
            *(integer(n, lang) if counted else ABSENT for n in numbers),
            marks or ABSENT,
            ABSENT if record.audit.get("outcome", "not needed") == "not needed" else _outcome(record),
        )

    def _rules(self) -> Iterator[str]:
        known = {(r.rule, r.decided_by, r.approver, tuple(sorted(r.limits.items()))): r for r in self.seen.records}
        yield "## " + _("Rules")
        yield table(
            (_("Rule"), _("Decided by"), _("Approved by"), _("Limits"), _("Meaning")),
            [(_rule(r), r.decided_by, r.approver, _limits(r), _meaning(r)) for r in known.values()],
        )

    def _attack(self, lang: Language) -> str:
        seen = self.seen
        if not seen.linked:
            return _("No table counts persons by a rule that hides cells: there was nothing to attack.")
        narrowest = ABSENT if seen.narrowest is None else integer(seen.narrowest, lang)
        rows = [
            (_("Linked tables of persons"), integer(seen.linked, lang)),
            (_("Earlier releases of the same populations"), ", ".join(seen.earlier) or _("none")),
            (_("Hidden values attacked"), integer(seen.attacked, lang)),
            (_("Narrowest range of a hidden count"), narrowest),
            (_("Objections"), integer(len(seen.failures), lang)),
        ]
        said = _(
            "For every hidden value the range was worked out that fits all that is published of its population, in "
            "this release and in earlier ones; and differences between releases were looked at."
        )
        return f"{said}\n\n{table((_('Item'), _('Description')), rows)}"

    def _searched(self, lang: Language) -> str:
        return table(
            (_("File"), _("Bytes"), _("Found")),
            [
                (path, integer(self.sizes[path], lang), _("nothing") if report.clean else len(report.findings))
                for path, report in sorted(self.scans.items())
            ],
        )


def _guard_head() -> tuple[str, ...]:
    return (
        _("Rule"), _("Decided by"), _("Source"), _("Population"), _("Unit"), _("Cells"), _("Hidden"),
        _("Hidden for others"), _("All or none"), _("Rounded to"), _("Precision"), _("Attack"),
    )  # fmt: skip


def _outcome(record: Record) -> str:
    return _("passed") if record.audit.get("outcome") == "pass" else _("not passed")


def _rule(record: Record) -> str:
    return {
        "public": _("published before"),
        "persons": _("persons"),
        "small_study": _("small study"),
        "not_persons": _("not persons"),
    }.get(record.rule, record.rule)


def _meaning(record: Record) -> str:
    return {
        "public": _("aggregates that an office has published; nothing is hidden"),
        "persons": _("small cells are hidden, others so that sums do not give them away; counts are rounded"),
        "small_study": _("a named person approved that small cells of harmless columns are shown"),
        "not_persons": _("regions, villages or institutions are no persons; nothing is hidden"),
    }.get(record.rule, "")


def _limits(record: Record) -> str:
    return ", ".join(f"{name} = {value:g}" for name, value in sorted(record.limits.items()))


def _few(claims: Sequence[str]) -> str:
    if len(claims) <= _FEW:
        return ", ".join(claims)
    return f"{claims[0]} … {claims[-1]}"


__all__ = ["Approval", "Log"]
