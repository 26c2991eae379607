"""What a reader must know about one region's figures: years without one, and marks of the data."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from kesos_research.data.panel import Panel
from kesos_research.language import Words, both


def remarks(panel: Panel, outcomes: Iterable[str], *, of: str, since: int) -> pd.DataFrame:
    """Which figures of a region are missing, set aside, or to be read with care?

    Parameters
    ----------
    panel
        The panel; its flags say what was set aside and why.
    outcomes
        Indicators of the panel.
    of
        Code of the region.
    since
        First year looked at. A year without a figure is told from the first to the last common year of the indicator
        (`Panel.common`), a mark of the data also later.

    Returns
    -------
    DataFrame
        ``outcome, years, remark``: one row for each indicator and remark, the years spelled as spans; see `remark`.
        Without rows where there is nothing to tell.

    Raises
    ------
    DataError
        When an outcome is unknown or has no figure.
    RegionError
        When the code is no region.
    """
    code = panel.region(of).code
    flags = panel.flags[(panel.flags["wilayah"] == code) & (panel.flags["tahun"] >= since)]
    rows = []
    for outcome in outcomes:
        marked = flags[flags["indikator"] == outcome]
        years = {str(name): {int(y) for y in part["tahun"]} for name, part in marked.groupby("tanda")}
        if silent := _silent(panel, outcome, code, since).difference(*years.values()):
            years["missing"] = silent
        rows += [(outcome, spans(years[name]), name) for name in sorted(years, key=lambda n: (min(years[n]), n))]
    return pd.DataFrame(rows, columns=["outcome", "years", "remark"])


def _silent(panel: Panel, outcome: str, code: str, since: int) -> set[int]:
    """Years without a figure, from the first to the last common year."""
    common = [y for y in panel.common(outcome) if y >= since]
    return set(range(common[0], common[-1] + 1)).difference(panel.available(outcome, of=code)) if common else set()


def remark(name: str) -> Words:
    """A remark, said in both languages; a mark that has no words of ours says itself."""
    known = {
        "missing": both("no figure"),
        "interpolated": both("published for no region; the interpolated value is not used"),
        "back_cast": both("reckoned back to before the region was founded; not used"),
        "spike": both("far from both neighbouring years; not used"),
        "zero": both("a zero that cannot be; not used"),
        "implausible_p1_p0_ratio": both("gap and rate of poverty do not fit together; not used"),
        "province_value": both("the value of the province, filled in for its regions; not used"),
        "level_break": both("the level jumps: figures before and after cannot be compared"),
        "press_release": both("from a press release or a newspaper; used"),
    }
    return known.get(name) or both("{name}", name=name)


def spans(years: Iterable[int]) -> str:
    """Years as a reader writes them: ``2009–2014, 2016``.

    Examples
    --------
    >>> spans([2016, 2009, 2010, 2011])
    '2009–2011, 2016'
    """
    runs: list[list[int]] = []
    for year in sorted(set(years)):
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(str(r[0]) if len(r) == 1 else f"{r[0]}–{r[-1]}" for r in runs)
