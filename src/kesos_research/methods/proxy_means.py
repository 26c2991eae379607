"""A proxy-means test: welfare predicted from what can be seen, and whom it would miss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kesos_research.design import SurveyDesign
from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _quantiles, _rows
from kesos_research.methods._estimate import Moments, assess, estimates
from kesos_research.methods._linearize import Array, Codes
from kesos_research.methods._quotients import Part, quotients
from kesos_research.methods._sample import Sample, dense, names, read
from kesos_research.methods.incidence import parted
from kesos_research.methods.regressions import model_of

_TERMS = ("exclusion_error", "inclusion_error", "selected")


def proxy_means(
    data: pd.DataFrame,
    *,
    of: str,
    covariates: str | Sequence[str],
    cutoffs: float | Sequence[float] = (0.1, 0.2, 0.3, 0.4),
    line: float | None = None,
    folds: int = 10,
    by: str | Sequence[str] = (),
    design: SurveyDesign,
    level: float = 0.95,
    seed: int,
) -> Estimates:
    """If households were chosen by what can be seen of them, how many of the poor would be missed at each cut-off?

    Estimand: log of welfare is fitted by least squares with the design's weights; each household's score is predicted
    by a fit without its own sampled unit. At a cut-off c the share c of the population with lowest scores is chosen.
    ``exclusion_error`` is the share of the meant (the poorest c by welfare itself, or those below `line`) that is not
    chosen, ``inclusion_error`` the share of the chosen that is not meant, ``selected`` the share that is chosen.

    Parameters
    ----------
    data, by, design, level
        As for `mean`. Cut-offs are those of all rows.
    of
        Column of amounts larger than 0: expenditure a head.
    covariates
        Columns of numbers, of true and false, or of categories.
    cutoffs
        Shares of the population that are selected.
    line
        Who is meant: those below this amount, the same at each cut-off. Without it as many as are selected.
    folds
        Parts into which sampled units are dealt; each is predicted from the others.
    seed
        For the dealing. Units are put in order by their data first, so that names and the order of rows change nothing.

    Returns
    -------
    Estimates
        One row a group, ``cutoff`` and term. The standard errors take scores and cut-offs as given: they say how far
        the errors of *these* scores may be off, not how the scores would differ in another sample. Evidence ``fit`` (R²
        within and out of the sample, root mean squared error), ``coefficients``, and ``scores`` by row of `data`.

    Raises
    ------
    DataError, MethodError
        As for `regression`; when an amount is 0 or less, a cut-off is not between 0 and 1, or there are fewer sampled
        units than folds.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"w": 1.0, "spent": [1.0, 2.0, 4.0, 8.0, 16.0, 32.0], "rooms": [1, 2, 3, 4, 5, 6]})
    >>> design = SurveyDesign(weight="w")
    >>> answer = proxy_means(rows, of="spent", covariates="rooms", cutoffs=0.5, folds=3, design=design, seed=1)
    >>> float(answer.row(cutoff=0.5, term="exclusion_error").estimate)
    0.0

    References
    ----------
    Grosh, M., & Baker, J. (1995). Proxy means tests for targeting social programs. LSMS Working Paper 118, World Bank.
    — Brown, C., Ravallion, M., & van de Walle, D. (2018). A poor means test? Journal of Development Economics 134,
    109–124.
    """
    level, columns = _rows.fraction(level, "level"), names(covariates)
    shares = [_rows.fraction(c, "cutoffs") for c in ([cutoffs] if isinstance(cutoffs, int | float) else cutoffs)]
    limit = None if line is None else _rows.nonnegative(line, "line")
    sample = read(data, {"of": of, **{f"covariates {i}": c for i, c in enumerate(columns)}}, by=by, design=design)
    y = sample.amount(of, positive=True)
    model = model_of(sample, of, columns, "linear")
    fitted = _fitted(sample, np.log(y), model.X, _rows.whole(folds, "folds", least=2), seed)
    V: list[Array] = [np.ones(len(y))]
    for share in shares:
        meant = y <= _poorest(sample, y, share) if limit is None else y < limit
        chosen = fitted.score <= _poorest(sample, fitted.score, share)
        V += [meant.astype(float), chosen.astype(float), (meant & chosen).astype(float)]
    unit = np.eye(len(V))
    parts: list[Part] = []
    for k in range(len(shares)):
        E, R, RE = unit[1 + 3 * k : 4 + 3 * k]
        parts += [(E - RE, E), (R - RE, R), (R, unit[0])]
    answer = assess(sample, Moments(V, quotients(parts)))
    made = estimates(
        answer,
        [f"{term}:{share:g}" for share in shares for term in _TERMS],
        method="proxy_means",
        estimand="Whom a proxy-means test would miss and whom it would choose in error",
        level=level,
        checks=_checks(fitted),
        evidence={
            "fit": pd.DataFrame([fitted.quality]),
            "coefficients": pd.DataFrame({"term": model.terms, "estimate": fitted.beta}),
            "scores": pd.DataFrame({"row": sample.order, "score": fitted.score}).sort_values("row", ignore_index=True),
        },
    )
    return parted(made, "cutoff")


@dataclass(frozen=True)
class _Fit:
    """beta: (p,) of all rows; score: (n,) predicted without the row's own unit."""

    beta: Array
    score: Array
    quality: dict[str, float]


