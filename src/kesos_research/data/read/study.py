"""What a study reads: its panel with flags and sources, and the evidence of its programme."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import pandas as pd

from kesos_research.data.check import check_cells
from kesos_research.data.codebook import Codebook, Kind, plain_column
from kesos_research.data.evidence import Evidence, blank, book, evidence, rules, untouched
from kesos_research.data.findings import Findings
from kesos_research.data.panel import Panel
from kesos_research.data.read.checked import check
from kesos_research.data.read.files import Files, SourceFiles, StudyFiles
from kesos_research.data.read.flags import flag_book, flags_of, no_flags, without_excluded
from kesos_research.data.read.reference import referred
from kesos_research.data.rules import rules_of
from kesos_research.data.typed import typed
from kesos_research.errors import DataError, Where
from kesos_research.language import _

_SOURCE_COLUMNS = (
    "indikator",
    "sumber",
    "tahun_awal",
    "tahun_akhir",
    "baris",
    "keterangan_id",
    "keterangan_en",
    "lisensi",
)


class ProgrammeStudy(StudyFiles, Protocol):
    """What reading the evidence matrix needs to know besides."""

    @property
    def programme(self) -> str: ...
    @property
    def treated(self) -> tuple[str, ...]: ...


def read_panel(study: StudyFiles, *, source: str | None = None) -> Panel:
    """Which figures of regions by year does this study use?

    Parameters
    ----------
    study
        A study, or anything with `folder`, `root` and `sources`.
    source
        Id of one of its sources; the first when not given.

    Returns
    -------
    Panel
        Checked against the codebook; values flagged *exclude* are missing.

    Raises
    ------
    KesosError
        When a file is not there, is not clean text, or breaks a promise of its codebook: all problems at once.
    """
    chosen = source_of(study, source)
    files = Files(study)
    codebook = files.book(chosen)
    if not of_regions_by_year(codebook):
        raise DataError(
            _("The rows are not told apart by region and year."),
            expected="kunci: [wilayah, tahun]",
            where=Where(files.name(chosen.codebook), key="kunci"),
        )
    rules = rules_of(codebook, referred(codebook, files.find(chosen.codebook).parent))
    cells = files.checked(
        chosen.file, codebook, rules=[rule for rule in rules if rule.scope != "row"], beside=chosen.codebook
    )
    flags = no_flags()
    if chosen.flags is not None:
        book_of_flags = flag_book(codebook)
        flags = flags_of(files.checked(chosen.flags, book_of_flags), book_of_flags, typed(cells, codebook))
    cells = without_excluded(cells, flags, codebook)
    check_cells(cells, codebook, rules=[rule for rule in rules if rule.scope == "row"]).refuse()
    rows = typed(cells, codebook).sort_values(list(codebook.key)).reset_index(drop=True)
    sources = _sources(files, chosen.codebook, codebook)
    return Panel(rows, flags, sources, codebook, files.digest())


def read_rows(study: StudyFiles, *, source: str | None = None) -> pd.DataFrame:
    """Which rows has this source, be they of households, persons or institutions?

    Parameters
    ----------
    study
        A study, or anything with `folder`, `root` and `sources`.
    source
        Id of one of its sources; the first when not given.

    Returns
    -------
    DataFrame
        Every column of the codebook as its kind: numbers, dates, text; in the order of the file.

    Raises
    ------
    KesosError
        When a file is not there, is not clean, or breaks a promise of its codebook: all problems at once.
    """
    chosen = source_of(study, source)
    files = Files(study)
    codebook = files.book(chosen)
    return typed(files.checked(chosen.file, codebook, beside=chosen.codebook), codebook)


def source_findings(study: StudyFiles, *, source: str) -> Findings | None:
    """Which promises does this source break? None for regions by year: `read_panel` checks them with their flags.

    Raises
    ------
    KesosError
        When a file is not there, or the codebook is not understood.
    """
    chosen = source_of(study, source)
    files = Files(study)
    codebook = files.book(chosen)
    if of_regions_by_year(codebook):
        return None
    folder = files.find(chosen.codebook).parent
    return check(files.find(chosen.file), codebook, folder=folder, name=files.name(chosen.file))


def of_regions_by_year(codebook: Codebook) -> bool:
    """Whether its rows are regions by year, as a panel needs them."""
    return codebook.key == ("wilayah", "tahun") and [codebook.columns[k].kind for k in codebook.key] == [
        "wilayah",
        "tahun",
    ]


def read_evidence(study: ProgrammeStudy, *, file: str = "bukti.csv") -> Evidence:
    """What is documented of the programme, item by item and region by region?

    Parameters
    ----------
    study
        A study: its programme gives the items, its treated regions the columns.
    file
        Name of the matrix in the folder of the study. Where there is none, nothing is documented yet and every cell
        says so.

    Raises
    ------
    KesosError
        When an item, region or aspect is unknown, a cell is there twice or missing, or a finding lacks its document or
        date.
    """
    path = Path(study.folder) / file
    if not path.is_file():
        return blank(study.programme, study.treated)
    files = Files(study)
    codebook = book(study.programme, study.treated)
    cells = files.cells(path, codebook)
    check_cells(cells, codebook, rules=()).refuse()
    if untouched(typed(cells, codebook).fillna(""), study.programme):
        return Evidence(blank(study.programme, study.treated).rows, files.digest())
    check_cells(cells, codebook, rules=rules(codebook)).refuse()
    found = typed(cells, codebook).fillna("")
    return evidence(found, study.programme, study.treated, cells.file, files.digest())


def source_of(study: StudyFiles, wanted: str | None) -> SourceFiles:
    if not study.sources:
        raise DataError(
            _("The study names no source."),
            remedy=_("add one under `sources` in study.yaml"),
            where=Where(key="sources"),
        )
    if wanted is None:
        return study.sources[0]
    for source in study.sources:
        if source.id == wanted:
            return source
    raise DataError(
        _("The study has no source {name}.", name=repr(wanted)),
        expected=_("one of {names}", names=", ".join(s.id for s in study.sources)),
    )


def _sources(files: Files, book_file: Path, codebook: Codebook) -> pd.DataFrame:
    if codebook.sources is None:
        return pd.DataFrame({name: pd.Series(dtype="str") for name in _SOURCE_COLUMNS})
    counts: dict[str, Kind] = {"tahun_awal": "tahun", "tahun_akhir": "tahun", "baris": "bilangan"}
    columns = {name: plain_column(name, counts.get(name, "teks")) for name in _SOURCE_COLUMNS}
    source_book = Codebook(columns, "region", ("indikator", "sumber", *counts))
    return typed(files.checked(Path(book_file).parent / codebook.sources, source_book), source_book)
