"""The files of one study: found inside its workspace, named as a person writes them, and counted in one digest."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from kesos_research.data.cells import Cells
from kesos_research.data.check import check_cells
from kesos_research.data.codebook import Codebook
from kesos_research.data.read.codebook import read_codebook
from kesos_research.data.read.formats import LIMIT, read_cells
from kesos_research.data.read.reference import referred
from kesos_research.data.rules import Rule
from kesos_research.data.synthetic_mark import marked, of_file
from kesos_research.errors import DataError, Where
from kesos_research.language import _


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


class Files:
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

    def codebook(self, path: Path) -> Codebook:
        """The codebook in a file."""
        return read_codebook(self._take(path), name=self.name(path))

    def book(self, source: SourceFiles) -> Codebook:
        """The codebook of a source; a study never takes invented rows for real ones.

        Raises
        ------
        DataError
            When file or codebook say that the rows are invented and the study does not.
        """
        codebook = of_file(self.codebook(source.codebook), source.file.name)
        if codebook.synthetic and not getattr(source, "synthetic", False):
            raise DataError(
                _("The rows are invented, and the study takes them for real."),
                expected=_("synthetic: true at the source {name} in study.yaml", name=source.id),
                remedy=_("say so there; every page then says it too"),
                where=Where(self.name(source.file if marked(source.file.name) else source.codebook)),
            )
        return codebook

    def cells(self, path: Path, codebook: Codebook) -> Cells:
        """The cells of a data file, not yet held against its codebook."""
        return read_cells(self._take(path), codebook=codebook, name=self.name(path))

    def checked(
        self, path: Path, codebook: Codebook, *, rules: Sequence[Rule] | None = None, beside: Path | None = None
    ) -> Cells:
        """The cells of a data file that keeps these rules; all of its codebook when none are given.

        Files referred to lie `beside` the codebook.

        Raises
        ------
        KesosError
            With every broken promise at once.
        """
        cells = self.cells(path, codebook)
        values = referred(codebook, self.find(beside or path).parent)
        check_cells(cells, codebook, values=values, rules=rules).refuse()
        return replace(cells, table=cells.table.select(list(codebook.columns)))

    def digest(self) -> str:
        return self._hash.hexdigest()

    def find(self, path: Path) -> Path:
        """The file itself, which lies inside the workspace."""
        path = Path(path)
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

    def _take(self, path: Path) -> Path:
        """The file itself, its bytes counted in the digest."""
        found = self.find(path)
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
        if found.suffix.lower() in (".csv", ".tsv", ".txt", ".yaml"):
            raw = raw.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
        self._hash.update(hashlib.sha256(raw).digest())
        return found
