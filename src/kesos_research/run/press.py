"""Where documents are set: in processes of their own when there are many, since typesetting holds Python's lock."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import IO, Any, Self

from kesos_research.errors import KesosError, Problems, RunError
from kesos_research.language import Language, _, current
from kesos_research.run.documents import Made, Order, make, together
from kesos_research.run.setter import asked, error_of
from kesos_research.study import Study

PAYS = 4
"""From so many documents on a process of its own is worth its start."""


class Press:
    """Sets the documents of one study during one run; leaving the block ends its processes.

    Parameters
    ----------
    study
        The study.
    at_once
        How many documents may be set side by side.
    """

    def __init__(self, study: Study, at_once: int) -> None:
        self._study, self._at_once = study, at_once
        self._setters: list[_Setter] = []
        self._free: SimpleQueue[_Setter] = SimpleQueue()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for setter in self._setters:
            setter.stop()

    def make(self, results: Any, order: Order, *, alone: bool) -> Made:
        """The documents of an order, both languages side by side unless it is to be `alone` on its core.

        Raises
        ------
        KesosError, Problems
            Whatever is wrong with any of them.
        """
        if not self._setters and len(order.sheets) < PAYS:
            return make(self._study, results, order)
        for _n in range(len(self._setters), self._at_once):
            self._free.put(self._started())
        with ThreadPoolExecutor(1 if alone else self._at_once) as pool:
            try:
                parts = [pool.submit(copy_context().run, self._away, order, lang) for lang in order.languages]
                made = [part.result() for part in parts]
            except BaseException:
                for setter in self._setters:
                    setter.stop()  # threads wait for them
                raise
        return _joined(made)

    def _away(self, order: Order, lang: Language) -> Made | KesosError:
        setter = self._free.get()
        if not setter.alive:  # what killed it is not the next document's fault
            setter = self._started()
        try:
            return setter.make(self._study, order.only(lang))
        except KesosError as error:
            return error
        finally:
            self._free.put(setter)

    def _started(self) -> _Setter:
        self._setters.append(_Setter())
        return self._setters[-1]


class _Setter:
    """The other end of `kesos_research.run.setter`."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="kesos-"))
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "kesos_research.run.setter"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env={**os.environ, "PYTHONHASHSEED": "0", "PYTHONUTF8": "1"},
                start_new_session=True,  # Ctrl-C is for us to handle
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._asks: IO[bytes] = self._process.stdin
        self._answers: IO[bytes] = self._process.stdout

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def make(self, study: Study, order: Order) -> Made:
        said = {
            "study": str(study.folder),
            "order": asked(order),
            "folder": str(self._folder),
            "speaks": current(),
        }
        try:
            self._asks.write(json.dumps(said).encode() + b"\n")
            self._asks.flush()
            answer = json.loads(self._answers.readline() or b"{}")
        except (OSError, ValueError):
            answer = {}
        if "mistake" in answer:
            raise RuntimeError(answer["mistake"])
        if "problems" in answer:
            together(error_of(problem) for problem in answer["problems"])
        if "files" not in answer:
            raise RunError(
                _("The process that sets the documents died: {reason}", reason=self._last_words()),
                remedy=_("run again; perhaps memory ran out"),
            )
        files = {path: (self._folder / str(n)).read_bytes() for n, path in enumerate(answer["files"])}
        states = {path: tuple(claims) for path, claims in answer["states"].items()}
        return Made(files, states, tuple(answer["remarks"]))

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._asks, self._answers):
            with contextlib.suppress(OSError):  # what could not be sent is of no use any more
                pipe.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _last_words(self) -> str:
        lines = (self._folder / "log").read_text(encoding="utf-8", errors="replace").splitlines()
        return lines[-1] if lines else _("no reason was given")


def _joined(parts: Sequence[Made | KesosError]) -> Made:
    problems = [p for part in parts if isinstance(part, KesosError) for p in _single(part)]
    together(problems)
    made = [part for part in parts if isinstance(part, Made)]
    return Made(
        {path: data for part in made for path, data in part.files.items()},
        {path: claims for part in made for path, claims in part.states.items()},
        tuple(dict.fromkeys(remark for part in made for remark in part.remarks)),
    )


def _single(error: KesosError) -> Sequence[KesosError]:
    return error.problems if isinstance(error, Problems) else (error,)
