"""From executed notebooks to the bytes of documents: composed once for each kind and language, set in each format."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor, Future
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from kesos_research.errors import KesosError, Problems, Where
from kesos_research.language import Language
from kesos_research.run import names
from kesos_research.run.names import Sheet
from kesos_research.run.write import Output
from kesos_research.study import Study

T = TypeVar("T")


@dataclass(frozen=True)
class Made:
    """Finished files, which claims each of them states, and what a careful editor would say."""

    outputs: tuple[Output, ...]
    states: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Names of claims by path of the file."""
    remarks: tuple[str, ...] = ()


def make(
    study: Study,
    results: Any,
    sheets: Sequence[Sheet],
    *,
    made_from: str,
    pool: Executor,
    notebook: Path | None = None,
    figures: Sequence[Language] = (),
) -> Made:
    """The documents that `sheets` ask for.

    Parameters
    ----------
    study, results
        What is told, and `report.collect` of the notebooks that tell it.
    sheets
        The files to be made.
    made_from
        Hash of everything they are made from.
    pool
        Threads to set them in.
    notebook
        The executed notebook of a profile.
    figures
        Languages in which every figure becomes a file of its own.

    Raises
    ------
    KesosError, Problems
        Whatever is wrong with any of them; nothing is returned then.
    """
    kinds: dict[tuple[str, Language], None] = dict.fromkeys((s.kind, s.lang) for s in sheets if s.kind != "annex")
    composing = [(f"{lang}: {kind}", _composing(study, results, kind, lang, notebook)) for kind, lang in kinds]
    composed = dict(zip(kinds, _all(pool, composing), strict=True))
    setting = [(s.path, _setting(study, results, s, composed.get((s.kind, s.lang)))) for s in sheets]
    # pictures before the office files that hold them, so that each is drawn once
    pages = [task for task in setting if task[0].endswith(".pdf")]
    tasks = [*pages, *_drawings(study, results, figures), *(task for task in setting if task not in pages)]
    data = _all(pool, tasks)
    paths = [path for path, _task in tasks]
    states = {s.path: tuple(composed[s.kind, s.lang].claims) for s in sheets if s.kind != "annex"}
    states |= {s.path: tuple(results.claims) for s in sheets if s.kind == "annex"}
    remarks = dict.fromkeys(remark for document in composed.values() for remark in document.remarks)
    return Made(tuple(Output(p, d, made_from) for p, d in zip(paths, data, strict=True)), states, tuple(remarks))


def figure_paths(study: Study, results: Any, languages: Sequence[Language]) -> tuple[str, ...]:
    """Paths of the figures as files of their own."""
    return tuple(path for path, _draw in _drawings(study, results, languages))


def _composing(study: Study, results: Any, kind: str, lang: Language, notebook: Path | None) -> Callable[[], Any]:
    from kesos_research.report.document.compose import compose

    return lambda: compose(study, results, kind=kind, lang=lang, notebook=notebook)  # type: ignore[arg-type]


def _setting(study: Study, results: Any, sheet: Sheet, document: Any) -> Callable[[], bytes]:
    if sheet.kind == "annex":
        from kesos_research.report.render.annex import xlsx

        return lambda: xlsx(study, results, sheet.lang)
    linked = replace(document, other_language=names.other_language(study, sheet))
    return lambda: _renderer(sheet.suffix)(linked)


def _renderer(suffix: str) -> Callable[[Any], bytes]:
    # opened when needed: each pulls in a library of its own
    match suffix:
        case "pdf":
            from kesos_research.report.render.typst import pdf as renderer
        case "docx":
            from kesos_research.report.render.word import docx as renderer
        case "pptx":
            from kesos_research.report.render.slides import pptx as renderer
        case _:
            from kesos_research.report.render.page import html as renderer
    return renderer


def _drawings(study: Study, results: Any, languages: Sequence[Language]) -> Iterable[tuple[str, Callable[[], bytes]]]:
    from kesos_research.report.exhibit import Figure

    for id, exhibit in results.exhibits.items():
        if isinstance(exhibit, Figure):
            for lang in languages:
                svg = exhibit.svg[lang]
                yield names.figure(study, id, lang, "svg"), svg.encode
                yield names.figure(study, id, lang, "png"), _png(svg)


def _png(svg: str) -> Callable[[], bytes]:
    from kesos_research.report.render.picture import picture

    return lambda: picture(svg).png


def _all(pool: Executor, tasks: Sequence[tuple[str, Callable[[], T]]]) -> list[T]:
    """The results of named tasks in order; what several of them find wrong is told at once."""
    futures: list[Future[T]] = [pool.submit(copy_context().run, task) for _name, task in tasks]
    results: list[T] = []
    problems: list[KesosError] = []
    for (name, _task), future in zip(tasks, futures, strict=True):
        try:
            results.append(future.result())
        except Problems as several:
            problems.extend(_placed(problem, name) for problem in several.problems)
        except KesosError as problem:
            problems.append(_placed(problem, name))
    distinct = list({str(p): p for p in problems}.values())
    if len(distinct) > 1:
        raise Problems(distinct)
    for problem in distinct:
        raise problem
    return results


def _placed(problem: KesosError, name: str) -> KesosError:
    """The problem with the document it is in, where it does not say so itself."""
    where = problem.where or Where()
    if where.file:
        return problem
    return type(problem)(
        problem.found, expected=problem.expected, remedy=problem.remedy, where=replace(where, file=name)
    )
