"""Logs of services, as SLRT and Puskesos keep them: one row a case and stage, with how long each stage took.

No official layout of such logs is published. `layanan.yaml` beside this file is our operationalisation of the stages
that cases go through: front office, back office, manager, referral, resolution.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from kesos_research.data._problems import together
from kesos_research.data.cells import Cells
from kesos_research.data.codebook import Codebook
from kesos_research.data.codebook_text import parse_codebook
from kesos_research.data.damage import Damage
from kesos_research.data.read.formats import read_cells
from kesos_research.data.read.header import unnamed
from kesos_research.data.read.rows import microdata, opened_codebook
from kesos_research.errors import DataError, KesosError, Where
from kesos_research.language import _
from kesos_research.study.refusal import clean

PROFILE = "layanan.yaml"


def profile() -> Codebook:
    """The codebook of a service log, as we lay it down; copy and change it where an office keeps other columns."""
    text = files("kesos_research.data.read").joinpath(PROFILE).read_text(encoding="utf-8")
    return parse_codebook(text, PROFILE)


def read_service_log(
    path: Path | str,
    *,
    codebook: Codebook | Path | str | None = None,
    columns: Mapping[str, str] | None = None,
    sheet: str | None = None,
    name: str | None = None,
) -> pd.DataFrame:
    """When did each case reach each stage, and how many days did it take?

    Parameters
    ----------
    path
        The log: one row a case, one column of dates a stage.
    codebook
        Its key is the case; its columns of kind ``tanggal`` with the role ``period`` are the stages in their order.
        `profile()` when not given.
    columns
        What the log calls a column of the codebook: ``{"tgl_masuk": "Tanggal Pengaduan"}``. Columns of the log that the
        codebook does not have are left out then; without `columns` they are an error.
    sheet, name
        As in `read_cells`.

    Returns
    -------
    DataFrame
        The key, ``tahap_ke`` (from 1), ``tahap`` (name of the column), ``tanggal``, ``hari`` (days since the stage
        before that was reached; missing at the first), ``hari_sejak_awal``, then every other column of the codebook. A
        stage that was not reached has no row.

    Raises
    ------
    KesosError
        Broken promises of the codebook, a case without any stage, stages that run backwards in time, with their rows.
    """
    path = Path(path)
    book, folder = _book(codebook, path)
    stages = [c.name for c in book.columns.values() if c.kind == "tanggal" and c.role == "period"]
    if len(stages) < 2 or len(book.key) != 1:
        raise DataError(
            _("The codebook describes no service log."),
            expected=_("one column as `kunci`, and at least two of `jenis: tanggal` with `peran: period`"),
            remedy=_("copy the profile that comes with the package and change its names"),
            where=Where(book.data_file or PROFILE, key="kolom"),
        )
    cells = read_cells(path, codebook=book, name=name, sheet=sheet)
    cells = _renamed(cells, book, columns) if columns is not None else cells
    frame = microdata(cells, book, folder).frame
    problems = [*_backwards(cells, frame, stages), *_without(cells, frame, stages)]
    if problems:
        raise together(problems)
    return _tidy(frame, book, stages)


def _book(codebook: Codebook | Path | str | None, path: Path) -> tuple[Codebook, Path]:
    return (profile(), path.parent) if codebook is None else opened_codebook(codebook, path)


def _renamed(cells: Cells, book: Codebook, columns: Mapping[str, str]) -> Cells:
    """The columns of the codebook under its own names, the others left out."""
    problems: list[KesosError] = list(unnamed(cells.columns, lambda i: Where(cells.file, column=str(i + 1))))
    for name, told in columns.items():
        if name not in book.columns:
            problems.append(_no_column(_("The codebook has no column {name}.", name=repr(clean(name))), book.columns))
        elif told not in cells.columns:
            problems.append(_no_column(_("The column {name} is missing.", name=repr(clean(told))), cells.columns))
    if problems:
        raise together(problems)
    called = {name: columns.get(name, name) for name in book.columns}
    kept = {name: told for name, told in called.items() if told in cells.columns}
    table = cells.table.select(list(kept.values())).rename_columns(list(kept))
    left = [told for told in cells.columns if told not in kept.values()]
    told = {**cells.detected, **({"left_out": ", ".join(map(clean, left))} if left else {})}
    return replace(cells, table=table, detected=told)


def _no_column(found: str, known: Iterable[str]) -> DataError:
    return DataError(
        found,
        expected=_("one of {names}", names=", ".join(known)),
        remedy=_("write the name as it stands in the header"),
        where=Where(key="columns"),
    )


def _backwards(cells: Cells, frame: pd.DataFrame, stages: Sequence[str]) -> Iterator[KesosError]:
    """Stages that come before one that goes before them."""
    latest = frame[stages[0]]
    for earlier, stage in pairwise(stages):
        wrong = np.flatnonzero((frame[stage] < latest).to_numpy())
        if len(wrong):
            yield Damage(
                "backwards",
                _("{n} cases reach {stage} before the stage that goes before it.", n=len(wrong), stage=stage),
                expected=_("dates that are never earlier than those of {stage} and before", stage=earlier),
                remedy=_("look at day and month in these rows, and at the year"),
                where=cells.where(int(wrong[0]), stage),
                count=len(wrong),
            )
        latest = pd.concat([latest, frame[stage]], axis=1).max(axis=1)


def _without(cells: Cells, frame: pd.DataFrame, stages: Sequence[str]) -> Iterator[KesosError]:
    empty = np.flatnonzero(frame[list(stages)].isna().all(axis=1).to_numpy())
    if len(empty):
        yield Damage(
            "no_stage",
            _("{n} cases have no date at all.", n=len(empty)),
            expected=_("a date in at least one of {names}", names=", ".join(stages)),
            remedy=_("add the date on which the case came in, or delete the row"),
            where=cells.where(int(empty[0]), stages[0]),
            count=len(empty),
        )


def _tidy(frame: pd.DataFrame, book: Codebook, stages: Sequence[str]) -> pd.DataFrame:
    key = book.key[0]
    others = [name for name in frame.columns if name not in (key, *stages)]
    number = {stage: i for i, stage in enumerate(stages, 1)}
    long = frame.melt(id_vars=[key], value_vars=list(stages), var_name="tahap", value_name="tanggal").dropna()
    long["tahap_ke"] = long["tahap"].map(number).astype("int64")
    long = long.sort_values([key, "tahap_ke"]).reset_index(drop=True)
    by_case = long.groupby(key, sort=False)["tanggal"]
    long["hari"] = by_case.diff().dt.days.astype("float64")
    long["hari_sejak_awal"] = (long["tanggal"] - by_case.transform("min")).dt.days.astype("int64")
    long["tahap"] = pd.Categorical(long["tahap"], categories=list(stages), ordered=True)
    wide = long[[key, "tahap_ke", "tahap", "tanggal", "hari", "hari_sejak_awal"]]
    return wide.merge(frame[[key, *others]], on=key, how="left", validate="m:1") if others else wide
