"""What reaches the screen and the log of mistakes of ours: nothing a terminal obeys, and no number of a person."""

from __future__ import annotations

from pathlib import Path

import pytest

from kesos_research.cli import screen
from kesos_research.errors import KesosError

NIK = "3314055501900001"
FORMS = (NIK, "3314 0555 0190 0001", f"{NIK}.0", "3.314055501900001e+15", "331405\u200b5501900001")


@pytest.mark.parametrize("form", FORMS)
def test_no_number_of_a_person_is_said(form: str, capsys: pytest.CaptureFixture[str]):
    screen.say(f"satu {form}")
    screen.done(f"dua {form}")
    screen.warn([KesosError(f"tiga {form}")])
    screen.refuse(KesosError(f"empat {form}"))
    said = "".join(capsys.readouterr())
    assert [word for word in ("satu", "dua", "tiga", "empat") if word not in said] == []
    assert "5501" not in said
    assert "0001" not in said


@pytest.mark.parametrize("form", FORMS)
def test_no_number_of_a_person_is_logged(form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    monkeypatch.setattr("platformdirs.user_log_path", lambda *_a, **_k: tmp_path)
    try:
        int(f"{form}x")
    except ValueError as inner:
        error = RuntimeError(f"baris {form}")
        error.__cause__ = inner
        error.add_note(f"sel {form}")
    screen.unexpected(error)
    [log] = tmp_path.iterdir()
    told = log.read_text(encoding="utf-8") + "".join(capsys.readouterr())
    assert "RuntimeError" in told
    assert "ValueError" in told
    assert "5501" not in told
    assert "0001" not in told


def test_a_terminal_is_told_nothing_to_do(capsys: pytest.CaptureFixture[str]):
    screen.say("a\x1b[2Jb\x07\u202ec")
    assert (
        capsys.readouterr().out == "a\N{REPLACEMENT CHARACTER}[2Jb\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}c\n"
    )
