"""Writing so that what is there is always whole: staged beside, flushed to disk, put in place in one step.

A Word, PowerPoint or Excel file that a colleague has changed is kept, and the new one is written beside it.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from kesos_research.errors import OutputError, Where
from kesos_research.language import _
from kesos_research.run.inputs import digest

EDITABLE = (".docx", ".pptx", ".xlsx")
_BESIDE = "baru"
_FULL = (errno.ENOSPC, errno.EDQUOT) if hasattr(errno, "EDQUOT") else (errno.ENOSPC,)


@dataclass(frozen=True)
class Output:
    """A finished file: its path in the folder of drafts, its bytes, and the hash of what it was made from."""

    path: str
    data: bytes
    made_from: str


@dataclass(frozen=True)
class Placed:
    """Where an output ended: at its own path, or beside an edited file that was kept."""

    path: str
    sha256: str
    made_from: str
    kept: str = ""
    """The edited file, when there is one."""


class Drafts:
    """The folder of one study's drafts, and what we know to have written there ourselves.

    Parameters
    ----------
    folder
        `reports/drafts/<study>`.
    records
        Hidden folder for what a run remembers; deleting it loses nothing but time.
    written
        sha256 of files that the last manifest calls ours, by path.
    """

    def __init__(self, folder: Path, records: Path, written: Mapping[str, str]) -> None:
        self.folder, self._records = folder, records
        self._ours = {path: {sha} for path, sha in written.items()}
        for path, shas in _remembered(records / "written.json").items():
            self._ours.setdefault(path, set()).update(shas)

    def ready(self, paths: Sequence[str]) -> None:
        """Fail now, not after an hour of computing: can these files be written?

        Raises
        ------
        OutputError
            A folder that cannot be written, or a file that another program holds open.
        """
        for folder in (self.folder, self._records):
            with as_ours(folder, self.folder):
                folder.mkdir(parents=True, exist_ok=True)
                with tempfile.TemporaryFile(dir=folder):
                    pass
        for path in paths:
            target = self.folder / path
            kept = PurePosixPath(path).suffix in EDITABLE and not self.is_ours(path)
            if target.exists() and not kept:
                with as_ours(target, self.folder), target.open("r+b"):
                    pass

    def is_ours(self, path: str) -> bool:
        """Whether the file is as we wrote it. One that is not there is ours; one that cannot be read is not."""
        return not (self.folder / path).exists() or _sha(self.folder / path) in self._ours.get(path, ())

    def place(self, outputs: Sequence[Output]) -> list[Placed]:
        """Put finished files in place: all of them, or none.

        Raises
        ------
        OutputError
            Naming the file, and what to close or free; earlier files are then as they were.
        """
        placed = [self._beside_edited(output) for output in outputs]
        fresh = [(p, o) for p, o in zip(placed, outputs, strict=True) if _sha(self.folder / p.path) != p.sha256]
        if fresh:
            self._remember(placed)
            with self._staging() as stage:
                self._replace(fresh, stage)
        for output in placed:
            if not output.kept:
                self._tidy(output.path)
        return placed

    def _beside_edited(self, output: Output) -> Placed:
        sha, path = digest(output.data), output.path
        edited = PurePosixPath(path).suffix in EDITABLE and not self.is_ours(path) and _sha(self.folder / path) != sha
        if not edited:
            return Placed(path, sha, output.made_from)
        for beside in _beside(path):
            if self.is_ours(beside) or _sha(self.folder / beside) == sha:
                return Placed(beside, sha, output.made_from, kept=path)
        raise AssertionError("there is always another name")

    def _replace(self, fresh: Sequence[tuple[Placed, Output]], stage: Path) -> None:
        steps = []
        for n, (placed, output) in enumerate(fresh):
            target = self.folder / placed.path
            with as_ours(target, self.folder):
                target.parent.mkdir(parents=True, exist_ok=True)
                flushed(stage / f"{n}.new", output.data)
                if target.exists():
                    shutil.copy2(target, stage / f"{n}.old")
            steps.append((stage / f"{n}.new", target, stage / f"{n}.old"))
        done: list[tuple[Path, Path]] = []
        try:
            for new, target, old in steps:
                with as_ours(target, self.folder):
                    os.replace(new, target)  # noqa: PTH105 - the one step
                done.append((target, old))
        except OutputError:
            for target, old in reversed(done):
                if old.exists():
                    os.replace(old, target)  # noqa: PTH105
                else:
                    target.unlink(missing_ok=True)
            raise
        for folder in {target.parent for target, _old in done}:
            flush_folder(folder)

    def _tidy(self, path: str) -> None:
        """Take away our own new editions beside a file that is ours again."""
        pure = PurePosixPath(path)
        beside = re.compile(re.escape(pure.stem) + rf"\.{_BESIDE}\d*" + re.escape(pure.suffix))
        for file in sorted((self.folder / pure.parent).iterdir()) if pure.suffix in EDITABLE else ():
            if beside.fullmatch(file.name) and self.is_ours(str(pure.with_name(file.name))):
                file.unlink(missing_ok=True)

    def _remember(self, placed: Sequence[Placed]) -> None:
        """Note the hashes before the files are there: after a power cut they are still known as ours."""
        for output in placed:
            there = {_sha(self.folder / output.path)}
            self._ours[output.path] = (self._ours.get(output.path, set()) & there) | {output.sha256}
        known = {path: sorted(shas) for path, shas in sorted(self._ours.items())}
        write_whole(self._records / "written.json", as_json(known), self.folder)

    @contextmanager
    def _staging(self) -> Iterator[Path]:
        with as_ours(self._records, self.folder):
            stage = Path(tempfile.mkdtemp(prefix="stage-", dir=self._records))
        try:
            yield stage
        finally:
            shutil.rmtree(stage, ignore_errors=True)


def write_whole(path: Path, data: bytes, top: Path) -> None:
    """Write one file so that it is there whole or not at all; the same bytes are not written again."""
    if _bytes(path) == data:
        return
    with as_ours(path, top):
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f".{path.name}.{os.getpid()}.new")
        try:
            flushed(new, data)
            os.replace(new, path)  # noqa: PTH105 - the one step
        finally:
            new.unlink(missing_ok=True)
    flush_folder(path.parent)


def as_json(value: object) -> bytes:
    """Plain data as a JSON file that people can read too."""
    return json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False).encode() + b"\n"


@contextmanager
def alone(records: Path, top: Path) -> Iterator[None]:
    """Let no second run work on the same study; a run that was killed does not block the next.

    Raises
    ------
    OutputError
        When another run is at it.
    """
    with as_ours(records, top):
        records.mkdir(parents=True, exist_ok=True)
        handle = (records / "lock").open("ab")
    with handle:
        try:
            if sys.platform == "win32":
                import msvcrt

                handle.seek(0)
                msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise OutputError(
                _("Another run of this study is at work."), remedy=_("wait until it is done, or stop it")
            ) from None
        for left in records.glob("stage-*"):
            shutil.rmtree(left, ignore_errors=True)  # of a run that was killed
        yield


def flushed(path: Path, data: bytes) -> None:
    """Write a file and see it to the disk."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def flush_folder(folder: Path) -> None:
    """See the names in a folder to the disk."""
    if sys.platform == "win32":
        return  # has no such thing
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _beside(path: str) -> Iterator[str]:
    """Names for a new edition beside an edited file: `x.baru.docx`, `x.baru2.docx`, …"""
    pure = PurePosixPath(path)
    n = 1
    while True:
        yield str(pure.with_name(f"{pure.stem}.{_BESIDE}{n if n > 1 else ''}{pure.suffix}"))
        n += 1


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _sha(path: Path) -> str:
    data = _bytes(path)
    return "" if data is None else digest(data)


