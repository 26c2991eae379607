"""One table of an export as answers: heads become questions, labels become codes, split choices become one column."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from kesos_research.data.cells import Cells
from kesos_research.data.damage import Damage
from kesos_research.data.read.xlsform import Form, Question, said
from kesos_research.errors import KesosError, Where
from kesos_research.language import _
from kesos_research.study.refusal import clean

_YES = frozenset({"1", "TRUE", "True", "true"})
_NO = frozenset({"0", "FALSE", "False", "false"})
_SEPARATORS = ("/", "-", ".", ":")

Column = list[str | None]


@dataclass
class _Answer:
    """What the export has of one question: its own column, and one for each choice."""

    name: str
    question: Question | None = None
    whole: str | None = None
    split: dict[str, str] = field(default_factory=dict)
    """Head of a column by the code it stands for."""


def answers(cells: Cells, form: Form | None, problems: list[KesosError]) -> Cells:
    """The answers of a table; what is wrong is added to `problems`.

    Parameters
    ----------
    cells
        As exported.
    form
        What the questions are; None where only the heads tell.
    """
    found = _asked(cells, form, problems) if form else _guessed(cells)
    columns: dict[str, Column] = {}
    for answer in found:
        columns[answer.name] = _column(cells, answer, problems)
    known = [answer for answer in found if answer.question is not None]
    strange = [answer.name for answer in found if form and answer.question is None and not _is_about(answer.name)]
    joined = [answer.name for answer in found if answer.split]
    told = {"not_in_form": _few(strange), "joined_choices": _few(joined)}
    return replace(
        cells,
        table=_table(columns),
        labels={a.name: said(a.question.labels) for a in known if a.question and a.question.labels},
        value_labels={
            a.name: {code: said(labels) for code, labels in a.question.choices.items()}
            for a in known
            if a.question and a.question.choices
        },
        detected={**cells.detected, **{key: text for key, text in told.items() if text}},
    )


def _table(columns: Mapping[str, Column]):
    import pyarrow as pa

    return pa.table({name: pa.array(column, pa.string()) for name, column in columns.items()})


def _few(names: Sequence[str]) -> str:
    return ", ".join(clean(name) for name in names[:5]) + (f", … ({len(names)})" if len(names) > 5 else "")


def _is_about(head: str) -> bool:
    """Whether a column tells about the submission rather than an answer."""
    return head.startswith(("_", "meta/", "__")) or head in (
        *("start", "end", "today", "deviceid", "username", "phonenumber", "audit", "KEY", "PARENT_KEY"),
        *("SubmissionDate", "SubmitterID", "SubmitterName", "AttachmentsPresent", "AttachmentsExpected", "Status"),
        *("ReviewState", "DeviceID", "Edits", "FormVersion", "instanceID", "instanceName"),
    )


def _guessed(cells: Cells) -> list[_Answer]:
    """Heads without a form: a choice is a head that goes on behind another head; groups go where nothing is lost."""
    heads = list(cells.columns)
    known = set(heads)
    found: dict[str, _Answer] = {}
    for head in heads:
        above, slash, code = head.rpartition("/")
        if slash and above in known and code and _is_switch(cells, head):
            found.setdefault(above, _Answer(above, whole=above)).split[code] = head
        else:
            found.setdefault(head, _Answer(head)).whole = head
    short = [head.rpartition("/")[2] for head in found]
    named = [
        s if s and short.count(s) == 1 and s not in known - {head} else head
        for head, s in zip(found, short, strict=True)
    ]
    return [replace(answer, name=name) for answer, name in zip(found.values(), named, strict=True)]


def _is_switch(cells: Cells, head: str) -> bool:
    return set(cells.table.column(head).unique().to_pylist()) <= _YES | _NO | {None, ""}


def _asked(cells: Cells, form: Form, problems: list[KesosError]) -> list[_Answer]:
    """Heads by the questions of the form; a head that two questions share is refused."""
    meant = _heads(form)
    found: dict[str, _Answer] = {}
    for head in cells.columns:
        candidates = meant.get(head, [])
        names = {(question.name, code) for question, code in candidates}
        if len(names) > 1 and not _is_about(head):
            problems.append(_shared(cells, head, sorted(name for name, _code in names)))
        elif candidates:
            question, code = candidates[0]
            answer = found.setdefault(question.name, _Answer(question.name, question))
            if code is None:
                answer.whole = head
            else:
                answer.split[code] = head
        else:
            found[head] = _Answer(head, whole=head)
    return list(found.values())


def _heads(form: Form) -> dict[str, list[tuple[Question, str | None]]]:
    """What each head that an export may write stands for: a question, or one choice of it."""
    meant: dict[str, list[tuple[Question, str | None]]] = {}
    for question in form.questions:
        for head in _spellings(question):
            meant.setdefault(head, []).append((question, None))
            if question.kind != "many":
                continue
            for code, labels in question.choices.items():
                for choice in dict.fromkeys([code, *labels.values()]):
                    meant.setdefault(f"{head}/{choice}", []).append((question, code))
    return meant


def _spellings(question: Question) -> Iterator[str]:
    """Names with and without groups, then labels in each language with and without."""
    spelled = {question.name: None}
    for mark in _SEPARATORS:
        spelled[mark.join([*question.groups, question.name])] = None
    for language, label in question.labels.items():
        above = [g.get(language, "") or name for g, name in zip(question.group_labels, question.groups, strict=False)]
        spelled[label] = None
        spelled["/".join([*above, label])] = None
    yield from spelled


def _shared(cells: Cells, head: str, names: Sequence[str]) -> Damage:
    return Damage(
        "head",
        _("The head may be that of {names}.", names=", ".join(clean(name) for name in dict.fromkeys(names))),
        expected=_("heads that tell the questions apart"),
        remedy=_("export again with XML values and headers"),
        where=Where(cells.file, row=1 if cells.counted == "row" else None, column=clean(head)),
    )


def _column(cells: Cells, answer: _Answer, problems: list[KesosError]) -> Column:
    whole: Column = cells.table.column(answer.whole).to_pylist() if answer.whole else [None] * cells.rows
    question = answer.question
    many = bool(answer.split) or (question is not None and question.kind == "many")
    if not many:
        if question is None or question.kind != "one":
            return whole
        return _coded(cells, answer, whole, _codes(question), problems)
    told = _coded(cells, answer, whole, _codes(question), problems, many=True) if question else whole
    if not answer.split:
        return told
    return _joined(cells, answer, told, problems)


def _codes(question: Question) -> dict[str, str | None]:
    """Codes by what the export may write for them; None where a label belongs to two."""
    known: dict[str, str | None] = {}
    for code, labels in question.choices.items():
        for label in dict.fromkeys(labels.values()):
            known[label] = code if known.get(label, code) == code else None
    return {**known, **{code: code for code in question.choices}}


def _coded(
    cells: Cells,
    answer: _Answer,
    whole: Column,
    known: Mapping[str, str | None],
    problems: list[KesosError],
    *,
    many: bool = False,
) -> Column:
    """Labels as codes; what is neither is refused, but for a question that its choices do not bind."""
    read: dict[str, str | None] = {}
    for text in {text for text in whole if text}:
        read[text] = _parted(text, known) if many else known.get(text)
    wrong = [row for row, text in enumerate(whole) if text and read[text] is None]
    if wrong and not (many and answer.split):
        near = difflib.get_close_matches(str(whole[wrong[0]]), known, n=1)
        problems.append(
            Damage(
                "choice",
                _("{n} answers are none of the choices.", n=len(wrong)),
                expected=_("one of {names}", names=_few(list(answer.question.choices if answer.question else known))),
                remedy=_("did you mean {name}?", name=clean(near[0]))
                if near
                else _("give the form with which these answers were collected"),
                where=cells.where(wrong[0], clean(answer.name)),
                count=len(wrong),
            )
        )
    return [read[text] if text else None for text in whole]


def _parted(text: str, known: Mapping[str, str | None]) -> str | None:
    """The codes of an answer of many choices, where there is exactly one way to read it."""
    words = text.split(" ")
    if len(words) > 200:
        return None
    ways: list[list[list[str]]] = [[[]]] + [[] for _word in words]
    for end in range(1, len(words) + 1):
        for start in range(max(0, end - 40), end):
            code = known.get(" ".join(words[start:end]))
            if code is not None:
                ways[end] += [[*way, code] for way in ways[start][:2]]
        ways[end] = ways[end][:2]
    return " ".join(ways[-1][0]) if len(ways[-1]) == 1 else None


def _joined(cells: Cells, answer: _Answer, whole: Column, problems: list[KesosError]) -> Column:
    """Split choices as one column; where both are there they must agree."""
    switches = {code: cells.table.column(head).to_pylist() for code, head in answer.split.items()}
    made: Column = []
    against: list[int] = []
    strange: list[int] = []
    for row, said_ in enumerate(whole):
        told = {code: column[row] for code, column in switches.items() if column[row]}
        strange += [row] if set(told.values()) - _YES - _NO else []
        chosen = [code for code, switch in told.items() if switch in _YES]
        if said_ and told and not _agree(said_.split(" "), chosen, set(switches)):
            against.append(row)
        made.append(said_ or " ".join(chosen) or None)
    n = len(against)
    found = _("{n} answers say one thing in their own column and another in those of the choices.", n=n)
    problems += _changed(cells, answer, against, found)
    n = len(strange)
    found = _("{n} rows have something else than 0 and 1 in the columns of the choices.", n=n)
    problems += _changed(cells, answer, strange, found)
    return made


def _changed(cells: Cells, answer: _Answer, rows: Sequence[int], found: str) -> Iterator[Damage]:
    if rows:
        yield Damage(
            "choice",
            found,
            expected=_("the same choices in both"),
            remedy=_("export again: cells were changed by hand"),
            where=cells.where(rows[0], clean(answer.name)),
            count=len(rows),
        )


def _agree(said_: Sequence[str], chosen: Sequence[str], split: set[str]) -> bool:
    """Choices that have no column of their own cannot contradict."""
    return {code for code in said_ if code in split} == set(chosen)
