"""From executed notebooks to the bytes of documents: composed once for each kind and language, set in each format."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from kesos_research.errors import KesosError, Problems, Where
from kesos_research.language import Language
from kesos_research.run import names
from kesos_research.run.names import Sheet
from kesos_research.study import Study

T = TypeVar("T")


@dataclass(frozen=True)
class Order:
    """What is to be made of which executed notebooks."""

    notebooks: tuple[Path, ...]
    sheets: tuple[Sheet, ...]
    figures: tuple[Language, ...] = ()
    """Languages in which every figure becomes a file of its own."""
    profile: bool = False
    """Whether the documents tell the one notebook, and not the study's narrative."""

    @property
    def languages(self) -> tuple[Language, ...]:
        return tuple(dict.fromkeys([*(sheet.lang for sheet in self.sheets), *self.figures]))

    def only(self, lang: Language) -> Order:
        """The part of it in one language."""
        sheets = tuple(sheet for sheet in self.sheets if sheet.lang == lang)
        return replace(self, sheets=sheets, figures=tuple(x for x in self.figures if x == lang))


@dataclass(frozen=True)
class Made:
    """Finished files by path, which claims each of them states, and what a careful editor would say."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    states: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Names of claims by path of the file."""
    remarks: tuple[str, ...] = ()


def make(study: Study, results: Any, order: Order) -> Made:
    """The documents of an order.

    Parameters
    ----------
    study
        What they tell of.
    results
        `report.collect` of the order's notebooks.
    order
        The files to be made.

    Raises
    ------
    KesosError, Problems
        Whatever is wrong with any of them, all at once.
    """
    notebook = order.notebooks[0] if order.profile else None
    kinds: dict[tuple[str, Language], None] = dict.fromkeys(
        (sheet.kind, sheet.lang) for sheet in order.sheets if sheet.kind != "annex"
    )
    composing = [(f"{lang}: {kind}", _composing(study, results, kind, lang, notebook)) for kind, lang in kinds]
    composed = dict(zip(kinds, _all(composing), strict=True))
    setting = [(s.path, _setting(study, results, s, composed.get((s.kind, s.lang)))) for s in order.sheets]
    tasks = [*setting, *_drawings(study, results, order.figures)]
    files = dict(zip([path for path, _task in tasks], _all(tasks), strict=True))
    states = {s.path: tuple(composed[s.kind, s.lang].claims) for s in order.sheets if s.kind != "annex"}
    states |= {s.path: tuple(results.claims) for s in order.sheets if s.kind == "annex"}
    remarks = dict.fromkeys(remark for document in composed.values() for remark in document.remarks)
    return Made(files, states, tuple(remarks))


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


def _all(tasks: Sequence[tuple[str, Callable[[], T]]]) -> list[T]:
    """The results of named tasks; what several of them find wrong is told at once."""
    results: list[T] = []
    problems: list[KesosError] = []
    for name, task in tasks:
        try:
            results.append(task())
        except Problems as several:
            problems.extend(_placed(problem, name) for problem in several.problems)
        except KesosError as problem:
            problems.append(_placed(problem, name))
    together(problems)
    return results


def together(problems: Iterable[KesosError]) -> None:
    """Raise what was found, each once; nothing where nothing was."""
    distinct = list({str(problem): problem for problem in problems}.values())
    if len(distinct) > 1:
        raise Problems(distinct)
    for problem in distinct:
        raise problem


def _placed(problem: KesosError, name: str) -> KesosError:
    """The problem with the document it is in, where it does not say so itself."""
    where = problem.where or Where()
    if where.file:
        return problem
    return type(problem)(
        problem.found, expected=problem.expected, remedy=problem.remedy, where=replace(where, file=name)
    )
