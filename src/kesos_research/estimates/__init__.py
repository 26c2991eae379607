"""The one shape of an answer."""

from kesos_research.estimates.call import CALLS_MIME, Call
from kesos_research.estimates.check import Check, Status
from kesos_research.estimates.estimates import COLUMNS, Estimates, combine

__all__ = ["CALLS_MIME", "COLUMNS", "Call", "Check", "Estimates", "Status", "combine"]
