"""Persons or households in two arms, as arrays: who was treated, what is known of each, how they were sampled.

Rows are those of `_sample.Sample`; where treatment was assigned by cluster, that cluster is the sampled unit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kesos_research.design import SurveyDesign
from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._sample import Sample, label_codes, names, read

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Codes = NDArray[np.intp]

_DEPENDENT = 1e-9
"""A column of which less than this share is its own is a combination of those before it."""


@dataclass(frozen=True)
class People:
    """A: (n,) treated; X: (n, p) covariates, each category but the first; Z: (n, q) with all categories.

    cluster: (n,) where treatment was assigned, else how rows were sampled, else each row its own; strata: (n,).
    """

    sample: Sample
    A: Mask
    X: Array
    terms: tuple[str, ...]
    Z: Array
    labels: tuple[str, ...]
    sources: tuple[str, ...]
    """The column that each label comes from."""
    cluster: Codes
    strata: Codes
    strata_names: tuple[str, ...]
    clustered: bool
    checks: tuple[Check, ...]

    @property
    def w(self) -> Array:
        return self.sample.w

    @property
    def n(self) -> int:
        return len(self.A)

    @property
    def index(self) -> pd.Index:
        """Labels of the rows, as the data had them."""
        return self.sample.frame.index

    def outcome(self, column: str) -> Array:
        """A column of numbers that vary: (n,)."""
        y = self.sample.number(column)
        if np.ptp(y) == 0:
            raise MethodError(
                _("The outcome {column} is the same everywhere.", column=column),
                expected=_("an outcome that varies"),
                where=Where(column=column),
            )
        return y


def people(
    data: pd.DataFrame,
    roles: Mapping[str, str],
    *,
    treated: str,
    covariates: str | Sequence[str] = (),
    strata: str | None = None,
    cluster: str | None = None,
    design: SurveyDesign | None = None,
) -> People:
    """Rows with both arms, their covariates and their clusters."""
    columns = names(covariates)
    wanted = {**roles, "treated": treated, **{f"covariates {i}": c for i, c in enumerate(columns, 1)}}
    for role, column in (("strata", strata), ("cluster", cluster)):
        if column is not None:
            wanted[role] = column
    _rows.columns(data, wanted)
    boolean(data, treated)
    _once(columns, treated, roles)
    sampled = sampling(data, design, cluster)
    sample = read(data, wanted, design=sampled)
    A = sample.frame[treated].to_numpy(dtype=bool)
    _both_arms(A, treated)
    X, terms, Z, labels, sources = _covariates(sample, columns)
    group = sampled.of("cluster")[:1]
    places, called = _strata(sample, strata)
    return People(
        sample,
        A,
        X,
        terms,
        Z,
        labels,
        sources,
        cluster=_codes(sample, group[0] if group else None),
        strata=places,
        strata_names=called,
        clustered=bool(group),
        checks=tuple(c for c in sample.checks if c.name != "unweighted" and (design is not None or c.name != "design")),
    )


def boolean(data: pd.DataFrame, column: str) -> None:
    """The column says true or false."""
    if not pd.api.types.is_bool_dtype(data[column]):
        raise MethodError(
            _("The column {column} holds {type}.", column=column, type=str(data[column].dtype)),
            expected=_("true or false"),
            remedy=_("make it with data[column] == value"),
            where=Where(column=column),
        )


def independent(X: Array, terms: Sequence[str], w: Array) -> None:
    """No column of X is constant or a combination of the others."""
    if len(X) <= X.shape[1] + 1:
        raise MethodError(
            _("There are {n} rows for {p} covariates.", n=len(X), p=X.shape[1]),
            expected=_("more rows than covariates"),
            where=Where(key="covariates"),
        )
    root = np.sqrt(w / w.mean())[:, None]
    scale = np.maximum(np.abs(X).max(axis=0, initial=0.0), 1e-300)
    R = np.linalg.qr(root * np.column_stack([np.ones(len(X)), X / scale]), mode="r")
    size = np.linalg.norm(R, axis=0)
    lost = [t for t, own, all_ in zip(terms, np.abs(np.diag(R))[1:], size[1:], strict=True) if own <= _DEPENDENT * all_]
    if lost:
        raise MethodError(
            _("The covariates {names} are constant, or follow from the others.", names=", ".join(lost)),
            expected=_("columns of which none is a combination of others"),
            remedy=_("leave them out, or join categories"),
            where=Where(key="covariates"),
        )


def _once(columns: tuple[str, ...], treated: str, roles: Mapping[str, str]) -> None:
    for column in columns:
        if column == treated or column in roles.values() or columns.count(column) > 1:
            raise MethodError(
                _("The column {column} is given twice.", column=column),
                expected=_("covariates beside outcome and treated, each once"),
                where=Where(key="covariates"),
            )


def _both_arms(A: Mask, treated: str) -> None:
    for some, missing in ((A, _("No unit is treated.")), (~A, _("There is no comparison unit."))):
        if some.sum() < 2:
            raise MethodError(
                missing if not some.any() else _("One arm holds a single unit."),
                expected=_("two units or more with {column} true, and with it false", column=treated),
                where=Where(column=treated),
            )


def sampling(data: pd.DataFrame, design: SurveyDesign | None, cluster: str | None) -> SurveyDesign:
    """The design whose units are the coarser of where treatment was assigned and how rows were sampled."""
    told = SurveyDesign() if design is None else design
    if not isinstance(told, SurveyDesign):
        raise MethodError(
            _("The design is a {type}.", type=type(design).__name__), expected="SurveyDesign", where=Where(key="design")
        )
    if cluster is None:
        return told
    if told.replicate_weights:
        raise MethodError(
            _("Replicate weights already hold strata and clusters."),
            expected=_("a design with its weight alone, where treatment was assigned by cluster"),
            where=Where(key="cluster"),
        )
    psu = told.of("cluster")[:1]
    if psu and psu[0] != cluster:
        _rows.columns(data, {"design cluster": psu[0]})
        if (data.groupby(psu[0], observed=True)[cluster].nunique() > 1).any():
            if (data.groupby(cluster, observed=True)[psu[0]].nunique() > 1).any():
                raise MethodError(
                    _("The clusters {a} and {b} cut across each other.", a=cluster, b=psu[0]),
                    expected=_("sampled units within the places of assignment, or the other way round"),
                    remedy=_("name a coarser column that holds both"),
                    where=Where(key="cluster"),
                )
            return told
    return replace(told, cluster=cluster, strata=None, fpc=None)


def _strata(sample: Sample, column: str | None) -> tuple[Codes, tuple[str, ...]]:
    """Number of each row's stratum, and what each is called."""
    if column is None:
        return np.zeros(len(sample.w), np.intp), ("",)
    codes, labels = label_codes(sample.frame[column].astype(str))
    return codes, tuple(f"{column}={label}" for label in labels)


def _codes(sample: Sample, column: str | None) -> Codes:
    return np.arange(len(sample.w)) if column is None else label_codes(sample.frame[column])[0]


def _covariates(
    sample: Sample, columns: tuple[str, ...]
) -> tuple[Array, tuple[str, ...], Array, tuple[str, ...], tuple[str, ...]]:
    X, terms, Z, labels, sources = [], [], [], [], []
    for column in columns:
        values = sample.frame[column]
        if pd.api.types.is_numeric_dtype(values):
            blocks, said, first = [sample.number(column)], [column], 0
        else:
            codes, names_ = label_codes(values)
            used = np.unique(codes)
            blocks, said = [(codes == k).astype(float) for k in used], [f"{column}={names_[k]}" for k in used]
            first = 1
        X += blocks[first:]
        terms += said[first:]
        Z += blocks
        labels += said
        sources += [column] * len(said)
    none = np.zeros((len(sample.w), 0))
    return np.column_stack([none, *X]), tuple(terms), np.column_stack([none, *Z]), tuple(labels), tuple(sources)
