"""Discontinuities: a rule gives a programme to units on one side of a cut-off."""

from kesos_research.methods.discontinuity.density import density_test
from kesos_research.methods.discontinuity.jump import regression_discontinuity
from kesos_research.methods.discontinuity.lottery import local_randomization

__all__ = ["density_test", "local_randomization", "regression_discontinuity"]
