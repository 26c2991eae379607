"""Balance: were the arms alike before the programme?"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from kesos_research.design import SurveyDesign
from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Estimates
from kesos_research.language import _
from kesos_research.methods import _balance
from kesos_research.methods._people import people
from kesos_research.methods._sample import names


def balance(
    data: pd.DataFrame,
    *,
    treated: str,
    covariates: str | Sequence[str],
    design: SurveyDesign | None = None,
) -> Estimates:
    """How alike were treated and comparison units before the programme?

    Estimand: in each covariate the difference of means in standard deviations, √((s₁² + s₀²)/2).

    Parameters
    ----------
    data
        One row a unit.
    treated
        Boolean column.
    covariates
        Columns of numbers, of true and false, or of categories (each category is a row), known before the programme.
    design
        How the rows were sampled; its weights count.

    Returns
    -------
    Estimates
        One row a covariate, `estimate` the standardised difference. No p-value: a difference is large or small,
        whatever the number of rows. Evidence ``balance``: means, differences, and ratios of variances.

    Raises
    ------
    DataError, MethodError
        When values are missing, `treated` is not boolean, or an arm is empty.

    Examples
    --------
    >>> rows = pd.DataFrame({"offered": [True, True, False, False], "age": [30.0, 40.0, 30.0, 44.0]})
    >>> round(float(balance(rows, treated="offered", covariates="age").table.estimate[0]), 4)
    -0.2325

    References
    ----------
    Austin, P. C. (2009). Balance diagnostics for comparing the distribution of baseline covariates between treatment
    groups in propensity-score matched samples. Statistics in Medicine 28(25), 3083–3107.
    """
    if not names(covariates):
        raise MethodError(_("No covariate is named."), expected=_("at least one column"), where=Where(key="covariates"))
    rows = people(data, {}, treated=treated, covariates=covariates, design=design)
    frame = _balance.table(rows, spread="pooled")
    return Estimates(
        pd.DataFrame({"term": frame["covariate"], "estimate": frame["smd_before"], "n": rows.n}),
        "balance",
        "Difference between the arms in standard deviations",
        checks=(*rows.checks, _balance.check(frame, "smd_before")),
        evidence={"balance": frame},
    )
