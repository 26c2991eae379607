"""Rows as files other programs open, with their labels."""

from kesos_research.data.write.rows import WRITERS, Written, write_rows

__all__ = ["WRITERS", "Written", "write_rows"]
