"""Several notebooks at a time: each in a kernel of its own, one's failure no other's concern."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from contextvars import copy_context
from pathlib import Path
from threading import Semaphore

from kesos_research.errors import KesosError
from kesos_research.run.cache import Cache
from kesos_research.run.inputs import places
from kesos_research.run.jobs import Job
from kesos_research.run.kernel import World
from kesos_research.study import Study

AT_ONCE = min(2, os.cpu_count() or 1)
"""Notebooks executed, or documents set, side by side."""


def executed(
    jobs: Sequence[Job], study: Study, cache: Cache, files: Mapping[str, str], world: World, *, lanes: Semaphore
) -> Generator[tuple[Job, Path | KesosError]]:
    """Each job with its executed notebook, or with why there is none; those at hand first, then as they finish.

    Parameters
    ----------
    jobs
        What to run.
    study
        Notebooks run in the `notebooks/` of its workspace.
    cache
        Where executed notebooks are kept.
    files
        sha256 of the files that the notebooks may read.
    world
        What each kernel finds around it.
    lanes
        Each notebook takes one while it runs. Who works beside them takes one too, so that the longest notebook, which
        all wait for in the end, never shares its core.
    """
    keys = {job: cache.key(job, files, world) for job in jobs}
    waiting = [job for job in jobs if not cache.has(job, keys[job])]
    with ExitStack() as stack:
        futures: dict[Future[bytes], Job] = {}
        if waiting:
            # started before anything else is done, since it takes longest to be ready
            futures = _started(waiting, study, world, lanes, stack)
        for job in jobs:
            if job not in waiting:
                yield job, cache.path(job)
        for future in as_completed(futures):
            job = futures[future]
            try:
                cache.keep(job, keys[job], future.result())
            except KesosError as error:
                yield job, error
            else:
                yield job, cache.path(job)


def _started(
    jobs: Sequence[Job], study: Study, world: World, lanes: Semaphore, stack: ExitStack
) -> dict[Future[bytes], Job]:
    from kesos_research.run.execute import execute
    from kesos_research.run.kernels import Kernels
    from kesos_research.run.search import Search, of_people

    kernels = stack.enter_context(Kernels(world))
    search = Search(study) if of_people(study) else None
    pool = ThreadPoolExecutor(AT_ONCE)
    cwd, hide = study.root / "notebooks", places(study)

    def run(job: Job) -> bytes:
        with lanes:
            return execute(job, kernels, cwd=cwd, hide=hide, search=search)

    futures = {pool.submit(copy_context().run, run, job): job for job in jobs}

    def end() -> None:
        # when the run is broken off, kernels go first: threads wait for them
        unfinished = [future for future in futures if not future.done()]
        for future in unfinished:
            future.cancel()
        if unfinished:
            kernels.stop()
        pool.shutdown()

    stack.callback(end)
    return futures
