"""A condition between columns as SQL: three answers, true, false, and null where an operand is missing."""

from __future__ import annotations

from kesos_research.data.codebook import Column
from kesos_research.data.condition import (
    Filled,
    Name,
    Negative,
    Node,
    Not,
    Number,
    Pair,
    Text,
    Type,
    comparable,
    names,
    types,
)
from kesos_research.data.terms import Terms, literal

_NEAR = "1e-12"
"""Numbers that agree to this share are equal: 0.1 + 0.2 = 0.3 must hold."""
_SIGNS = {"dan": "and", "atau": "or"}


def broken(tree: Node, terms: Terms) -> str:
    """SQL that is true for the rows in which the condition does not hold.

    A row in which a compared column is missing, or is not what its kind says, is not judged.
    """
    known = [f"{_known(name, terms)} is not null" for name in dict.fromkeys(names(tree))]
    return " and ".join([*known, f"not ({_truth(tree, terms)})"])


def _known(name: str, terms: Terms) -> str:
    return _value(Name(name, 0), comparable(_types(Name(name, 0), terms), {"number", "date", "text"}), terms)


def _truth(tree: Node, terms: Terms) -> str:
    match tree:
        case Filled(column=column, filled=filled):
            return f"({terms.value(column)} is {'not ' if filled else ''}null)"
        case Not(of=of):
            return f"(not {_truth(of, terms)})"
        case Pair(sign="maka", left=left, right=right):
            return f"(not {_truth(left, terms)} or {_truth(right, terms)})"
        case Pair(sign=("dan" | "atau") as sign, left=left, right=right):
            return f"({_truth(left, terms)} {_SIGNS[sign]} {_truth(right, terms)})"
        case Pair():
            return _comparison(tree, terms)
    raise AssertionError(tree)


def _comparison(tree: Pair, terms: Terms) -> str:
    as_ = comparable(_types(tree.left, terms), _types(tree.right, terms))
    left, right = _value(tree.left, as_, terms), _value(tree.right, as_, terms)
    if as_ != "number":
        return f"({left} {tree.sign} {right})"
    same = f"(abs({left} - {right}) <= {_NEAR} * greatest(abs({left}), abs({right})))"
    match tree.sign:
        case "=":
            return same
        case "!=":
            return f"(not {same})"
        case "<=" | ">=":
            return f"({left} {tree.sign} {right} or {same})"
    return f"({left} {tree.sign} {right} and not {same})"


def _value(tree: Node, as_: Type, terms: Terms) -> str:
    match tree:
        case Number(text=text):
            return f"{text}::double"
        case Text(text=text):
            return f"date {literal(text)}" if as_ == "date" else literal(text)
        case Name(column=column):
            return {"number": terms.sound, "date": terms.date, "text": terms.value}[as_](column)
        case Negative(of=of):
            return f"(- {_value(of, as_, terms)})"
        case Pair(sign="/", left=left, right=right):
            return f"({_value(left, as_, terms)} / nullif({_value(right, as_, terms)}, 0))"
        case Pair(sign=sign, left=left, right=right):
            return f"({_value(left, as_, terms)} {sign} {_value(right, as_, terms)})"
    raise AssertionError(tree)


def _types(tree: Node, terms: Terms) -> set[Type]:
    match tree:
        case Name(column=column):
            return types(_column(column, terms))
        case Text():
            return {"text", "date"}
        case _:
            return {"number"}


def _column(name: str, terms: Terms) -> Column:
    return terms.codebook.columns[name]
