"""How replicate weights were made, as far as a variance needs to know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from kesos_research.errors import MethodError, Where
from kesos_research.language import _

Kind = Literal["brr", "fay", "jk1", "jk2", "jkn", "bootstrap", "sdr", "other"]


@dataclass(frozen=True)
class Replication:
    """The variance of an estimate is `scale` · Σ_r `rscales`_r (θ_r − centre)².

    Parameters
    ----------
    kind
        ``"brr"`` (scale 1/R), ``"fay"`` (1/(R (1 − ρ)²)), ``"jk1"`` ((R − 1)/R), ``"jk2"`` (1), ``"jkn"`` (1, with
        `rscales`), ``"bootstrap"`` (1/(R − 1)), ``"sdr"`` (successive differences, 4/R), ``"other"``.
    rho
        Fay's ρ.
    scale, rscales
        What the producer of the weights says; `scale` of the kind where it says nothing.
    mse
        Deviations from the estimate itself, not from the mean of the replicates.

    Raises
    ------
    MethodError
        When ρ, the scales or the kind are not such.

    Examples
    --------
    >>> Replication("fay", rho=0.5).factor(80)
    0.05
    """

    kind: Kind
    rho: float = 0.0
    scale: float | None = None
    rscales: Sequence[float] | None = None
    mse: bool = False

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise _wrong("kind", self.kind, ", ".join(get_args(Kind)))
        if not 0.0 <= self.rho < 1.0 or (self.rho > 0.0) != (self.kind == "fay"):
            raise _wrong("rho", self.rho, _("a number between 0 and 1 for fay, nothing for others"))
        if self.scale is not None and not self.scale > 0:
            raise _wrong("scale", self.scale, _("a number larger than 0"))
        if self.rscales is not None:
            object.__setattr__(self, "rscales", tuple(float(r) for r in self.rscales))
            if any(not r >= 0 for r in self.rscales):
                raise _wrong("rscales", list(self.rscales), _("numbers of 0 or more"))
        if self.kind == "jkn" and self.rscales is None:
            raise _wrong("rscales", None, _("for jkn (n − 1)/n of the stratum of each replicate"))
        if self.kind == "other" and self.scale is None:
            raise _wrong("scale", None, _("a number larger than 0"))

    def factor(self, replicates: int) -> float:
        """The scale for so many replicates."""
        if self.scale is not None:
            return float(self.scale)
        return {
            "brr": 1 / replicates,
            "fay": 1 / (replicates * (1 - self.rho) ** 2),
            "jk1": (replicates - 1) / replicates,
            "jk2": 1.0,
            "jkn": 1.0,
            "bootstrap": 1 / max(replicates - 1, 1),
            "sdr": 4 / replicates,
        }[self.kind]


def _wrong(key: str, found: object, expected: str) -> MethodError:
    return MethodError(_("{name} is {value}.", name=key, value=repr(found)), expected=expected, where=Where(key=key))
