"""A file against its codebook: all broken promises at once, each counted exactly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kesos_research.data.cells import Cells
from kesos_research.data.codebook import Codebook
from kesos_research.data.database import opened
from kesos_research.data.findings import Example, Finding, Findings
from kesos_research.data.header import header_findings
from kesos_research.data.remedy import remedy
from kesos_research.data.rules import Rule, Values, rules_of
from kesos_research.data.spelling import as_written
from kesos_research.data.terms import Terms, literal
from kesos_research.errors import DataError, Where
from kesos_research.language import _, current
from kesos_research.mask import mask, mask_text
from kesos_research.study.refusal import clean

if TYPE_CHECKING:
    import duckdb

EXAMPLES = 3
"""Different values shown of each broken promise."""
_LOOKED_AT = 200
_AT_ONCE = 48
_WIDE = 60


def check_cells(
    cells: Cells, codebook: Codebook, *, values: Values | None = None, rules: Sequence[Rule] | None = None
) -> Findings:
    """Which promises do these cells break?

    Parameters
    ----------
    cells
        A file as text.
    codebook
        What it promises.
    values
        What the columns hold that the codebook refers to; see `read.reference.referred`.
    rules
        Some rules of the codebook only; all when not given.
    """
    codebook = as_written(codebook, cells)
    found = list(header_findings(cells, codebook))
    found += _without_reference(cells, codebook, values or {})
    once = {name for name, times in Counter(cells.columns).items() if times == 1}
    judged = [
        rule for rule in (rules_of(codebook, values) if rules is None else rules) if once.issuperset(rule.columns)
    ]
    if not cells.rows:
        found.append(_no_rows(cells))
    found += _broken(cells, codebook, judged)
    found.sort(key=lambda f: f.severity == "warning")
    return Findings(cells.file, cells.rows, len(cells.columns), cells.detected, tuple(found))


def _no_rows(cells: Cells) -> Finding:
    where = cells.where(0) if cells.lines is None else Where(cells.file)
    mend = _("look whether this is the right file")
    return Finding("no_rows", (), _("The file has a header and no rows."), 1, "file", where, remedy=mend)


def _without_reference(cells: Cells, codebook: Codebook, values: Values) -> Iterator[Finding]:
    """A promise that cannot be checked is not kept in silence."""
    for column in codebook.columns.values():
        if column.reference is not None and column.reference not in values:
            said = _(
                "The values of {column} were not compared with {file}.", column=column.name, file=column.reference.file
            )
            where = Where(cells.file, column=column.name)
            mend = _("put the file beside the codebook")
            yield Finding("reference", (column.name,), said, 1, "file", where, remedy=mend)


@dataclass(frozen=True)
class _Hit:
    """Rows that break a rule: how many, the first of them, and how many values there are."""

    rule: Rule
    count: int
    rows: Sequence[int]
    of: int


def _broken(cells: Cells, codebook: Codebook, rules: Sequence[Rule]) -> Iterator[Finding]:
    sets: list[tuple[str, ...]] = []
    asked = list(_questions(cells, codebook, rules, sets))
    with opened(cells.table, sets) as connection:
        _patterns(connection, codebook)
        hits = {id(hit.rule): hit for question in asked for hit in question.hits(connection)}
    for rule in rules:
        hit = hits[id(rule)]
        if rule.told(hit.count, hit.of):
            yield _finding(hit, cells, codebook)


def _questions(
    cells: Cells, codebook: Codebook, rules: Sequence[Rule], sets: list[tuple[str, ...]]
) -> Iterator[_Pass | _Repeats]:
    """One pass over the cells for many rules at a time, and one for each rule of repeats."""
    alone = [rule for rule in rules if rule.violated is None]
    each = [rule for rule in rules if rule.violated is not None]
    for start in range(0, len(each), _AT_ONCE):
        terms = Terms(cells.columns, codebook, sets)
        part = each[start : start + _AT_ONCE]
        yield _Pass(terms, tuple((rule, rule.violated(terms)) for rule in part if rule.violated is not None))
    for rule in alone:
        yield _Repeats(Terms(cells.columns, codebook), rule)


@dataclass(frozen=True)
class _Pass:
    """Rules that look at one row at a time."""

    terms: Terms
    each: tuple[tuple[Rule, str], ...]

    def hits(self, connection: duckdb.DuckDBPyConnection) -> Iterator[_Hit]:
        each, terms = self.each, self.terms
        made = ", ".join(f"({sql}) as b{i}" for i, (_rule, sql) in enumerate(each))
        firsts = sorted({terms.value(rule.columns[0]) for rule, _sql in each})
        asked = ", ".join(
            f"count(*) filter (where b{i}), min(r, {_LOOKED_AT}) filter (where b{i})" for i in range(len(each))
        )
        counts = ", ".join(f"count({alias})" for alias in firsts)
        row = connection.execute(
            f"select {asked}, {counts} from (select r, {', '.join(firsts)}, {made} from {terms.source})"
        ).fetchone()
        assert row is not None
        held = dict(zip(firsts, row[2 * len(each) :], strict=True))
        for i, (rule, _sql) in enumerate(each):
            yield _Hit(rule, row[2 * i], row[2 * i + 1] or (), held[terms.value(rule.columns[0])])


@dataclass(frozen=True)
class _Repeats:
    """A rule that no row's values, none of them missing, are those of a row above."""

    terms: Terms
    rule: Rule

    def hits(self, connection: duckdb.DuckDBPyConnection) -> Iterator[_Hit]:
        keys = [self.terms.value(name) for name in self.rule.columns]
        said, known = ", ".join(keys), " and ".join(f"{key} is not null" for key in keys)
        source = f"(select r, {said} from {self.terms.source} where {known})"
        same = " and ".join(f"a.{key} = d.{key}" for key in keys)
        row = connection.execute(
            f"with d as materialized (select {said}, min(r) as first, count(*) as n from {source} group by {said} "
            f"having count(*) > 1) select (select coalesce(sum(n) - count(*), 0) from d), "
            f"(select min(a.r, {_LOOKED_AT}) from {source} a join d on {same} where a.r > d.first)"
        ).fetchone()
        assert row is not None
        yield _Hit(self.rule, int(row[0]), row[1] or (), 0)


