"""The chooser: which methods can these rows carry, which not, and why?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import comb

import numpy as np
import pandas as pd

from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check, Estimates
from kesos_research.language import Words, _, both
from kesos_research.methods import _rows
from kesos_research.methods._checks import attainable, chosen_not_drawn, equally_noisy
from kesos_research.methods._checks_due import checks_due
from kesos_research.methods._dealt_dates import dealt
from kesos_research.methods._designs import Design, Situation, in_order
from kesos_research.methods._designs_one_date import nothing_to_compare, one_date
from kesos_research.methods._designs_staggered import staggered
from kesos_research.methods._randomize import Reference
from kesos_research.methods.randomization import DRAWS, distribution

_MARK = "treated "
"""A column made from `since` where no `treated` is named; the space keeps it apart from one of the data."""


def chooser(
    data: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    period: str,
    since: float | str,
    seed: int,
    treated: str | None = None,
    draws: int = DRAWS,
    level: float = 0.95,
    power: float = 0.8,
) -> Estimates:
    """Which methods can these rows carry, which not, and why?

    Estimand: none. Units and periods are counted before any effect is estimated, and each design is used, refused or
    left open, with the reason and the true size of its test in panels like these.

    Parameters
    ----------
    data, outcome, unit, period, seed, draws, level
        As for `randomization_inference`; here rows may also lack a comparison or a period, or start at several dates.
    since
        First treated period, or a column that holds it; missing for units that were never treated.
    treated
        Boolean column, the same in all periods of a unit; may be left out where `since` is a column.
    power
        Power of the minimum detectable effect.

    Returns
    -------
    Estimates
        Terms ``treated``, ``comparison``, ``periods_before``, ``periods_after``, ``dates``, ``smallest_p`` (one over
        the
        number of sets of as many units as are treated; two where the sets mirror each other), ``smallest_p_drawn``
        (with this many draws) and ``mde``; absent where there is no comparison. With several dates both are those of
        dealing the dates to other units. Evidence: ``designs`` [design, variant, label, verdict, verdict_label, reason,
        size, size_treated, size_units, size_panels], the design by the public method that carries it out; and
        ``checks_due`` [design, check, label] of the designs that are used. Labels and reasons are texts in every
        language.

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
    >>> plan.evidence["designs"].set_index(["design", "variant"]).verdict[
    ...     [("randomization_inference", ""), ("two_way_fixed_effects", "CR1")]].tolist()
    ['used', 'refused']

    References
    ----------
    Ferman, B., & Pinto, C. (2019). Inference in differences-in-differences with few treated groups and
    heteroskedasticity. Review of Economics and Statistics 101(3), 452–467. — MacKinnon, J. G., & Webb, M. D. (2018).
    The wild bootstrap for few (treated) clusters. Econometrics Journal 21(2), 114–135. — Callaway, B., & Sant'Anna, P.
    (2021). Difference-in-differences with multiple time periods. Journal of Econometrics 225(2), 200–230.
    """
    level, power = _rows.fraction(level, "level"), _rows.fraction(power, "power")
    seed, draws = _rows.whole(seed, "seed", least=0), _rows.whole(draws, "draws", least=DRAWS)
    rows, roles = _roles(data, outcome=outcome, unit=unit, period=period, treated=treated, since=since)
    panel = _rows.read(rows, **roles)  # type: ignore[arg-type]
    situation = _count(panel, level)
    smallest = drawn = mde = float("nan")
    checks: list[Check] = []
    reference = _reference(rows, roles, panel, situation, seed=seed, draws=draws)
    if reference is not None:
        drawn, mde = reference.smallest_p, reference.mde(level, power)
        smallest = _combinatorial(situation) if situation.dates == 1 else drawn
        checks = [chosen_not_drawn(panel.k)]
        if situation.dates == 1:
            noise = equally_noisy(panel, draws=draws, seed=seed)
            situation = replace(situation, noisy=None if noise.status == "info" else noise.status == "warn")
            checks.append(noise)
        checks.append(attainable(reference, level))
    checks.insert(0, _counted(situation))
    plan = _designs(situation, drawn)
    counts = {
        "treated": situation.k,
        "comparison": situation.m,
        "periods_before": situation.before,
        "periods_after": situation.after,
        "dates": situation.dates,
        "smallest_p": smallest,
        "smallest_p_drawn": drawn,
        "mde": mde,
    }
    due = [{"design": design, "check": check, "label": label} for design, check, label in checks_due(plan, situation)]
    return Estimates(
        pd.DataFrame([{"term": t, "estimate": v, "n": len(panel.units)} for t, v in counts.items()]),
        "chooser",
        "Counts of what could be compared, not an effect",
        level=level,
        checks=tuple(checks),
        evidence={"designs": _frame(plan), "checks_due": pd.DataFrame(due, columns=["design", "check", "label"])},
    )


def verdicts(
    data: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    period: str,
    since: float | str,
    treated: str | None = None,
    draws: int = DRAWS,
    level: float = 0.95,
) -> tuple[Design, ...]:
    """What the chooser says of each design, from counts and the table of sizes alone: nothing is drawn.

    Whether the treated are noisier than the others is not looked at.
    """
    rows, roles = _roles(data, outcome=outcome, unit=unit, period=period, treated=treated, since=since)
    situation = _count(_rows.read(rows, **roles), level)  # type: ignore[arg-type]
    smallest = max(_combinatorial(situation), 1 / (1 + draws)) if situation.comparable else float("nan")
    if situation.comparable and comb(situation.units, situation.k) <= draws:
        smallest = _combinatorial(situation)
    return tuple(_designs(situation, smallest))


def _roles(data: pd.DataFrame, **said: object) -> tuple[pd.DataFrame, dict[str, object]]:
    """The rows with a column that says who is treated, and the roles."""
    if said["treated"] is not None:
        return data, said
    since = said["since"]
    if not isinstance(since, str):
        raise MethodError(
            _("Nothing says which units are treated."),
            expected=_("a column for the role {role}, or one of dates for {other}", role="treated", other="since"),
            where=Where(key="treated"),
        )
    _rows.columns(data, {"since": since}, may_miss=("since",))
    return data.assign(**{_MARK: data[since].notna()}), {**said, "treated": _MARK}


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


def _combinatorial(s: Situation) -> float:
    return (2 if 2 * s.k == s.units else 1) / comb(s.units, s.k)


def _reference(
    rows: pd.DataFrame, roles: dict[str, object], panel: _rows.Panel, s: Situation, *, seed: int, draws: int
) -> Reference | None:
    """What other units could have shown in the place of the treated."""
    if s.comparable:
        return distribution(rows, roles=roles, seed=seed, draws=draws)[1]
    if s.dates < 2 or not min(s.k, s.m, s.before, s.after):
        return None
    starts = pd.to_numeric(rows.drop_duplicates(str(roles["unit"])).set_index(str(roles["unit"]))[str(roles["since"])])
    dates = starts.reindex(pd.Index(panel.units)).to_numpy(dtype=float, na_value=np.nan)
    return dealt(panel.Y, np.where(panel.treated, dates, np.nan), np.asarray(panel.periods, float), draws, seed)


def _designs(s: Situation, smallest_p: float) -> list[Design]:
    if not (s.k and s.before and s.after) or (s.dates == 1 and not s.m):
        return in_order(nothing_to_compare(s))
    return in_order(staggered(s) if s.dates > 1 else one_date(s, smallest_p))


def _counted(s: Situation) -> Check:
    if s.dates > 1:
        return Check(
            "counted",
            "info" if s.before and s.after else "fail",
            "{k} treated units with {dates} dates of start and {m} never treated, {before} periods before the first "
            "date and {after} after.",
            {"k": s.k, "m": s.m, "dates": s.dates, "before": s.before, "after": s.after},
        )
    return Check(
        "counted",
        "info" if s.comparable else "fail",
        "{k} treated and {m} comparison units, {before} periods before and {after} after.",
        {"k": s.k, "m": s.m, "before": s.before, "after": s.after},
    )


def _frame(plan: Sequence[Design]) -> pd.DataFrame:
    said: dict[str, Words] = {"used": both("used"), "refused": both("refused"), "open": both("open")}
    nan = float("nan")
    return pd.DataFrame(
        [
            {
                "design": d.name,
                "variant": d.variant,
                "label": d.label,
                "verdict": d.verdict,
                "verdict_label": said[d.verdict],
                "reason": d.reason,
                "size": d.size.share if d.size else nan,
                "size_treated": d.size.treated if d.size else nan,
                "size_units": d.size.units if d.size else nan,
                "size_panels": d.size.panels if d.size else nan,
            }
            for d in plan
        ]
    )
