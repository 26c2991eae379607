"""What happened to a series at a date."""

from kesos_research.methods.series.interrupted import interrupted_series

__all__ = ["interrupted_series"]
