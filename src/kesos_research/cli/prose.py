"""The narrative looked at as the document will be made: with the same templates, on numbers that are not there yet."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping

from kesos_research.errors import DocumentError, KesosError, Problems, Where
from kesos_research.language import _
from kesos_research.report.collect import Results
from kesos_research.report.deviation import EXHIBIT
from kesos_research.report.document.narrative import Source, body
from kesos_research.report.document.template import Telling
from kesos_research.report.exhibit import Claim, Exhibit
from kesos_research.study import Study
from kesos_research.study.narrative import LABELS, Mention, Narrative, entries
from kesos_research.study.refusal import nearest

_CLAIM = re.compile(r"[a-z][a-z0-9_]*(\.[A-Za-z0-9_-]+)+")
_EXHIBIT = re.compile(r"(tbl|fig|glance)-[\w-]+")


class _Claims(Mapping[str, Claim]):
    """Every claim that could be: those of the last run, or any whose name is well formed."""

    def __init__(self, known: set[str] | None) -> None:
        self._known = known

    def __contains__(self, name: object) -> bool:
        if self._known is not None:
            return name in self._known
        return isinstance(name, str) and _CLAIM.fullmatch(name) is not None

    def __getitem__(self, name: str) -> Claim:
        return Claim(name, 1.0, 1.0, -1.0, 3.0, 0.5, 1, level=0.95)

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._known or ()))

    def __len__(self) -> int:
        return len(self._known or ())


class _Exhibits(Mapping[str, Exhibit]):
    """The exhibits the notebooks name in their code; any, where one of them makes up names as it runs."""

    def __init__(self, named: set[str], *, more: bool) -> None:
        self._named, self._more = named, more

    def __contains__(self, id: object) -> bool:
        return id in self._named or (self._more and isinstance(id, str) and _EXHIBIT.fullmatch(id) is not None)

    def __getitem__(self, id: str) -> Exhibit:
        return Exhibit(id)

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._named))

    def __len__(self) -> int:
        return len(self._named)


def prose(study: Study, narrative: Narrative, bibtex: str, claims: set[str] | None) -> None:
    """Does the prose look up, place, cite and refer to what there is?

    Raises
    ------
    DocumentError, Problems
    """
    exhibits = _exhibits(study)
    source = Source(narrative.file, narrative.text, narrative.lang)
    problems: list[KesosError] = []
    for kind in ("paper", "slides"):
        telling = Telling(study, Results(_Claims(claims)), narrative.lang, exhibits)
        telling.fill(body(source, kind))
        problems.extend(telling.problems)
    problems.extend(_looked_up(narrative, _Claims(claims)))
    problems.extend(_cited(narrative, bibtex, study))
    problems.extend(_referred(narrative, exhibits))
    unique = list({str(p): p for p in problems}.values())
    if unique:
        raise unique[0] if len(unique) == 1 else Problems(unique)


def _looked_up(narrative: Narrative, claims: _Claims) -> Iterator[DocumentError]:
    """Claims in alternatives that this time were not taken."""
    for mention in narrative.looked_up("claim"):
        if mention.name not in claims:
            yield DocumentError(
                _("There is no claim {name}.", name=repr(mention.name)),
                remedy=nearest(mention.name, claims)
                or _("a name is made of words and dots, such as {name}", name="p0.did.2014_2015"),
                where=Where(file=narrative.file, line=mention.line),
            )


def _cited(narrative: Narrative, bibtex: str, study: Study) -> Iterator[DocumentError]:
    known = entries(bibtex)
    for key, mention in _first(narrative.citations()).items():
        if key not in known:
            yield DocumentError(
                _("The citation @{key} has no entry.", key=key),
                expected=_("an entry in {file}", file=study.references.relative_to(study.root).as_posix()),
                remedy=nearest(key, known),
                where=Where(file=narrative.file, line=mention.line),
            )


def _referred(narrative: Narrative, exhibits: _Exhibits) -> Iterator[DocumentError]:
    labels = narrative.labels()
    for id, mention in _first(narrative.references()).items():
        if id not in labels and id not in exhibits:
            yield DocumentError(
                _("@{id} refers to nothing.", id=id),
                expected=_("the id of an exhibit, section or equation"),
                remedy=nearest(id, [*labels, *exhibits]),
                where=Where(file=narrative.file, line=mention.line),
            )


def _first(mentions: tuple[Mention, ...]) -> dict[str, Mention]:
    first: dict[str, Mention] = {}
    for mention in mentions:
        first.setdefault(mention.name, mention)
    return first


def _exhibits(study: Study) -> _Exhibits:
    """Ids in the code of the notebooks, read and not run."""
    named: set[str] = set()
    more = False
    for use in study.notebooks:
        for tree in _code(study, use.notebook):
            for node in ast.walk(tree):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and _EXHIBIT.fullmatch(node.value):
                    named.add(node.value)
                if isinstance(node, ast.JoinedStr) and node.values and isinstance(node.values[0], ast.Constant):
                    more = more or str(node.values[0].value).startswith(LABELS)
    made = {EXHIBIT} if study.plan.methods else set()
    return _Exhibits(named | made, more=more or not named)


def _code(study: Study, name: str) -> Iterator[ast.Module]:
    try:
        cells = json.loads(study.notebook(name).read_text(encoding="utf-8"))["cells"]
        sources = ["".join(c["source"]) for c in cells if c.get("cell_type") == "code"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return  # what is wrong with a notebook is told where notebooks are looked at
    for source in sources:
        try:
            yield ast.parse(source)
        except SyntaxError:
            continue  # a cell with a line for the shell; it names no exhibit
