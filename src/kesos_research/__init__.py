"""From study.yaml to a conference paper: honest evaluation of social-welfare programmes in Indonesia."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kesos_research import data, disclosure, domain, methods, report
    from kesos_research.design import SurveyDesign
    from kesos_research.study import read_study

__version__ = "0.1.0"
__all__ = ["SurveyDesign", "data", "disclosure", "domain", "methods", "read_study", "report"]

_PLACES = {"SurveyDesign": "kesos_research.design", "read_study": "kesos_research.study"}


def __getattr__(name: str) -> Any:
    """Rooms are opened when they are entered, so that `kesos --version` doesn't wait for pandas."""
    if name not in __all__:
        raise AttributeError(f"module 'kesos_research' has no attribute {name!r}")
    if name in _PLACES:
        return getattr(import_module(_PLACES[name]), name)
    return import_module(f"kesos_research.{name}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
