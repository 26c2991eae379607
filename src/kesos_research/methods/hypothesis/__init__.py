"""Tests of hypotheses: each with an effect size and its interval, each from rows to `Estimates`."""

from kesos_research.methods.hypothesis.adjusting import adjust_p_values
from kesos_research.methods.hypothesis.anova import anova
from kesos_research.methods.hypothesis.association import correlation
from kesos_research.methods.hypothesis.choosing import hypothesis_test
from kesos_research.methods.hypothesis.means import one_sample_t, paired_t, welch_t
from kesos_research.methods.hypothesis.ranks import kruskal_wallis, mann_whitney, wilcoxon
from kesos_research.methods.hypothesis.scales import cronbach_alpha, item_validity
from kesos_research.methods.hypothesis.tables import cross_table, mcnemar

__all__ = [
    "adjust_p_values",
    "anova",
    "correlation",
    "cronbach_alpha",
    "cross_table",
    "hypothesis_test",
    "item_validity",
    "kruskal_wallis",
    "mann_whitney",
    "mcnemar",
    "one_sample_t",
    "paired_t",
    "welch_t",
    "wilcoxon",
]
