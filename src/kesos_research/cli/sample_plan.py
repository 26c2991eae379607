"""`kesos sample`: how many units, which units, and the paragraph that says so."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kesos_research.cli import screen
from kesos_research.cli.sample_words import Draw, draw_paragraph, size_paragraph
from kesos_research.errors import KesosError, OutputError, Where
from kesos_research.language import _, current

if TYPE_CHECKING:
    import pandas as pd

    from kesos_research.data.codebook import Codebook
    from kesos_research.estimates import Estimates
    from kesos_research.methods.draw import DrawnSample


@dataclass(frozen=True)
class Ask:
    """What was typed."""

    population: float | None
    margin: float | None
    share: float | None
    sd: float | None
    rule: str
    level: float
    cluster_size: float
    icc: float
    response: float
    frame: Path | None
    codebook: Path | None
    output: Path | None
    n: int | None
    seed: int | None
    method: str
    strata: str | None
    size: str | None
    order: tuple[str, ...]
    cluster: str | None


def plan_sample(ask: Ask) -> None:
    """Say how many units are needed; with a frame, draw and write them."""
    _whole(ask)
    book, rows = _frame(ask) if ask.frame else (None, None)
    plan = _size(ask, rows)
    if plan is not None:
        screen.say(size_paragraph(plan))
    drawn = None
    if book is not None and rows is not None:
        drawn, told = _draw(ask, rows, plan)
        screen.say()
        screen.say(draw_paragraph(told))
        _write(ask, book, drawn)
    checks = (*(plan.checks if plan else ()), *(drawn.checks if drawn else ()))
    screen.warn([KesosError(check.say(current())) for check in checks if check.status in ("warn", "fail")])


def _whole(ask: Ask) -> None:
    """Is everything there that the answer needs?"""
    lacking: list[str] = []
    if ask.frame is None:
        lacking += [o for o, told in (("--population", ask.population), ("--margin", ask.margin)) if told is None]
    else:
        lacking += [o for o, told in (("--codebook", ask.codebook), ("--output", ask.output)) if told is None]
        lacking += ["--seed"] if ask.seed is None else []
        lacking += ["--margin"] if ask.margin is None and ask.n is None else []
    if lacking:
        raise KesosError(
            _("{names} must be given.", names=", ".join(lacking)),
            remedy=_("see {command}", command="kesos sample --help"),
        )
    useless = [
        option
        for option, told in (("--output", ask.output), ("--strata", ask.strata), ("--cluster", ask.cluster))
        if ask.frame is None and told is not None
    ]
    if useless:
        raise KesosError(
            _("{names} need a frame to draw from.", names=", ".join(useless)), expected=_("a file under --frame")
        )


def _frame(ask: Ask) -> tuple[Codebook, pd.DataFrame]:
    """The frame, held against its codebook."""
    from kesos_research.data.read import check, read_cells, read_codebook
    from kesos_research.data.typed import typed

    assert ask.frame is not None
    assert ask.codebook is not None
    book = read_codebook(ask.codebook, name=ask.codebook.as_posix())
    check(ask.frame, book, folder=ask.codebook.parent, name=ask.frame.as_posix()).refuse()
    return book, typed(read_cells(ask.frame, codebook=book, name=ask.frame.as_posix()), book)


def _size(ask: Ask, rows: pd.DataFrame | None) -> Estimates | None:
    from kesos_research.methods import sample_size

    if ask.margin is None:
        return None
    population = ask.population if ask.population is not None else float(len(rows)) if rows is not None else math.inf
    rule: Any = ask.rule
    return sample_size(
        population,
        margin=ask.margin,
        share=ask.share,
        sd=ask.sd,
        rule=rule,
        cluster_size=ask.cluster_size,
        icc=ask.icc,
        response=ask.response,
        level=ask.level,
    )


def _draw(ask: Ask, rows: pd.DataFrame, plan: Estimates | None) -> tuple[DrawnSample, Draw]:
    from kesos_research.methods.draw import draw_sample

    assert ask.seed is not None
    assert ask.frame is not None
    wanted = ask.n if ask.n is not None or plan is None else int(plan.row(term="drawn").estimate)
    assert wanted is not None
    within = max(1, math.ceil(ask.cluster_size)) if ask.cluster else None
    first = wanted if within is None else math.ceil(wanted / within)
    method: Any = ask.method
    drawn = draw_sample(
        rows,
        n=first if ask.strata is None else _shared_out(rows, ask.strata, ask.cluster, first),
        seed=ask.seed,
        method=method,
        strata=ask.strata,
        size=ask.size,
        order=ask.order,
        cluster=ask.cluster,
        within=within,
    )
    return drawn, Draw(
        frame=ask.frame.name,
        units=len(rows),
        drawn=len(drawn.rows),
        method=ask.method,
        seed=ask.seed,
        strata=ask.strata,
        strata_count=0 if ask.strata is None else int(rows[ask.strata].nunique()),
        size=ask.size,
        order=ask.order,
        cluster=ask.cluster,
        clusters=0 if ask.cluster is None else int(drawn.rows[ask.cluster].nunique()),
        within=within,
    )


def _shared_out(rows: pd.DataFrame, strata: str, cluster: str | None, n: int) -> dict[object, int]:
    """Units, or clusters, of each stratum in proportion to its own."""
    from kesos_research.methods import allocation

    counted = rows if cluster is None else rows.drop_duplicates([strata, cluster])
    sizes = counted.groupby(strata, observed=True).size().rename("units").reset_index()
    shares = allocation(sizes, strata=strata, size="units", units=n).table
    return {label: int(units) for label, units in zip(shares[strata], shares["estimate"], strict=True)}


def _write(ask: Ask, book: Codebook, drawn: DrawnSample) -> None:
    from kesos_research.data.codebook import plain_column
    from kesos_research.data.write import write_rows

    assert ask.output is not None
    if os.path.lexists(ask.output):
        raise OutputError(
            _("There is a file of this name already."),
            remedy=_("name another, or move it away: a sample in use is never overwritten"),
            where=Where(ask.output.as_posix()),
        )
    added = {c: plain_column(c, "angka") for c in drawn.rows.columns if c not in book.columns}
    written = write_rows(
        drawn.rows,
        ask.output,
        replace(book, columns={**book.columns, **added}),
        lang=current(),
        name=ask.output.as_posix(),
    )
    screen.warn([KesosError(note) for note in written.notes])
    screen.say()
    screen.done(_("{n} units drawn are in {file}", n=len(drawn.rows), file=screen.near(ask.output)))
    roles = [f'weight="{drawn.design.weight}"']
    for role in ("strata", "cluster", "fpc"):
        names = drawn.design.of(role)
        if names:
            roles.append(f"{role}={names[0]!r}" if len(names) == 1 else f"{role}={list(names)!r}")
    screen.say(_("To analyse them: {design}", design=f"SurveyDesign({', '.join(roles)})".replace("'", '"')))