def _patterns(connection: duckdb.DuckDBPyConnection, codebook: Codebook) -> None:
    """A pattern that Python takes and DuckDB does not is told with its column."""
    import duckdb

    for column in codebook.columns.values():
        if column.pattern is not None:
            try:
                connection.execute(f"select regexp_full_match('', {literal(column.pattern)})").fetchall()
            except duckdb.Error:
                raise DataError(
                    _("The pattern {value} asks for more than a plain match.", value=repr(clean(column.pattern))),
                    expected=_("a regular expression such as {example}", example="R[0-9]{6}"),
                    where=Where(key=f"kolom.{column.name}.pola"),
                ) from None


def _finding(hit: _Hit, cells: Cells, codebook: Codebook) -> Finding:
    rule = hit.rule
    texts = _texts(hit, cells)
    where = cells.where(int(hit.rows[0]), ", ".join(rule.columns) if rule.between != " > " else rule.columns[0])
    return Finding(
        rule=rule.name,
        columns=rule.columns,
        found=rule.broken[current()],
        count=hit.count,
        counted=rule.counted,
        where=where,
        expected=rule.wording[current()] if rule.name in ("choice", "choices") else None,
        remedy=rule.remedy[current()] if rule.remedy else remedy(rule, codebook, [row[0] for row in texts]),
        examples=tuple(_examples(hit, cells, codebook, texts)),
        severity=rule.severity,
    )


def _texts(hit: _Hit, cells: Cells) -> list[tuple[str, ...]]:
    """The cells of the first rows that break the rule."""
    picked = cells.table.select(list(hit.rule.columns)).take(list(hit.rows))
    return list(zip(*([text or "" for text in column.to_pylist()] for column in picked.columns), strict=True))


def _examples(hit: _Hit, cells: Cells, codebook: Codebook, texts: Iterable[tuple[str, ...]]) -> Iterator[Example]:
    seen: set[str] = set()
    for row, values in zip(hit.rows, texts, strict=True):
        told = _told(hit.rule, codebook, values)
        if told not in seen:
            seen.add(told)
            yield Example(cells.place(int(row)), told)
        if len(seen) == EXAMPLES:
            return


def _told(rule: Rule, codebook: Codebook, values: Sequence[str]) -> str:
    """The values of an example, masked where their column is."""
    shown = [
        mask(value) if codebook.columns[name].masked else _short(mask_text(value))
        for name, value in zip(rule.columns, values, strict=True)
    ]
    if rule.between == ", ":
        return ", ".join(f"{name} = {value or '–'}" for name, value in zip(rule.columns, shown, strict=True))
    return rule.between.join(shown)


def _short(text: str) -> str:
    """A value on one line, its spaces kept."""
    text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return text if len(text) <= _WIDE else text[: _WIDE - 1] + "…"
