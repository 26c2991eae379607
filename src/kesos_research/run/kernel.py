"""What a notebook's kernel is: a real ipykernel in a fixed world.

The same world whichever way a kernel comes to be, forked from a preloaded process or started as a program of its own:
no clock, no random hash seed, one thread a kernel, no start-up file of the user, previews in the study's language.
Errors speak the reader's language.
"""

from __future__ import annotations

import importlib.util
import os
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kesos_research.language import Language, is_language, set_language, use
from kesos_research.run.called import watch

_SEED, _SPEAKS, _SHOWS = "KESOS_KERNEL_SEED", "KESOS_KERNEL_SPEAKS", "KESOS_KERNEL_SHOWS"


@dataclass(frozen=True)
class World:
    """What a kernel finds around it."""

    seed: int
    date: str
    """ISO date of the study; the only clock that drawings see."""
    speaks: Language
    """Language of errors: the reader's."""
    shows: Language
    """Language of previews in the executed notebook: the study's, so that the record does not depend on the reader."""

    def environment(self, home: str) -> dict[str, str]:
        """Environment variables of a kernel; `home` is an empty folder for what IPython writes."""
        midnight = datetime.fromisoformat(self.date).replace(tzinfo=UTC)
        return {
            **os.environ,
            "PYTHONHASHSEED": "0",
            "PYTHONUTF8": "1",
            "TZ": "UTC",
            "MPLBACKEND": "agg",
            **_drawing_defaults(),
            "IPYTHONDIR": home,
            "SOURCE_DATE_EPOCH": str(int(midnight.timestamp())),
            # sums in one order, and two notebooks on two cores do not fight for them
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
            "MKL_NUM_THREADS": "1",
            # pandas loads pyarrow where it is installed, whose allocator would start a thread before the fork
            "JE_ARROW_MALLOC_CONF": "background_thread:false",
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",
            _SEED: str(self.seed),
            _SPEAKS: self.speaks,
            _SHOWS: self.shows,
        }


def _drawing_defaults() -> dict[str, str]:
    """matplotlib's own defaults, not those of the user's settings file."""
    found = importlib.util.find_spec("matplotlib")
    if found is None or found.origin is None:
        return {}
    return {"MATPLOTLIBRC": str(Path(found.origin).parent / "mpl-data" / "matplotlibrc")}


def start(connection_file: str, *, parent: int = 0) -> None:
    """Be a kernel until told to stop.

    Parameters
    ----------
    connection_file
        Where the client wrote how to meet.
    parent
        Process id the kernel does not outlive; 0 for none.
    """
    from ipykernel.kernelapp import IPKernelApp
    from traitlets.config import Config

    if hasattr(time, "tzset"):
        time.tzset()
    speaks = os.environ.get(_SPEAKS, "")
    if is_language(speaks):
        set_language(speaks)

    config = Config()
    config.HistoryManager.enabled = False
    config.Application.log_level = "CRITICAL"
    app = IPKernelApp.instance(config=config, connection_file=connection_file, log_level=50)
    if parent:
        app.parent_handle = parent
    app.initialize([])
    _show_in(os.environ.get(_SHOWS, ""), app.shell)
    _seed_first_cell(int(os.environ.get(_SEED, "0")), app.shell)
    watch(app.shell)
    app.start()


def _seed_first_cell(seed: int, shell: Any) -> None:
    """Seed just before the notebook begins: a kernel draws random numbers while it starts."""
    import numpy as np

    def once(*_: object) -> None:
        random.seed(seed)
        np.random.seed(seed)
        shell.events.unregister("pre_run_cell", once)

    shell.events.register("pre_run_cell", once)


def _show_in(lang: str, shell: Any) -> None:
    """Let everything the notebook shows be in `lang`, whoever reads it now."""
    if not is_language(lang):
        return
    formatter = shell.display_formatter
    plain = formatter.format

    def spoken(obj: object, include: object = None, exclude: object = None) -> tuple[Mapping[str, Any], Any]:
        with use(lang):
            return plain(obj, include=include, exclude=exclude)

    formatter.format = spoken
