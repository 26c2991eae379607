import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result
from unit.study.example import PROJECT

from kesos_research.cli import build
from kesos_research.language import use

NOTEBOOK = {
    "cells": [
        {
            "cell_type": "code",
            "id": "parameters",
            "metadata": {"tags": ["parameters"]},
            "source": 'study = ""\nregion = "33.14"',
            "outputs": [],
            "execution_count": None,
        },
        {
            "cell_type": "code",
            "id": "exhibits",
            "metadata": {},
            "source": "EXHIBITS",
            "outputs": [],
            "execution_count": None,
        },
    ],
    "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}
DISTRICTS = ("13.76", "32.72", "33.14", "64.03", "73.03", "33.0", "35.0")
EXHIBITS = (
    *("fig-map", "fig-evidence", "tbl-characteristics", "fig-trends", "tbl-chooser", "tbl-did", "fig-gaps"),
    *("tbl-pilots", "fig-forest", "fig-specifications", "tbl-robust", "tbl-change"),
)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the project's own figures and small notebooks in place of the long ones."""
    root = tmp_path_factory.mktemp("workspace") / "kerja"
    (root / "data").mkdir(parents=True)
    shutil.copy(PROJECT / "data" / "codebook.yaml", root / "data")
    for name in ("kabupaten_kota.csv", "kabupaten_kota_tanda.csv", "kabupaten_kota_sumber.csv"):
        head, *rows = (PROJECT / "data" / name).read_text(encoding="utf-8").splitlines(keepends=True)
        # a few districts are enough to look at, and quick
        kept = [row for row in rows if "sumber" in name or row.startswith(DISTRICTS)]
        (root / "data" / name).write_text("".join([head, *kept]), encoding="utf-8")
    (root / "notebooks" / "studies").mkdir(parents=True)
    code = json.dumps(NOTEBOOK).replace("EXHIBITS", f"exhibits = {list(EXHIBITS)}")
    for name in ("evaluasi_percontohan", "profil_wilayah"):
        (root / "notebooks" / f"{name}.ipynb").write_text(code, encoding="utf-8")
    return root


@pytest.fixture
def root(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace of one's own, which is the current folder."""
    root = shutil.copytree(template, tmp_path / "kerja")
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def kesos() -> Callable[..., Result]:
    """`kesos` as typed, in English unless the command says otherwise."""

    def call(*arguments: str, typed: str | None = None) -> Result:
        with use("en"):
            return CliRunner().invoke(build(), list(arguments), input=typed)

    return call


@pytest.fixture
def study(root: Path, kesos: Callable[..., Result]) -> Path:
    """The folder of a new study."""
    assert kesos("new", "coba").exit_code == 0
    return root / "notebooks" / "studies" / "coba"
