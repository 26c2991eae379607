"""What cost and effect say together, for one option after another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._checks import listed, percent, spoken
from kesos_research.methods.costs import _fieller
from kesos_research.methods.costs._fieller import Array, Fieller, Pair

RATIO = "cost_per_outcome"
_GRID = 61


@dataclass(frozen=True)
class Option:
    """named: its by-columns; pair: what is known; draws: of cost and effect, (B, 2); n: rows behind it."""

    named: Mapping[str, object]
    pair: Pair
    draws: Array
    n: float = float("nan")

    @property
    def label(self) -> str:
        return " / ".join(map(str, self.named.values())) or "–"


def told_apart(option: Option, level: float) -> bool:
    """Is the effect's interval on one side of nought?"""
    return abs(option.pair.E) > critical(option.pair, level) * np.sqrt(option.pair.e)


def critical(pair: Pair, level: float) -> float:
    return float(pair.law.ppf((1 + level) / 2))  # type: ignore[attr-defined]


def table(options: Sequence[Option], level: float) -> pd.DataFrame:
    """Rows of cost, effect and their ratio for each option."""
    return pd.DataFrame([{**o.named, **row} for o in options for row in _rows_of(o, level)])


def _rows_of(o: Option, level: float) -> list[dict[str, object]]:
    pair = o.pair
    q, df = critical(pair, level), pair.df if np.isfinite(pair.df) else float("nan")
    rows: list[dict[str, object]] = []
    for term, value, var in (("cost", pair.C, pair.c), ("effect", pair.E, pair.e)):
        row: dict[str, object] = {"term": term, "estimate": value, "n": o.n}
        if var > 0:
            error = float(np.sqrt(var))
            p = float(2 * pair.law.sf(abs(value) / error))  # type: ignore[attr-defined]
            row |= {"std_error": error, "conf_low": value - q * error, "conf_high": value + q * error, "df": df}
            row |= {"p_value": p} if term == "effect" else {}
        rows.append(row)
    rows.append({"term": RATIO, **_ratio(o, level), "df": df, "n": o.n})
    return rows


def _ratio(o: Option, level: float) -> dict[str, float]:
    """The ratio where both cost and effect are above nought; an end that is not there is absent."""
    pair = o.pair
    if not pair.E > 0 or not pair.C > 0:
        return {"estimate": float("nan")}
    found = _fieller.fieller(pair, critical(pair, level))
    said = {"estimate": pair.C / pair.E}
    if found.kind == "bounded":
        return said | {"conf_low": found.low, "conf_high": found.high}
    return said | ({"conf_low": found.high} if found.kind == "outside" else {})


def thresholds_of(told: Sequence[float], options: Sequence[Option]) -> Array:
    """What an outcome may cost: as told, or from nought to four times the largest ratio."""
    if asked := [_rows.nonnegative(value, "thresholds") for value in _rows.several(told)]:
        return np.sort(np.asarray(asked, float))
    top = max((abs(o.pair.C) / abs(o.pair.E) for o in options if o.pair.E != 0), default=1.0)
    return np.linspace(0.0, 4 * (top or 1.0), _GRID)


def evidence(
    options: Sequence[Option], grid: Array, level: float, probability: Sequence[Array]
) -> dict[str, pd.DataFrame]:
    """The plane, acceptability at each threshold, and the set that Fieller's test does not reject."""
    planes = [pd.DataFrame({**o.named, "cost": o.draws[:, 0], "effect": o.draws[:, 1]}) for o in options]
    curves = [
        pd.DataFrame({**o.named, "threshold": grid, "probability": p})
        for o, p in zip(options, probability, strict=True)
    ]
    sets: list[tuple[Option, Fieller]] = [(o, _fieller.fieller(o.pair, critical(o.pair, level))) for o in options]
    frames = {
        "plane": pd.concat(planes, ignore_index=True),
        "acceptability": pd.concat(curves, ignore_index=True),
        "fieller": pd.DataFrame([{**o.named, "kind": f.kind, "low": f.low, "high": f.high} for o, f in sets]),
    }
    return frames | ({"frontier": frontier(options)} if len(options) > 1 else {})


def frontier(options: Sequence[Option]) -> pd.DataFrame:
    """Options by their effect: what the next outcome costs on the way from doing nothing to the most effective.

    An option is dominated where another costs no more and does no less, and extendedly where a mix of two others does.
    """
    order = sorted(range(len(options)), key=lambda i: (options[i].pair.E, options[i].pair.C))
    path: list[tuple[float, float, int]] = [(0.0, 0.0, -1)]
    status = {}
    for i in order:
        E, C = options[i].pair.E, options[i].pair.C
        if any((o.pair.E, -o.pair.C) != (E, -C) and o.pair.E >= E and o.pair.C <= C for o in options) or (E <= 0 <= C):
            status[i] = "dominated"
            continue
        status[i] = "frontier"
        while len(path) > 1 and _slope(path[-2], path[-1]) > _slope(path[-1], (E, C, i)):
            status[path.pop()[2]] = "extended"
        path.append((E, C, i))
    ratio = {b[2]: _slope(a, b) for a, b in pairwise(path)}
    return pd.DataFrame(
        [
            {
                **options[i].named,
                "cost": options[i].pair.C,
                "effect": options[i].pair.E,
                "status": status[i],
                "next_outcome_costs": ratio.get(i, float("nan")),
            }
            for i in order
        ]
    )


def _slope(a: tuple[float, float, int], b: tuple[float, float, int]) -> float:
    return (b[1] - a[1]) / (b[0] - a[0]) if b[0] > a[0] else float("inf")


def checks(options: Sequence[Option], level: float) -> tuple[Check, ...]:
    """Where a ratio says nothing, or only half of something."""
    useless = [o for o in options if o.pair.E <= 0 < o.pair.C]
    saving = [o for o in options if o.pair.C <= 0]
    open_ = [o for o in options if not told_apart(o, level)]
    made: list[Check] = []
    if open_:
        made.append(
            Check(
                "undefined_ratio",
                "fail",
                "The {level} % interval of the effect holds zero ({names}): the cost per outcome has no upper end, for "
                "there may be no outcome at all.",
                {"level": percent(level), "names": listed([o.label for o in open_])},
            )
        )
    else:
        made.append(
            Check(
                "undefined_ratio",
                "pass",
                "Every effect is told from zero at {level} %: the cost per outcome has two ends.",
                {"level": percent(level)},
            )
        )
    if useless:
        made.append(
            Check(
                "dominated",
                "fail",
                "It costs more and does no more than what it is compared with ({names}): there is no cost per outcome.",
                {"names": listed([o.label for o in useless])},
            )
        )
    if saving:
        made.append(
            Check(
                "saves",
                "info",
                "It costs no more than what it is compared with ({names}): a ratio would say nothing.",
                {"names": listed([o.label for o in saving])},
            )
        )
    if all(o.pair.c == 0 for o in options):
        made.append(
            Check(
                "known_cost",
                "info",
                "The cost is taken as known: the interval holds only what is uncertain in the effect.",
            )
        )
    return tuple(made)


def amount(value: object, name: str) -> int:
    """How many draws."""
    return _rows.whole(value, name, least=100)


def settled(pair: Pair, label: str) -> None:
    """An effect known without error is no estimate."""
    if not pair.e > 0:
        raise MethodError(
            _("The effect of {name} has no error.", name=label),
            expected=_("standard errors above 0"),
            where=Where(key="effect_error"),
        )


def said(value: float) -> object:
    """An amount as a sentence writes it."""
    return spoken(value, 0 if abs(value) >= 100 else 2)
