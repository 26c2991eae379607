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


_GUARD = ("unit/disclosure/test_guarded.py", "properties/test_guard.py")
_SCAN = ("unit/disclosure/test_scan.py",)
_RELEASE = ("notebooks/test_release.py",)
_CHECK = ("unit/data/test_check.py",)

FAULTS = (
    Fault(
        "a cell of nine persons is shown",
        "disclosure/cells.py",
        "few = self.n < rule.min_n or",
        "few = self.n < rule.min_n - 1 or",
        _GUARD,
    ),
    Fault(
        "households are not counted",
        "disclosure/cells.py",
        " or self.households < rule.min_households",
        "",
        _GUARD,
    ),
    Fault(
        "few who hold nearly all of a total are shown",
        "disclosure/cells.py",
        "return few or self.dominated or",
        "return few or",
        _GUARD,
    ),
    Fault(
        "cells are hidden, and nothing that gives them away",
        "disclosure/linked.py",
        "    if not aimed:\n",
        "    if True:\n",
        _GUARD,
    ),
    Fault(
        "a total is rounded by itself, not summed from rounded cells",
        "disclosure/linked.py",
        "made[cell] = float(sum(near[parts[i]] for i in self.lattice.children(cell)))",
        "made[cell] = float(base * math.floor(self.all[cell] / base + 0.5))",
        _GUARD,
    ),
    Fault(
        "the audit always passes",
        "disclosure/audit.py",
        '        if self.failures:\n            return "fail"\n',
        "",
        _GUARD,
    ),
    Fault(
        "differences between releases are not looked at",
        "disclosure/audit.py",
        "if differs and abs(change) - room < limit:",
        "if False:",
        _GUARD,
    ),
    Fault(
        "a hidden cell is printed as nought",
        "disclosure/guard.py",
        "table.loc[gone, list(own.values)] = math.nan",
        "table.loc[gone, list(own.values)] = 0.0",
        _GUARD,
    ),
    Fault(
        "earlier releases are forgotten",
        "run/guarded.py",
        "audit(seen.records, earlier=before)",
        "audit(seen.records)",
        _RELEASE,
    ),
    Fault(
        "an exhibit without a record is released",
        "run/guarded.py",
        "        if not one.records:\n",
        "        if False:\n",
        _RELEASE,
    ),
    Fault(
        "a release does not heed what the search finds",
        "run/release.py",
        "for found in scans[path].problems()",
        "for found in ()",
        _RELEASE,
    ),
    Fault(
        "a draft that was changed by hand is released",
        "run/drafts.py",
        "(data is not None and known is not None and digest(data) != known)",
        "False",
        _RELEASE,
    ),
    Fault(
        "a hash is not compared",
        "run/released.py",
        "elif digest(files[path]) != promised[path]:",
        "elif False:",
        ("notebooks/test_verify.py",),
    ),
    Fault(
        "entities of HTML are not resolved",
        "disclosure/scan_text.py",
        "text = html.unescape(text)",
        "pass",
        _SCAN,
    ),
    Fault(
        "comments of a Word file are not searched",
        "disclosure/scan_office.py",
        "        elif raw:\n",
        '        elif raw and "comments" not in name:\n',
        _SCAN,
    ),
    Fault(
        "what is written as base64 is not searched",
        "disclosure/scan.py",
        "for found in _BASE64.finditer(text):",
        "for found in ():",
        _SCAN,
    ),
    Fault(
        "the numbers of the study's own rows are not looked up",
        "disclosure/scan_text.py",
        "if known is not None and len(known):",
        "if False:",
        _SCAN,
    ),
    Fault(
        "a NIK in a message is not hidden",
        "mask.py",
        "    return _hidden(text)\n",
        "    return text\n",
        _CHECK,
    ),
    Fault(
        "repeated keys are counted one too many",
        "data/check.py",
        "coalesce(sum(n) - count(*), 0)",
        "coalesce(sum(n) - count(*) + 1, 0)",
        _CHECK,
    ),
    Fault(
        "the ends of a range are refused",
        "data/rules_column.py",
        "not between {low!r}::double and {high!r}::double",
        "not between {low!r}::double + 1e-9 and {high!r}::double - 1e-9",
        _CHECK,
    ),
    Fault(
        "NUL bytes are read",
        "data/read/encoding.py",
        'if (at := text.find(b"\\x00")) >= 0:',
        'if (at := text.find(b"\\x00")) >= len(text):',
        ("unit/data/test_read_text.py",),
    ),
)


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
