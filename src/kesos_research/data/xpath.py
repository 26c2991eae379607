"""Conditions of a codebook as the expressions of an XLSForm: when a question is asked, and which answers it takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from kesos_research.data.codebook import Codebook, Column
from kesos_research.data.condition import (
    Filled,
    Name,
    Negative,
    Node,
    Not,
    Number,
    Pair,
    Text,
    all_names,
    comparable,
    condition,
    names,
    types,
)

_JOINED = {"dan": "and", "atau": "or"}


@dataclass(frozen=True)
class Asked:
    """What conditions say of one question.

    Attributes
    ----------
    relevant, required
        When it is asked, and when it must be answered; empty where nothing is said.
    constraint
        What holds of its answers.
    """

    relevant: str = ""
    required: str = ""
    constraint: tuple[str, ...] = ()


def asked(codebook: Codebook) -> dict[str, Asked]:
    """What the order and the conditions of a codebook say of each question.

    ``jika A maka kosong(x)`` becomes when x is asked, ``jika A maka terisi(x)`` when it must be answered, any other
    condition what holds of the last question it speaks of.
    """
    relevant, required, constraint = ({name: [] for name in codebook.columns} for _i in range(3))
    for tree in _conditions(codebook):
        opened = _opened(tree)
        if opened is not None:
            when = expression(opened[0], codebook.columns)
            if opened[1].filled:
                required[opened[1].column].append(when)
            else:
                relevant[opened[1].column].append(f"not({when})")
        elif spoken_of := set(all_names(tree)):
            last = max(spoken_of, key=list(codebook.columns).index)
            constraint[last].append(_or_unknown(tree, last, codebook.columns))
    return {
        name: Asked(" and ".join(relevant[name]), " or ".join(required[name]), tuple(constraint[name]))
        for name in codebook.columns
    }


def _opened(tree: Node) -> tuple[Node, Filled] | None:
    """The question that others open or close, and by what; None where the condition is of another kind."""
    match tree:
        case Pair(sign="maka", left=left, right=Filled() as right) if right.column not in all_names(left):
            return left, right
    return None


def expression(tree: Node, columns: Mapping[str, Column], own: str = "") -> str:
    """The condition as XPath; the question `own` is the answer being given.

    Examples
    --------
    >>> from kesos_research.data.codebook import plain_column
    >>> columns = {"a": plain_column("a", "angka"), "b": plain_column("b", "angka")}
    >>> expression(condition("a <= b dan terisi(a)", columns), columns, own="b")
    "(${a} <= . and ${a} != '')"
    """
    match tree:
        case Filled(column=column, filled=filled):
            return f"{_name(column, own)} {'!=' if filled else '='} ''"
        case Not(of=of):
            return f"not({expression(of, columns, own)})"
        case Pair(sign="maka", left=left, right=right):
            return f"(not({expression(left, columns, own)}) or {expression(right, columns, own)})"
        case Pair(sign=("dan" | "atau") as sign, left=left, right=right):
            return f"({expression(left, columns, own)} {_JOINED[sign]} {expression(right, columns, own)})"
        case Pair(sign=sign, left=left, right=right):
            as_ = comparable(_types(left, columns), _types(right, columns))
            return f"{_value(left, as_, own)} {sign} {_value(right, as_, own)}"
    raise AssertionError(tree)


def quoted(text: str) -> str:
    """A text as a constant of XPath, which knows no escapes.

    Examples
    --------
    >>> quoted("a"), quoted("it's")
    ("'a'", '"it\\'s"')
    """
    if "'" not in text:
        return f"'{text}'"
    if '"' not in text:
        return f'"{text}"'
    parts = ', "\'", '.join(f"'{part}'" for part in text.split("'"))
    return f"concat({parts})"


def _conditions(codebook: Codebook) -> Iterator[Node]:
    for left, right in pairwise(codebook.order):
        yield Pair("<=", Name(left, 0), Name(right, 0), 0)
    for promise in codebook.promises:
        yield condition(promise.condition, codebook.columns)


def _or_unknown(tree: Node, own: str, columns: Mapping[str, Column]) -> str:
    """A condition is not judged where an answer it compares is not there."""
    told = expression(tree, columns, own)
    others = [name for name in dict.fromkeys(names(tree)) if name != own]
    return " or ".join([*(f"{_name(name)} = ''" for name in others), told]) if others else told


def _name(column: str, own: str = "") -> str:
    return "." if column == own else f"${{{column}}}"


def _value(tree: Node, as_: str, own: str) -> str:
    match tree:
        case Number(text=text):
            return text
        case Text(text=text):
            return f"date({quoted(text)})" if as_ == "date" else quoted(text)
        case Name(column=column):
            return _name(column, own)
        case Negative(of=of):
            return f"-({_value(of, as_, own)})"
        case Pair(sign=sign, left=left, right=right):
            return f"({_value(left, as_, own)} {'div' if sign == '/' else sign} {_value(right, as_, own)})"
    raise AssertionError(tree)


def _types(tree: Node, columns: Mapping[str, Column]) -> set:
    match tree:
        case Name(column=column):
            return types(columns[column])
        case Text():
            return {"text", "date"}
    return {"number"}
