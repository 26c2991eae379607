"""Kernels for one run: forked from a preloaded process where the system can, started one by one where it cannot."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from kesos_research.run.kernel import World

PRELOAD = (
    # named, not imported: what notebooks use, so that a forked kernel starts with it
    "numpy.random", "pandas", "scipy.linalg", "scipy.optimize", "scipy.stats",
    "matplotlib.figure", "matplotlib.backends.backend_agg", "matplotlib.backends.backend_svg",
    "ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.debugger", "IPython.core.completer",
    "kesos_research.run.kernel", "kesos_research.domain", "kesos_research.study", "kesos_research.data",
    "kesos_research.methods", "kesos_research.disclosure", "kesos_research.report",
)  # fmt: skip
_START_SECONDS = 120
_START = "import sys; from kesos_research.run.kernel import start; start(sys.argv[1])"


class ForkedProcess:
    """A forked kernel, with as much of `subprocess.Popen` as a provisioner asks for."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int, server: _Server) -> None:
        self.pid = pid
        self._server = server
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = self._server.ask(do="poll", pid=self.pid).get("code", -signal.SIGKILL)
        return self.returncode

    def wait(self) -> int:
        while (code := self.poll()) is None:
            time.sleep(0.01)
        return code

    def send_signal(self, signum: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, signum)


class _Server:
    """The other end of `kesos_research.run.server`."""

    def __init__(self, environment: dict[str, str], log: IO[bytes], modules: Sequence[str]) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "kesos_research.run.server", str(theirs.fileno()), *modules],
                pass_fds=[theirs.fileno()],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        ours.settimeout(_START_SECONDS)
        self._socket = ours
        self._lines = ours.makefile("rwb")
        self._lock = threading.Lock()
        self._threads: int | None = None

    def may_fork(self) -> bool:
        """Whether it came up, is alive, and runs a single thread: a fork beside threads may hang."""
        with self._lock:
            if self._threads is None:
                self._threads = self._read().get("threads", 0)
        return self._threads == 1 and self._process.poll() is None

    def ask(self, **request: Any) -> dict[str, Any]:
        """Its answer; empty when it is gone."""
        with self._lock:
            try:
                self._lines.write(json.dumps(request).encode() + b"\n")
                self._lines.flush()
            except (OSError, ValueError):
                return {}
            return self._read()

    def _read(self) -> dict[str, Any]:
        try:
            line = self._lines.readline()
        except (OSError, ValueError):
            return {}
        return json.loads(line) if line else {}

    def stop(self) -> None:
        """End it and all its kernels."""
        with self._lock:
            with contextlib.suppress(OSError):  # what could not be sent is of no use any more
                self._lines.close()
            self._socket.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Kernels:
    """Where notebooks get their kernels from during one run; leaving the block ends every one of them.

    Parameters
    ----------
    world
        What each kernel finds around it.
    modules
        What the preloaded process imports before it forks.
    forked
        False: start each kernel as a program of its own, as on Windows.
    """

    def __init__(
        self, world: World, *, modules: Sequence[str] | None = None, forked: bool = sys.platform != "win32"
    ) -> None:
        self._world, self._forked = world, forked
        self._modules = PRELOAD if modules is None else tuple(modules)
        self._managers: list[_Manager] = []
        self._lock = threading.Lock()
        self._count = 0
        self._server: _Server | None = None

    def __enter__(self) -> Self:
        # a short path: connections are Unix sockets, whose names may have about a hundred characters
        self.folder = Path(tempfile.mkdtemp(prefix="kesos-"))
        (self.folder / "home").mkdir()
        self.environment = self._world.environment(str(self.folder / "home"))
        self.log = (self.folder / "kernels.log").open("wb")
        if self._forked:
            self._server = _Server(self.environment, self.log, self._modules)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def stop(self) -> None:
        """End every kernel now; notebooks that were running report that theirs died."""
        if self._server:
            self._server.stop()
        with self._lock:
            managers = tuple(self._managers)
        for manager in managers:
            manager.end()

    def fork(self, connection_file: str, cwd: str) -> ForkedProcess | None:
        """A new kernel process, or None where one cannot be forked."""
        if not (self._server and self._server.may_fork()):
            return None
        answer = self._server.ask(do="fork", connection_file=connection_file, cwd=cwd)
        return ForkedProcess(answer["pid"], self._server) if answer else None

    def adopt(self, manager: _Manager) -> str:
        """Remember a manager; its connection file."""
        with self._lock:
            self._managers.append(manager)
            self._count += 1
            return str(self.folder / f"k{self._count}.json")

    def said(self) -> str:
        """The last line any kernel wrote outside its notebook: why one did not start."""
        lines = (self.folder / "kernels.log").read_text(encoding="utf-8", errors="replace").splitlines()
        return lines[-1] if lines else ""

    def manager_class(self) -> type[_Manager]:
        """A kernel manager class bound to this run, for papermill to make one of."""
        return type("KernelOfRun", (_Manager,), {"kernels": self, "made": []})


class _Kernel(LocalProvisioner):
    """Launches by forking; a program of its own where that is not to be had."""

    kernels: Kernels

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        process = self.kernels.fork(self.parent.connection_file, str(kwargs["cwd"]))  # type: ignore[union-attr]
        if process is None:
            log = self.kernels.log  # not the reader's screen
            return await super().launch_kernel(cmd, **{**kwargs, "stdout": log, "stderr": log})
        self.process = process
        self.pid = self.pgid = process.pid
        self.cwd = kwargs["cwd"]
        return self.connection_info


class _Manager(AsyncKernelManager):
    """One notebook's kernel. Needs no installed kernel spec and no registered provisioner."""

    kernels: Kernels
    made: list[_Manager]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.connection_file = self.kernels.adopt(self)
        if sys.platform != "win32":
            self.transport = "ipc"  # no open port, and no race for one
        provisioner = _Kernel(kernel_id="", kernel_spec=self.kernel_spec, parent=self)
        provisioner.kernels = self.kernels
        self.provisioner = provisioner
        self._process: Any = None
        self.made.append(self)

    @property
    def kernel_spec(self) -> KernelSpec:
        return KernelSpec(
            argv=[sys.executable, "-P", "-c", _START, "{connection_file}"],
            env=self.kernels.environment,
            language="python",
            display_name="Python",
        )

    async def _async_launch_kernel(self, kernel_cmd: list[str], **kw: Any) -> None:
        await super()._async_launch_kernel(kernel_cmd, **kw)
        self._process = self.provisioner.process  # type: ignore[union-attr]

    @property
    def exit_code(self) -> int | None:
        """How the kernel's process ended; None while it lives or before it was there."""
        return self._process.poll() if self._process else None

    def end(self) -> None:
        """Kill the process, whatever it does. The exit code of one that ended before stays as it was."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
