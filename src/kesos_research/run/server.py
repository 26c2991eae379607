"""The process kernels are forked from (POSIX): `python -m kesos_research.run.server FD MODULE...`.

Imports and kernel start are nearly all the time a small notebook takes, so they happen once, here. The process is
single-threaded, opens nothing but its channel, and answers one JSON line with one JSON line. When the channel ends,
its owner is gone, and so are all kernels a moment later.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import socket
import sys
import threading
import traceback
from pathlib import Path
from typing import Any


def threads() -> int:
    """Threads of this process, those of C libraries too where the system tells."""
    tasks = Path("/proc/self/task")
    return len(list(tasks.iterdir())) if tasks.is_dir() else threading.active_count()


class _Server:
    def __init__(self, channel: socket.socket) -> None:
        self.channel = channel
        self.alive: set[int] = set()

    def serve(self) -> None:
        """Answer until the channel ends."""
        with self.channel.makefile("rwb") as lines:
            lines.write(json.dumps({"threads": threads()}).encode() + b"\n")
            lines.flush()
            for line in lines:
                request = json.loads(line)
                answer = self._fork(request) if request["do"] == "fork" else self._poll(request["pid"])
                lines.write(json.dumps(answer).encode() + b"\n")
                lines.flush()
        for pid in self.alive:
            _kill_group(pid)
            os.waitpid(pid, 0)

    def _fork(self, request: dict[str, Any]) -> dict[str, Any]:
        server = os.getpid()
        pid = os.fork()
        if pid == 0:
            self._be_kernel(request, server)
        # both sides name the group, so that it is there whoever comes first
        _own_group(pid)
        self.alive.add(pid)
        return {"pid": pid}

    def _be_kernel(self, request: dict[str, Any], server: int) -> None:
        from kesos_research.run import kernel

        code = 1
        try:
            _own_group(0)
            os.close(self.channel.fileno())
            os.chdir(request["cwd"])
            gc.enable()
            kernel.start(request["connection_file"], parent=server)
            code = 0
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else 1
        except Exception:  # noqa: BLE001 - the child may not return into the server's loop, whatever happened
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _poll(self, pid: int) -> dict[str, Any]:
        if pid not in self.alive:
            return {"code": 0}
        done, status = os.waitpid(pid, os.WNOHANG)
        if done == 0:
            return {"code": None}
        self.alive.discard(pid)
        _kill_group(pid)  # what the notebook itself had started
        return {"code": os.waitstatus_to_exitcode(status)}


def _own_group(pid: int) -> None:
    try:
        os.setpgid(pid, pid)
    except (PermissionError, ProcessLookupError):
        return  # it has its group already, or is gone


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except (PermissionError, ProcessLookupError):
        return  # nobody left in it


def main(arguments: list[str]) -> None:
    """Import once, then fork on request."""
    descriptor, *modules = arguments
    for name in modules:
        importlib.import_module(name)
    gc.collect()
    gc.disable()
    gc.freeze()  # pages of what is imported stay shared
    with socket.socket(fileno=int(descriptor)) as channel:
        _Server(channel).serve()


if __name__ == "__main__":
    main(sys.argv[1:])
