"""`kesos run` looks first, hands the run what was asked for, and says what came of it."""

from pathlib import Path

import pytest

from kesos_research import run
from kesos_research.errors import RunError
from kesos_research.run import RunReport


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, root: Path):
    """What the run was asked for; it answers with `answer`."""
    calls: dict = {"answer": RunReport(root / "reports" / "drafts" / "coba", (Path("a.pdf"),))}

    def run_study(study, *, progress, **asked):
        progress("[bold]x[/bold] \x1b[31m", 1, 2)
        calls.update(asked, study=study.id)
        return calls["answer"]

    monkeypatch.setattr(run, "run_study", run_study)
    return calls


@pytest.mark.usefixtures("study")
class TestRun:
    def test_everything(self, asked, kesos):
        assert kesos("run", "coba").exit_code == 0
        assert asked["study"] == "coba"
        assert (asked["only"], asked["languages"], asked["formats"]) == (None, None, None)

    def test_one_region_one_language_two_documents(self, asked, kesos):
        assert kesos("run", "coba", "--only", "33.14", "--lang", "en", "--to", "docx, paper").exit_code == 0
        assert (asked["only"], asked["languages"], asked["formats"]) == ("33.14", ("en",), ("paper", "docx"))

    def test_what_failed_is_told_and_the_exit_code_says_so(self, asked, kesos, root: Path):
        folder = root / "reports"
        asked["answer"] = RunReport(folder, (), failures=(RunError("the kernel died"), RunError("time ran out")))
        answer = kesos("run", "coba")
        assert answer.exit_code == 2
        assert "the kernel died" in answer.stderr
        assert "time ran out" in answer.stderr

    def test_a_colleagues_word_file_is_told(self, asked, kesos, root: Path):
        asked["answer"] = RunReport(root, (Path("x.docx"),), kept=((Path("x.docx"), Path("x.baru.docx")),))
        answer = kesos("run", "coba")
        assert answer.exit_code == 0
        assert "x.docx" in answer.stderr
        assert "x.baru.docx" in answer.stderr

    def test_nothing_is_run_while_something_is_wrong(self, asked, kesos, study: Path):
        (study / "bukti.csv").write_text("x", encoding="utf-8")
        assert kesos("run", "coba").exit_code == 2
        assert "study" not in asked
