"""The names in the first row of a file against those of its codebook."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator

from kesos_research.data.cells import Cells
from kesos_research.data.codebook import Codebook
from kesos_research.data.findings import Finding
from kesos_research.errors import Where
from kesos_research.language import _
from kesos_research.mask import mask_text
from kesos_research.study.refusal import clean

_SHOWN = 20


def header_findings(cells: Cells, codebook: Codebook | None = None) -> Iterator[Finding]:
    """What is wrong with the names: empty, there twice, not declared, missing."""
    names = list(cells.columns)
    if empty := names.count(""):
        yield _finding(cells, "", "empty_header", _("{n} columns have no name.", n=empty), empty)
    for name in _some(
        dict.fromkeys(n for n in names if n and names.count(n) > 1) if len(set(names)) < len(names) else ()
    ):
        said = _("The column {name} is there twice.", name=_shown(name))
        yield _finding(cells, name, "duplicate_header", said, names.count(name) - 1)
    if codebook is None:
        return
    known = list(codebook.columns)
    unknown = [n for n in dict.fromkeys(names) if n and n not in codebook.columns]
    for name in _some(unknown):
        near = difflib.get_close_matches(name.strip().lower(), known, n=1)
        yield Finding(
            rule="unknown_column",
            columns=(name,),
            found=_("The column {name} is not in the codebook.", name=_shown(name)),
            count=1,
            counted="file",
            where=_where(cells),
            expected=_("one of {names}", names=", ".join([*known[:40], *(["…"] if len(known) > 40 else [])])),
            remedy=_("did you mean {names}?", names=near[0]) if near else _("declare it in the codebook, or drop it"),
        )
    if len(unknown) > _SHOWN:
        more = _("{n} more columns are not in the codebook.", n=len(unknown) - _SHOWN)
        yield _finding(cells, "", "unknown_column", more, len(unknown) - _SHOWN)
    missing = [name for name in known if name not in names]
    for name in _some(missing):
        yield _finding(cells, name, "missing_column", _("The column {name} is missing.", name=_shown(name)), 1)
    if len(missing) > _SHOWN:
        more = _("{n} more columns are missing.", n=len(missing) - _SHOWN)
        yield _finding(cells, "", "missing_column", more, len(missing) - _SHOWN)


def _some(names: Iterable[str]) -> list[str]:
    return list(names)[:_SHOWN]


def _shown(name: str) -> str:
    return repr(clean(mask_text(name)))


def _finding(cells: Cells, name: str, rule: str, said: str, count: int) -> Finding:
    remedies = {
        "empty_header": _("name them in the header, or delete them"),
        "duplicate_header": _("rename one of them, or delete the column that is not needed"),
        "missing_column": _("add it to the file, or take it out of the codebook"),
    }
    remedy = remedies.get(rule, _("declare it in the codebook, or drop it"))
    return Finding(rule, (name,) if name else (), said, count, "file", _where(cells), remedy=remedy)


def _where(cells: Cells) -> Where:
    """The row above the first of the data."""
    place = 1 if cells.lines is not None and cells.counted == "line" else max(cells.first - 1, 1)
    return Where(cells.file, line=place) if cells.counted == "line" else Where(cells.file, row=place)
