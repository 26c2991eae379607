"""From rows to `Estimates`: statistics that know nothing of Indonesia.

Every method is `method(data, *, role="column", …) -> Estimates`. `chooser` says first what the rows can carry.
"""

from kesos_research.methods.allocating import allocation
from kesos_research.methods.benchmarking import benchmark
from kesos_research.methods.bootstrap import bootstrap_mse
from kesos_research.methods.change import before_after
from kesos_research.methods.choice import chooser
from kesos_research.methods.coding import coded as coded
from kesos_research.methods.comparison import difference
from kesos_research.methods.costs import cost_effectiveness, cost_per_outcome, ingredients, scale_out
from kesos_research.methods.curves import concentration, lorenz
from kesos_research.methods.decompositions import inequality_by_group, inequality_by_source, poverty_by_group
from kesos_research.methods.description import describe
from kesos_research.methods.discontinuity import density_test, local_randomization, regression_discontinuity
from kesos_research.methods.dispersion import design_effect, variance
from kesos_research.methods.double_difference import diff_in_diff
from kesos_research.methods.few.augmented import augmented_synthetic_control
from kesos_research.methods.few.conformal import conformal_synthetic_control
from kesos_research.methods.few.donors import donor_rules
from kesos_research.methods.few.exchangeable import exchangeability
from kesos_research.methods.few.in_time import placebo_in_time
from kesos_research.methods.few.rescaled import rescaled_randomization
from kesos_research.methods.few.synthetic_did import synthetic_did
from kesos_research.methods.growth import growth_incidence, growth_redistribution
from kesos_research.methods.heterogeneity import planned_heterogeneity
from kesos_research.methods.hypothesis import (
    adjust_p_values,
    anova,
    correlation,
    cronbach_alpha,
    cross_table,
    hypothesis_test,
    item_validity,
    kruskal_wallis,
    mann_whitney,
    mcnemar,
    one_sample_t,
    paired_t,
    welch_t,
    wilcoxon,
)
from kesos_research.methods.incidence import coady_grosh_hoddinott, incidence, transfer_impact
from kesos_research.methods.inequality import atkinson, generalized_entropy, gini, palma, quintile_share_ratio
from kesos_research.methods.means import mean, ratio, total
from kesos_research.methods.multidimensional import alkire_foster
from kesos_research.methods.peers import nearest_units
from kesos_research.methods.pooling import pool
from kesos_research.methods.poverty import fgt, sen, watts
from kesos_research.methods.poverty_lines import RelativeLine as RelativeLine
from kesos_research.methods.poverty_lines import relative_poverty
from kesos_research.methods.power import minimum_detectable_effect
from kesos_research.methods.proportions import proportion
from kesos_research.methods.proxy_means import proxy_means
from kesos_research.methods.quantiles import quantile
from kesos_research.methods.randomization import randomization_inference
from kesos_research.methods.regressions import regression
from kesos_research.methods.robustness import leave_one_out
from kesos_research.methods.sample_size import sample_size
from kesos_research.methods.selection import doubly_robust, entropy_balancing, inverse_probability, matching
from kesos_research.methods.series import interrupted_series
from kesos_research.methods.small_area import fay_herriot
from kesos_research.methods.staggered import (
    bacon_decomposition,
    callaway_santanna,
    event_study,
    honest_did,
    imputation,
    pretrend_power,
    sun_abraham,
    two_way_fixed_effects,
    wild_bootstrap,
)
from kesos_research.methods.survival import cox, cumulative_incidence, kaplan_meier, log_rank, weibull
from kesos_research.methods.synthesis import meta_analysis, transferability
from kesos_research.methods.synthetic import synthetic_control
from kesos_research.methods.targeting import overlap, register_change, targeting
from kesos_research.methods.trials import attrition_bounds, balance, intention_to_treat, late, many_outcomes
from kesos_research.methods.two_groups import two_group_effect, two_group_power, two_group_size
from kesos_research.methods.unit_level import battese_harter_fuller

__all__ = [
    "adjust_p_values",
    "alkire_foster",
    "allocation",
    "anova",
    "atkinson",
    "attrition_bounds",
    "augmented_synthetic_control",
    "bacon_decomposition",
    "balance",
    "battese_harter_fuller",
    "before_after",
    "benchmark",
    "bootstrap_mse",
    "callaway_santanna",
    "chooser",
    "coady_grosh_hoddinott",
    "concentration",
    "conformal_synthetic_control",
    "correlation",
    "cost_effectiveness",
    "cost_per_outcome",
    "cox",
    "cronbach_alpha",
    "cross_table",
    "cumulative_incidence",
    "density_test",
    "describe",
    "design_effect",
    "diff_in_diff",
    "difference",
    "donor_rules",
    "doubly_robust",
    "entropy_balancing",
    "event_study",
    "exchangeability",
    "fay_herriot",
    "fgt",
    "generalized_entropy",
    "gini",
    "growth_incidence",
    "growth_redistribution",
    "honest_did",
    "hypothesis_test",
    "imputation",
    "incidence",
    "inequality_by_group",
    "inequality_by_source",
    "ingredients",
    "intention_to_treat",
    "interrupted_series",
    "inverse_probability",
    "item_validity",
    "kaplan_meier",
    "kruskal_wallis",
    "late",
    "leave_one_out",
    "local_randomization",
    "log_rank",
    "lorenz",
    "mann_whitney",
    "many_outcomes",
    "matching",
    "mcnemar",
    "mean",
    "meta_analysis",
    "minimum_detectable_effect",
    "nearest_units",
    "one_sample_t",
    "overlap",
    "paired_t",
    "palma",
    "placebo_in_time",
    "planned_heterogeneity",
    "pool",
    "poverty_by_group",
    "pretrend_power",
    "proportion",
    "proxy_means",
    "quantile",
    "quintile_share_ratio",
    "randomization_inference",
    "ratio",
    "register_change",
    "regression",
    "regression_discontinuity",
    "relative_poverty",
    "rescaled_randomization",
    "sample_size",
    "scale_out",
    "sen",
    "sun_abraham",
    "synthetic_control",
    "synthetic_did",
    "targeting",
    "total",
    "transfer_impact",
    "transferability",
    "two_group_effect",
    "two_group_power",
    "two_group_size",
    "two_way_fixed_effects",
    "variance",
    "watts",
    "weibull",
    "welch_t",
    "wilcoxon",
    "wild_bootstrap",
]
