"""What a test finds in one group of rows, and the answer made of all groups."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._checks import probability, spoken
from kesos_research.methods.hypothesis._adjust import holm

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Found:
    """rows: of the table, the first with the p-value; statistic with its degrees of freedom; frames by name."""

    rows: list[dict[str, object]]
    name: str
    statistic: float
    p: float
    df1: float = math.nan
    df2: float = math.nan
    frames: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    checks: tuple[Check, ...] = ()


def row(
    term: str,
    estimate: float,
    interval: tuple[float, float] = (math.nan, math.nan),
    *,
    error: float = math.nan,
    p: float = math.nan,
    df: float = math.nan,
    n: float = math.nan,
) -> dict[str, object]:
    """One row of the table."""
    return {
        "term": term,
        "estimate": estimate,
        "std_error": error,
        "conf_low": interval[0],
        "conf_high": interval[1],
        "p_value": p,
        "df": df,
        "n": n,
    }


def groups_of(data: pd.DataFrame, by: Sequence[str]) -> Iterator[tuple[tuple[object, ...], pd.DataFrame]]:
    """The rows of each group of `by`, in order; all rows where there is none."""
    if not by:
        yield (), data
        return
    yield from data.groupby(list(by), sort=True, observed=True)


def several(by: str | Sequence[str]) -> tuple[str, ...]:
    return _rows.several(by)


def assemble(
    found: Sequence[tuple[tuple[object, ...], Found]],
    by: tuple[str, ...],
    *,
    method: str,
    estimand: str,
    level: float,
    checks: Sequence[Check] = (),
) -> Estimates:
    """The answer; with several groups also p-values adjusted for looking at all."""
    table = [{**dict(zip(by, key, strict=True)), **r} for key, one in found for r in one.rows]
    tests = pd.DataFrame(
        [
            {
                **dict(zip(by, key, strict=True)),
                "test": one.name,
                "statistic": one.statistic,
                "df1": one.df1,
                "df2": one.df2,
                "p_value": one.p,
            }
            for key, one in found
        ]
    )
    tests["p_holm"] = holm(tests["p_value"].to_numpy(float))
    frames: dict[str, list[pd.DataFrame]] = {}
    for key, one in found:
        for name, frame in one.frames.items():
            frames.setdefault(name, []).append(_labelled(frame, by, key))
    return Estimates(
        pd.DataFrame(table),
        method,
        estimand,
        level=level,
        by=by,
        checks=(*_distinct(c for _key, one in found for c in one.checks), *checks, *_many(tests)),
        evidence={"test": tests, **{name: pd.concat(parts, ignore_index=True) for name, parts in frames.items()}},
    )


def run(
    data: pd.DataFrame, by: tuple[str, ...], test: Callable[[pd.DataFrame], Found]
) -> list[tuple[tuple[object, ...], Found]]:
    """The test in each group; a refusal names the group."""
    found = []
    for key, part in groups_of(data, by):
        try:
            found.append((key, test(part)))
        except MethodError as error:
            if not by:
                raise
            raise MethodError(
                _("In {group}: {text}", group=" / ".join(map(str, key)), text=error.found),
                expected=error.expected,
                remedy=error.remedy,
                where=error.where,
            ) from error
    return found


def two(data: pd.DataFrame, of: str, group: str) -> tuple[tuple[str, str], Array, Array]:
    """The values of two groups, in the order of the groups' names."""
    names = sorted(data[group].unique(), key=str)
    if len(names) != 2:
        raise MethodError(
            _("{column} has {n} groups.", column=group, n=len(names)),
            expected=_("two groups"),
            where=Where(column=group),
        )
    x, y = (data.loc[data[group] == name, of].to_numpy(float) for name in names)
    for name, values in zip(names, (x, y), strict=True):
        if len(values) < 2:
            raise MethodError(
                _("The group {name} has {n} rows.", name=name, n=len(values)),
                expected=_("at least 2"),
                where=Where(column=group),
            )
    return (str(names[0]), str(names[1])), np.sort(x), np.sort(y)


def read_pair(data: pd.DataFrame, of: str, against: str, by: tuple[str, ...]) -> None:
    """Two columns of numbers on each row."""
    _rows.columns(data, {"of": of, "against": against, **{f"by {i}": c for i, c in enumerate(by, 1)}})
    for column in (of, against):
        _rows.numeric(data, column)


def read_groups(data: pd.DataFrame, of: str, group: str, by: tuple[str, ...]) -> None:
    """A column of numbers and one of groups."""
    _rows.columns(data, {"of": of, "group": group, **{f"by {i}": c for i, c in enumerate(by, 1)}})
    _rows.numeric(data, of)


def pair(test: Any) -> tuple[float, float]:
    """Statistic and p-value of one of scipy's tests."""
    return float(test.statistic), float(test.pvalue)


def enough(n: int, least: int) -> None:
    if n < least:
        raise MethodError(_("There are {n} rows.", n=n), expected=_("at least {least}", least=least))


def _labelled(frame: pd.DataFrame, by: tuple[str, ...], key: tuple[Any, ...]) -> pd.DataFrame:
    labelled = frame.copy()
    for place, (name, value) in enumerate(zip(by, key, strict=True)):
        labelled.insert(place, name, value)
    return labelled


def _distinct(checks: Iterator[Check]) -> tuple[Check, ...]:
    """Each sentence once."""
    seen: dict[tuple[str, str], Check] = {}
    for check in checks:
        seen.setdefault((check.name, repr(sorted(check.evidence.items(), key=str)) + check.status), check)
    return tuple(seen.values())


def _many(tests: pd.DataFrame) -> tuple[Check, ...]:
    k = len(tests)
    if k < 2:
        return ()
    least = tests["p_value"].min()
    return (
        Check(
            "several_tests",
            "warn",
            "{k} tests are looked at together: {expected} of them would come out below 5 % by chance alone. The "
            "smallest p-value, {p}, is {adjusted} when adjusted for that (Holm).",
            {
                "k": k,
                "expected": spoken(0.05 * k, 1),
                "p": probability(float(least)),
                "adjusted": probability(float(tests["p_holm"].min())),
            },
        ),
    )
