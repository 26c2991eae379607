"""Every figure by name, each drawn once for all tests."""

from functools import cache

from unit.report_figure import given
from unit.report_figure.given_impact import IMPACT

from kesos_research.report.exhibit import Figure

FIGURES = {**given.FIGURES, **IMPACT}


@cache
def made(name: str) -> Figure:
    """The figure of that name."""
    return FIGURES[name]()
