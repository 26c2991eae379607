"""What several studies say together, and elsewhere."""

from kesos_research.methods.synthesis.meta import meta_analysis
from kesos_research.methods.synthesis.transfer import transferability

__all__ = ["meta_analysis", "transferability"]
