"""Trials: who was offered a programme was drawn, not chosen."""

from kesos_research.methods.trials.attrition import attrition_bounds
from kesos_research.methods.trials.balancing import balance
from kesos_research.methods.trials.compliance import late
from kesos_research.methods.trials.intention import intention_to_treat
from kesos_research.methods.trials.outcomes import many_outcomes

__all__ = ["attrition_bounds", "balance", "intention_to_treat", "late", "many_outcomes"]
