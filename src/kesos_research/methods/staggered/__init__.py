"""Many treated units, with one date of start or several: rows of a panel to `Estimates`."""

from kesos_research.methods.staggered.group_time import callaway_santanna

__all__ = ["callaway_santanna"]
