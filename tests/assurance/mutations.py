"""Planted faults: each must turn a test red.

A fault is a line of ours, changed in a copy of the package; the tests that should see it are run against the copy. A
line that is not there just once any more is told: such a fault says nothing until it is planted anew.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parents[2]
PACKAGE = PROJECT / "src" / "kesos_research"
SECONDS = 600
"""How long the tests of one fault may take."""


@dataclass(frozen=True)
class Fault:
    """A mistake that somebody could make.

    Attributes
    ----------
    name
        What is then wrong.
    file
        Of the package.
    right, wrong
        The text as it is, which stands in the file just once, and as it would be.
    tests
        Which should see it: files or folders beneath `tests/`, or one test.
    """

    name: str
    file: str
    right: str
    wrong: str
    tests: tuple[str, ...]


FAULTS: tuple[Fault, ...] = ()


def stale(fault: Fault) -> str:
    """Why a fault cannot be planted; empty when it can."""
    path = PACKAGE / fault.file
    if not path.is_file():
        return f"{fault.file} is not there"
    count = path.read_text(encoding="utf-8").count(fault.right)
    if count != 1:
        return f"its text stands {count} times in {fault.file}"
    missing = [test for test in fault.tests if not (PROJECT / "tests" / test.partition("::")[0]).exists()]
    return f"no tests {', '.join(missing)}" if missing else ""


def run() -> Mapping[str, object]:
    """Plant each fault by itself; every one must be seen."""
    if old := {fault.name: why for fault in FAULTS if (why := stale(fault))}:
        raise AssertionError(f"faults that cannot be planted any more: {old}")
    with tempfile.TemporaryDirectory(prefix="kesos-") as place:
        source = Path(place) / "src"
        shutil.copytree(PACKAGE, source / "kesos_research", ignore=shutil.ignore_patterns("__pycache__"))
        _is_the_copy(source)
        _sound(source)
        found: dict[str, object] = {}
        for fault in FAULTS:
            seen_by = _seen_by(fault, source)
            print(f"  {fault.name}: {seen_by or 'NOT SEEN'}", flush=True)
            found[f"{fault.name} (`{fault.file}`)"] = seen_by
    if unseen := [name for name, test in found.items() if not test]:
        raise AssertionError(f"no test saw: {unseen}")
    return {"faults planted and seen": len(found), **found}


def _seen_by(fault: Fault, source: Path) -> str:
    """The first test that a fault turns red; empty when none does."""
    path = source / "kesos_research" / fault.file
    sound = path.read_text(encoding="utf-8")
    path.write_text(sound.replace(fault.right, fault.wrong), encoding="utf-8", newline="\n")
    try:
        done = _tests(fault.tests, source)
    finally:
        path.write_text(sound, encoding="utf-8", newline="\n")
    red = re.search(r"^FAILED tests/(\S+)", done.stdout, re.MULTILINE)
    if done.returncode == 1 and red:
        return f"`{red[1].split('[')[0]}`"
    if done.returncode:
        raise AssertionError(f"{fault.name}: the tests did not run\n{done.stdout[-3000:]}{done.stderr[-1000:]}")
    return ""


def _sound(source: Path) -> None:
    """Without a fault all those tests pass, so that red means the fault."""
    done = _tests(tuple(dict.fromkeys(test for fault in FAULTS for test in fault.tests)), source)
    if done.returncode:
        raise AssertionError(f"tests fail without any fault\n{done.stdout[-3000:]}")


def _is_the_copy(source: Path) -> None:
    """The copy is what the tests will import."""
    code = "import kesos_research; print(kesos_research.__file__)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, env=_env(source), capture_output=True, text=True, check=True
    )
    if not Path(done.stdout.strip()).is_relative_to(source):
        raise AssertionError("the tests would import another copy of the package")


def _tests(tests: Sequence[str], source: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-rf", "--no-header", "-p", "no:cacheprovider"]
    return subprocess.run(
        [*command, *(f"tests/{test}" for test in tests)],
        cwd=PROJECT,
        env=_env(source),
        capture_output=True,
        text=True,
        timeout=SECONDS * (3 if len(tests) > 3 else 1),
        check=False,
    )


def _env(source: Path) -> dict[str, str]:
    # a copy that changes within a second must not be taken for its compiled self
    return {**os.environ, "PYTHONPATH": str(source), "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "200"}
