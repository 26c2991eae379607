"""Whatever is typed, the answer is text in the reader's language and an exit code: 0 done, 2 to mend, 1 our mistake."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kesos_research import __version__
from kesos_research.cli import application, commands
from kesos_research.cli import build as build_application

KESOS = [sys.executable, "-c", "from kesos_research.cli import main; main()"]


def typed(*arguments: str, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*KESOS, *arguments],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        encoding="utf-8",
        check=False,
        stdin=subprocess.DEVNULL,
    )


class TestTheScreen:
    def test_version(self, kesos):
        assert kesos("--version").stdout == f"kesos {__version__}\n"

    def test_version_waits_for_nothing_heavy(self):
        """pandas alone takes longer than the half second `kesos --version` may take."""
        heavy = "('pandas', 'numpy', 'matplotlib', 'nbformat', 'rich', 'pydantic', 'jinja2', 'yaml')"
        code = f"import sys, kesos_research.cli as c; c.build(); print([m for m in {heavy} if m in sys.modules])"
        said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert said.stdout.strip() == "[]"

    def test_alone_it_shows_what_there_is(self, kesos):
        shown = kesos()
        assert shown.exit_code == 0
        assert all(name in shown.output for name in ("init", "new", "check", "run", "lab"))

    @pytest.mark.parametrize("name", ["init", "new", "check", "run", "lab"])
    def test_each_command_has_help(self, kesos, name: str):
        shown = kesos(name, "--help")
        assert shown.exit_code == 0
        assert "Usage: kesos" in shown.output or f" {name} " in shown.output

    @pytest.mark.parametrize("locale", ["C"])
    def test_a_console_that_knows_few_characters(self, tmp_path: Path, locale: str):
        """cp1252 has no “→”, ascii no “”: neither may end in a traceback."""
        for encoding in ("cp1252", "ascii"):
            said = typed(
                "run", "tidak ada → −≥", cwd=tmp_path, PYTHONIOENCODING=encoding, LC_ALL=locale, PYTHONUTF8="0"
            )
            assert said.returncode == 2
            assert "Traceback" not in said.stderr

    def test_indonesian_when_asked_for(self, tmp_path: Path):
        english, indonesian = (typed("--lang", lang, "--help", cwd=tmp_path) for lang in ("en", "id"))
        assert english.returncode == indonesian.returncode == 0
        assert "Show this help" in english.stdout

    def test_an_unknown_language(self, kesos):
        said = kesos("--lang", "fr", "check", "x")
        assert said.exit_code == 2
        assert "id, en" in said.stderr
        assert typed("--lang", "fr", "check", "x").returncode == 2


class TestSlips:
    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["chek"], "check"),
            (["run"], "STUDY"),
            (["run", "x", "--onyl", "33.14"], "--only"),
            (["run", "x", "--only"], "--only"),
            (["check", "a", "b"], "not understood"),
            (["--langg", "id"], "--lang"),
            (["new"], "NAME"),
            (["run", "x", "--to", "papr"], "paper"),
            (["run", "x", "--lang", "jv"], "id, en"),
            (["run", ""], "study"),
        ],
    )
    def test_end_in_one_message(self, root, kesos, arguments: list[str], said: str):
        answer = kesos(*arguments)
        assert answer.exit_code == 2
        assert said in answer.stderr
        assert "Traceback" not in answer.output

    def test_our_own_mistake_is_one_line_and_a_file(self, tmp_path: Path, kesos, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr("platformdirs.user_log_path", lambda *_a, **_k: tmp_path)

        def check() -> None:
            raise ZeroDivisionError("secret")

        monkeypatch.setattr(commands, "check", check)
        answer = kesos("check")
        assert answer.exit_code == 1
        assert answer.stderr.count("\n") == 1
        assert "secret" not in answer.stderr
        log = next(tmp_path.glob("*.log"))
        assert str(log) in answer.stderr
        assert "ZeroDivisionError: secret" in log.read_text(encoding="utf-8")

    @pytest.mark.parametrize("number", ["EACCES", "ENOSPC", "EROFS"])
    def test_no_permission_and_no_room(self, kesos, monkeypatch: pytest.MonkeyPatch, number: str):
        import errno

        def check() -> None:
            raise OSError(getattr(errno, number), os.strerror(getattr(errno, number)), "reports/x.pdf")

        monkeypatch.setattr(commands, "check", check)
        answer = kesos("check")
        assert answer.exit_code == 2
        assert "reports/x.pdf" in answer.stderr

    def test_stopping_it(self, kesos, monkeypatch: pytest.MonkeyPatch):
        def check() -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(commands, "check", check)
        assert kesos("check").exit_code == application.STOPPED

    def test_what_a_terminal_would_obey_is_not_printed(self, root: Path, kesos):
        answer = kesos("check", "x\x1b[31m\x07y")
        assert answer.exit_code == 2
        assert "\x1b" not in answer.stderr.replace("\x1b[31m", "", 1).replace("\x1b[0m", "")
        assert "\x07" not in answer.stderr


def test_the_application_can_be_built_twice():
    assert build_application() is not build_application()
