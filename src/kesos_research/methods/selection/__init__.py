"""Selection on observables: treatment was chosen, and what decided it was observed."""

from kesos_research.methods.selection.balancing import entropy_balancing
from kesos_research.methods.selection.matching import matching
from kesos_research.methods.selection.weighting import doubly_robust, inverse_probability

__all__ = ["doubly_robust", "entropy_balancing", "inverse_probability", "matching"]
