"""Laws of the methods for few treated units: what must not change an answer, and what must change it by how much."""

import numpy as np
import pandas as pd
import pytest

from kesos_research import methods

ROLES = {"outcome": "poor", "unit": "place", "period": "year", "treated": "pilot", "since": 2014}
CALLS = {
    "rescaled_randomization": {"seed": 5},
    "rescaled_randomization (size)": {"seed": 5, "size": "people"},
    "randomization_inference (studentised)": {"seed": 5, "statistic": "studentized"},
    "exchangeability": {"seed": 5},
    "synthetic_control (covariates)": {"seed": 5, "covariates": ["rent", "age"]},
    "augmented_synthetic_control": {"seed": 5},
    "conformal_synthetic_control": {"level": 0.8},
    "placebo_in_time": {"seed": 5},
}
EVERY = pytest.mark.parametrize("name", CALLS)
EFFECTS = ["estimate", "std_error", "conf_low", "conf_high"]


@pytest.fixture(scope="module")
def rows():
    """11 units of six years, the first three treated from 2014."""
    rng = np.random.default_rng(20)
    Y = np.round(rng.normal(20, 4, (11, 1)) + rng.normal(size=(11, 6)), 2)
    return pd.DataFrame(
        {
            "place": np.repeat([f"u{i:02d}" for i in range(11)], 6),
            "year": list(range(2010, 2016)) * 11,
            "poor": Y.ravel(),
            "pilot": np.repeat(np.arange(11) < 3, 6),
            "people": np.repeat(rng.integers(50, 500, 11), 6),
            "rent": np.repeat(rng.normal(size=11), 6),
            "age": np.repeat(rng.normal(size=11), 6),
        }
    )


def table(name, rows):
    answer = getattr(methods, name.split(" ")[0])(rows, **ROLES, **CALLS[name]).table
    keys = [c for c in ("unit", "term") if c in answer]
    return answer.set_index(keys).astype(float)


@pytest.fixture(scope="module")
def first(rows):
    found = {}

    def of(name):
        if name not in found:
            found[name] = table(name, rows)
        return found[name]

    return of


def same(a, b, tol=1e-6):
    pd.testing.assert_frame_equal(a, b, rtol=tol, atol=tol)


@EVERY
def test_row_order_names_and_another_column_change_nothing(name, rows, first):
    names = {f"u{i:02d}": f"x{(5 * i) % 11:02d}" for i in range(11)}
    moved = rows.sample(frac=1, random_state=3).assign(place=lambda r: r.place.map(names), idle=1.0)
    back = {new: old for old, new in names.items()}
    second = table(name, moved).rename(index=back).sort_index()
    same(first(name).sort_index(), second)


@pytest.mark.parametrize("name", [n for n in CALLS if "covariates" not in n])
def test_a_constant_added_to_all_changes_nothing(name, rows, first):
    same(first(name), table(name, rows.assign(poor=rows.poor + 40)), 1e-4)


@EVERY
def test_another_unit_of_measurement_scales_the_answer(name, rows, first):
    scaled = first(name).copy()
    unscaled = scaled.loc[["noise"]].copy() if name == "exchangeability" else None
    scaled[EFFECTS] *= 8
    if unscaled is not None:
        scaled.loc[["noise"]] = unscaled
    same(scaled, table(name, rows.assign(poor=8 * rows.poor)), 1e-4)


@pytest.mark.parametrize(
    "name", [n for n in CALLS if n.split(" ")[0] not in {"exchangeability", "placebo_in_time", "synthetic_control"}]
)
def test_an_effect_added_to_the_treated_is_found_exactly(name, rows, first):
    more = rows.assign(poor=rows.poor - 2.5 * (rows.pilot & (rows.year >= 2014)))
    np.testing.assert_allclose(table(name, more).estimate, first(name).estimate - 2.5, rtol=1e-6)


@pytest.mark.parametrize("name", [n for n in CALLS if "synthetic" not in n])
def test_levels_and_a_common_course_do_not_matter(name, rows, first):
    course = rows.year.map({y: (y % 5) * 1.5 for y in range(2010, 2016)})
    changed = table(name, rows.assign(poor=rows.poor + course))
    if name == "exchangeability":
        changed = changed.assign(n=first(name).n)
    same(first(name), changed, 1e-6)
