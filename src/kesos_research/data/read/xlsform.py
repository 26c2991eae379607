"""An XLSForm, as Kobo and ODK use it: what each question is called, asks, and lets choose from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kesos_research.data._problems import together
from kesos_research.data.damage import Damage
from kesos_research.data.read.content import expect
from kesos_research.data.read.place import named, present
from kesos_research.data.read.sheet import Sheet
from kesos_research.data.read.workbook import workbook
from kesos_research.errors import KesosError, Where
from kesos_research.language import _
from kesos_research.study.refusal import clean

_SELECT = re.compile(r"(select_one|select_multiple|rank)\s+(\S+)(?:\s+or_other)?")
_LABEL = re.compile(r"label(?:::?\s*(.*))?", re.IGNORECASE)
_INDONESIAN = re.compile(r"\(id\)|indonesia", re.IGNORECASE)
_OTHER = "other"


@dataclass(frozen=True)
class Question:
    """One question.

    Attributes
    ----------
    kind
        ``one`` or ``many`` of a list, or the form's own word for any other.
    groups
        Names of the groups it stands in, the outermost first.
    labels, group_labels
        What is asked, and what each group is called, by language; the key is empty where the form names none.
    choices
        Codes and their labels by language.
    repeat
        Name of the innermost repeat it stands in; empty outside.
    """

    name: str
    kind: str
    groups: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    group_labels: tuple[Mapping[str, str], ...] = ()
    choices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    repeat: str = ""


@dataclass(frozen=True)
class Form:
    """The questions of a form by their order."""

    questions: tuple[Question, ...]
    file: str


def said(labels: Mapping[str, str]) -> str:
    """The label in Indonesian where there is one, else the first."""
    indonesian = [text for language, text in labels.items() if _INDONESIAN.search(language)]
    return next(iter([*indonesian, *labels.values()]), "")


def read_form(path: Path | str, *, name: str | None = None) -> Form:
    """Which questions does a form ask?

    Raises
    ------
    KesosError
        When it is no XLSForm: no sheet `survey`, a question without a name, a list that is nowhere, a group that does
        not end.
    """
    path = Path(path)
    file = named(path, name)
    with present(path, file):
        expect(path, file, "zip")
        with workbook(path, file) as book:
            if "survey" not in book.names:
                raise Damage(
                    "form",
                    _("The workbook has no sheet {name}.", name="'survey'"),
                    expected=_("an XLSForm, with the sheets survey and choices"),
                    remedy=_("give the form as it was uploaded to Kobo or ODK"),
                    where=Where(file),
                )
            survey = book.sheet("survey")
            choices = _choices(book.sheet("choices")) if "choices" in book.names else {}
    reading = _Survey(file, choices)
    for row, cells in _rows(survey):
        reading.row(row, cells)
    reading.finish()
    return Form(tuple(reading.questions), file)


def _rows(sheet: Sheet) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows as cells by the name of their column."""
    header = {column: text.strip() for column, text in sheet.rows.get(1, {}).items()}
    for row in sorted(sheet.rows):
        cells = {header[c]: text for c, text in sheet.rows[row].items() if c in header and text.strip()}
        if row > 1 and cells:
            yield row, cells


def _choices(sheet: Sheet) -> dict[str, dict[str, dict[str, str]]]:
    """Labels by list, code and language."""
    lists: dict[str, dict[str, dict[str, str]]] = {}
    for _row, cells in _rows(sheet):
        name = cells.get("list_name") or cells.get("list name") or ""
        code = cells.get("name") or cells.get("value") or ""
        lists.setdefault(name.strip(), {})[code.strip()] = _labels(cells)
    return lists


def _labels(cells: Mapping[str, str]) -> dict[str, str]:
    return {(m[1] or "").strip(): text.strip() for key, text in cells.items() if (m := _LABEL.fullmatch(key))}


class _Survey:
    """The rows of the sheet `survey`, one after the other."""

    def __init__(self, file: str, choices: Mapping[str, Mapping[str, Mapping[str, str]]]) -> None:
        self.file, self._choices = file, choices
        self.questions: list[Question] = []
        self._problems: list[KesosError] = []
        self._open: list[tuple[str, str, Mapping[str, str]]] = []

    def row(self, row: int, cells: Mapping[str, str]) -> None:
        kind, name = " ".join(cells.get("type", "").split()), cells.get("name", "").strip()
        begins = re.fullmatch(r"begin[ _](group|repeat)", kind)
        if begins:
            self._open.append((begins[1], name, _labels(cells)))
        elif re.fullmatch(r"end[ _](group|repeat)", kind):
            if self._open:
                self._open.pop()
            else:
                self._refuse(row, _("A group ends that did not begin."), _("delete the row"))
        elif kind and kind != "note":
            self._question(row, kind, name, cells)

    def finish(self) -> None:
        """All that is wrong with the form.

        Raises
        ------
        KesosError
            When anything is.
        """
        for kind, name, _told in self._open:
            self._refuse(None, _("The {kind} {name} does not end.", kind=kind, name=clean(name)), _("end it"))
        if not self.questions and not self._problems:
            self._refuse(1, _("The form asks nothing."), _("look whether this is the right form"))
        if self._problems:
            raise together(self._problems)

    def _question(self, row: int, kind: str, name: str, cells: Mapping[str, str]) -> None:
        if not name:
            self._refuse(row, _("The question has no name."), _("name it in the column `name`"))
            return
        select = _SELECT.fullmatch(kind)
        choices: Mapping[str, Mapping[str, str]] = {}
        if select:
            choices = self._choices.get(select[2], {})
            if not choices:
                remedy = _("list its choices in the sheet choices")
                self._refuse(row, _("The list {name} is nowhere.", name=repr(clean(select[2]))), remedy)
            if kind.endswith("or_other"):
                choices = {**choices, _OTHER: {"": "Other"}}
            kind = "one" if select[1] == "select_one" else "many"
        self.questions.append(
            Question(
                name=name,
                kind=kind,
                groups=tuple(group for _kind, group, _labels_ in self._open if group),
                labels=_labels(cells),
                group_labels=tuple(labels for _kind, _group, labels in self._open),
                choices=choices,
                repeat=next((group for begun, group, _labels_ in reversed(self._open) if begun == "repeat"), ""),
            )
        )

    def _refuse(self, row: int | None, found: str, remedy: str) -> None:
        where = Where(self.file, row=row, key="survey")
        self._problems.append(Damage("form", found, expected=_("an XLSForm"), remedy=remedy, where=where))
