"""Who is reached: coverage, errors of inclusion and exclusion, overlap of programmes, and a change of register."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, permutations

import numpy as np
import pandas as pd

from kesos_research.design import SurveyDesign
from kesos_research.errors import DataError, MethodError, Where
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _moments, _rows
from kesos_research.methods._estimate import Moments, assess, estimates
from kesos_research.methods._linearize import Array
from kesos_research.methods._quotients import quotients
from kesos_research.methods._sample import Sample, names, read

ERRORS = (
    "coverage",
    "exclusion_error",
    "inclusion_error",
    "leakage",
    "targeting_differential",
    "reached",
    "eligible",
)
_MOST = 5


def targeting(
    data: pd.DataFrame | Sample,
    *,
    of: str,
    eligible: str,
    by: str | Sequence[str] = (),
    design: SurveyDesign,
    level: float = 0.95,
) -> Estimates:
    """Of those a programme is meant for, how many does it reach, and of those it reaches, how many is it meant for?

    Estimand: over the units of the population in each group of `by`, with E the eligible and R those who receive,
    ``coverage`` R∩E / E, ``exclusion_error`` 1 − R∩E / E, ``inclusion_error`` (R − R∩E) / R, ``leakage`` (R − R∩E) over
    those not eligible, ``targeting_differential`` coverage − leakage, ``reached`` R / N, ``eligible`` E / N.

    Parameters
    ----------
    data, by, design, level
        As for `mean`. Where rows are households and persons are meant, the weight has to count persons.
    of
        Column of true and false: does the unit receive the programme?
    eligible
        Column of true and false: is it meant for the unit, by the rule or the line that is audited?

    Returns
    -------
    Estimates
        One row a group and term, from 0 to 1 (the differential from −1 to 1). A group in which nobody is eligible, or
        nobody receives, lacks what divides by them; a check names it.

    Raises
    ------
    DataError, MethodError
        As for `mean`; when a column holds something else than true and false.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"w": [1.0] * 4, "poor": [True, True, False, False], "bpnt": [True, False, True, False]})
    >>> answer = targeting(rows, of="bpnt", eligible="poor", design=SurveyDesign(weight="w"))
    >>> float(answer.row(term="exclusion_error").estimate), float(answer.row(term="targeting_differential").estimate)
    (0.5, 0.0)

    References
    ----------
    Coady, D., Grosh, M., & Hoddinott, J. (2004). Targeting of transfers in developing countries. World Bank, ch. 2. —
    Galasso, E., & Ravallion, M. (2005). Decentralized targeting of an antipoverty program. Journal of Public Economics
    89(4), 705–727 (the differential).
    """
    level = _rows.fraction(level, "level")
    sample = read(data, {"of": of, "eligible": eligible}, by=by, design=design)
    r, e = yes(sample, of), yes(sample, eligible)
    N, E, R, RE = np.eye(4)
    parts = [
        (RE, E),
        (E - RE, E),
        (R - RE, R),
        (R - RE, N - E),
        (R, N),
        (E, N),
    ]
    mix = np.eye(6)
    mix = np.insert(mix, 4, mix[0] - mix[3], axis=0)
    answer = assess(sample, Moments([None, e, r, r * e], quotients(parts, mix)))
    return estimates(
        answer,
        ERRORS,
        method="targeting",
        estimand="Coverage of the eligible, and errors of exclusion and inclusion",
        level=level,
    )


def register_change(
    data: pd.DataFrame | Sample,
    *,
    before: str,
    after: str,
    eligible: str,
    by: str | Sequence[str] = (),
    design: SurveyDesign,
    level: float = 0.95,
) -> Estimates:
    """When one register or cut-off takes the place of another, who is lost, who is won, and are errors fewer?

    Estimand: the errors of `targeting` under each list and their change (after less before), and of those who leave or
    join the list, the share that is eligible.

    Parameters
    ----------
    data, by, design, level
        As for `mean`.
    before, after
        Columns of true and false: is the unit on the first list, on the second?
    eligible
        As for `targeting`.

    Returns
    -------
    Estimates
        One row a group and term: ``exclusion_before``, ``exclusion_after``, ``exclusion_change``, the same of
        ``inclusion``; ``kept`` (of those before), ``dropped_eligible`` (share eligible of those dropped),
        ``added_eligible`` (of those added). The changes come with the covariance of the two lists.

    Raises
    ------
    DataError, MethodError
        As for `targeting`.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"w": [1.0] * 4, "poor": [1, 1, 0, 0], "dtks": [1, 0, 1, 0], "dtsen": [1, 1, 0, 0]})
    >>> answer = register_change(rows, before="dtks", after="dtsen", eligible="poor", design=SurveyDesign(weight="w"))
    >>> float(answer.row(term="exclusion_change").estimate), float(answer.row(term="kept").estimate)
    (-0.5, 0.5)

    References
    ----------
    As for `targeting`; the change is a difference of ratios on the same rows, by linearisation.
    """
    level = _rows.fraction(level, "level")
    sample = read(data, {"before": before, "after": after, "eligible": eligible}, by=by, design=design)
    b, a, e = yes(sample, before), yes(sample, after), yes(sample, eligible)
    E, B, A, BE, AE, BA, BAE = np.eye(7)
    parts = [
        (E - BE, E),
        (E - AE, E),
        (B - BE, B),
        (A - AE, A),
        (BA, B),
        (BE - BAE, B - BA),
        (AE - BAE, A - BA),
    ]
    X0, X1, I0, I1, kept, dropped, added = np.eye(7)
    mix = np.stack([X0, X1, X1 - X0, I0, I1, I1 - I0, kept, dropped, added])
    answer = assess(sample, Moments([e, b, a, b * e, a * e, b * a, b * a * e], quotients(parts, mix)))
    return estimates(
        answer,
        (
            "exclusion_before",
            "exclusion_after",
            "exclusion_change",
            "inclusion_before",
            "inclusion_after",
            "inclusion_change",
            "kept",
            "dropped_eligible",
            "added_eligible",
        ),
        method="register_change",
        estimand="Errors of targeting under two lists, and their change",
        level=level,
    )


def overlap(
    data: pd.DataFrame | Sample,
    *,
    of: Sequence[str],
    by: str | Sequence[str] = (),
    design: SurveyDesign,
    level: float = 0.95,
) -> Estimates:
    """Which programmes reach the same units, and which units does none reach?

    Estimand: the share of the population with just each combination of programmes (``"pkh"``, ``"bpnt+pkh"``,
    ``"none"``), which sum to 1; and the share of those with one who have another (``"pkh|bpnt"``: PKH among BPNT's).

    Parameters
    ----------
    data, by, design, level
        As for `mean`.
    of
        Two to five columns of true and false, one a programme.

    Returns
    -------
    Estimates
        One row a group and term.

    Raises
    ------
    DataError, MethodError
        As for `mean`; when fewer than two or more than five programmes are named, or a column holds something else than
        true and false.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"w": [1.0] * 4, "pkh": [1, 1, 0, 0], "bpnt": [1, 0, 0, 0]})
    >>> answer = overlap(rows, of=["pkh", "bpnt"], design=SurveyDesign(weight="w"))
    >>> [(t, float(v)) for t, v in zip(answer.table.term, answer.table.estimate)][:3]
    [('none', 0.5), ('pkh', 0.25), ('bpnt', 0.0)]

    References
    ----------
    Särndal, C.-E., Swensson, B., & Wretman, J. (1992). Model assisted survey sampling. Springer, ch. 5 (ratios).
    """
    level, columns = _rows.fraction(level, "level"), names(of)
    if not 2 <= len(set(columns)) <= _MOST:
        raise MethodError(
            _("{n} programmes are named.", n=len(set(columns))),
            expected=_("two to {n} different columns", n=_MOST),
            where=Where(key="of"),
        )
    sample = read(data, {f"of {i}": column for i, column in enumerate(columns)}, by=by, design=design)
    has = {column: yes(sample, column) for column in columns}
    shares: dict[str, Array] = {}
    for size in range(len(columns) + 1):
        for chosen in combinations(columns, size):
            just = [has[c] if c in chosen else 1 - has[c] for c in columns]
            shares["+".join(chosen) or "none"] = np.prod(just, axis=0)
    pairs = {f"{a}|{b}": (has[a] * has[b], has[b]) for a, b in permutations(columns, 2)}
    V = [None, *shares.values(), *(v for pair in pairs.values() for v in pair)]

    def g(T: Array) -> tuple[Array, Array]:
        first = 1 + len(shares)
        theta, G = _moments.means(T[:first])
        among, of_pairs = _moments.pairs(T[first:])
        whole = np.zeros((len(theta) + len(among), *T.shape))
        whole[: len(theta), :first], whole[len(theta) :, first:] = G, of_pairs
        return np.concatenate([theta, among]), whole

    answer = assess(sample, Moments(V, g))
    return estimates(
        answer,
        [*shares, *pairs],
        method="overlap",
        estimand="Shares of the population by combination of programmes",
        level=level,
        checks=_empty(has),
    )


def yes(sample: Sample, column: str) -> Array:
    """A column of true and false (or 1 and 0): (n,)."""
    values = sample.number(column)
    wrong = ~np.isin(values, (0.0, 1.0))
    if wrong.any():
        raise DataError(
            _("The column {column} holds {n} values other than true and false.", column=column, n=int(wrong.sum())),
            expected=_("true and false, or 1 and 0"),
            where=Where(column=column),
        )
    return values


def _empty(has: dict[str, Array]) -> tuple[Check, ...]:
    nobody = [column for column, values in has.items() if not values.any()]
    if not nobody:
        return ()
    return (
        Check(
            "nobody_receives",
            "warn",
            "Nobody in the sample receives {names}: nothing is said of who has another programme besides.",
            {"names": ", ".join(nobody)},
        ),
    )
