"""`kesos init`: a workspace from what the package carries. Nothing that is there is ever changed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from kesos_research.errors import KesosError, OutputError, Where
from kesos_research.language import _

PARTS = ("notebooks", "data")
_SKIPPED = {".ipynb_checkpoints", "__pycache__", "raw", "derived"}


@dataclass(frozen=True)
class Laid:
    """What `lay_out` did: files written, and files that were there just so."""

    folder: Path
    written: tuple[Path, ...]
    same: tuple[Path, ...]


def lay_out(folder: Path) -> Laid:
    """Make `folder` a workspace: notebooks, the example study, official figures, a place for reports.

    Raises
    ------
    OutputError
        When a file of another content is in the way, or the folder cannot be written. Nothing is written then.
    """
    folder = Path(os.path.abspath(folder))  # noqa: PTH100 - resolve() would hide links
    carried = {folder / path: content for path, content in _carried()}
    same, other = _there(folder, carried)
    if other:
        shown = ", ".join(path.relative_to(folder).as_posix() for path in other[:5])
        raise OutputError(
            _("{n} files are there already with other content: {names}", n=len(other), names=shown)
            + (" …" if len(other) > 5 else ""),
            expected=_("an empty folder, or one where nothing is in the way"),
            remedy=_("choose another folder"),
            where=Where(file=str(folder)),
        )
    written = [path for path in carried if path not in same]
    for path in [folder / "reports" / "drafts", *(p.parent for p in written)]:
        _make(path)
    for path in written:
        try:
            with path.open("xb") as file:
                file.write(carried[path].read_bytes())
        except OSError as error:
            raise _unwritable(path, error) from error
    return Laid(folder, tuple(written), tuple(same))


def _carried() -> Iterator[tuple[str, Traversable]]:
    """The files of a workspace: inside a wheel beside the package, in a checkout the project's own."""
    packed = files("kesos_research") / "workspace"
    top: Traversable = packed if packed.is_dir() else Path(__file__).parents[3]
    if not all((top / part).is_dir() for part in PARTS):
        raise KesosError(
            _("This installation carries no notebooks and no data."), remedy=_("install kesos-research again")
        )
    for part in PARTS:
        yield from _below(top / part, part)


def _below(folder: Traversable, name: str) -> Iterator[tuple[str, Traversable]]:
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.name in _SKIPPED or entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from _below(entry, f"{name}/{entry.name}")
        else:
            yield f"{name}/{entry.name}", entry


def _there(folder: Path, carried: dict[Path, Traversable]) -> tuple[list[Path], list[Path]]:
    """Of the files to be, those that are there just so, and those in whose place there is something else."""
    same, other = [], []
    try:
        if os.path.lexists(folder) and not folder.is_dir():
            raise OutputError(
                _("{path} is a file.", path=folder.name), expected=_("a folder"), where=Where(file=str(folder))
            )
        for path, content in carried.items():
            if os.path.lexists(path):
                alike = path.is_file() and not path.is_symlink() and path.read_bytes() == content.read_bytes()
                (same if alike else other).append(path)
            elif blocking := next(
                (p for p in path.parents if p != folder and p.is_relative_to(folder) and _blocks(p)), None
            ):
                other.append(blocking)
    except (OSError, ValueError) as error:
        raise _unwritable(folder, error) from error
    return same, list(dict.fromkeys(other))


def _blocks(path: Path) -> bool:
    """Something that is not a folder stands where a folder is needed; a link may lead anywhere and counts as that."""
    return os.path.lexists(path) and (not path.is_dir() or path.is_symlink())


def _make(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: Exception) -> OutputError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return OutputError(
        _("The folder cannot be written: {reason}.", reason=reason),
        remedy=_("choose a folder of your own"),
        where=Where(file=str(path)),
    )
