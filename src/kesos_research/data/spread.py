"""How the values of one column are spread: from shares between 0 and 1 to values, as the codebook declares.

A distribution is cut off at the range of its column: what lies within keeps its shape. Where nothing is declared,
values are spread evenly over the range, the choices, or the example register.
"""

from __future__ import annotations

import datetime
import math
from functools import cached_property
from typing import Any

import numpy as np

from kesos_research.data.codebook import NUMBERS, Column, Distribution
from kesos_research.domain import example_regions
from kesos_research.errors import DataError, Where
from kesos_research.language import _

_RANGES = {"angka": (0.0, 100.0), "bilangan": (0.0, 100.0), "tahun": (2000.0, 2025.0)}
_DATES = (datetime.date(2000, 1, 1), datetime.date(2024, 12, 31))
_LEAST = 1e-9
_DIGITS = 4
_MOST_DECIMALS = 12


class Spread:
    """The law of one column.

    Parameters
    ----------
    column
        Its declaration: kind, range, choices, distribution.

    Raises
    ------
    DataError
        When the declared distribution leaves nothing within the range.
    """

    def __init__(self, column: Column) -> None:
        self.column = column
        low, high = column.low, column.high
        if low is None or high is None:
            low, high = self._default_range
        self.low, self.high = low, high
        if column.kind in NUMBERS and self._shares is None:
            self._cut()

    @property
    def _default_range(self) -> tuple[float, float]:
        """Where nothing is declared: a distribution with its own ends is not cut."""
        told = self.column.distribution
        if told is None or told.shape in ("seragam", "beta", "peluang"):
            return (0.0, 1.0) if told and told.shape == "beta" else _RANGES.get(self.column.kind, (0.0, 100.0))
        return (-math.inf, math.inf)

    @property
    def missing(self) -> float:
        """Share of rows without a value."""
        told = self.column.distribution
        return told.missing if told and not self.column.required else 0.0

    @property
    def whole(self) -> bool:
        return self.column.kind in ("bilangan", "tahun")

    @cached_property
    def codes(self) -> tuple[np.ndarray, np.ndarray] | None:
        """Values and their shares, of a column with a few values; None of any other."""
        column = self.column
        if self._shares is not None and column.kind != "pilihan_ganda":
            return self._declared(self._shares)
        if column.kind == "pilihan":
            return _objects(column.choices), np.full(len(column.choices), 1 / len(column.choices))
        if column.kind == "wilayah":
            codes = [r.code for r in example_regions()]
            return _objects(codes), np.full(len(codes), 1 / len(codes))
        return None

    def values(self, share: np.ndarray) -> np.ndarray:
        """The values below which these shares lie; shape as `share`."""
        if self.codes is not None:
            values, shares = self.codes
            at = np.searchsorted(np.cumsum(shares), share * (1 - 1e-12), side="right")
            return values[np.minimum(at, len(values) - 1)]
        if self.column.kind == "tanggal":
            first, last = (np.datetime64(day, "D") for day in self.column.dates or _DATES)
            days = (last - first).astype(int) + 1
            return first + np.minimum((share * days).astype(int), days - 1).astype("timedelta64[D]")
        return self._rounded(self._quantile(share))

    def share(self, value: np.ndarray) -> np.ndarray:
        """The share of values not above `value`, of a column of numbers: its distribution function."""
        if self.codes is not None:
            values, shares = self.codes
            order = np.argsort(values.astype(float))
            at = np.searchsorted(values.astype(float)[order], value, side="right")
            return np.concatenate([[0.0], np.cumsum(shares[order])])[at]
        law, start, end = self._law
        x = np.asarray(value, dtype=float)
        x = np.floor(x) + 0.5 if self.whole and self._shape != "poisson" else x
        return np.clip((law.cdf(x) - start) / (end - start), 0, 1)

    @cached_property
    def decimals(self) -> int:
        """Places after the decimal mark: four figures of the middle half of the values."""
        if self.whole:
            return 0
        low, high = self._quantile(np.array([0.25, 0.75]))
        width = float(high - low) or abs(float(high)) or 1.0
        return int(np.clip(_DIGITS - 1 - math.floor(math.log10(width)), 0, _MOST_DECIMALS))

    # --- numbers

    @property
    def _shape(self) -> str:
        return self.column.distribution.shape if self.column.distribution else "seragam"

    @property
    def _shares(self) -> dict[str, float] | None:
        told = self.column.distribution
        return dict(told.values) if told and told.shape == "peluang" else None

    def _declared(self, shares: dict[str, float]) -> tuple[np.ndarray, np.ndarray]:
        values = _objects(shares)
        if self.column.kind in NUMBERS:
            shares = dict(sorted(shares.items(), key=lambda told: float(told[0])))
            values = np.array([float(code) for code in shares])
        elif self.column.kind == "wilayah":  # real districts lend their shares, never their names
            register = example_regions()
            values = _objects(register[i % len(register)].code for i in range(len(shares)))
        elif self.column.kind == "pilihan":
            kept = [code for code in self.column.choices if code in shares]
            values, shares = _objects(kept), {code: shares[code] for code in kept}
        total = np.array(list(shares.values()))
        return values, total / total.sum()

    @cached_property
    def _law(self) -> tuple[Any, float, float]:
        """The law before it is cut, and the shares below its lower and its upper end."""
        from scipy import stats

        told, low, high = self.column.distribution or Distribution("seragam"), self.low, self.high
        given = told.values
        if told.shape == "poisson":
            law = stats.poisson(given["rerata"])
            return law, float(law.cdf(np.ceil(low) - 1)), float(law.cdf(high))
        edges = (math.ceil(low) - 0.5, math.floor(high) + 0.5) if self.whole and math.isfinite(high) else (low, high)
        match told.shape:
            case "lognormal":
                law = stats.lognorm(s=math.log(given["rasio"]), scale=given["median"])
            case "normal":
                law = stats.norm(given["rerata"], given["simpangan"])
            case "gamma":
                mean, variance = given["rerata"], given["simpangan"] ** 2
                law = stats.gamma(a=mean**2 / variance, scale=variance / mean)
            case "eksponensial":
                law = stats.expon(scale=given["rerata"])
            case "beta":
                law = stats.beta(given["alfa"], given["beta"], loc=edges[0], scale=max(edges[1] - edges[0], 1e-300))
            case _:
                law = stats.uniform(edges[0], max(edges[1] - edges[0], 1e-300))
        return law, float(law.cdf(edges[0])), float(law.cdf(edges[1]))

    def _cut(self) -> None:
        _law, start, end = self._law
        if self.low == self.high or end - start > _LEAST:
            return
        raise DataError(
            _("The distribution {shape} leaves nothing within {low} and {high}.", shape=self._shape,
              low=f"{self.low:g}", high=f"{self.high:g}"),
            remedy=_("widen the range, or declare a distribution that lies within it"),
            where=Where(key=f"kolom.{self.column.name}.sebaran"),
        )  # fmt: skip

    def _quantile(self, share: np.ndarray) -> np.ndarray:
        if self.low == self.high:
            return np.full(np.shape(share), self.low)
        law, start, end = self._law
        return np.asarray(law.ppf(start + share * (end - start)), dtype=float)

    def _rounded(self, x: np.ndarray) -> np.ndarray:
        """To the decimals of the column, and never out of its range."""
        if self.whole:
            x = np.rint(x)
            low = math.ceil(self.low) if math.isfinite(self.low) else self.low
            high = math.floor(self.high) if math.isfinite(self.high) else self.high
            return np.clip(x, low, high) + 0.0
        return np.clip(np.round(x, self.decimals), self.low, self.high) + 0.0


def _objects(values: Any) -> np.ndarray:
    listed = list(values)
    found = np.empty(len(listed), dtype=object)
    found[:] = listed
    return found
