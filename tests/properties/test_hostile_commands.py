"""Whatever is typed after `kesos`, and whatever a narrative holds: text, an exit code, and no file elsewhere."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner
from unit.study.example import DOCUMENT, PROJECT, workspace

from kesos_research.cli import build
from kesos_research.errors import KesosError
from kesos_research.study import read_study
from kesos_research.study.manuscript import breaches
from kesos_research.study.narrative import read_narrative

ARGUMENTS = st.one_of(
    st.sampled_from(
        ["--lang", "id", "en", "--only", "33.14", "--to", "paper", "--", "-", "--help", "..", "/", "~", "*"]
    ),
    st.sampled_from(
        ["../../x", "con", "a/b", "%00", "\x1b[2J", "$(id)", "33.14; ls", "--only=", "--to=,", "\ud800", "é"]
    ),
    st.text(max_size=20),
)
PIECES = st.sampled_from(
    [
        *(
            "{{",
            "}}",
            "{%",
            "%}",
            "<!--",
            "-->",
            "{#",
            "$$",
            "```",
            "# A {.abstract lang=en}\n",
            "@a.b",
            "[@x]",
            ":::",
            "\n",
        ),
        *(
            'claim("p0.mde")',
            "{% if x %}",
            "{% else %}",
            "{% endif %}",
            "{% for i in range(9**9) %}",
            "{{ ''.__class__ }}",
        ),
        *(
            "{{ 'x' * 10**9 }}",
            "{% include '/etc/passwd' %}",
            "{% extends x %}",
            "{{ [].append }}",
            "\u2028",
            "\x00",
            "kata ",
        ),
    ]
)


@contextlib.contextmanager
def somewhere() -> Iterator[Path]:
    """A workspace without a study, inside a folder that is looked at afterwards."""
    with tempfile.TemporaryDirectory() as above, contextlib.chdir(above):
        root = Path(above) / "kerja"
        (root / "notebooks" / "studies").mkdir(parents=True)
        with contextlib.chdir(root):
            yield root
        assert [p.name for p in Path(above).iterdir()] == ["kerja"], "something was written outside the workspace"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(["new", "check", "run", "lab"]), st.lists(ARGUMENTS, max_size=4))
def test_any_arguments(command: str, arguments: list[str]):
    with somewhere() as root:
        answer = CliRunner().invoke(build(), [command, *arguments])
        assert answer.exit_code in (0, 2), answer.output
        assert "Traceback" not in answer.output
        assert "\x1b[2J" not in answer.output
        made = [p.name for p in (root / "notebooks" / "studies").iterdir()]
        assert all(name.isascii() and name.replace("-", "").replace("_", "").isalnum() for name in made)


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=12))
def test_any_narrative(pieces: list[str]):
    with tempfile.TemporaryDirectory() as folder:
        place = workspace(Path(folder))
        (place / "study.yaml").write_text(DOCUMENT, encoding="utf-8")
        study = read_study(place)
        (place / "narrative.id.md").write_text("".join(pieces), encoding="utf-8")
        try:
            told = read_narrative(study.narrative("id"), "id", name="narrative.id.md")
        except KesosError:
            return
        breaches(study, [told])
        told.citations(), told.references(), list(told.looked_up("claim"))


def test_the_projects_own_narratives_are_read():
    study = read_study(PROJECT / "notebooks" / "studies" / "pkst-2013")
    for lang in study.deliverables.languages:
        told = read_narrative(study.narrative(lang), lang, name=f"narrative.{lang}.md")
        assert {s.lang for s in told.sections if "abstract" in s.classes} == {lang}
