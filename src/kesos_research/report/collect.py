"""What executed notebooks hand over: claims, exhibits, and prose in the order of their cells."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from kesos_research.disclosure import RECORD_MIME, Record
from kesos_research.errors import DocumentError, KesosError, Problems, Where
from kesos_research.estimates import CALLS_MIME, Call
from kesos_research.language import LANGUAGES, Language, _
from kesos_research.report.exhibit import (
    CLAIM_MIME,
    EXHIBIT_MIME,
    Claim,
    Column,
    Exhibit,
    Figure,
    Glance,
    Table,
)


@dataclass(frozen=True)
class Prose:
    """A markdown cell tagged with its language."""

    lang: Language
    text: str
    cell: int


@dataclass(frozen=True)
class Told:
    """One executed notebook: its prose and exhibits in order, the names of its claims, its parameters, its calls."""

    notebook: str
    items: tuple[Prose | Exhibit, ...] = ()
    claims: tuple[str, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    calls: tuple[Call, ...] = ()
    """Public methods that its cells called."""

    @property
    def exhibits(self) -> dict[str, Exhibit]:
        return {item.id: item for item in self.items if isinstance(item, Exhibit)}


@dataclass(frozen=True)
class Results:
    """Everything the documents of a study may say.

    Attributes
    ----------
    claims
        By name.
    exhibits
        By id; an id that several notebooks show differently (each region's profile) is only in `sequences`.
    sequences
        By name of the notebook, without `.ipynb`.
    guards
        The guard's records by digest, as exhibits and claims name them.
    """

    claims: Mapping[str, Claim] = field(default_factory=dict)
    exhibits: Mapping[str, Exhibit] = field(default_factory=dict)
    sequences: Mapping[str, Told] = field(default_factory=dict)
    guards: Mapping[str, Record] = field(default_factory=dict)


def collect(notebooks: Sequence[Path]) -> Results:
    """What do these executed notebooks say?

    Raises
    ------
    DocumentError, Problems
        When a notebook cannot be read, shows one exhibit twice, or a claim has two values.
    """
    claims: dict[str, tuple[Claim, str]] = {}
    sequences: dict[str, Told] = {}
    guards: dict[str, Record] = {}
    problems: list[KesosError] = []
    for path in notebooks:
        told, found, records = _read(path)
        guards |= records
        if told.notebook in sequences:
            problems.append(DocumentError(_("Two notebooks are called {name}.", name=path.name), where=_where(path)))
        sequences[told.notebook] = told
        for claim, cell in found:
            known, first = claims.setdefault(claim.name, (claim, path.name))
            if replace(known, inputs="", guard="") != replace(claim, inputs="", guard=""):
                problems.append(
                    DocumentError(
                        _("The claim {name} has two values.", name=claim.name),
                        expected=_("the value of {notebook}: {value}", notebook=first, value=str(known.estimate)),
                        remedy=_("give one of them another name"),
                        where=_where(path, cell),
                    )
                )
    if problems:
        raise problems[0] if len(problems) == 1 else Problems(problems)
    values = {name: claim for name, (claim, _first) in claims.items()}
    return Results(values, _shared(sequences.values()), sequences, guards)


def _shared(sequences: Iterable[Told]) -> dict[str, Exhibit]:
    shown: dict[str, Exhibit] = {}
    differing: set[str] = set()
    for told in sequences:
        for id, exhibit in told.exhibits.items():
            if shown.setdefault(id, exhibit) != exhibit:
                differing.add(id)
    return {id: exhibit for id, exhibit in shown.items() if id not in differing}


def _read(path: Path) -> tuple[Told, list[tuple[Claim, int]], dict[str, Record]]:
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DocumentError(
            _("The notebook cannot be read: {reason}.", reason=str(error)), where=_where(path)
        ) from error
    items: list[Prose | Exhibit] = []
    claims: list[tuple[Claim, int]] = []
    guards: dict[str, Record] = {}
    parameters: dict[str, Any] = {}
    calls: list[Call] = []
    for number, cell in enumerate(cells, 1):
        tags = cell.get("metadata", {}).get("tags", [])
        text = "".join(cell.get("source", ""))
        if cell.get("cell_type") == "markdown":
            items.extend(Prose(lang, text, number) for lang in LANGUAGES if lang in tags)
        if {"parameters", "injected-parameters"} & set(tags):
            parameters.update(_assigned(text))
        for shown in _shown(cell):
            try:
                if EXHIBIT_MIME in shown:
                    items.append(_exhibit(shown[EXHIBIT_MIME]))
                claims.extend((Claim(**c), number) for c in shown.get(CLAIM_MIME, ()))
                calls.extend(Call(**c) for c in shown.get(CALLS_MIME, ()))
                records = (Record.from_dict(told) for told in shown.get(RECORD_MIME, ()))
                guards |= {record.digest: record for record in records}
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise DocumentError(
                    _("The cell shows something that is not an exhibit or a claim: {reason}.", reason=str(error)),
                    where=_where(path, number),
                ) from error
    seen: set[str] = set()
    for item in items:
        if isinstance(item, Exhibit):
            if item.id in seen:
                raise DocumentError(_("The exhibit {id} is shown twice.", id=item.id), where=_where(path))
            seen.add(item.id)
    name = path.name.removesuffix(".ipynb")
    told = Told(name, tuple(items), tuple(c.name for c, _cell in claims), parameters, tuple(calls))
    return told, claims, guards


def _shown(cell: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    kinds = ("display_data", "execute_result")
    return [out.get("data", {}) for out in cell.get("outputs", ()) if out.get("output_type") in kinds]


def _exhibit(bundle: Mapping[str, Any]) -> Exhibit:
    """An exhibit from its mime bundle; the kind says which."""
    fields = {k: v for k, v in bundle.items() if k != "kind"}
    fields["guards"] = tuple(fields.get("guards", ()))
    if bundle["kind"] == "table":
        return Table(**{**fields, "columns": tuple(Column(**c) for c in fields["columns"])})
    return {"figure": Figure, "glance": Glance}[bundle["kind"]](**fields)


def _assigned(code: str) -> dict[str, Any]:
    """The literal values a parameters cell assigns; nothing is run."""
    values: dict[str, Any] = {}
    try:
        statements = ast.parse(code).body
    except SyntaxError:
        return values  # the kernel has already refused such a cell
    for statement in statements:
        if isinstance(statement, ast.Assign):
            targets, value = statement.targets, statement.value
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            targets, value = [statement.target], statement.value
        else:
            continue
        try:
            literal = ast.literal_eval(value)
        except ValueError:
            continue  # computed, not given
        values.update({t.id: literal for t in targets if isinstance(t, ast.Name)})
    return values


def _where(path: Path, cell: int | None = None) -> Where:
    return Where(file=path.name if cell is None else _("{file}, cell {n}", file=path.name, n=cell))
