"""What a programme costs: ingredients, cost per outcome, and cost elsewhere."""

from kesos_research.methods.costs.effectiveness import cost_effectiveness
from kesos_research.methods.costs.ingredients import ingredients
from kesos_research.methods.costs.ratio import cost_per_outcome
from kesos_research.methods.costs.scaling import scale_out

__all__ = ["cost_effectiveness", "cost_per_outcome", "ingredients", "scale_out"]