def _fitted(sample: Sample, y: Array, X: Array, folds: int, seed: int) -> _Fit:
    unit = _units(sample)
    if unit.max() + 1 < folds:
        raise MethodError(
            _("{n} sampled units are dealt into {m} parts.", n=int(unit.max()) + 1, m=folds),
            expected=_("as many sampled units or more"),
            where=Where(key="folds"),
        )
    dealt = _dealt(unit, sample.w, y, folds, seed)
    score = np.empty(len(y))
    for fold in range(folds):
        out = dealt[unit] == fold
        score[out] = X[out] @ _least_squares(X[~out], y[~out], sample.w[~out])
    beta = _least_squares(X, y, sample.w)
    w = sample.w / sample.w.sum()
    spread = float(w @ (y - w @ y) ** 2)
    error = float(w @ (y - score) ** 2)
    quality = {
        "r_squared": 1 - float(w @ (y - X @ beta) ** 2) / spread,
        "r_squared_out": 1 - error / spread,
        "rmse_out": error**0.5,
        "folds": float(folds),
        "n": float(len(y)),
    }
    return _Fit(beta, score, quality)


def _least_squares(X: Array, y: Array, w: Array) -> Array:
    root = np.sqrt(w)
    beta, _residuals, rank, _singular = np.linalg.lstsq(X * root[:, None], y * root, rcond=1e-10)
    if rank < X.shape[1]:
        raise MethodError(
            _("The covariates depend on each other, or there are as few rows as terms."),
            expected=_("columns of which none is a combination of others, in every part"),
            remedy=_("leave one out, join rare categories, or take fewer parts"),
            where=Where(key="covariates"),
        )
    return np.asarray(beta, float)


def _units(sample: Sample) -> Codes:
    """Number of each row's first-stage unit: (n,)."""
    home = np.zeros(len(sample.w), np.intp)
    for role in ("strata", "cluster"):
        for column in sample.design.of(role)[:1]:
            home = dense(home, sample.frame[column])
    return home if sample.design.of("cluster") else dense(home, None)


def _dealt(unit: Codes, w: Array, y: Array, folds: int, seed: int) -> Codes:
    """A part for each unit: as even as can be, at random among units ordered by their data."""
    U = int(unit.max()) + 1
    order = np.lexsort((np.bincount(unit, w * y, U), np.bincount(unit, w, U), np.bincount(unit, minlength=U)))
    dealt = np.empty(U, np.intp)
    dealt[order] = np.random.default_rng(seed).permutation(np.arange(U) % folds)
    return dealt


def _poorest(sample: Sample, values: Array, share: float) -> float:
    """The value up to which the share of the population with the lowest lies."""
    ordered = _quantiles.order(values, sample.w, np.array([len(values)]))
    return float(_quantiles.quantile(ordered, share)[0])


def _checks(fitted: _Fit) -> tuple[Check, ...]:
    inside, outside = fitted.quality["r_squared"], fitted.quality["r_squared_out"]
    found = [
        Check(
            "fit",
            "info",
            "The test explains {r2} of the spread of log welfare in the sample and {out} of it in units it has not "
            "seen.",
            {"r2": inside, "out": outside},
        )
    ]
    if inside - outside > 0.05:
        found.append(
            Check(
                "overfitted",
                "warn",
                "It explains {gap} less of what it has not seen: it has learnt this sample by heart; take fewer "
                "covariates.",
                {"gap": inside - outside},
            )
        )
    return tuple(found)
