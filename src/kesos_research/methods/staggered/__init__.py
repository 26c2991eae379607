"""Many treated units, with one date of start or several: rows of a panel to `Estimates`."""

from kesos_research.methods.staggered.bacon import bacon_decomposition
from kesos_research.methods.staggered.event_study import event_study, sun_abraham
from kesos_research.methods.staggered.group_time import callaway_santanna
from kesos_research.methods.staggered.honest import honest_did
from kesos_research.methods.staggered.imputation import imputation
from kesos_research.methods.staggered.pretrends import pretrend_power
from kesos_research.methods.staggered.two_way import two_way_fixed_effects
from kesos_research.methods.staggered.wild_bootstrap import wild_bootstrap

__all__ = [
    "bacon_decomposition",
    "callaway_santanna",
    "event_study",
    "honest_did",
    "imputation",
    "pretrend_power",
    "sun_abraham",
    "two_way_fixed_effects",
    "wild_bootstrap",
]
