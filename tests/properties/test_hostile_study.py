"""Whatever is written into a study document, it is read or refused as text: never a traceback, never an escape."""

from __future__ import annotations

import string
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from unit.study.example import DOCUMENT, workspace

from kesos_research.errors import KesosError
from kesos_research.study import read_study
from kesos_research.study.tree import parse

LINES = DOCUMENT.splitlines()
NASTY = st.sampled_from(
    [
        *"\t{}[]&*!|>'\"%@`#:-?,~\u00a0\ufeff\u2028“”\\",
        *("!!python/object/apply:os.system [id]", "&a [*a]", "<<: *x", "../../x", "\u202e33.14", "33.14\x00", "$(id)"),
        *("{{ 7*7 }}", "%s%s%n", "-" * 50, "9" * 400, "1e999", "nan", "6405", "Sukabumi", "=cmd|' /C calc'!A0"),
    ]
)


def ends_as_text(raw: bytes) -> None:
    with tempfile.TemporaryDirectory() as root:
        folder = workspace(Path(root))
        (folder / "study.yaml").write_bytes(raw)
        try:
            read_study(folder)
        except KesosError as error:
            said = str(error)
            assert "Traceback" not in said
            assert all(c.isprintable() or c == "\n" for c in said), repr(said)
            said.encode("utf-8")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, len(LINES) - 1), st.integers(0, 120), NASTY), min_size=1, max_size=4))
def test_a_document_with_something_put_in(changes: list[tuple[int, int, str]]):
    lines = list(LINES)
    for number, column, piece in changes:
        lines[number] = lines[number][:column] + piece + lines[number][column:]
    ends_as_text("\n".join(lines).encode("utf-8"))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, len(LINES) - 1), st.integers(0, len(LINES) - 1)), min_size=1, max_size=6))
def test_a_document_with_lines_moved_and_lost(moves: list[tuple[int, int]]):
    lines = list(LINES)
    for source, target in moves:
        line = lines.pop(source % len(lines))
        if target % 3:
            lines.insert(target % (len(lines) + 1), line)
    ends_as_text("\n".join(lines).encode("utf-8"))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
@example(b"\xff\xfe")
@example(b"")
def test_any_bytes(raw: bytes):
    ends_as_text(raw)


VALUES = st.recursive(
    st.text(string.printable, max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(string.ascii_letters, max_size=6), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from([line.split(":")[0] for line in LINES if line[:1].isalpha()]), VALUES)
def test_any_value_for_any_key(key: str, value: object):
    """Every key of the document is given something of another shape; JSON is YAML."""
    import json

    start = next(i for i, line in enumerate(LINES) if line.startswith(f"{key}:"))
    end = next((i for i in range(start + 1, len(LINES)) if LINES[i][:1].isalpha()), len(LINES))
    written = f"{key}: {json.dumps(value)}"
    ends_as_text("\n".join([*LINES[:start], written, *LINES[end:]]).encode("utf-8"))


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200))
def test_any_text_as_yaml(text: str):
    try:
        parse(text, name="x.yaml")
    except KesosError as error:
        assert str(error).startswith("x.yaml") or "x.yaml" in str(error)  # noqa: PT017 - reading it is as good
