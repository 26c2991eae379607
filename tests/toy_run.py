"""What lies in the folder of the toy study, and runs of it in a process of their own."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

RECORDS = {"claims.json", "manifest.json"}


@contextmanager
def no_notebook_runs() -> Iterator[None]:
    """Executing a notebook inside the block is a mistake."""

    def refuse(*_: object) -> None:
        raise AssertionError("a notebook was run")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kesos_research.run.batch._started", refuse)
        yield


def drafts(root: Path) -> Path:
    return root / "reports" / "drafts" / "toy-1"


def tree(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def manifest(root: Path) -> dict:
    return json.loads((drafts(root) / "manifest.json").read_text(encoding="utf-8"))


def claims(root: Path) -> dict:
    return {c["name"]: c for c in json.loads((drafts(root) / "claims.json").read_text(encoding="utf-8"))["claims"]}


def started(root: Path) -> subprocess.Popen:
    """A run of the toy study in a process of its own."""
    code = (
        "import pytest, pathlib\n"
        "from toy_study import ToyReport, toy\n"
        "from kesos_research.run import run_study\n"
        "ToyReport().install(pytest.MonkeyPatch())\n"
        f"run_study(toy(pathlib.Path({str(root)!r})))\n"
    )
    path = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    return _Ended([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": path})


class _Ended(subprocess.Popen):
    def __exit__(self, *error):
        self.kill()
        return super().__exit__(*error)


def until_there(path: Path, process: subprocess.Popen) -> None:
    end = time.monotonic() + 90
    while not path.exists():
        assert process.poll() is None, "the run has ended"
        assert time.monotonic() < end, f"{path.name} was not made"
        time.sleep(0.05)
