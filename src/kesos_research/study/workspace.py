"""Where things lie: the workspace, its studies, and what is inside it for good."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath, PureWindowsPath

from kesos_research.errors import StudyError
from kesos_research.language import _
from kesos_research.study.refusal import Refused, listed, nearest, shown
from kesos_research.study.scalar import STUDY_ID

STUDIES = PurePosixPath("notebooks/studies")


def workspace_of(path: Path) -> Path:
    """The workspace `path` lies in: the nearest folder above it that holds `notebooks/`.

    Raises
    ------
    StudyError
        When there is none.
    """
    for folder in (path, *path.parents):
        if (folder / "notebooks").is_dir() and folder.name != "notebooks":
            return folder
    raise StudyError(
        _("{path} does not lie in a workspace.", path=shown(path)),
        expected=_("a folder with notebooks/ and data/ in it"),
        remedy=_("make one with `kesos init FOLDER`"),
    )


def inside(root: Path, written: str) -> Path:
    """The file that a document of the workspace calls `written`, which must lie inside the workspace, links followed.

    Raises
    ------
    Refused
        When the path is absolute, leads out, or is no path at all.
    """
    expected = _("a path inside the workspace, written from its top, such as data/kabupaten_kota.csv")
    windows = PureWindowsPath(written)
    if "\\" in written or windows.drive or PurePosixPath(written).is_absolute() or not written.isprintable():
        remedy = _("write / between folders") if "\\" in written and not windows.is_absolute() else None
        raise Refused(_("{path} is not a path we can use.", path=shown(written)), expected=expected, remedy=remedy)
    if not leads_inside(root, root / written):
        raise Refused(_("{path} leads out of the workspace.", path=shown(written)), expected=expected)
    return root / written


def leads_inside(root: Path, path: Path) -> bool:
    """Does `path` stay inside `root` once links are followed?"""
    try:
        return path.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError, ValueError):  # a loop of links, a name too long
        return False


def find_study(where: str | Path) -> Path:
    """The folder of a study, given as folder, as its study.yaml, or as the id of one of the workspace's studies.

    Raises
    ------
    StudyError
        When there is none; the known studies and the nearest are named.
    """
    given = Path(where)
    if str(where).strip() and exists(given):
        folder = given.parent if given.name == "study.yaml" or not given.is_dir() else given
        if given.is_dir() or given.name == "study.yaml":
            return Path(os.path.abspath(folder))  # noqa: PTH100 - resolve() would hide links
        raise StudyError(
            _("{path} is not a study.", path=shown(where)), expected=_("a folder with study.yaml, or that file")
        )
    name, known = str(where), known_studies(Path.cwd())
    if name in known:
        return known[name]
    raise StudyError(
        _("There is no study {name}.", name=shown(where)),
        expected=_("a folder with study.yaml, or one of {names}", names=listed(known))
        if known
        else _("a folder with study.yaml"),
        remedy=nearest(Path(name).name, known) or _("make one with `kesos new NAME`"),
    )


def known_studies(start: Path) -> dict[str, Path]:
    """The studies of the workspace around `start`, by id."""
    for folder in (start, *start.parents):
        studies = folder / STUDIES
        if studies.is_dir():
            return {
                f.name: f for f in sorted(studies.iterdir()) if STUDY_ID.fullmatch(f.name) and exists(f / "study.yaml")
            }
    return {}


def exists(path: Path) -> bool:
    """Is something there? False too for what cannot be a path."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False
