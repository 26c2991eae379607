"""`make assurance`: the long runs behind the promises on data, guard and identity; writes docs/assurance.md.

Every other module of this folder has `run()`: it prints a line as it goes, raises when its promise is not kept, and
gives what it measured, a value by its label. The first line of the module's docstring becomes a heading.
"""

from __future__ import annotations

import importlib
import sys
import time
import traceback
from collections.abc import Mapping
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "assurance.md"
HEAD = """# What was tried to break it

Written by `make assurance`; the tests hold short versions of all this. Counts are the same in every run. What is
measured (seconds, megabytes, ratios) depends on the machine: it was one with two shared cores.
"""


def modules() -> list[str]:
    """Names of the long runs, in the order of the page."""
    return sorted(p.stem for p in HERE.glob("*.py") if not p.stem.startswith("_") and p.stem != Path(__file__).stem)


def section(name: str, found: Mapping[str, object]) -> str:
    """One run's part of the page."""
    title = (sys.modules[f"tests.assurance.{name}"].__doc__ or name).strip().splitlines()[0].rstrip(".")
    rows = [f"| {_cell(label)} | {_cell(value)} |" for label, value in found.items()]
    return "\n".join([f"## {title}", "", f"`tests/assurance/{name}.py`", "", "| | |", "|---|---|", *rows, ""])


def main(asked: list[str]) -> int:
    """Run them all, or just those asked for; the page is written when all were run and every promise was kept."""
    sys.path.insert(0, str(HERE.parent))  # what the tests import by its short name
    known = modules()
    if unknown := [name for name in asked if name not in known]:
        print(f"no such run: {', '.join(unknown)}; there are {', '.join(known)}")
        return 2
    sections, broken = [HEAD], []
    for name in asked or known:
        began = time.monotonic()
        try:
            found = importlib.import_module(f"tests.assurance.{name}").run()
        except Exception:  # noqa: BLE001 - the other promises are still looked at
            traceback.print_exc()
            broken.append(name)
            continue
        sections.append(section(name, found))
        print(f"{name}: kept ({time.monotonic() - began:.0f} s)", flush=True)
    if broken:
        print(f"broken: {', '.join(broken)}")
        return 1
    if not asked:
        PAGE.write_text("\n".join(sections), encoding="utf-8", newline="\n")
        print(f"written: {PAGE.relative_to(HERE.parents[1])}")
    return 0


def _cell(value: object) -> str:
    text = f"{value:.3g}" if isinstance(value, float) else str(value)
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
