"""From estimates, tidy frames and rows to cells: where each stands, and how many persons are behind it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from kesos_research.disclosure.lattice import Key, dims_of, key
from kesos_research.disclosure.rule import Guarding
from kesos_research.errors import DisclosureError
from kesos_research.estimates import COLUMNS, Estimates
from kesos_research.language import _

SHARES = frozenset({"proportion", "relative_poverty"})
_MODELS = frozenset({"regression", "difference"})
_EXTREMES = frozenset({"min", "max", "minimum", "maximum"})
_SINGLE = frozenset({"residuals", "influence", "leverage", "outliers"})


@dataclass(frozen=True)
class Sheet:
    """One table to be protected.

    Attributes
    ----------
    frame
        Its rows, as the method or the researcher gave them.
    dims
        Columns that classify persons.
    keys
        The cell of each row.
    n
        Persons in each row's cell, NaN where the table does not say.
    counts
        Columns of further counts of persons.
    values
        Columns that are blank where a row is withheld.
    method
        Name of the method, None for a frame.
    measures
        The name of the statistic in each row; a frame has one for each column instead.
    """

    frame: pd.DataFrame
    dims: tuple[str, ...]
    keys: tuple[Key, ...]
    n: np.ndarray
    n_column: str
    values: tuple[str, ...]
    counts: tuple[str, ...] = ()
    method: str | None = None
    measures: tuple[str, ...] = ()

    def statistics(self) -> dict[str, dict[Key, float]]:
        """Each statistic's value in each cell."""
        if self.method is None:
            columns = [c for c in self.values if c != self.n_column]
            return {c: dict(zip(self.keys, self.frame[c].astype(float), strict=True)) for c in columns}
        made: dict[str, dict[Key, float]] = {}
        for name, cell, value in zip(self.measures, self.keys, self.frame["estimate"].astype(float), strict=True):
            made.setdefault(name, {})[cell] = value
        return made


@dataclass(frozen=True)
class Support:
    """What is behind one cell.

    Attributes
    ----------
    n, households, df
        Persons unweighted, households, residual degrees of freedom; NaN where unknown or not asked.
    dominated
        Whether few persons hold nearly all of its total.
    attributes
        Persons with an attribute whose share is shown.
    """

    n: float
    households: float = math.nan
    df: float = math.nan
    dominated: bool = False
    attributes: tuple[float, ...] = ()

    def below(self, rule: Guarding) -> bool:
        """Whether the cell may not be shown. An empty cell holds nobody, and may."""
        if self.n == 0:
            return False
        few = self.n < rule.min_n or self.households < rule.min_households or self.df < rule.min_df
        return few or self.dominated or any(self._revealed(k, rule) for k in self.attributes)

    def _revealed(self, k: float, rule: Guarding) -> bool:
        return 0 < k < rule.min_n or 0 < self.n - k < rule.min_n

    @property
    def flagged(self) -> bool:
        """Whether all or none have an attribute: everybody's answer is then known."""
        return self.n > 0 and any(k in (0, self.n) for k in self.attributes)


def text(value: object) -> str:
    """A value of a dimension, alike from every table.

    >>> text(2014.0), text("a"), text(True)
    ('2014', 'a', 'True')
    """
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def sheet(
    what: Estimates | pd.DataFrame,
    *,
    by: Sequence[str] | None,
    n: Sequence[str],
    repeated: Sequence[str],
) -> Sheet:
    """What a table says about its own cells.

    Raises
    ------
    DisclosureError
        When a frame does not say which columns classify and which count persons, or a method gives single persons.
    """
    made = _of_estimates(what, repeated) if isinstance(what, Estimates) else _of_frame(what, by, n, repeated)
    if made.frame[list(made.dims)].isna().any(axis=None):
        raise DisclosureError(
            _("A row does not say its category."),
            expected=_("a value in each of {names}", names=", ".join(made.dims)),
            remedy=_("give those without an answer a category of their own"),
        )
    return made


