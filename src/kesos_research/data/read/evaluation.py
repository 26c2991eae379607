"""The families of a programme, as a study's `evaluation` speaks of them."""

from __future__ import annotations

from typing import Protocol

import pandas as pd

from kesos_research.data import evaluation
from kesos_research.data.evaluation import Asked
from kesos_research.data.read.files import Files, StudyFiles
from kesos_research.data.read.study import source_of
from kesos_research.data.typed import typed
from kesos_research.errors import DataError, KesosError, Problems, Where
from kesos_research.language import _


class _Sample(Protocol):
    @property
    def source(self) -> str: ...
    @property
    def weight(self) -> str: ...
    @property
    def strata(self) -> str: ...
    @property
    def cluster(self) -> str: ...
    @property
    def household(self) -> str: ...
    @property
    def area(self) -> str: ...


class EvaluationStudy(StudyFiles, Protocol):
    """What reading the families needs to know of a study."""

    @property
    def sample(self) -> _Sample | None: ...
    @property
    def evaluation(self) -> Asked | None: ...


def read_evaluation(study: EvaluationStudy) -> pd.DataFrame:
    """Which families does this study compare?

    Parameters
    ----------
    study
        A study with the keys `sample` and `evaluation`.

    Returns
    -------
    DataFrame
        The rows of the sample's source, in the order of the file. Who was offered, took up and was reached is true or
        false; other columns of yes and no are 0 and 1.

    Raises
    ------
    KesosError
        When a file is not clean, a column is not declared, a population has nobody to compare, or the rows contradict
        what the study says of them: all problems at once.
    """
    asked, sample = study.evaluation, study.sample
    if asked is None or sample is None:
        raise DataError(
            _("The study evaluates no programme for families."),
            expected=_("the keys sample: and evaluation: in study.yaml"),
            where=Where(key="evaluation"),
        )
    chosen = source_of(study, sample.source or None)
    files = Files(study)
    codebook = files.book(chosen)
    more = [c for c in (sample.weight, sample.strata, sample.cluster, sample.household, sample.area) if c]
    _refuse(list(evaluation.undeclared(asked, codebook, more=more, where=Where(files.name(chosen.codebook)))))
    cells = files.checked(chosen.file, codebook, beside=chosen.codebook)
    rows = evaluation.answers(typed(cells, codebook), asked, codebook)
    _refuse(list(evaluation.broken(rows, asked, where=Where(files.name(chosen.file)))))
    return rows


def _refuse(problems: list[DataError]) -> None:
    if problems:
        raise problems[0] if len(problems) == 1 else Problems(list[KesosError](problems))
