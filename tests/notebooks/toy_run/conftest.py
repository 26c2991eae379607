"""Each test here has the toy study in a folder of its own, and stand-ins for typesetting."""

from pathlib import Path

import pytest
from toy_study import ToyReport, toy, toy_notebooks

from kesos_research.language import use


@pytest.fixture(autouse=True)
def report(monkeypatch, request) -> ToyReport:
    made = ToyReport().install(monkeypatch)
    if "real_kernels" not in request.fixturenames:
        made.without_kernels(monkeypatch)
    return made


@pytest.fixture
def real_kernels() -> None:
    """A test that asks for this executes its notebooks in kernels."""


@pytest.fixture(autouse=True)
def english():
    with use("en"):
        yield


@pytest.fixture
def root(tmp_path: Path) -> Path:
    top = tmp_path / "a workspace – ruang"
    top.mkdir()
    toy(top)
    toy_notebooks(top)
    return top
