"""A plan may name every impact method there is, and nothing else: one list, held against what is exported."""

from typing import get_args

from kesos_research import methods
from kesos_research.language import LANGUAGES
from kesos_research.methods._checks_due import _DUE, _labels
from kesos_research.report.deviation import CHECKS, OWN_DRAWS
from kesos_research.report.method_names import method_name
from kesos_research.study.method import Method

PLANNED = set(get_args(Method))
OTHERS = {
    # what a sample says of its population, tests of hypotheses, small areas, and how large a sample must be
    *("alkire_foster", "atkinson", "coady_grosh_hoddinott", "concentration", "design_effect", "difference", "fgt"),
    *("generalized_entropy", "gini", "growth_incidence", "growth_redistribution", "incidence", "inequality_by_group"),
    *("inequality_by_source", "lorenz", "mean", "overlap", "palma", "poverty_by_group", "proportion", "proxy_means"),
    *("quantile", "quintile_share_ratio", "ratio", "register_change", "regression", "relative_poverty", "sen"),
    *("targeting", "total", "transfer_impact", "variance", "watts"),
    *("adjust_p_values", "anova", "correlation", "cronbach_alpha", "cross_table", "hypothesis_test", "item_validity"),
    *("kruskal_wallis", "mann_whitney", "mcnemar", "one_sample_t", "paired_t", "welch_t", "wilcoxon"),
    *("battese_harter_fuller", "benchmark", "bootstrap_mse", "fay_herriot"),
    *("allocation", "sample_size"),
}


def test_every_public_method_is_known_to_plans_or_is_no_impact_method():
    """A new method that stands in neither list cannot be planned, and what it shows would be no deviation."""
    assert set(methods.__all__) - OTHERS == PLANNED


def test_the_lists_do_not_overlap():
    assert not PLANNED & OTHERS


def test_every_method_of_a_plan_has_a_name_in_both_languages():
    for name in PLANNED:
        said = method_name(name)
        assert set(said) == set(LANGUAGES)
        assert name not in said.values(), f"{name} has no name for a page"


def test_checks_that_are_due_are_made_by_public_methods():
    """Or are what a method shows by itself."""
    shown = {"pre_trend", "placebo_in_space", "described_only"}
    owed = {check for checks in _DUE.values() for check in checks}
    assert owed - shown <= PLANNED
    assert owed == set(_labels())
    assert set(_DUE) <= PLANNED
    assert (CHECKS | OWN_DRAWS) <= PLANNED
