"""One problem is told by itself, several as a list."""

from __future__ import annotations

from collections.abc import Sequence

from kesos_research.errors import KesosError, Problems


def together(problems: Sequence[KesosError]) -> KesosError:
    """What to raise for one or more problems."""
    return problems[0] if len(problems) == 1 else Problems(problems)
