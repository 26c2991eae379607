"""Every public estimator has the one signature and documents what it answers."""

import inspect

import pytest

from kesos_research import methods
from kesos_research.estimates import Estimates

ESTIMATORS = [getattr(methods, name) for name in methods.__all__]
ROLES = {
    "of",
    "outcome",
    "treated",
    "period",
    "since",
    "unit",
    "cluster",
    "covariates",
    "by",
    "design",
    "level",
    "seed",
}


@pytest.mark.parametrize("method", ESTIMATORS, ids=lambda m: m.__name__)
class TestEveryEstimator:
    def test_takes_data_first_and_the_rest_by_name(self, method):
        first, *rest = inspect.signature(method).parameters.values()
        assert first.kind in (first.POSITIONAL_ONLY, first.POSITIONAL_OR_KEYWORD)
        assert all(p.kind is p.KEYWORD_ONLY for p in rest), "everything after data is keyword-only, no **kwargs"

    def test_returns_estimates(self, method):
        assert inspect.signature(method, eval_str=True).return_annotation is Estimates

    def test_has_at_most_eight_parameters_beside_the_roles(self, method):
        assert len(set(inspect.signature(method).parameters) - ROLES) - 1 <= 8

    def test_has_no_boolean_switch(self, method):
        assert [p.name for p in inspect.signature(method).parameters.values() if isinstance(p.default, bool)] == []

    def test_requires_its_seed(self, method):
        seed = inspect.signature(method).parameters.get("seed")
        assert seed is None or seed.default is inspect.Parameter.empty

    def test_documents_question_parameters_and_returns(self, method):
        doc = inspect.getdoc(method) or ""
        assert doc.splitlines()[0].rstrip().endswith("?"), "the first line is the question it answers"
        assert all(part in doc for part in ("Parameters\n", "Returns\n", "Raises\n", "Examples\n", "References\n"))