def _remembered(path: Path) -> dict[str, list[str]]:
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}  # nothing, or half of it: then only the manifest tells what is ours
    return {k: v for k, v in known.items() if isinstance(v, list)} if isinstance(known, dict) else {}


@contextmanager
def as_ours(path: Path, top: Path) -> Iterator[None]:
    """An error of the system as one of ours, with what to do about it."""
    try:
        yield
    except OSError as error:
        shown = path.relative_to(top.parent).as_posix() if path.is_relative_to(top.parent) else path.name
        raise _refused(error, path, shown) from error


def _refused(error: OSError, path: Path, shown: str) -> OutputError:
    where = Where(file=shown)
    if error.errno in _FULL:
        return OutputError(_("The disk is full."), remedy=_("free some space and run again"), where=where)
    if isinstance(error, PermissionError) and path.is_file():
        return OutputError(
            _("The file {name} cannot be replaced: another program has it open, or it is read-only.", name=path.name),
            remedy=_("close {name} and run again", name=path.name),
            where=where,
        )
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        return OutputError(
            _("The folder may not be written."),
            remedy=_("make it writable, or copy the workspace to a folder of your own"),
            where=where,
        )
    if isinstance(error, FileExistsError | NotADirectoryError):
        return OutputError(_("A file is in the way where a folder is needed."), remedy=_("move it away"), where=where)
    return OutputError(_("It cannot be written: {reason}.", reason=error.strerror or str(error)), where=where)
