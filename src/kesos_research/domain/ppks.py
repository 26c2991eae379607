"""Whom social welfare serves (PPKS) and what it can build on (PSKS), as Permensos 08/2012 lists them.

Before 2019 PPKS were called PMKS.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from kesos_research.domain import _package


@dataclass(frozen=True)
class Category:
    """One category of the regulation.

    Attributes
    ----------
    regulation
        The regulation that defines it.
    evidence
        ``"salinan sekunder"`` where the name was read in a government or public copy of the list, ``"belum diperiksa"``
        where it still has to be checked against the regulation.
    """

    number: int
    name: str
    regulation: str
    evidence: str


@cache
def ppks() -> tuple[Category, ...]:
    """The 26 categories of people who need social-welfare services."""
    return _read("ppks.csv")


@cache
def psks() -> tuple[Category, ...]:
    """The 12 potentials and resources of social welfare."""
    return _read("psks.csv")


def _read(name: str) -> tuple[Category, ...]:
    return tuple(Category(int(row["nomor"]), row["nama"], row["dasar"], row["bukti"]) for row in _package.rows(name))
