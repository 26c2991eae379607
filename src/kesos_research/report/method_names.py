"""What a method of a plan is called on a page."""

from __future__ import annotations

from kesos_research.language import Words, both, words


def method_name(method: str) -> Words:
    """Its name in every language; the name it is called by where there is none."""
    return _names().get(method, words(id=method, en=method))


def _names() -> dict[str, Words]:
    return {
        "describe": both("Descriptive statistics"),
        "nearest_units": both("Most similar units"),
        "chooser": both("Choice of methods"),
        "balance": both("Balance of the groups"),
        "minimum_detectable_effect": both("Minimum detectable effect"),
        "two_group_effect": both("Smallest detectable difference of two groups"),
        "two_group_power": both("Power of two groups"),
        "two_group_size": both("Size of two groups"),
        "diff_in_diff": both("Difference in differences"),
        "randomization_inference": both("Randomisation inference"),
        "rescaled_randomization": both("Randomisation inference rescaled for unequal variances"),
        "exchangeability": both("Exchangeability: level, trend and noise before"),
        "synthetic_control": both("Synthetic control"),
        "augmented_synthetic_control": both("Synthetic control augmented by ridge regression"),
        "conformal_synthetic_control": both("Conformal interval of a synthetic control"),
        "synthetic_did": both("Synthetic difference in differences"),
        "placebo_in_time": both("Placebo in time"),
        "donor_rules": both("Rules for donors"),
        "leave_one_out": both("Leaving one unit out"),
        "pool": both("Pooling"),
        "event_study": both("Event study"),
        "two_way_fixed_effects": both("Two-way fixed effects"),
        "wild_bootstrap": both("Wild cluster bootstrap, null imposed"),
        "callaway_santanna": both("Cohorts (Callaway and Sant'Anna)"),
        "imputation": both("Imputation of the untreated outcome"),
        "sun_abraham": both("Event study by cohorts (Sun and Abraham)"),
        "bacon_decomposition": both("Goodman-Bacon decomposition"),
        "honest_did": both("Sensitivity to parallel trends (HonestDiD)"),
        "pretrend_power": both("Power of the test of earlier trends"),
        "intention_to_treat": both("Intention to treat"),
        "late": both("Effect on those who took it up"),
        "many_outcomes": both("Many outcomes together"),
        "attrition_bounds": both("Bounds under attrition"),
        "matching": both("Matching"),
        "entropy_balancing": both("Entropy balancing"),
        "inverse_probability": both("Inverse probability weighting"),
        "doubly_robust": both("Doubly robust estimation"),
        "regression_discontinuity": both("Regression discontinuity"),
        "density_test": both("Density at the cut-off"),
        "local_randomization": both("Local randomisation at the cut-off"),
        "before_after": both("Change of the treated alone"),
        "interrupted_series": both("Interrupted time series"),
        "kaplan_meier": both("Survival curve (Kaplan–Meier)"),
        "cumulative_incidence": both("Cumulative incidence"),
        "log_rank": both("Log-rank test"),
        "cox": both("Proportional hazards (Cox)"),
        "weibull": both("Weibull regression"),
        "meta_analysis": both("Meta-analysis"),
        "transferability": both("Transferability"),
        "cost_per_outcome": both("Cost per outcome"),
        "cost_effectiveness": both("Cost-effectiveness"),
        "ingredients": both("Costs by ingredients"),
        "scale_out": both("Cost of scaling out"),
        "planned_heterogeneity": both("Planned subgroups"),
    }
