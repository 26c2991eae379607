"""A bar on the error stream while a study runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kesos_research.cli import screen
from kesos_research.run.pipeline import Progress


@contextmanager
def bar() -> Iterator[Progress]:
    """Inside the block the bar shows what it is told."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (
        SpinnerColumn(),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False),
    )
    with Bar(*columns, console=Console(stderr=True, markup=False, highlight=False), transient=True) as shown:
        task = shown.add_task("", total=None)
        yield lambda what, done, total: shown.update(
            task, completed=done, total=total, description=screen.harmless(what)
        )
