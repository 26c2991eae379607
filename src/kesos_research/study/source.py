"""Where the figures come from, and under which rule numbers may leave."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from kesos_research.study.plan import Part
from kesos_research.study.scalar import Bilingual, Flag, Text, choice


class Source(Part):
    """One data file with its codebook and, where there is one, its file of flags.

    Paths are written relative to the workspace with / between folders, and are whole paths once read.
    """

    id: Text
    file: Path
    codebook: Path
    flags: Path | None = None
    publisher: Bilingual
    licence: Text
    public: Flag = False
    """True for aggregates that a statistics office has already published."""
    synthetic: Flag = False
    """True for invented rows: every page then says so."""


class Disclosure(Part):
    """The rule under which numbers leave, and who decided it."""

    rule: Annotated[Literal["public"], choice("public")]
    decided_by: Text
