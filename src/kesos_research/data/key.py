"""The key under which a study's identifiers become pseudonyms: one a study, outside everything that is shared.

Whoever has the key can make the pseudonym of any NIK and so find its rows; without it a pseudonym tells nothing. Only
the key's id is ever written down.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
import sys
from pathlib import Path

from kesos_research.errors import DataError, OutputError, Where
from kesos_research.language import _
from kesos_research.study.refusal import clean

BYTES = 32
_MODE = 0o600
_REPOSITORY = (".git", ".hg", ".svn")


def new_key(path: Path) -> str:
    """Make a key of 32 random bytes that only its owner may read, and tell its id.

    Parameters
    ----------
    path
        Where it shall lie: outside repositories and workspaces. What is there is never overwritten.

    Raises
    ------
    DataError, OutputError
        When the place is not one for a key, or cannot be written.
    """
    _place(path)
    where = Where(clean(path))
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), _MODE)
    except FileExistsError:
        raise OutputError(
            _("There is a file of this name already."),
            remedy=_("name another: a key that is overwritten cannot be had again, and its pseudonyms mean nothing"),
            where=where,
        ) from None
    except OSError as error:
        raise OutputError(
            _("It cannot be written: {reason}.", reason=error.strerror or str(error)), where=where
        ) from None
    key = secrets.token_bytes(BYTES)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    return key_id(key)


def read_key(path: Path, *, data: Path) -> bytes:
    """The key in a file that nobody else may read, and that does not lie beside the data.

    Parameters
    ----------
    data
        The data file whose identifiers it is for.

    Raises
    ------
    DataError
        When it is no key, others may read it, or it lies in a repository, a workspace or the folder of the data.
    """
    where = Where(clean(path))
    _place(path)
    if path.resolve().is_relative_to(data.resolve().parent):
        raise DataError(
            _("The key lies in the folder of the data."),
            expected=_("a place that is not copied together with the data"),
            remedy=_("move it to a folder of your own"),
            where=where,
        )
    try:
        with path.open("rb") as file:
            state = os.fstat(file.fileno())
            key = file.read(BYTES + 1) if stat.S_ISREG(state.st_mode) else b""
    except OSError as error:
        raise DataError(
            _("The key cannot be opened: {reason}.", reason=error.strerror or str(error)),
            remedy=_("make one with `kesos data key FILE`"),
            where=where,
        ) from None
    if len(key) != BYTES or not any(key):
        raise DataError(
            _("The file is no key."),
            expected=_("{n} random bytes", n=BYTES),
            remedy=_("make one with `kesos data key FILE`"),
            where=where,
        )
    # Windows has lists of users instead of these bits: a folder of one's own is the protection there
    if sys.platform != "win32" and state.st_mode & 0o077:
        raise DataError(
            _("Others on this machine may read the key (mode {mode}).", mode=f"{stat.S_IMODE(state.st_mode):04o}"),
            expected="0600",
            remedy=f"chmod 600 {path}",
            where=where,
        )
    return key


def key_id(key: bytes) -> str:
    """What a key is called in codebooks and manifests; it tells nothing of the key.

    Examples
    --------
    >>> key_id(bytes(31) + b"x")
    'f4a6a681a7437f3d'
    """
    return hashlib.sha256(b"kesos key id|" + key).hexdigest()[:16]


def _place(path: Path) -> None:
    """Refuse a key where what is beside it is shared: in a repository, a workspace, or among data."""
    shared = next((said for folder in path.resolve().parents if (said := _shared(folder))), None)
    if shared:
        raise DataError(
            shared,
            expected=_("a place that is not shared with others, such as {path}", path="~/kunci/studi.key"),
            remedy=_("name a file in a folder of your own"),
            where=Where(clean(path)),
        )


def _shared(folder: Path) -> str | None:
    """Why a key may not lie in this folder or below it."""
    if any((folder / name).exists() for name in _REPOSITORY):
        return _("The key would lie in a repository.")
    if (folder / "notebooks").is_dir():
        return _("The key would lie in a workspace.")
    if (folder / "codebook.yaml").exists():
        return _("The key would lie in a folder of data.")
    return None
