"""Donor rules: which comparison units may stand in for the treated, and what each rule leaves?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._checks import listed

_TO_SD = 1.4826
"""From a median absolute deviation to a standard deviation, where values are normal."""
_FEW = 10
"""With fewer donors a placebo's rank cannot be below .1."""


@dataclass(frozen=True)
class Rule:
    """name: shown in the table; column: where it was read; out: (N,) units that it leaves out."""

    name: str
    column: str
    out: _rows.Mask

    @property
    def term(self) -> str:
        return f"{self.name}:{self.column}" if self.column else self.name


def donor_rules(
    data: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    period: str,
    treated: str,
    since: float | str,
    neighbours: Sequence[str] = (),
    programmes: Sequence[str] = (),
    breaks: float | None = None,
    similar: float | None = None,
) -> Estimates:
    """Which comparison units may stand in for the treated, and what does each rule leave?

    Estimand: none; donors are counted. Rules use what is known before treatment only, and are set before effects are
    looked at: a donor is a unit that treatment did not reach, that was not changed by anything else, and that resembles
    the treated.

    Parameters
    ----------
    data, outcome, unit, period, treated, since
        As for `diff_in_diff`.
    neighbours, programmes
        Boolean columns, one value for each unit: true where treatment may have spilled over, and where another
        programme began. Those units are left out.
    breaks
        A unit is left out whose largest step before treatment, about the median step of all, is more than so many
        robust standard deviations of such steps: a new border, another way of counting. 5, say.
    similar
        A unit is left out whose mean before is farther than so many standard deviations (of the means of all units)
        from that of the nearest treated unit. 1, say.

    Returns
    -------
    Estimates
        Terms ``"all"``, one for each rule in the order above, and ``"kept"``: how many donors are left once this rule
        and those before it were used; `n`: how many there were. Evidence: ``rules`` [rule, column, alone, here, left]
        (left out by the rule alone; by it and none before; left), ``donors`` [unit, kept, reason], the first rule that
        leaves it out, and ``exclusions`` [unit, rule, column].

    Raises
    ------
    MethodError
        As `diff_in_diff`; when a column is not boolean, a limit not above 0, no rule is given, or no donor is left.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame([
    ...     {"place": u, "year": t, "poor": 10.0 + u + (u * t) % 3, "pilot": u == 5, "near": u in (4, 6)}
    ...     for u in range(12) for t in range(5)])
    >>> answer = donor_rules(rows, outcome="poor", unit="place", period="year", treated="pilot", since=3,
    ...                      neighbours=["near"], similar=1)
    >>> answer.table.set_index("term").estimate.astype(int).to_dict()
    {'all': 11, 'neighbours:near': 9, 'similar': 5, 'kept': 5}

    References
    ----------
    Abadie, A. (2021). Using synthetic controls: feasibility, data requirements, and methodological aspects. Journal of
    Economic Literature 59(2), 391–425.
    """
    panel = _rows.read_design(data, outcome=outcome, unit=unit, period=period, treated=treated, since=since)
    rules = [
        *(Rule("neighbours", c, _marked(data, unit, c, panel)) for c in _columns(neighbours)),
        *(Rule("programmes", c, _marked(data, unit, c, panel)) for c in _columns(programmes)),
    ]
    if breaks is not None:
        rules.append(Rule("breaks", "", _broken(panel, _above(breaks, "breaks"))))
    if similar is not None:
        rules.append(Rule("similar", "", _unlike(panel, _above(similar, "similar"))))
    if not rules:
        raise MethodError(
            _("No rule is given."),
            expected=_("one of {names}", names="neighbours, programmes, breaks, similar"),
        )
    table, frame = _in_turn(panel, rules)
    left = int(table.estimate.iloc[-1])
    if left == 0:
        raise MethodError(
            _(
                "The rules leave no donor ({rules}).",
                rules=", ".join(f"{r.rule}: {r.left}" for r in frame.itertuples()),
            ),
            expected=_("donors that pass every rule"),
            remedy=_("loosen the rule that leaves out most"),
        )
    return Estimates(
        table,
        "donor_rules",
        "Counts of comparison units that may stand in for the treated, not an effect",
        checks=(_left(panel, left, frame), _against_periods(panel, left)),
        evidence={"rules": frame, "donors": _donors(panel, rules), "exclusions": _exclusions(panel, rules)},
    )


