"""One notebook, executed: papermill injects the parameters and drives the kernel, the ledger says how it went.

papermill's own record cannot be trusted: after a killed kernel or a time-out it calls every cell completed.
"""

from __future__ import annotations

import asyncio
import logging
import re
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kesos_research import errors
from kesos_research.errors import KesosError, RunError, Where
from kesos_research.language import _
from kesos_research.run.jobs import Job
from kesos_research.run.kernels import Kernels
from kesos_research.run.normal import normal
from kesos_research.run.notebook import NotebookNode, nbformat, read_notebook

if TYPE_CHECKING:
    from kesos_research.disclosure.scan import Finding, ScanReport

SECONDS = 1800
"""How long one notebook may take."""
_LINE, _LONGEST = 80, 2000
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


@dataclass
class Ledger:
    """What was asked of the kernel, and what it answered, cell by cell."""

    seconds: int
    running: Mapping[str, Any] | None = None
    answered: set[str] = field(default_factory=set)
    error: Mapping[str, Any] | None = None
    began: float = field(default_factory=time.monotonic)

    def cell_sent(self, *, cell: Mapping[str, Any], **_rest: object) -> None:
        self.running = cell

    def cell_answered(
        self, *, cell: Mapping[str, Any], execute_reply: Mapping[str, Any] | None, **_rest: object
    ) -> None:
        content = execute_reply["content"] if execute_reply else {}
        if content.get("status") == "ok":
            self.answered.add(cell["id"])
        elif content.get("status") == "error":
            self.error = content

    def seconds_left(self, _cell: object) -> int:
        """Time for the next cell: what is left of the notebook's."""
        return max(1, round(self.began + self.seconds - time.monotonic()))

    def complete(self, notebook: NotebookNode) -> bool:
        """Whether every code cell was answered."""
        asked = {c["id"] for c in notebook.cells if c.cell_type == "code" and c.source.strip()}
        return asked <= self.answered


def execute(
    job: Job,
    kernels: Kernels,
    *,
    cwd: Path,
    hide: Mapping[str, str],
    seconds: int = SECONDS,
    search: Callable[[bytes, str], ScanReport] | None = None,
) -> bytes:
    """The executed notebook, as the bytes of an .ipynb file: the same inputs give the same bytes.

    Parameters
    ----------
    job
        The notebook and its parameters, already checked.
    kernels
        Where its kernel comes from.
    cwd
        Folder the notebook runs in.
    hide
        Places of this machine and what to write instead.
    seconds
        Time the whole notebook may take.
    search
        Looks for people in the executed notebook, where the study has rows of people.

    Raises
    ------
    RunError
        When a cell raises, the kernel dies or does not start, time runs out, or the notebook shows who somebody is.
    """
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    for name in ("papermill", "papermill.translators", "traitlets"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # we say ourselves what went wrong
    source = read_notebook(job.notebook, job.file)
    ledger = Ledger(seconds)
    manager = kernels.manager_class()
    reason: Exception | None = None
    done = source
    try:
        done = papermill.execute_notebook(
            source,
            None,
            parameters=dict(job.parameters),
            kernel_name="python3",
            language="python",
            progress_bar=False,
            request_save_on_cell_execute=False,
            start_timeout=120,
            kernel_manager_class=manager,
            resources={"metadata": {"path": str(cwd)}},
            shutdown_kernel="immediate",
            record_timing=False,
            coalesce_streams=True,
            iopub_timeout=60,
            timeout_func=ledger.seconds_left,
            on_cell_execute=ledger.cell_sent,
            on_cell_executed=ledger.cell_answered,
        )
    except (PapermillExecutionError, CellTimeoutError, DeadKernelError, RuntimeError) as error:
        reason = error
    finally:
        _close_loop()
        for made in manager.made:
            made.end()
    if reason or ledger.error or not ledger.complete(done):
        # the exit code of a kernel that we ended ourselves says nothing
        died = isinstance(reason, DeadKernelError)
        code = next((m.exit_code for m in manager.made), None) if died else None
        raise _stopped(job, source, ledger, reason=reason, code=code, log=kernels.said())
    executed = nbformat.writes(normal(done, parameters=job.parameters, file=job.file, hide=hide)).encode() + b"\n"
    if search and (found := search(executed, job.file).findings):
        raise _named(job, found)
    return executed


def _named(job: Job, found: Sequence[Finding]) -> RunError:
    """A notebook that shows an identifier is not kept."""
    shown = "; ".join(str(f).removeprefix(f"{f.file}, ") for f in found[:3])
    return RunError(
        _("{notebook} shows who somebody is: {found}", notebook=job.label, found=shown)
        + (_(" and {n} more", n=len(found) - 3) if len(found) > 3 else ""),
        expected=_("tables and figures, and no rows of people"),
        remedy=_("take the output out of the cell, or read rows without names: `kesos data pseudonymise`"),
        where=Where(file=job.file),
    )


def _close_loop() -> None:
    """nbclient leaves its event loop open in the thread it ran in."""
    if threading.current_thread() is threading.main_thread():
        return  # not ours to close
    try:
        loop = asyncio.get_event_loop()
    except RuntimeError:
        return
    waiting = asyncio.all_tasks(loop)  # for a kernel that is gone
    for task in waiting:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*waiting, return_exceptions=True))
    loop.close()
    asyncio.set_event_loop(None)


def _stopped(
    job: Job, source: NotebookNode, ledger: Ledger, *, reason: Exception | None, code: int | None, log: str
) -> RunError:
    where = Where(file=job.file)
    if ledger.running is None:
        return RunError(
            _("The kernel of {notebook} did not start: {reason}", notebook=job.label, reason=log or str(reason)),
            remedy=_("see whether the notebook opens with `kesos lab`"),
            where=where,
        )
    told, ours = _told(ledger, reason, code)
    number, line = _place(ledger.running, source)
    return RunError(
        _("{notebook} stopped in cell {n}, “{line}”:", notebook=job.label, n=number, line=line) + f"\n  {told}",
        # one of our own errors says itself what to try
        remedy=None if ours else _("open the notebook with `kesos lab` and run it up to this cell"),
        where=where,
    )


def _told(ledger: Ledger, reason: Exception | None, code: int | None) -> tuple[str, bool]:
    """What stopped the cell, and whether it is one of our own errors."""
    if ledger.error:
        name, text = str(ledger.error.get("ename", "")), _ANSI.sub("", str(ledger.error.get("evalue", ""))).strip()
        ours = isinstance(kind := getattr(errors, name, None), type) and issubclass(kind, KesosError)
        if ours:
            return text, True
        return (f"{name}: {text}" if text else name)[:_LONGEST], False
    if isinstance(reason, TimeoutError):
        return _("It took longer than the {n} seconds a notebook may take.", n=ledger.seconds), False
    if code is not None and code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else str(-code)
        return _("Its kernel was killed ({signal}); perhaps memory ran out.", signal=name), False
    if code is not None:
        return _("Its kernel ended itself (exit code {code}).", code=code), False
    return _("Its kernel gave no answer: {reason}", reason=str(reason or "")[:_LONGEST]), False


def _place(cell: Mapping[str, Any], source: NotebookNode) -> tuple[int, str]:
    """Number of a cell in the notebook as its author sees it, and its first line."""
    number = next((n for n, c in enumerate(source.cells, 1) if c["id"] == cell["id"]), 0)
    line = next((x.strip() for x in cell["source"].splitlines() if x.strip()), "")
    return number, line if len(line) <= _LINE else line[: _LINE - 1] + "…"
