"""Impact methods given odd rows and settings: finite numbers or none, or a refusal; never another error."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

from kesos_research import methods
from kesos_research.errors import KesosError
from kesos_research.estimates import Estimates
from kesos_research.language import use

RNG = np.random.default_rng(5)
FIXED = ["estimate", "std_error", "conf_low", "conf_high", "p_value", "df", "n"]


def regions(n: int = 10, periods: int = 6) -> pd.DataFrame:
    rows = pd.DataFrame([(f"u{i:02d}", 2010 + t) for i in range(n) for t in range(periods)], columns=["unit", "year"])
    at = rows["unit"].str[1:].astype(int)
    y = RNG.normal(size=n)[at] + RNG.normal(size=len(rows))
    return rows.assign(A=at < 2, y=y, x=RNG.normal(size=n)[at], size=100.0 + at, s=np.where(at % 2 == 0, "a", "b"))


def persons(n: int = 80) -> pd.DataFrame:
    place, x = np.repeat(np.arange(n // 10), 10), RNG.normal(size=n)
    A, ended = place % 2 == 0, RNG.random(n) < 0.5
    return pd.DataFrame(
        {
            "A": A,
            "joined": A & (RNG.random(n) < 0.8),
            "seen": RNG.random(n) < 0.9,
            "x": x,
            "kind": np.array(["a", "b"])[RNG.integers(0, 2, n)],
            "place": [f"p{i:02d}" for i in place],
            "score": RNG.uniform(-1, 1, n),
            "y": 0.5 * x + RNG.normal(size=n),
            "z": RNG.normal(size=n),
            "cost": RNG.uniform(1, 3, n),
            "t": RNG.integers(1, 20, n) * 1.0,
            "e": ended,
            "c": ~ended & (RNG.random(n) < 0.3),
        }
    )


P, H = regions(), persons()
TWICE = pd.DataFrame({"unit": np.tile(np.arange(80), 2), "year": np.repeat([1, 2], 80), "y": np.r_[H["z"], H["y"]]})
ONE = P[P["unit"] == "u00"].assign(year=range(6))
SERIES = pd.concat([ONE.assign(year=ONE["year"] + 6 * k, y=RNG.normal(size=6)) for k in range(4)], ignore_index=True)
PILOTS = pd.DataFrame({"unit": list("abcdef"), "estimate": RNG.normal(size=6), "std_error": [0.2, 0.3, 0.4] * 2})
PLACES = pd.DataFrame({"unit": [f"d{i}" for i in range(12)], "A": [True] * 4 + [False] * 8, "served": 60.0})
PLACES = PLACES.assign(eff=0.3, ee=0.1, x=RNG.normal(size=12))
COSTS = pd.DataFrame({"g": ["a", "b"], "cost": [10.0, 12.0], "eff": [2.0, 1.0], "ee": [0.4, 0.5]})
ITEMS = pd.DataFrame({"item": ["staff", "room"], "q": [2.0, 1.0], "price": [10.0, 20.0], "fx": [False, True]})
D: dict[str, Any] = {"outcome": "y", "unit": "unit", "period": "year", "treated": "A", "since": 2013}
T: dict[str, Any] = {"outcome": "y", "treated": "A"}
X: dict[str, Any] = {"covariates": ["x", "kind"]}
S: dict[str, Any] = {"time": "t", "event": "e"}
CALLS: dict[str, tuple[pd.DataFrame, dict[str, Any]]] = {
    "describe": (P, {"of": "y", "by": "s"}),
    "nearest_units": (P, {"outcome": "y", "unit": "unit", "period": "year", "near": "u00", "since": 2013, "count": 3}),
    "balance": (H, {"treated": "A"} | X),
    "diff_in_diff": (P, D),
    "randomization_inference": (P, D | {"strata": "s", "seed": 1}),
    "rescaled_randomization": (P, D | {"size": "size", "seed": 1}),
    "exchangeability": (P, D | {"seed": 1}),
    "synthetic_control": (P, D | {"seed": 1}),
    "donor_rules": (P, D | {"breaks": 3.0, "similar": 50.0}),
    "leave_one_out": (P, D),
    "intention_to_treat": (H, T | X | {"cluster": "place"}),
    "late": (H, T | X | {"takeup": "joined", "cluster": "place"}),
    "attrition_bounds": (H, T | {"observed": "seen", "lowest": -9.0, "highest": 9.0}),
    "matching": (H, T | X | {"seed": 1}),
    "entropy_balancing": (H, T | X),
    "inverse_probability": (H, T | X),
    "doubly_robust": (H, T | X),
    "local_randomization": (H, {"outcome": "y", "running": "score", "cutoff": 0.0, "window": 0.5, "seed": 1}),
    "before_after": (TWICE, {"outcome": "y", "unit": "unit", "period": "year", "since": 2}),
    "interrupted_series": (SERIES, {"outcome": "y", "period": "year", "since": 12}),
    "kaplan_meier": (H, S | {"by": "kind"}),
    "cumulative_incidence": (H, S | {"competing": "c"}),
    "log_rank": (H, S | {"group": "kind"}),
    "cox": (H, S | X),
    "meta_analysis": (PILOTS, {}),
    "cost_per_outcome": (COSTS, {"cost": "cost", "effect": "eff", "effect_error": "ee", "by": "g", "seed": 1}),
    "cost_effectiveness": (H, T | {"cost": "cost", "covariates": ["x"], "draws": 200, "seed": 1}),
    "ingredients": (ITEMS, {"ingredient": "item", "quantity": "q", "price": "price", "served": 9.0, "fixed": "fx"}),
    "scale_out": (
        PLACES,
        {"unit": "unit", "treated": "A", "served": "served", "effect": "eff", "effect_error": "ee"}
        | {"fixed": 10.0, "variable": 2.0, "covariates": ["x"]},
    ),
    "planned_heterogeneity": (H, T | {"by": ["kind"], "cluster": "place"}),
}


def odd_rows(rows: pd.DataFrame) -> Iterator[tuple[str, Any]]:
    yield "none", rows.iloc[:0]
    yield "one", rows.iloc[:1]
    yield "three", rows.iloc[:3]
    yield "twice", pd.concat([rows, rows])
    yield "unsorted", rows[::-1]
    yield "one label", rows.set_index(np.zeros(len(rows), int))
    yield "no frame", rows.to_numpy()
    yield "numbered columns", rows.set_axis(range(rows.shape[1]), axis=1)


def odd_column(rows: pd.DataFrame, column: str) -> Iterator[tuple[str, pd.DataFrame]]:
    values = rows[column]
    missing = values.astype(object).where(np.arange(len(rows)) != 1, None)
    yield "missing", rows.assign(**{column: missing})
    yield "objects", rows.assign(**{column: values.astype(object)})
    yield "category", rows.assign(**{column: values.astype("category")})
    yield "complex", rows.assign(**{column: 1 + 2j})
    yield "lists", rows.assign(**{column: [[1]] * len(rows)})
    yield "nullable", rows.assign(**{column: pd.array([i % 2 == 0 for i in range(len(rows))], dtype="boolean")})
    yield "constant", rows.assign(**{column: 0})
    yield "dates", rows.assign(**{column: pd.Timestamp("2015-01-01")})
    yield "braces", rows.assign(**{column: ["{" + str(v) + "}%s\n\x1b{x}" for v in values]})
    yield "there twice", pd.concat([rows, rows[[column]]], axis=1)
    yield "not there", rows.drop(columns=column)
    yield "also the index", rows.set_index(column, drop=False)
    if pd.api.types.is_float_dtype(values):
        for name, scale in (("huge", 1e12), ("tiny", 1e-12), ("1e300", 1e300), ("1e-300", 1e-300)):
            yield name, rows.assign(**{column: values * scale})
        yield "infinite", rows.assign(**{column: values.where(np.arange(len(rows)) != 1, -np.inf)})
        yield "Int64", rows.assign(**{column: values.round().astype("Int64")})


def odd_settings(told: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "level 1", told | {"level": 1}
    yield "level x", told | {"level": "x"}
    for turn, name in enumerate(told):
        for value in [None, 10**400, [], pd.Series([1, 2]), "y"][turn % 2 :: 2]:
            yield f"{name} {type(value).__name__}", told | {name: value}


def tried(name: str, rows: Any, told: dict[str, Any], lang: Any = "en") -> None:
    """The method answers in finite numbers or none, or refuses in words; what it was given is as it was."""
    before = rows.copy(deep=True) if isinstance(rows, pd.DataFrame) else None
    try:
        with use(lang):
            answer = getattr(methods, name)(rows, **told)
    except KesosError as error:
        for one in ("<class", "object at", "np.float64", "array(", "Timestamp(", "dtype:", "Traceback", "None."):
            assert one not in str(error)  # noqa: PT017 - what is refused may differ, how it reads may not
    else:
        assert isinstance(answer, Estimates)
        numbers = answer.table[FIXED].astype(float)
        assert not np.isinf(numbers.to_numpy()).any()
        assert not (numbers["std_error"] < 0).any()
        assert numbers["p_value"].dropna().between(0, 1).all()
        assert not (numbers["conf_low"] > numbers["conf_high"]).any()
    if before is not None:
        pd.testing.assert_frame_equal(rows, before)


EVERY = pytest.mark.parametrize("name", CALLS)


@EVERY
def test_the_plain_call_answers(name):
    rows, told = CALLS[name]
    assert len(getattr(methods, name)(rows, **told).table)


@EVERY
def test_odd_rows(name):
    """Each way to spoil a column takes its turn among the columns that have a role."""
    rows, told = CALLS[name]
    given = [v for value in told.values() for v in (value if isinstance(value, list) else [value])]
    used = [c for c in rows if c in given] or list(rows)
    for _way, spoilt in odd_rows(rows):
        tried(name, spoilt, told)
    for turn, column in enumerate(used):
        for k, (_way, spoilt) in enumerate(odd_column(rows, column)):
            if k % 4 == turn % 4:
                tried(name, spoilt, told, "id")


@EVERY
def test_odd_settings(name):
    rows, told = CALLS[name]
    for way, odd in odd_settings(told):
        if not (
            way.startswith("level") and name in ("describe", "nearest_units", "balance", "leave_one_out", "donor_rules")
        ):
            tried(name, rows, odd)


def test_a_refusal_in_indonesian_has_no_english_or_python_in_it():
    with use("id"), pytest.raises(KesosError) as caught:
        methods.diff_in_diff(P, **(D | {"since": None}))
    assert "since bernilai kosong" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("log_rank", S | {"group": "kind"}),
        ("cox", S | {"covariates": ["x"]}),
        ("inverse_probability", T | {"covariates": ["x"]}),
        ("entropy_balancing", T | {"covariates": ["x"]}),
    ],
)
def test_noise_is_rarely_significant(name, told):
    """Of 60 worlds without an effect more than 9 are significant at 5 % with a probability of one in a thousand."""
    found = 0
    for seed in range(60):
        rng = np.random.default_rng(1000 + seed)
        world = pd.DataFrame({"x": rng.normal(size=80), "A": rng.random(80) < 0.5, "kind": rng.choice(["a", "b"], 80)})
        world = world.assign(y=world["x"] + rng.normal(size=80), t=rng.uniform(1, 20, 80), e=rng.random(80) < 0.6)
        found += getattr(methods, name)(world, **told).table["p_value"].iloc[0] < 0.05
    assert found <= 9
