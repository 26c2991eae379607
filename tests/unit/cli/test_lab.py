"""`kesos lab` opens JupyterLab on copies; the notebooks of the workspace are never written."""

import subprocess
from pathlib import Path

import pytest


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that would have been started."""
    commands: list[list[str]] = []

    def start(command, **_named):
        commands.append(command)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", start)
    return commands


def test_opens_the_working_copies(root: Path, study: Path, opened, kesos):
    shipped = {p: p.read_bytes() for p in (root / "notebooks").glob("*.ipynb")}
    assert kesos("lab", "coba", "--no-browser").exit_code == 0
    (command,) = opened
    assert command[1:3] == ["-m", "jupyterlab"]
    assert f"--ServerApp.root_dir={root}" in command
    assert "--no-browser" in command
    folder = root / "reports" / "drafts" / "coba" / "lab"
    assert f"--LabApp.default_url=/lab/tree/{folder.relative_to(root).as_posix()}" in command
    assert len(list(folder.glob("*.ipynb"))) == 6, "one evaluation and five profiles"
    assert {p: p.read_bytes() for p in shipped} == shipped


def test_the_only_study_needs_no_name(study: Path, opened, kesos):
    assert kesos("lab").exit_code == 0
    assert len(opened) == 1


def test_of_several_it_asks_which(study: Path, opened, kesos):
    assert kesos("new", "lain").exit_code == 0
    answer = kesos("lab")
    assert answer.exit_code == 2
    assert "coba, lain" in answer.stderr
    assert opened == []


def test_where_there_is_none(tmp_path: Path, opened, kesos, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    assert kesos("lab").exit_code == 2
    assert opened == []
