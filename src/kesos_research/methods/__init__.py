"""From rows to `Estimates`: statistics that know nothing of Indonesia.

Every method is `method(data, *, role="column", …) -> Estimates`. `chooser` says first what the rows can carry.
"""

from kesos_research.methods.choice import chooser
from kesos_research.methods.description import describe
from kesos_research.methods.difference import diff_in_diff
from kesos_research.methods.means import mean, ratio, total
from kesos_research.methods.peers import nearest_units
from kesos_research.methods.pooling import pool
from kesos_research.methods.power import minimum_detectable_effect
from kesos_research.methods.randomization import randomization_inference
from kesos_research.methods.robustness import leave_one_out
from kesos_research.methods.synthetic import synthetic_control

__all__ = [
    "chooser",
    "describe",
    "diff_in_diff",
    "leave_one_out",
    "mean",
    "minimum_detectable_effect",
    "nearest_units",
    "pool",
    "randomization_inference",
    "ratio",
    "synthetic_control",
    "total",
]
