"""What makes up poverty and inequality: groups of people, sources of income."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from kesos_research.design import SurveyDesign
from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Estimates
from kesos_research.language import _
from kesos_research.methods import _inequality, _lines, _moments, _poverty, _quantiles, _rows
from kesos_research.methods._estimate import Influence, Moments, assess, estimates
from kesos_research.methods._linearize import Array
from kesos_research.methods._sample import Sample, label_codes, names, read

WHOLE = "total"


def poverty_by_group(
    data: pd.DataFrame | Sample,
    *,
    of: str,
    line: float | str,
    groups: str,
    order: float = 0,
    by: str | Sequence[str] = (),
    design: SurveyDesign,
    level: float = 0.95,
) -> Estimates:
    """Which groups do the poor belong to?

    Estimand: P_a = Σ_g v_g P_ag with v_g the share of group g in the population: each group's population share, its
    poverty, and its contribution v_g P_ag/P_a. In each group of `by`.

    Parameters
    ----------
    data, of, by, design, level
        As for `fgt`.
    line
        As for `fgt`, not estimated.
    groups
        Column whose values part the population: sector, region, kind of household.
    order
        The power a.

    Returns
    -------
    Estimates
        One row a group and term: ``"population_share"``, ``"poverty"``, ``"contribution"``. The table's `groups` column
        holds the group.

    Raises
    ------
    DataError, MethodError
        As for `fgt`.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"w": [1.0] * 4, "area": ["u", "u", "r", "r"], "spent": [5.0, 20.0, 5.0, 8.0]})
    >>> answer = poverty_by_group(rows, of="spent", line=10, groups="area", design=SurveyDesign(weight="w"))
    >>> round(float(answer.row(area="r", term="contribution").estimate), 6)
    0.666667

    References
    ----------
    Foster, J., Greer, J., & Thorbecke, E. (1984). A class of decomposable poverty measures. Econometrica 52(3),
    761–766.
    """
    level, order = _rows.fraction(level, "level"), _rows.nonnegative(order, "order")
    sample = read(data, {"of": of, "groups": groups, **_lines.roles(line)}, by=by, design=design)
    phi = _poverty.foster_greer_thorbecke(order).phi(sample.amount(of), _lines.given(sample, line).z)
    labels, inside = _members(sample, groups)
    G = len(labels)

    def g(T: Array) -> tuple[Array, Array]:
        N, P = T[::2], T[1::2]
        n, whole = N.sum(axis=0), P.sum(axis=0)
        theta, D = np.stack([N / n, P / N, P / whole], axis=1), np.zeros((G, 3, *T.shape))
        at = np.arange(G)
        D[:, 0, ::2], D[:, 2, 1::2] = -(N / n**2)[:, None], -(P / whole**2)[:, None]
        D[at, 0, 2 * at] += 1 / n
        D[at, 1, 2 * at], D[at, 1, 2 * at + 1] = -P / N**2, 1 / N
        D[at, 2, 2 * at + 1] += 1 / whole
        return theta.reshape(3 * G, -1), D.reshape(3 * G, *T.shape)

    answer = assess(sample, Moments([v for k in inside for v in (k, k * phi)], g))
    parts = ("population_share", "poverty", "contribution")
    found = estimates(
        answer,
        [f"{g}|{part}" for g in range(G) for part in parts],
        method="poverty_by_group",
        estimand="Poverty of groups, and their share in the poverty of all",
        level=level,
    )
    rows = np.stack([sample.layout.totals(k) for k in inside]).T  # (D, G)
    return _unfolded(found, groups, labels, n=np.repeat(rows.ravel(), len(parts)))


def inequality_by_group(
    data: pd.DataFrame | Sample,
    *,
    of: str,
    groups: str,
    alpha: float = 1,
    by: str | Sequence[str] = (),
    design: SurveyDesign,
    level: float = 0.95,
) -> Estimates:
    """How much of inequality lies between groups, how much within them?

    Estimand: GE(α) of the population, what is left of it when everyone has the mean of the own group (between), and the
    rest (within). In each group of `by`.

    Parameters
    ----------
    data, of, by, design, level
        As for `generalized_entropy`.
    groups
        Column whose values part the population.
    alpha
        The parameter α.

    Returns
    -------
    Estimates
        Terms ``"total"``, ``"within"``, ``"between"``.

    Raises
    ------
    DataError, MethodError
        As for `generalized_entropy`.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"w": [1.0] * 4, "area": ["u", "u", "r", "r"], "spent": [6.0, 6.0, 2.0, 2.0]})
    >>> answer = inequality_by_group(rows, of="spent", groups="area", alpha=2, design=SurveyDesign(weight="w"))
    >>> [round(abs(float(x)), 6) for x in answer.table.estimate]
    [0.125, 0.0, 0.125]

    References
    ----------
    Shorrocks, A. F. (1984). Inequality decomposition by population subgroups. Econometrica 52(6), 1369–1385.
    """
    level = _rows.fraction(level, "level")
    sample = read(data, {"of": of, "groups": groups}, by=by, design=design)
    y = sample.amount(of, positive=alpha <= 0)
    y = y / float(y.mean()) if y.any() else y
    labels, inside = _members(sample, groups)
    s = _moments.entropy_column(y, alpha)
    V = [v for k in inside for v in (k, k * y, k * s)]
    answer = assess(sample, Moments(V, _moments.entropy_between(alpha, len(labels))))
    return estimates(
        answer,
        [WHOLE, "within", "between"],
        method="inequality_by_group",
        estimand="Generalised entropy within and between groups",
        level=level,
    )


def inequality_by_source(
    data: pd.DataFrame | Sample,
    *,
    of: Sequence[str],
    by: str | Sequence[str] = (),
    design: SurveyDesign,
    level: float = 0.95,
) -> Estimates:
    """Which sources of income make for inequality?

    Estimand: G = Σ_k S_k R_k G_k over the sources k, in each group of `by`: S_k the share of the source in all income,
    G_k its own Gini index, R_k how its rank goes with that of all income (the Gini correlation), the contribution
    S_k R_k G_k/G, and the elasticity: by how many per cent G moves when the source grows by one per cent everywhere.

    Parameters
    ----------
    data, by, design, level
        As for `gini`.
    of
        Columns of the sources, amounts of 0 or more; all income is their sum.

    Returns
    -------
    Estimates
        One row a source (table column ``source``) and term: ``"share"``, ``"gini"``, ``"correlation"``,
        ``"contribution"``, ``"elasticity"``. A source that nobody has, has no Gini index.

    Raises
    ------
    DataError, MethodError
        As for `gini`; with fewer than two sources.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"w": [1.0] * 3, "work": [1.0, 4.0, 10.0], "aid": [3.0, 2.0, 0.0]})
    >>> answer = inequality_by_source(rows, of=["work", "aid"], design=SurveyDesign(weight="w"))
    >>> bool(answer.row(source="aid", term="contribution").estimate < 0)
    True

    References
    ----------
    Lerman, R. I., & Yitzhaki, S. (1985). Income inequality effects by income source. Review of Economics and
    Statistics 67(1), 151–156.
    """
    level, sources = _rows.fraction(level, "level"), names(of)
    if len(sources) < 2:
        raise MethodError(
            _("There is one source."), expected=_("the columns of two or more sources"), where=Where(key="of")
        )
    sample = read(data, {f"of {i}": c for i, c in enumerate(sources)}, by=by, design=design)
    answer = assess(sample, lambda w, *, linear: _sources(sample, sources, w, linear=linear))
    parts = ("share", "gini", "correlation", "contribution", "elasticity")
    found = estimates(
        answer,
        [f"{k}|{part}" for k in range(len(sources)) for part in parts],
        method="inequality_by_source",
        estimand="Share of each source of income in the Gini index",
        level=level,
    )
    return _unfolded(found, "source", list(sources))


def _sources(sample: Sample, sources: Sequence[str], w: Array, *, linear: bool) -> Influence:
    layout, on = sample.layout, sample.layout.spread
    xs = [sample.amount(c) for c in sources]
    y = np.sum(xs, axis=0)
    ordered = _quantiles.order(y, w, layout.rows)
    G, zG = _inequality.concentration(ordered, y, linear=linear)
    Y = layout.totals(w * y)
    theta: list[Array] = []
    z: list[Array] = []
    with np.errstate(divide="ignore", invalid="ignore"):
        for x in xs:
            C, zC = _inequality.concentration(ordered, x, linear=linear)
            own, zown = _inequality.concentration(_quantiles.order(x, w, layout.rows), x, linear=linear)
            S = layout.totals(w * x) / Y
            theta += [S, own, C / own, S * C / G, S * C / G - S]
            if not linear:
                continue
            zS = (x - on(S) * y) / on(Y)
            part = zS * on(C / G) + on(S / G) * zC - on(S * C / G**2) * zG
            z += [zS, zown, zC / on(own) - on(C / own**2) * zown, part, part - zS]
    return Influence(np.stack(theta), np.stack(z) if linear else np.empty((0, 0)))


def _members(sample: Sample, groups: str) -> tuple[list[object], list[Array]]:
    codes, labels = label_codes(sample.frame[groups])
    used = np.unique(codes)
    return [labels[k] for k in used], [(codes == k).astype(float) for k in used]


def _unfolded(found: Estimates, column: str, labels: Sequence[object], n: Array | None = None) -> Estimates:
    """Terms "k|part" as a column of labels and a term; n: rows behind each line of the table, where it is not all."""

    def part(frame: pd.DataFrame) -> pd.DataFrame:
        split = frame["term"].str.split("|", n=1, expand=True)
        place = split[0].astype(int)
        frame = frame.assign(term=split[1])
        frame.insert(len(found.by), column, [labels[k] for k in place])
        return frame if n is None else frame.assign(n=n)

    return Estimates(
        part(found.table),
        found.method,
        found.estimand,
        level=found.level,
        by=(*found.by, column),
        checks=found.checks,
        evidence={"precision": part(found.evidence["precision"])},
    )
