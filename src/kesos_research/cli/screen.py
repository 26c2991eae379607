"""What is said on screen: in the reader's language, on any console, and never a traceback."""

from __future__ import annotations

import datetime
import io
import platform
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path

import typer

from kesos_research import __version__
from kesos_research.errors import KesosError, Problems
from kesos_research.language import _
from kesos_research.mask import mask_text


def prepare() -> None:
    """Make both streams take any character: a cp1252 console has no −, no ≥ and no “ on every machine."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            same = (stream.encoding or "").lower().replace("-", "") == "utf8"
            stream.reconfigure(encoding=None if same else "utf-8", errors="replace")


def harmless(text: str) -> str:
    """Text without what a terminal would obey, and without the numbers of people."""
    text = mask_text(text)
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)


def near(path: Path) -> Path:
    """A path as the reader would type it from here."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def say(text: str = "") -> None:
    typer.echo(harmless(text))


def done(text: str) -> None:
    """Good news."""
    typer.secho(harmless(text), fg=typer.colors.GREEN)


def refuse(error: KesosError) -> None:
    """A problem, or several, on the error stream."""
    typer.secho(harmless(str(error)), fg=typer.colors.RED, err=True)


def warn(warnings: Sequence[KesosError]) -> None:
    """What stops nothing and should be known."""
    for warning in warnings:
        typer.secho(harmless(_("Note: {text}", text=str(warning))), fg=typer.colors.YELLOW, err=True)


def several(errors: Sequence[KesosError]) -> KesosError:
    """One error as itself, more as one."""
    return errors[0] if len(errors) == 1 else Problems(errors)


def unexpected(error: BaseException) -> None:
    """A mistake of ours: one line, and the details in a file that can be sent."""
    try:
        log = str(_log(error))
    except OSError:
        log = "–"
    typer.secho(
        harmless(
            _(
                "Something went wrong that is not your mistake ({kind}). Please report it and send this file: {file}",
                kind=type(error).__name__,
                file=log,
            )
        ),
        fg=typer.colors.RED,
        err=True,
    )


def _log(error: BaseException) -> Path:
    from platformdirs import user_log_path

    now = datetime.datetime.now(tz=datetime.UTC)
    text = "\n".join(
        (
            f"kesos {__version__}, Python {platform.python_version()}, {platform.platform()}, {now:%Y-%m-%d %H:%M} UTC",
            # a message may quote a cell of somebody's data; the values of variables are not in a traceback
            *map(mask_text, traceback.format_exception(error)),
        )
    )
    name = f"kesos-{now:%Y%m%d-%H%M%S}.log"
    try:
        folder = user_log_path("kesos-research", appauthor=False, ensure_exists=True)
        (folder / name).write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError:
        folder = Path(tempfile.mkdtemp(prefix="kesos-"))
        (folder / name).write_text(text, encoding="utf-8", errors="backslashreplace")
    return folder / name
