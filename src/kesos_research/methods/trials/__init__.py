"""Trials: who was offered a programme was drawn, not chosen."""

from kesos_research.methods.trials.balancing import balance
from kesos_research.methods.trials.intention import intention_to_treat

__all__ = ["balance", "intention_to_treat"]
