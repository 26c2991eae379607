"""Bad files of every format: each is refused with file and remedy, with its place where it has one, and no traceback.

`python -m tests.assurance.bad_files [FILES]`.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np

FILES = 5_000


def run(files: int = FILES, seed: int = 20_260_101) -> Mapping[str, object]:
    """What was refused, by what was done to it.

    Raises
    ------
    AssertionError
        When a bad file is taken, or its refusal lacks file, remedy or place.
    """
    from assurance._bad import cases, look

    from kesos_research.language import use

    refused: Counter[str] = Counter()
    taken: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder, use("en"):
        for case in cases(np.random.default_rng(seed), files):
            (refused if look(case, Path(folder)) else taken)[case.kind] += 1
    sys.stdout.write(f"{files} bad files: {refused.total()} refused, {taken.total()} still good; no traceback\n")
    return {
        "bad files": files,
        "refused with file and remedy": refused.total(),
        "changed and still good": taken.total(),
        "tracebacks": 0,
        **{f"refused: {kind}": n for kind, n in sorted(refused.items())},
    }


def main() -> None:
    sys.path.insert(0, str(Path(__file__).parents[1]))
    run(*(int(a) for a in sys.argv[1:2]))


if __name__ == "__main__":
    main()
