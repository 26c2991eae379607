"""One sentence that says what a test found: always with its effect and interval, never with a causal word."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from kesos_research.disclosure import Protected
from kesos_research.errors import DocumentError
from kesos_research.language import LANGUAGES, Words, _, both, number
from kesos_research.report.table import guarded
from kesos_research.report.words import interval, p_value

_POWER = 0.8

_PAIR = frozenset({"paired_t", "wilcoxon", "mcnemar"})
_SYMBOLS = {
    "difference": "Δ",
    "cramers_v": "V",
    "odds_ratio": "OR",
    "cohens_d": "d",
    "rank_biserial": "r",
    "eta_squared": "η²",
    "epsilon_squared": "ε²",
    "pearson": "r",
    "spearman": "ρ",
    "kendall": "τ",
    "alpha": "α",
}


def reading(protected: Protected, *, decimals: int = 2) -> Words:
    """What a test found, in one sentence of each language.

    Parameters
    ----------
    protected
        The answer of one test (`methods.hypothesis`), or with `only(...)` that of one group.
    decimals
        Of effects in the figure's own unit; effect sizes have two.

    Returns
    -------
    Words
        Where the p-value is above 1 − level, the sentence says that nothing was found and how much could have been:
        the smallest difference found with a probability of 80 %, or the largest the interval allows.

    Raises
    ------
    DocumentError
        When the rows are not those of one test.
    """
    rows = [{str(k): v for k, v in row.items()} for row in guarded(protected).table.to_dict("records")]
    tested = [row for row in rows if _number(row, "p_value") is not None or row.get("term") == "alpha"]
    if len(tested) != 1:
        raise DocumentError(
            _("{n} rows could be read out.", n=len(tested)),
            expected=_("the answer of one test"),
            remedy=_("choose one group with protected.only(...)"),
        )
    first, method, level = tested[0], protected.method or "", protected.level or 0.95
    if _number(first, "estimate") is None:
        return both("What this test found may not be shown.")
    facts = _facts(first, rows, decimals, level)
    if first["term"] == "alpha":
        return both("The reliability of the sum of the items is {facts}.", facts=facts)
    p = _number(first, "p_value")
    found = p is not None and p <= 1 - level + 1e-12
    if found:
        return _found(method, first, facts)
    return both(
        "{sentence} ({facts}); {limit}.", sentence=_nothing(method), facts=facts, limit=_limit(first, decimals, level)
    )


def _found(method: str, row: Mapping[str, Any], facts: Words) -> Words:
    if method == "cross_table":
        return both("The two properties go together ({facts}).", facts=facts)
    if method in ("anova", "kruskal_wallis"):
        return both("The groups differ ({facts}).", facts=facts)
    more, less = _directions(method, facts)
    return more if float(row["estimate"]) > 0 else less


def _directions(method: str, facts: Words) -> tuple[Words, Words]:
    """The sentence for more and for less."""
    if method == "correlation":
        return (
            both("Where one figure is higher the other tends to be higher ({facts}).", facts=facts),
            both("Where one figure is higher the other tends to be lower ({facts}).", facts=facts),
        )
    if method == "one_sample_t":
        return (
            both("The mean is higher than the given value ({facts}).", facts=facts),
            both("The mean is lower than the given value ({facts}).", facts=facts),
        )
    if method in _PAIR:
        return (
            both("The second measurement is higher than the first ({facts}).", facts=facts),
            both("The second measurement is lower than the first ({facts}).", facts=facts),
        )
    return (
        both("The first group is higher than the second ({facts}).", facts=facts),
        both("The first group is lower than the second ({facts}).", facts=facts),
    )


def _nothing(method: str) -> Words:
    if method in ("cross_table", "correlation"):
        return both("No association was found")
    if method in _PAIR:
        return both("No change was found")
    return both("No difference was found")


def _limit(row: Mapping[str, Any], decimals: int, level: float) -> Words:
    """How much could have been seen: a result is only as silent as its data."""
    error = _number(row, "std_error")
    places = _places(str(row["term"]), decimals)
    if error is not None and row["term"] == "difference":
        size = _each(_detectable(error, _number(row, "df"), level), places)
        return both("the data would have shown a difference of {size} with a probability of 80%", size=size)
    low, high = _number(row, "conf_low"), _number(row, "conf_high")
    if low is None or high is None:
        return both("how large it could be is not known")
    ends = {lang: interval(low, high, places, lang) for lang in LANGUAGES}
    return both("the data are compatible with anything in {ends}", ends=ends)


def _detectable(error: float, df: float | None, level: float) -> float:
    """The difference that such a test finds with a probability of 80 %: (t₁ + t₂) standard errors."""
    from scipy import special

    quantile = special.ndtri if df is None else lambda q: special.stdtrit(df, q)
    return float(quantile((1 + level) / 2) + quantile(_POWER)) * error


def _facts(row: Mapping[str, Any], rows: list[dict[str, Any]], decimals: int, level: float) -> Words:
    """Effect with interval, effect size with interval, p, n."""
    effects = [row, *(r for r in rows if r is not row and _SYMBOLS.get(str(r.get("term"))) and _same(r, row))]
    return {lang: _told(row, effects, decimals, level, lang) for lang in LANGUAGES}


def _told(row: Mapping[str, Any], effects: list[Mapping[str, Any]], decimals: int, level: float, lang: Any) -> str:
    parts = []
    for place, effect in enumerate(effects):
        value, low, high = (_number(effect, key) for key in ("estimate", "conf_low", "conf_high"))
        if value is None:
            continue
        places = _places(str(effect["term"]), decimals)
        text = f"{_SYMBOLS.get(str(effect['term']), effect['term'])} = {number(value, places, lang)}"
        if low is not None and high is not None:
            share = number(100 * level, 0, lang)
            name = both("{share}% CI", share=share)[lang] if place == 0 else ""
            text += f", {name} {interval(low, high, places, lang)}" if name else f" {interval(low, high, places, lang)}"
        parts.append(text)
    p, n = _number(row, "p_value"), _number(row, "n")
    if p is not None:
        said = p_value(p, lang)
        parts.append(f"p {said}" if said.startswith("<") else f"p = {said}")
    if n is not None:
        parts.append(f"n = {number(n, 0, lang)}")
    return "; ".join(parts)


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Of the same group of `by`."""
    keys = [k for k in one if k not in _NUMBERS]
    return all(one.get(k) == other.get(k) for k in keys)


_NUMBERS = frozenset(
    {"term", "estimate", "std_error", "conf_low", "conf_high", "p_value", "df", "n", "mark"},
)


def _places(term: str, decimals: int) -> int:
    return decimals if term == "difference" else 2


def _number(row: Mapping[str, Any], key: str) -> float | None:
    value = row.get(key)
    if value is None or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def _each(value: float, decimals: int) -> Words:
    return {lang: number(value, decimals, lang) for lang in LANGUAGES}
