"""Columns of numbers, of true and false, and of categories as the columns of a matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kesos_research.errors import MethodError, Where
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._sample import label_codes

Array = NDArray[np.float64]
Codes = NDArray[np.intp]

FEW_CLUSTERS = 40
"""With fewer clusters a sandwich of their sums is too small in small samples."""


@dataclass(frozen=True)
class Matrix:
    """X: (n, p); the name of each column, and the covariate it comes from."""

    X: Array
    terms: tuple[str, ...]
    sources: tuple[str, ...]


def several(told: str | Sequence[str]) -> tuple[str, ...]:
    """One name or several, as several."""
    return _rows.several(told)


def numbered(role: str, columns: Sequence[str]) -> dict[str, str]:
    """Several columns of one role, each with a role of its own."""
    return {f"{role} {i}": c for i, c in enumerate(columns, 1)}


def matrix(data: pd.DataFrame, columns: Sequence[str]) -> Matrix:
    """Numbers as they are, true and false as 1 and 0, each category but the first as a column ``column=value``."""
    blocks: list[Array] = []
    terms: list[str] = []
    sources: list[str] = []
    for column in columns:
        values = data[column]
        if pd.api.types.is_numeric_dtype(values):
            if not pd.api.types.is_bool_dtype(values):
                _rows.numeric(data, column)
            blocks.append(values.to_numpy(dtype=float))
            terms.append(column)
            sources.append(column)
            continue
        codes, labels = label_codes(values)
        used = np.unique(codes)
        if len(used) < 2:
            raise MethodError(_("The column {column} has one value.", column=column), where=Where(column=column))
        for k in used[1:]:
            blocks.append((codes == k).astype(float))
            terms.append(f"{column}={labels[k]}")
            sources.append(column)
    X = np.column_stack(blocks) if blocks else np.zeros((len(data), 0))
    return Matrix(X, tuple(terms), tuple(sources))


def independent(X: Array, columns: Sequence[str]) -> None:
    """No column is constant or a combination of others."""
    centred = X - X.mean(axis=0)
    spread = np.sqrt((centred**2).mean(axis=0))
    flat = spread <= 1e-12 * np.maximum(1.0, np.abs(X).max(axis=0, initial=0.0))
    if flat.any() or np.linalg.matrix_rank(centred / np.where(flat, 1.0, spread)) < X.shape[1] or len(X) <= X.shape[1]:
        raise MethodError(
            _("The covariates depend on each other, or there are as few rows as terms."),
            expected=_("columns of which none is a combination of others, in every group"),
            remedy=_("leave one out, or join categories"),
            where=Where(key=", ".join(columns)),
        )


def coded(data: pd.DataFrame, columns: Sequence[str]) -> Codes:
    """A number from 0 for each combination of values: (n,)."""
    codes = np.zeros(len(data), np.intp)
    for column in columns:
        own, labels = label_codes(data[column])
        codes = np.unique(codes * max(len(labels), 1) + own, return_inverse=True)[1]
    return codes


def clusters(data: pd.DataFrame, cluster: str | None) -> Codes | None:
    """The cluster of each row, where there are clusters: (n,)."""
    if cluster is None:
        return None
    codes = coded(data, (cluster,))
    if codes.max() < 1:
        raise MethodError(
            _("All rows are in one cluster."), expected=_("at least two clusters"), where=Where(column=cluster)
        )
    return codes


def truth(data: pd.DataFrame, column: str) -> NDArray[np.bool_]:
    """A column of true and false, or of 1 and 0: (n,)."""
    values = data[column]
    if not pd.api.types.is_bool_dtype(values) and not (
        pd.api.types.is_numeric_dtype(values) and np.isin(values.to_numpy(dtype=float), (0.0, 1.0)).all()
    ):
        raise MethodError(
            _("The column {column} holds {type}.", column=column, type=str(values.dtype))
            if not pd.api.types.is_numeric_dtype(values)
            else _("The column {column} holds other values.", column=column),
            expected=_("true or false, 0 or 1"),
            where=Where(column=column),
        )
    return values.to_numpy(dtype=float).astype(bool)