def _of_estimates(what: Estimates, repeated: Sequence[str]) -> Sheet:
    if what.method in _SINGLE:
        raise DisclosureError(
            _("{method} gives values of single persons.", method=what.method),
            expected=_("statistics of several persons"),
        )
    frame, dims = what.table, tuple(c for c in what.by if c not in repeated)
    again = [c for c in what.by if c in repeated]
    names = [
        f"{what.method}:{text(term)}" + "".join(f"[{c}={text(v)}]" for c, v in zip(again, rest, strict=True))
        for term, *rest in frame[["term", *again]].itertuples(index=False, name=None)
    ]
    values = tuple(c for c in COLUMNS if c != "term")
    return Sheet(
        frame, dims, _keys(frame, dims), frame["n"].astype(float).to_numpy(), "n", values, (), what.method, tuple(names)
    )


def _of_frame(frame: pd.DataFrame, by: Sequence[str] | None, n: Sequence[str], repeated: Sequence[str]) -> Sheet:
    if by is None or not n:
        raise DisclosureError(
            _("A table does not say which columns classify persons and which count them."),
            expected=_("by= with the columns that classify, n= with the column of persons in each row"),
            remedy=_("or protect the estimates of a method, which say it themselves"),
        )
    lacking = [c for c in [*by, *n] if c not in frame.columns]
    if lacking:
        raise DisclosureError(
            _("There is no column {name}.", name=lacking[0]), expected=", ".join(map(str, frame.columns))
        )
    others = [str(c) for c in frame.columns if c not in by and c not in n]
    texts = [c for c in others if not pd.api.types.is_numeric_dtype(frame[c]) or pd.api.types.is_bool_dtype(frame[c])]
    if texts:
        raise DisclosureError(
            _("The column {name} holds text, and nothing says what it tells of persons.", name=texts[0]),
            expected=_("columns that classify (by=), count (n=), or hold numbers"),
            remedy=_("leave it out"),
        )
    dims = tuple(c for c in by if c not in repeated)
    frame = frame.reset_index(drop=True)
    return Sheet(
        frame,
        dims,
        _keys(frame, dims),
        frame[n[0]].astype(float).to_numpy(),
        n[0],
        (*n, *others),
        tuple(n[1:]),
    )


def _keys(frame: pd.DataFrame, dims: Sequence[str]) -> tuple[Key, ...]:
    return tuple(
        key({d: text(v) for d, v in zip(dims, values, strict=True)})
        for values in zip(*(frame[d] for d in dims), strict=True)
    ) or ((),) * len(frame)


def behind(
    sheets: Sequence[Sheet],
    rule: Guarding,
    *,
    rows: pd.DataFrame | None,
    household: str | None,
    of: Sequence[str],
    weight: str | None,
) -> dict[Key, Support]:
    """Who is behind each cell of the tables.

    Raises
    ------
    DisclosureError
        When neither the table nor rows tell how many persons or households there are, or the two disagree.
    """
    if rule.unit == "person" and rule.min_households > 1 and (rows is None or household is None):
        raise DisclosureError(
            _("Nothing says how many households are behind each cell."),
            expected=_("rows= with the rows of persons, household= with the column that tells households apart"),
            remedy=_("where every row is a household, say unit: household in study.yaml"),
        )
    told = _told(sheets)
    if rows is None:
        lacking = [cell for cell, n in told.items() if not math.isfinite(n.n)]
        if lacking:
            raise DisclosureError(
                _("{n} cells do not say how many persons are behind them.", n=len(lacking)),
                expected=_("the column n, or rows= with the rows behind the table"),
            )
        return told
    counted = {
        d: _counted(rows, d, rule, household=household, of=of, weight=weight) for d in dict.fromkeys(map(dims_of, told))
    }
    made = {}
    for cell, own in told.items():
        found = counted[dims_of(cell)].get(cell, Support(0.0, 0.0))
        if math.isfinite(own.n) and own.n != found.n:
            raise DisclosureError(
                _("A cell tells of {n} persons, the rows of {m}.", n=int(own.n), m=int(found.n)),
                expected=_("the rows from which the table was made"),
            )
        made[cell] = replace(found, df=own.df, attributes=(*found.attributes, *own.attributes))
    return made


