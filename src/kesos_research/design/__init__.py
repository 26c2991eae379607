"""How the rows came to us: the sample, its replicates, and the totals its weights were made to meet."""

from kesos_research.design.adjustment import Adjustment
from kesos_research.design.replication import Replication
from kesos_research.design.survey import Lonely, SurveyDesign

__all__ = ["Adjustment", "Lonely", "Replication", "SurveyDesign"]
