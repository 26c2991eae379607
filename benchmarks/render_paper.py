"""How long a paper takes against one plain pass of the same typesetter.

Two things cost more than a plain pass: Indonesian words are broken only where a line ends, and the last page's columns
end level. The other way to break words, soft hyphens everywhere, is measured too: it takes nearly as long and leaves a
text in which no long word can be found.

Run: python benchmarks/render_paper.py
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from documents.sample_document import page, paper

from kesos_research.report.render import typst
from kesos_research.report.render._passes import Job, Setting
from kesos_research.report.render.page import html

ROUNDS = 5


def main() -> None:
    """Print each way's time as a multiple of the plain pass."""
    ways: dict[str, Callable[[int], Any]] = {
        "one plain pass, no word broken": lambda k: _one_pass(k, frozenset()),
        "soft hyphens everywhere": lambda k: _one_pass(k, range(100_000)),
        "pdf(): words broken where lines end, columns level": lambda k: typst.pdf(_fresh(k)),
        "html()": lambda k: html(page("id", short_title=f"{k}")),
    }
    for way in ways.values():
        way(-1)  # imports, patterns and typefaces are loaded once
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for k in range(ROUNDS):  # taken in turn, so that a busy machine is busy for all
        for number, (name, way) in enumerate(ways.items()):
            begun = time.process_time()
            way(10 * k + number)
            seconds[name].append(time.process_time() - begun)
    plain = median(next(iter(seconds.values())))
    for name, taken in seconds.items():
        print(f"{median(taken) / plain:6.2f}  {name}")


def _fresh(k: int) -> Any:
    """The paper with a text of its own in every paragraph, so that no pass is answered from memory."""
    document = paper("id", short_title=f"{k}")
    lines = [_with(block, f"{k} ") for block in document.blocks]
    return type(document)(document.kind, document.lang, document.meta, lines)


def _with(block: Any, word: str) -> Any:
    if block.t != "paragraph":
        return block
    return type(block)([type(block.c[0])(word + block.c[0].s), *block.c[1:]] if block.c[0].t == "text" else block.c)


def _one_pass(k: int, ends: Any) -> bytes:
    job = Job(_fresh(k))
    job.ends = frozenset(ends)
    job.write()
    made, _warnings = job.compiled(job.inputs(Setting(draft=False)))
    return made


if __name__ == "__main__":
    main()
