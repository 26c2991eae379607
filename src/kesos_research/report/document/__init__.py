"""From a study and its results to a document, and the model that renderers read."""

from kesos_research.report.document.captions import captions
from kesos_research.report.document.compose import compose
from kesos_research.report.document.model import Document, Kind

__all__ = ["Document", "Kind", "captions", "compose"]
