"""The methods a plan may name: every impact method of `kesos_research.methods`, by the name it is called there."""

from __future__ import annotations

from typing import Literal

Method = Literal[
    # what is looked at before and beside any effect
    "describe",
    "nearest_units",
    "chooser",
    "balance",
    "minimum_detectable_effect",
    "two_group_effect",
    "two_group_power",
    "two_group_size",
    # few treated units
    "diff_in_diff",
    "randomization_inference",
    "rescaled_randomization",
    "exchangeability",
    "synthetic_control",
    "augmented_synthetic_control",
    "conformal_synthetic_control",
    "synthetic_did",
    "placebo_in_time",
    "donor_rules",
    "leave_one_out",
    "pool",
    # many treated units, one date or several
    "event_study",
    "two_way_fixed_effects",
    "wild_bootstrap",
    "callaway_santanna",
    "imputation",
    "sun_abraham",
    "bacon_decomposition",
    "honest_did",
    "pretrend_power",
    # persons and households
    "intention_to_treat",
    "late",
    "many_outcomes",
    "attrition_bounds",
    "matching",
    "entropy_balancing",
    "inverse_probability",
    "doubly_robust",
    "regression_discontinuity",
    "density_test",
    "local_randomization",
    "before_after",
    # series, time to event, synthesis, cost, subgroups
    "interrupted_series",
    "kaplan_meier",
    "cumulative_incidence",
    "log_rank",
    "cox",
    "weibull",
    "meta_analysis",
    "transferability",
    "cost_per_outcome",
    "cost_effectiveness",
    "ingredients",
    "scale_out",
    "planned_heterogeneity",
]
