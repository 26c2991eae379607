"""The chooser: which methods can these rows carry, which not, and why?"""

from __future__ import annotations

from math import comb

import pandas as pd

from kesos_research.estimates import Check, Estimates
from kesos_research.language import Words, both
from kesos_research.methods import _rows
from kesos_research.methods._checks import attainable, chosen_not_drawn, equally_noisy
from kesos_research.methods._designs import Design, Situation, designs
from kesos_research.methods.randomization import DRAWS, distribution


def chooser(
    data: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    period: str,
    treated: str,
    since: float | str,
    seed: int,
    draws: int = DRAWS,
    level: float = 0.95,
    power: float = 0.8,
) -> Estimates:
    """Which methods can these rows carry, which not, and why?

    Estimand: none. Units and periods are counted before any effect is estimated, and each design is used, refused or
    left open, with the reason.

    Parameters
    ----------
    data, outcome, unit, period, treated, since, seed, draws, level
        As for `randomization_inference`; here rows may also lack a comparison or a period, or start at several dates.
    power
        Power of the minimum detectable effect.

    Returns
    -------
    Estimates
        Terms ``treated``, ``comparison``, ``periods_before``, ``periods_after``, ``smallest_p`` (one over the number of
        sets of as many units as are treated; two where the sets mirror each other), ``smallest_p_drawn`` (with this
        many draws) and ``mde``; absent where there is no comparison. Evidence: ``designs`` [design, label, verdict,
        verdict_label, reason], where labels and reasons are texts in every language.

    Raises
    ------
    MethodError
        When rows are missing values, unbalanced or contradict themselves.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame([
    ...     {"place": u, "year": t, "poor": 10.0 + t * (u % 7), "pilot": u < 3} for u in range(40) for t in range(4)])
    >>> plan = chooser(rows, outcome="poor", unit="place", period="year", treated="pilot", since=2, seed=1)
    >>> plan.evidence["designs"].set_index("design").verdict[["randomization_inference", "cluster_robust"]].tolist()
    ['used', 'refused']

    References
    ----------
    Ferman, B., & Pinto, C. (2019). Inference in differences-in-differences with few treated groups and
    heteroskedasticity. Review of Economics and Statistics 101(3), 452–467. — MacKinnon, J. G., & Webb, M. D. (2018).
    The wild bootstrap for few (treated) clusters. Econometrics Journal 21(2), 114–135.
    """
    level, power = _rows.fraction(level, "level"), _rows.fraction(power, "power")
    seed, draws = _rows.whole(seed, "seed", least=0), _rows.whole(draws, "draws", least=DRAWS)
    roles: dict[str, object] = {
        "outcome": outcome, "unit": unit, "period": period, "treated": treated, "since": since,
    }  # fmt: skip
    panel = _rows.read(data, outcome=outcome, unit=unit, period=period, treated=treated, since=since)
    situation = _count(panel, level)
    smallest = drawn = mde = float("nan")
    noisy: bool | None = None
    checks: list[Check] = []
    if situation.comparable:
        N, k = len(panel.units), panel.k
        smallest = (2 if 2 * k == N else 1) / comb(N, k)
        _same_panel, reference = distribution(data, roles=roles, seed=seed, draws=draws)
        drawn, mde = reference.smallest_p, reference.mde(level, power)
        noise = equally_noisy(panel, draws=draws, seed=seed)
        noisy = None if noise.status == "info" else noise.status == "warn"
        checks = [chosen_not_drawn(k), noise, attainable(reference, level)]
    checks.insert(0, _counted(situation))
    counts = {
        "treated": situation.k,
        "comparison": situation.m,
        "periods_before": situation.before,
        "periods_after": situation.after,
        "smallest_p": smallest,
        "smallest_p_drawn": drawn,
        "mde": mde,
    }
    return Estimates(
        pd.DataFrame([{"term": t, "estimate": v, "n": len(panel.units)} for t, v in counts.items()]),
        "chooser",
        "Counts of what could be compared, not an effect",
        level=level,
        checks=tuple(checks),
        evidence={"designs": _frame(designs(situation, smallest_p=drawn, noisy=noisy))},
    )


def _count(panel: _rows.Panel, level: float) -> Situation:
    before = int(panel.before.sum()) if panel.starts else 0
    return Situation(
        k=panel.k,
        m=len(panel.units) - panel.k,
        before=before,
        after=len(panel.periods) - before if panel.starts else 0,
        dates=len(panel.starts),
        alpha=1 - level,
    )


def _counted(s: Situation) -> Check:
    return Check(
        "counted",
        "info" if s.comparable else "fail",
        "{k} treated and {m} comparison units, {before} periods before and {after} after.",
        {"k": s.k, "m": s.m, "before": s.before, "after": s.after},
    )


def _frame(plan: list[Design]) -> pd.DataFrame:
    said: dict[str, Words] = {"used": both("used"), "refused": both("refused"), "open": both("open")}
    return pd.DataFrame(
        [
            {
                "design": d.name,
                "label": d.label,
                "verdict": d.verdict,
                "verdict_label": said[d.verdict],
                "reason": d.reason,
            }
            for d in plan
        ]
    )
