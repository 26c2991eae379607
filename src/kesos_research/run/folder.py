"""A folder that is there whole or not at all, and that nobody overwrites."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from kesos_research.errors import OutputError, Where
from kesos_research.language import _
from kesos_research.run.inputs import digest
from kesos_research.run.write import as_ours, flush_folder, flushed

STAGE = ".stage-"
"""Begins the name of a folder that is being written; one that is left over was never finished."""
_PLAIN = re.compile(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*", re.ASCII)


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a new folder in one step: staged beside it, flushed to disk, renamed.

    Parameters
    ----------
    folder
        What must not be there yet.
    files
        Bytes by path, parted by ``/``.

    Raises
    ------
    OutputError
        When it is there already, when a path is not plain, when the system refuses. Nothing is left then.
    """
    for path in files:
        _stays_inside(path)
    top = folder.parent
    with as_ours(folder, top):
        top.mkdir(parents=True, exist_ok=True)
        for left in top.glob(f"{STAGE}*"):
            shutil.rmtree(left, ignore_errors=True)  # of a release that was killed
        stage = Path(tempfile.mkdtemp(prefix=STAGE, dir=top))
    try:
        with as_ours(folder, top):
            for path, data in files.items():
                (stage / path).parent.mkdir(parents=True, exist_ok=True)
                flushed(stage / path, data)
            for made in (*(p for p in stage.rglob("*") if p.is_dir()), stage):
                flush_folder(made)
            stage.chmod(0o755)  # as other folders are; a temporary one is its owner's
            if os.path.lexists(folder):
                raise there_already(folder)
            stage.rename(folder)
            flush_folder(top)
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def there_already(folder: Path) -> OutputError:
    """A folder that a release would overwrite."""
    name = f"{folder.parent.name}/{folder.name}"
    return OutputError(
        _("The release {name} is there already, and what is released is never overwritten.", name=name),
        remedy=_("give another version: --version; or remove the folder yourself, if nobody has it yet"),
        where=Where(file=f"reports/released/{name}"),
    )


def sums(files: Mapping[str, bytes]) -> bytes:
    """The files' hashes as `sha256sum -c` reads them."""
    return "".join(f"{digest(data)}  {path}\n" for path, data in sorted(files.items())).encode("ascii")


def _stays_inside(path: str) -> None:
    if not _PLAIN.fullmatch(path) or {".", ".."} & {*path.split("/")}:
        raise OutputError(
            _("{name} cannot be the name of a released file.", name=ascii(path)[:80]),
            expected=_("letters a–z, digits, and . _ - between folders"),
            remedy=_("rename the exhibit or notebook that it comes from"),
        )
