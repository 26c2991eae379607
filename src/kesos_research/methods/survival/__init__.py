"""How long until something happens: curves, tests of curves, hazards and times."""

from kesos_research.methods.survival.curves import cumulative_incidence, kaplan_meier
from kesos_research.methods.survival.equality import log_rank
from kesos_research.methods.survival.hazards import cox
from kesos_research.methods.survival.times import weibull

__all__ = ["cox", "cumulative_incidence", "kaplan_meier", "log_rank", "weibull"]