def _told(sheets: Sequence[Sheet]) -> dict[Key, Support]:
    made: dict[Key, Support] = {}
    for own in sheets:
        models = own.method in _MODELS and "df" in own.frame
        df = own.frame["df"].astype(float).to_numpy() if models else np.full(len(own.keys), math.nan)
        for i, cell in enumerate(own.keys):
            here = Support(float(own.n[i]), df=float(df[i]), attributes=_attributes(own, i))
            known = made.get(cell, here)
            if math.isfinite(here.n) and math.isfinite(known.n) and here.n != known.n:
                raise DisclosureError(
                    _("One cell tells of {n} persons and of {m}.", n=int(known.n), m=int(here.n)),
                    expected=_("one number of persons in each cell of one population"),
                    remedy=_("name in repeated= the columns along which the same persons are counted again"),
                )
            made[cell] = Support(
                known.n if math.isfinite(known.n) else here.n,
                df=float(np.fmin(known.df, here.df)),
                attributes=tuple(dict.fromkeys((*known.attributes, *here.attributes))),
            )
    return made


def _attributes(own: Sheet, i: int) -> tuple[float, ...]:
    """Persons with the attribute whose share or count stands in this row."""
    if own.method is None:
        return tuple(float(own.frame[c].iloc[i]) for c in own.counts)
    poor = own.method == "fgt" and own.measures[i].split("[", maxsplit=1)[0].endswith(":p0")
    share = float(own.frame["estimate"].iloc[i])
    if not (own.method in SHARES or poor) or not math.isfinite(share * own.n[i]):
        return ()
    # one at least where the share is not nought, and not all where it is not one: weights hide the count, not that
    k = round(share * own.n[i])
    return (float(min(max(k, 1 if share > 0 else 0), own.n[i] - (1 if share < 1 else 0))),)


def _counted(
    rows: pd.DataFrame,
    dims: tuple[str, ...],
    rule: Guarding,
    *,
    household: str | None,
    of: Sequence[str],
    weight: str | None,
) -> dict[Key, Support]:
    lacking = [c for c in (*dims, *of, *filter(None, (household, weight))) if c not in rows.columns]
    if lacking:
        raise DisclosureError(
            _("The rows have no column {name}.", name=lacking[0]), expected=", ".join(map(str, rows.columns))
        )
    parts: Iterable[tuple[tuple[str, ...], pd.DataFrame]] = [((), rows)]
    if dims:
        parts = rows.groupby([_texts(rows[d]) for d in dims], sort=True)  # type: ignore[assignment]
    made = {}
    for values, part in parts:
        w = part[weight].to_numpy(float) if weight else np.ones(len(part))
        made[key(dict(zip(dims, values, strict=True)))] = Support(
            float(len(part)),
            float(part[household].nunique()) if household else float(len(part)),
            dominated=any(_dominated(part[c], w, rule) for c in of),
            attributes=tuple(float(part[c].sum()) for c in of if _is_attribute(rows[c])),
        )
    return made


def _texts(values: pd.Series) -> pd.Series:
    """The values as dimensions write them; a missing one stays missing, in no cell."""
    codes, known = pd.factorize(values)
    return pd.Series(np.array([*map(text, known), None], object)[codes], values.index, name=values.name)


def _is_attribute(values: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(values) and set(values.dropna().unique()) <= {0, 1}


def _dominated(values: pd.Series, w: np.ndarray, rule: Guarding) -> bool:
    r"""The (N, K) and p % rules: :math:`\sum_{i \le N} x_i > K X`, or :math:`X - x_1 - x_2 < p\,x_1 / 100`."""
    if not pd.api.types.is_numeric_dtype(values) or _is_attribute(values):
        return False
    x = np.sort(np.abs(values.to_numpy(float) * w))[::-1]
    total, (most, share) = x.sum(), rule.dominance
    if total == 0:
        return False
    return bool(x[:most].sum() > share * total or (share < 1 and total - x[:2].sum() < rule.p_percent / 100 * x[0]))


def single(own: Sheet) -> list[bool]:
    """Rows that are the value of one person or nearly so: minima, maxima, percentiles with too few beyond them."""
    if own.method not in ("describe", "quantile"):
        return [False] * len(own.keys)
    return [_is_single(name, n) for name, n in zip(own.measures, own.n, strict=True)]


def _is_single(name: str, n: float) -> bool:
    term = name.split(":", 1)[1].split("[", maxsplit=1)[0]
    if term in _EXTREMES or term in ("value", "percentile"):
        return True
    digits = term.removeprefix("p")
    if term.startswith("p") and digits.replace(".", "", 1).isdigit():
        q = float(digits) / 100
        return n * min(q, 1 - q) < 3
    return False