def _columns(names: Sequence[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


def _above(value: float, name: str) -> float:
    limit = _rows.nonnegative(value, name)
    if limit == 0:
        raise MethodError(
            _("{name} is {value}.", name=name, value=_rows.said(value)),
            expected=_("a finite number above 0"),
            where=Where(key=name),
        )
    return limit


def _marked(data: pd.DataFrame, unit: str, column: str, panel: _rows.Panel) -> _rows.Mask:
    """(N,) units marked true, in the panel's order."""
    _rows.columns(data, {"donor rule": column})
    if not pd.api.types.is_bool_dtype(data[column]):
        raise MethodError(
            _("The column {column} holds {type}.", column=column, type=str(data[column].dtype)),
            expected=_("true or false: is the unit left out?"),
            where=Where(column=column),
        )
    return _rows.per_unit(data, unit, column).reindex(list(panel.units)).to_numpy(dtype=bool)


def _broken(panel: _rows.Panel, limit: float) -> _rows.Mask:
    """Units with a step before treatment beyond `limit` robust standard deviations."""
    if panel.before.sum() < 2:
        raise MethodError(
            _("There is one period before: no break can be seen."),
            expected=_("two periods before or more"),
            where=Where(key="breaks"),
        )
    steps = np.diff(panel.Y[:, panel.before], axis=1)
    off = np.abs(steps - np.median(steps, axis=0))
    spread = _TO_SD * float(np.median(off))
    return off.max(axis=1) > limit * spread


def _unlike(panel: _rows.Panel, limit: float) -> _rows.Mask:
    """Units whose mean before is farther than `limit` standard deviations from every treated unit's."""
    level = panel.Y[:, panel.before].mean(axis=1)
    nearest = np.abs(level[:, None] - level[panel.treated]).min(axis=1)
    return nearest > limit * float(level.std(ddof=1)) + 1e-12 * float(np.abs(level).max())


def _in_turn(panel: _rows.Panel, rules: list[Rule]) -> tuple[pd.DataFrame, pd.DataFrame]:
    donors = ~panel.treated
    n = int(donors.sum())
    terms, frame = [{"term": "all", "estimate": n, "n": n}], []
    for rule in rules:
        alone, here = int((~panel.treated & rule.out).sum()), int((donors & rule.out).sum())
        donors = donors & ~rule.out
        terms.append({"term": rule.term, "estimate": int(donors.sum()), "n": n})
        frame.append(
            {"rule": rule.name, "column": rule.column, "alone": alone, "here": here, "left": int(donors.sum())}
        )
    terms.append({"term": "kept", "estimate": int(donors.sum()), "n": n})
    return pd.DataFrame(terms), pd.DataFrame(frame)


def _donors(panel: _rows.Panel, rules: list[Rule]) -> pd.DataFrame:
    """Each comparison unit, and the first rule that leaves it out."""
    rows = []
    for i in np.flatnonzero(~panel.treated):
        reason = next((r.term for r in rules if r.out[i]), "")
        rows.append({"unit": panel.units[i], "kept": not reason, "reason": reason})
    return pd.DataFrame(rows).sort_values("unit", ignore_index=True)


def _exclusions(panel: _rows.Panel, rules: list[Rule]) -> pd.DataFrame:
    rows = [
        {"unit": panel.units[i], "rule": r.name, "column": r.column}
        for r in rules
        for i in np.flatnonzero(~panel.treated & r.out)
    ]
    return pd.DataFrame(rows, columns=["unit", "rule", "column"]).sort_values(["unit", "rule"], ignore_index=True)


def _left(panel: _rows.Panel, left: int, frame: pd.DataFrame) -> Check:
    most = frame.iloc[int(np.argmax(frame.here.to_numpy()))]
    evidence = {
        "left": left,
        "all": int((~panel.treated).sum()),
        "rule": f"{most['rule']}" + (f" ({most['column']})" if most["column"] else ""),
        "here": int(most["here"]),
    }
    if left < max(_FEW, 2 * panel.k):
        return Check(
            "donors_left",
            "warn",
            "{left} of {all} donors are left: too few for a placebo's rank to say much. {rule} leaves out most "
            "({here}).",
            evidence,
        )
    return Check(
        "donors_left",
        "pass",
        "{left} of {all} donors are left; {rule} leaves out most ({here}).",
        evidence,
    )


def _against_periods(panel: _rows.Panel, left: int) -> Check:
    before = int(panel.before.sum())
    evidence = {"left": left, "before": before, "treated": listed(panel.treated_units)}
    if left > before:
        return Check(
            "donors_and_periods",
            "info",
            "{left} donors for {before} periods before: weights need a penalty to be unique.",
            evidence,
        )
    return Check(
        "donors_and_periods",
        "pass",
        "{left} donors for {before} periods before: weights are unique without a penalty.",
        evidence,
    )
