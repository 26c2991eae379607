"""A condition between columns, judged on rows in memory: the same three answers that its SQL gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

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

Values = Mapping[str, np.ndarray]
"""Columns by name: float64 with NaN for numbers, datetime64[D] with NaT for dates, object with None for texts."""

_NEAR = 1e-12


def broken(tree: Node, rows: Values, columns: Mapping[str, Column]) -> np.ndarray:
    """Rows in which the condition does not hold; a row in which a compared column is missing is not judged.

    Returns
    -------
    ndarray of bool, shape (rows,)
    """
    judged = ~np.logical_or.reduce([missing(rows[name]) for name in names(tree)] or [np.False_])
    return judged & ~truth(tree, rows, columns)


def truth(tree: Node, rows: Values, columns: Mapping[str, Column]) -> np.ndarray:
    """Where the condition holds; not where a compared column is missing. Shape (rows,)."""
    n = len(next(iter(rows.values())))
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        return np.broadcast_to(_truth(tree, rows, columns), (n,))


def number(tree: Node, rows: Values) -> np.ndarray:
    """The value of a number, a column or a calculation; NaN where there is none. Shape (rows,)."""
    n = len(next(iter(rows.values())))
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        return np.broadcast_to(_value(tree, "number", rows), (n,)).astype(float)


def missing(values: np.ndarray) -> np.ndarray:
    """Where there is no value."""
    if values.dtype == object:
        return np.asarray(values == None, dtype=bool)  # noqa: E711 - element by element
    return np.isnan(values) if values.dtype.kind == "f" else np.isnat(values)


def _truth(tree: Node, rows: Values, columns: Mapping[str, Column]) -> np.ndarray:
    match tree:
        case Filled(column=column, filled=filled):
            return missing(rows[column]) != filled
        case Not(of=of):
            return ~_truth(of, rows, columns)
        case Pair(sign="maka", left=left, right=right):
            return ~_truth(left, rows, columns) | _truth(right, rows, columns)
        case Pair(sign="dan", left=left, right=right):
            return _truth(left, rows, columns) & _truth(right, rows, columns)
        case Pair(sign="atau", left=left, right=right):
            return _truth(left, rows, columns) | _truth(right, rows, columns)
        case Pair():
            return _comparison(tree, rows, columns)
    raise AssertionError(tree)


def _comparison(tree: Pair, rows: Values, columns: Mapping[str, Column]) -> np.ndarray:
    as_ = comparable(_types(tree.left, columns), _types(tree.right, columns))
    left, right = _value(tree.left, as_, rows), _value(tree.right, as_, rows)
    if as_ == "number":
        same = np.abs(left - right) <= _NEAR * np.maximum(np.abs(left), np.abs(right))
    else:
        same = np.asarray(left == right)
    match tree.sign:
        case "=":
            return same
        case "!=":
            return ~same
        case "<=":
            return (left < right) | same
        case ">=":
            return (left > right) | same
        case "<":
            return (left < right) & ~same
    return (left > right) & ~same


def _value(tree: Node, as_: Type, rows: Values) -> np.ndarray:
    match tree:
        case Number(text=text):
            return np.asarray(float(text))
        case Text(text=text):
            return np.asarray(np.datetime64(text, "D")) if as_ == "date" else np.asarray(text, dtype=object)
        case Name(column=column):
            return as_numbers(rows[column]) if as_ == "number" else rows[column]
        case Negative(of=of):
            return -_value(of, as_, rows)
        case Pair(sign=sign, left=left, right=right):
            return _CALCULATE[sign](_value(left, as_, rows), _value(right, as_, rows))
    raise AssertionError(tree)


_CALCULATE: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": lambda a, b: a / np.where(b == 0, np.nan, b),
}


def as_numbers(values: np.ndarray) -> np.ndarray:
    """Codes that are numbers, as numbers."""
    return values.astype(float) if values.dtype == object else values


def _types(tree: Node, columns: Mapping[str, Column]) -> set[Type]:
    match tree:
        case Name(column=column):
            return types(columns[column])
        case Text():
            return {"text", "date"}
    return {"number"}
