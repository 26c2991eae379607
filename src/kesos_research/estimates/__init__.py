"""The one shape of an answer."""

from kesos_research.estimates.check import Check, Status
from kesos_research.estimates.estimates import COLUMNS, Estimates, combine

__all__ = ["COLUMNS", "Check", "Estimates", "Status", "combine"]
