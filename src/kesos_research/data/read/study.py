"""The only place where data files are opened: text first, checked, then typed."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Protocol

import pandas as pd

from kesos_research.data._problems import together
from kesos_research.data.check import decode, ordered, split, typed
from kesos_research.data.codebook import Codebook, Column, Kind
from kesos_research.data.codebook_text import parse_codebook
from kesos_research.data.evidence import COLUMNS as EVIDENCE_COLUMNS
from kesos_research.data.evidence import Evidence, blank, checked
from kesos_research.data.panel import Panel
from kesos_research.data.read.formats import LIMIT
from kesos_research.errors import DataError, KesosError, Where
from kesos_research.language import _, words

FLAG_USES = ("exclude", "break", "note")
"""What to do with a flagged value: set it missing, bar the region from comparison, or only tell it."""

_FLAG_COLUMNS = ("wilayah", "tahun", "indikator", "tanda", "guna", "sumber")
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


class SourceFiles(Protocol):
    """The files of one source, as a study names them."""

    @property
    def id(self) -> str: ...
    @property
    def file(self) -> Path: ...
    @property
    def codebook(self) -> Path: ...
    @property
    def flags(self) -> Path | None: ...


class StudyFiles(Protocol):
    """What reading needs to know of a study."""

    @property
    def folder(self) -> Path: ...
    @property
    def root(self) -> Path: ...
    @property
    def sources(self) -> tuple[SourceFiles, ...]: ...


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
    chosen = _source(study, source)
    files = _Files(study)
    book_file = files.name(chosen.codebook)
    codebook = parse_codebook(decode(files.take(chosen.codebook), book_file), book_file)
    if codebook.key != ("wilayah", "tahun") or [codebook.columns[k].kind for k in codebook.key] != ["wilayah", "tahun"]:
        raise DataError(
            _("The rows are not told apart by region and year."),
            expected="kunci: [wilayah, tahun]",
            where=Where(book_file, key="kunci"),
        )
    cells, file = files.cells(chosen.file, tuple(codebook.columns), codebook)
    rows = typed(cells, codebook, file)
    flags = _flags(files, chosen.flags, codebook, rows)
    at = pd.MultiIndex.from_frame(rows[["wilayah", "tahun"]])
    for name, cut in flags[flags["guna"] == "exclude"].groupby("indikator"):
        excluded = at.isin(pd.MultiIndex.from_frame(cut[["wilayah", "tahun"]]))
        rows[str(name)] = rows[str(name)].mask(excluded)
    ordered(rows, codebook.order, file)
    rows = rows.sort_values(list(codebook.key)).reset_index(drop=True)
    sources = _sources(files, chosen.codebook, codebook)
    return Panel(rows, flags, sources, codebook, files.digest())


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
    files = _Files(study)
    cells, name = files.cells(path, EVIDENCE_COLUMNS)
    return checked(cells, study.programme, study.treated, name, files.digest())


class _Files:
    """Files taken so far, for the digest."""

    def __init__(self, study: StudyFiles) -> None:
        self.study = study
        self._hash = hashlib.sha256()

    def name(self, path: Path) -> str:
        """The path as a person of this workspace writes it."""
        for base in (self.study.root, self.study.folder):
            if path.is_relative_to(base):
                return path.relative_to(base).as_posix()
        return path.as_posix()

    def take(self, path: Path) -> bytes:
        found = self._find(Path(path))
        if found.stat().st_size > LIMIT:
            raise DataError(_("The file is larger than {n} megabytes.", n=LIMIT // 2**20), where=Where(self.name(path)))
        try:
            raw = found.read_bytes()
        except OSError as error:
            raise DataError(
                _("The file cannot be opened: {reason}.", reason=error.strerror or str(error)),
                where=Where(self.name(path)),
            ) from error
        # a checkout on Windows may end lines otherwise; the digest is of the text
        text = raw.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
        self._hash.update(hashlib.sha256(text).digest())
        return raw

    def cells(self, path: Path, columns: tuple[str, ...], codebook: Codebook | None = None) -> tuple[pd.DataFrame, str]:
        file = self.name(path)
        encoding, delimiter = (codebook.encoding, codebook.delimiter) if codebook else ("utf-8", ",")
        return split(decode(self.take(path), file, encoding), file, columns, delimiter), file

    def digest(self) -> str:
        return self._hash.hexdigest()

    def _find(self, path: Path) -> Path:
        bases = [self.study.folder.resolve(), self.study.root.resolve()]
        for candidate in [path] if path.is_absolute() else [base / path for base in bases]:
            found = candidate.resolve()
            if found.is_file():
                if not any(found.is_relative_to(base) for base in bases):
                    raise DataError(
                        _("The file lies outside the workspace."),
                        remedy=_("copy it into the folder of the study or into data/"),
                        where=Where(self.name(path)),
                    )
                return found
        raise DataError(
            _("There is no file {name}.", name=self.name(path)),
            expected=_("a file relative to the workspace or to the folder of the study"),
            where=Where(self.name(path)),
        )


def _source(study: StudyFiles, wanted: str | None) -> SourceFiles:
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


def _flags(files: _Files, path: Path | None, codebook: Codebook, rows: pd.DataFrame) -> pd.DataFrame:
    if path is None:
        empty = pd.DataFrame({name: pd.Series(dtype="str") for name in _FLAG_COLUMNS})
        return empty.astype({"tahun": "int64"})
    cells, file = files.cells(path, _FLAG_COLUMNS)
    flags = typed(cells, _flag_book(codebook), file)
    problems: list[KesosError] = []
    for name, allowed in (("guna", FLAG_USES), ("indikator", codebook.outcomes)):
        for value, lines in flags[~flags[name].isin(allowed)].groupby(name, dropna=False):
            problems.append(
                DataError(
                    _("{n} rows say {value}.", n=len(lines), value=repr(value)),
                    expected=_("one of {names}", names=", ".join(allowed)),
                    where=Where(file, line=int(lines.index[0]), column=name),
                )
            )
    known = pd.MultiIndex.from_frame(rows[["wilayah", "tahun"]])
    strange = ~pd.MultiIndex.from_frame(flags[["wilayah", "tahun"]]).isin(known)
    if strange.any():
        problems.append(
            DataError(
                _("{n} rows flag a region and year that the data do not have.", n=int(strange.sum())),
                where=Where(file, line=int(flags.index[strange][0])),
            )
        )
    if problems:
        raise together(problems)
    return flags.reset_index(drop=True)


def _flag_book(codebook: Codebook) -> Codebook:
    """Flags have the regions and years of the data, and words beside them."""
    columns = {name: _plain(name, "teks") for name in _FLAG_COLUMNS}
    columns |= {name: codebook.columns[name] for name in ("wilayah", "tahun")}
    return Codebook(columns, "region", ("wilayah", "tahun", "indikator", "tanda"))


def _plain(name: str, kind: Kind) -> Column:
    nothing = words(id="", en="")
    return Column(name, nothing, kind, "", "publik", nothing, nothing, "")


def _sources(files: _Files, book: Path, codebook: Codebook) -> pd.DataFrame:
    if codebook.sources is None:
        return pd.DataFrame({name: pd.Series(dtype="str") for name in _SOURCE_COLUMNS})
    cells, file = files.cells(Path(book).parent / codebook.sources, _SOURCE_COLUMNS)
    counts: dict[str, Kind] = {"tahun_awal": "tahun", "tahun_akhir": "tahun", "baris": "angka"}
    columns = {name: _plain(name, counts.get(name, "teks")) for name in _SOURCE_COLUMNS}
    key = ("indikator", "sumber", *counts)
    return (
        typed(cells, Codebook(columns, "region", key), file)
        .reset_index(drop=True)
        .astype(dict.fromkeys(counts, "int64"))
    )
