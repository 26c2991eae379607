"""A panel of regions and years that may be trusted, and the balanced part of it that a method may see."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

import pandas as pd

from kesos_research.data.codebook import Codebook
from kesos_research.domain import Island, Region, region_in
from kesos_research.errors import DataError
from kesos_research.language import Words, _, both

Pool = Literal["all", "same_island", "similar_level"]


def _reasons() -> dict[str, Words]:
    return {
        "excluded": both("left out by the study"),
        "incomplete": both("no figure in at least one of the years used"),
        "level_break": both("a break in the series within the years used"),
        "other_pool": both("not in the donor pool"),
    }


@dataclass(frozen=True)
class Balanced:
    """Regions with a figure in every year used, treated and comparison.

    Attributes
    ----------
    rows
        ``wilayah, tahun, <outcome>, treated``, sorted by region and year, without a missing value.
    outcome
        Name of the outcome column.
    years
        Years used.
    dropped_years
        Years asked for in which no region has a usable figure.
    regions_left_out
        ``wilayah, reason``: one row for each region that is no comparison, with the first reason that holds.
    treated_with_break
        Treated regions with a break in the series within the years used; they stay.
    synthetic
        True when the rows are invented: regions are then those of the example register.
    """

    rows: pd.DataFrame
    outcome: str
    years: tuple[int, ...]
    dropped_years: tuple[int, ...] = ()
    regions_left_out: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["wilayah", "reason"]))
    treated_with_break: tuple[str, ...] = ()
    synthetic: bool = False

    @property
    def left_out(self) -> pd.DataFrame:
        """``reason, n``: how many regions are no comparison, by reason; see `reason`."""
        counts = self.regions_left_out["reason"].value_counts()
        found = [(name, int(counts[name])) for name in _reasons() if name in counts]
        return pd.DataFrame(found, columns=["reason", "n"])

    @staticmethod
    def reason(name: str) -> Words:
        """A reason of `left_out`, said in both languages."""
        return _reasons()[name]

    @property
    def treated(self) -> tuple[str, ...]:
        """Codes of the treated regions."""
        return self._codes(treated=True)

    @property
    def comparison(self) -> tuple[str, ...]:
        """Codes of the comparison regions."""
        return self._codes(treated=False)

    def _codes(self, *, treated: bool) -> tuple[str, ...]:
        chosen = self.rows.loc[self.rows["treated"] == treated, "wilayah"]
        return tuple(chosen.unique())

    def donors(
        self, pool: Pool, *, of: str, before: Iterable[int] | None = None, percent: float = 30.0
    ) -> tuple[str, ...]:
        """Which comparison regions belong to the donor pool of one treated region?

        Parameters
        ----------
        pool
            ``"all"``; ``"same_island"``, regions of the same island group; ``"similar_level"``, regions whose mean
            outcome over the years `before` lies within `percent` percent of that of the region.
        of
            Code of the treated region.
        before
            Years of the mean; required for ``"similar_level"``.

        Raises
        ------
        DataError
            When the pool is unknown, years are missing, or no region is left.
        """
        if pool == "all":
            found = self.comparison
        elif pool == "same_island":
            found = tuple(c for c in self.comparison if self._island(c) == self._island(of))
        elif pool == "similar_level":
            found = self._similar(of, tuple(before or ()), percent)
        else:
            raise DataError(
                _("There is no donor pool {name}.", name=repr(pool)), expected="all, same_island, similar_level"
            )
        if not found:
            raise DataError(
                _(
                    "The donor pool {pool} of {region} is empty.",
                    pool=pool,
                    region=region_in(of, synthetic=self.synthetic).label,
                ),
                remedy=_("choose a wider pool"),
            )
        return found

    def _island(self, code: str) -> Island:
        return region_in(code, synthetic=self.synthetic).island

    def _similar(self, of: str, before: tuple[int, ...], percent: float) -> tuple[str, ...]:
        used = self.rows[self.rows["tahun"].isin(before)]
        if used.empty:
            raise DataError(
                _("The pool similar_level needs years before the programme."),
                expected=_("years among {years}", years=", ".join(map(str, self.years))),
            )
        means = used.groupby("wilayah")[self.outcome].mean()
        near = (means - means[of]).abs() <= abs(means[of]) * percent / 100
        return tuple(c for c in self.comparison if near[c])

    def within(self, comparison: Iterable[str]) -> Balanced:
        """The same panel with only these comparison regions; treated regions stay."""
        keep = set(comparison)
        dropped = [c for c in self.comparison if c not in keep]
        rows = self.rows[self.rows["treated"] | self.rows["wilayah"].isin(keep)].reset_index(drop=True)
        more = pd.DataFrame({"wilayah": dropped, "reason": "other_pool"}, dtype="str")
        left_out = pd.concat([self.regions_left_out, more], ignore_index=True)
        return replace(self, rows=rows, regions_left_out=left_out)


@dataclass(frozen=True)
class Panel:
    """Figures of regions by year, checked against their codebook.

    Attributes
    ----------
    rows
        Wide: ``wilayah, tahun`` and one column an indicator. Values flagged *exclude* are missing here.
    flags
        ``wilayah, tahun, indikator, tanda, guna, sumber``: *exclude* was set missing, *break* bars a region from being
        a comparison, *note* is only told.
    sources
        Chain of sources by indicator; empty where the codebook names no such file.
    codebook
        What each column is.
    digest
        SHA-256 of the files read.
    """

    rows: pd.DataFrame
    flags: pd.DataFrame
    sources: pd.DataFrame
    codebook: Codebook
    digest: str

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Indicators with at least one usable figure."""
        return tuple(name for name in self.codebook.outcomes if self.rows[name].notna().any())

    def region(self, code: str) -> Region:
        """The region of that code in the register these rows are held to.

        Raises
        ------
        RegionError
            When the code is no region of it.
        """
        return region_in(code, synthetic=self.codebook.synthetic)

    def available(self, outcome: str, *, of: str | None = None) -> tuple[int, ...]:
        """Years in which the region `of`, or at least one region, has a usable figure.

        Raises
        ------
        DataError
            When the outcome is unknown or has no figure.
        RegionError
            When the code is no region.
        """
        self._known(outcome)
        have = self.rows[self.rows[outcome].notna()]
        if of is not None:
            have = have[have["wilayah"] == self.region(of).code]
        return tuple(int(y) for y in sorted(have["tahun"].unique()))

    def common(self, outcome: str) -> tuple[int, ...]:
        """Years in which more than half of the regions have a usable figure: a region can be set beside them.

        Raises
        ------
        DataError
            When the outcome is unknown or has no figure.
        """
        self._known(outcome)
        counts = self.rows.groupby("tahun")[outcome].count()
        return tuple(int(y) for y in counts.index[counts > self.rows["wilayah"].nunique() / 2])

    def newest(self, outcomes: Iterable[str], *, of: str) -> pd.DataFrame:
        """What are the newest figures of a region that can be set beside those of the others, and what are theirs?

        Parameters
        ----------
        outcomes
            Indicators of the panel; one that the region has in no common year is left out.
        of
            Code of the region.

        Returns
        -------
        DataFrame
            ``outcome, wilayah, year, value, since, change``, a row for each region with a figure of the `year`. It is
            the newest common year in which the region `of` has one; `since` is the one before it, and `change` the
            value less that of `since`, missing where there is none or where the series breaks between.

        Raises
        ------
        DataError
            When the region has no figure in any common year.
        RegionError
            When the code is no region.
        """
        parts = []
        for outcome in outcomes:
            own = self.available(outcome, of=of)
            years = [y for y in self.common(outcome) if y in own]
            if years:
                parts.append(self._newest(outcome, years[-2:]))
        if not parts:
            raise DataError(
                _("{region} has no figure that can be compared.", region=self.region(of).label),
                expected=_("a year in which most regions have one"),
            )
        return pd.concat(parts, ignore_index=True)

    def _newest(self, outcome: str, years: list[int]) -> pd.DataFrame:
        since, year = years[0], years[-1]
        wide = self.rows[self.rows["tahun"].isin(years)].pivot(index="wilayah", columns="tahun", values=outcome)
        wide = wide[wide[year].notna()]
        comparable = ~wide.index.isin(self._breaks(outcome, (since, year))) & (since < year)
        return pd.DataFrame(
            {
                "outcome": outcome,
                "wilayah": wide.index,
                "year": year,
                "value": wide[year].to_numpy(),
                "since": float(since) if since < year else float("nan"),
                "change": (wide[year] - wide[since]).where(comparable).to_numpy(),
            }
        )

    def balanced(
        self, outcome: str, years: Iterable[int], *, treated: Iterable[str], exclude: Iterable[str] = ()
    ) -> Balanced:
        """Which regions have a figure in every year used, and may be compared?

        Comparison regions are complete in all years used and have no break in the series after the first and up to the
        last of them. A year in which no region has a figure is dropped and told in `dropped_years`.

        Parameters
        ----------
        outcome
            An indicator of the panel.
        years
            Years the method will use.
        treated
            Codes of the treated regions.
        exclude
            Codes of regions that shall not be compared.

        Raises
        ------
        DataError
            When the outcome has no data, a year lies outside them, a treated region has no figure in a year used, a
            region is both treated and excluded, or no comparison is left.
        RegionError
            When a code is no region.
        """
        treated, exclude = tuple(treated), tuple(exclude)
        for code in (*treated, *exclude):
            self.region(code)
        self._conflicts(treated, exclude)
        used, dropped = self._years(outcome, tuple(years))
        wide = self.rows[self.rows["tahun"].isin(used)].pivot(index="wilayah", columns="tahun", values=outcome)
        wide = wide.reindex(columns=list(used))
        self._treated_complete(wide, outcome, treated)
        broken = self._breaks(outcome, used)
        reasons = {}
        for code, complete in wide.notna().all(axis=1).items():
            if code in treated:
                continue
            if code in exclude:
                reasons[code] = "excluded"
            elif not complete:
                reasons[code] = "incomplete"
            elif code in broken:
                reasons[code] = "level_break"
        keep = [c for c in wide.index if c not in reasons]
        if len(keep) == len(treated):
            raise DataError(
                _("No region is left to compare with: {outcome}, {years}.", outcome=outcome, years=_spell(used)),
                remedy=_("choose years with more figures"),
            )
        kept = self.rows["wilayah"].isin(keep) & self.rows["tahun"].isin(used)
        rows = self.rows.loc[kept, ["wilayah", "tahun", outcome]].reset_index(drop=True)
        rows["treated"] = rows["wilayah"].isin(treated)
        left_out = pd.DataFrame({"wilayah": list(reasons), "reason": list(reasons.values())}, dtype="str")
        with_break = tuple(c for c in treated if c in broken)
        return Balanced(rows, outcome, used, dropped, left_out, with_break, self.codebook.synthetic)

    def _known(self, outcome: str) -> None:
        if outcome in self.outcomes:
            return
        near = difflib.get_close_matches(str(outcome).lower(), self.outcomes, n=1, cutoff=0.5)
        declared = outcome in self.codebook.columns
        raise DataError(
            _("The outcome {name} has no data.", name=repr(outcome))
            if declared
            else _("There is no outcome {name} in the data.", name=repr(outcome)),
            expected=_("one of {names}", names=", ".join(self.outcomes)),
            remedy=_("did you mean {names}?", names=near[0]) if near else None,
        )

    def _years(self, outcome: str, asked: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Years with figures, and years asked for in which nobody has one."""
        have = self.available(outcome)
        outside = sorted(y for y in set(asked) if not have[0] <= y <= have[-1])
        if outside or not asked:
            raise DataError(
                _("{outcome} has no figures for {years}.", outcome=outcome, years=_spell(outside))
                if outside
                else _("No years are asked for."),
                expected=_("years from {first} to {last}", first=have[0], last=have[-1]),
                remedy=_("change the years in `windows` of study.yaml"),
            )
        used = tuple(y for y in sorted(set(asked)) if y in have)
        if not used:
            raise DataError(
                _("{outcome} has no figures for {years}.", outcome=outcome, years=_spell(sorted(set(asked)))),
                expected=_("years among {years}", years=_spell(have)),
            )
        return used, tuple(y for y in sorted(set(asked)) if y not in have)

    def _breaks(self, outcome: str, used: tuple[int, ...]) -> set[str]:
        flags = self.flags
        within = (flags["tahun"] > used[0]) & (flags["tahun"] <= used[-1])
        return set(flags.loc[(flags["guna"] == "break") & (flags["indikator"] == outcome) & within, "wilayah"])

    @staticmethod
    def _conflicts(treated: tuple[str, ...], exclude: tuple[str, ...]) -> None:
        both_ways = [c for c in treated if c in exclude]
        if both_ways or not treated:
            raise DataError(
                _("{codes} are both treated and excluded.", codes=", ".join(both_ways))
                if both_ways
                else _("No treated region is named."),
                remedy=_("name each region once"),
            )

    def _treated_complete(self, wide: pd.DataFrame, outcome: str, treated: tuple[str, ...]) -> None:
        present = wide.stack().dropna().reset_index().groupby("wilayah")["tahun"]
        have = {str(code): set(years) for code, years in present}
        gaps = []
        for code in treated:
            lacking = [y for y in wide.columns if y not in have.get(code, ())]
            if lacking:
                gaps.append(f"{code} {self.region(code).label} ({_spell(lacking)})")
        if gaps:
            raise DataError(
                _("Treated regions have no figure of {outcome}: {gaps}.", outcome=outcome, gaps="; ".join(gaps)),
                remedy=_("choose other years or another outcome"),
            )


def _spell(years: Iterable[object]) -> str:
    return ", ".join(str(y) for y in years)
