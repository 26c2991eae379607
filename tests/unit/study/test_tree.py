"""YAML is text with lines: never a number, never a tag, never a reference, and each slip with its line."""

import pytest

from kesos_research.errors import KesosError, Problems
from kesos_research.study.tree import LIMIT, Node, parse, read_text


def plain(text: str):
    return parse(text, name="x.yaml").plain()


def wrong(text: str) -> str:
    with pytest.raises(KesosError) as error:
        parse(text, name="x.yaml")
    return str(error.value)


class TestEveryScalarIsText:
    @pytest.mark.parametrize(
        "scalar", ["32.10", "007", "1e3", "0x1F", "yes", "no", "null", "~", "2013-05-01", "1_000", ".inf", "12:30:45"]
    )
    def test_as_written(self, scalar: str):
        """PyYAML's own reading makes 32.1, 7, 1000.0, 31, True, False, None, a date, 1000, inf and 45045 of these."""
        assert plain(f"a: {scalar}") == {"a": scalar}

    def test_a_key_with_nothing_is_not_given(self):
        assert plain("a:\nb: ''\nc: 1") == {"c": "1"}

    def test_long_texts(self):
        assert plain("a: >-\n  one\n  two\nb: |\n  x\n  y\n") == {"a": "one two", "b": "x\ny\n"}


class TestLines:
    def test_of_keys_and_items(self):
        tree = parse("a: 1\nb:\n  c: 2\n  d:\n    - x\n    - y\n", name="x.yaml")
        assert tree.line_of(("b", "c")) == 3
        assert tree.line_of(("b", "d", 1)) == 6
        assert tree.line_of(("b", "zz")) == 2, "of what is not there: what it would stand beneath"
        assert tree.line_of(()) is None


class TestWhatEditorsDo:
    def test_tabs(self):
        said = wrong("a:\n\tb: 1\n\tc: 2\n")
        assert "line 2" in said
        assert "2, 3" in said

    def test_a_tab_in_a_comment_is_harmless(self):
        assert plain("# a\tb\na: 1") == {"a": "1"}

    @pytest.mark.parametrize("text", ["a: “b”", "a: “b: c”", "“a”: b", "a: [“b”]", "- ‘x’"])
    def test_curly_quotes_in_place_of_straight_ones(self, text: str):
        assert "curly" in wrong(f"x: 1\n{text}" if text[0] != "-" else text)

    @pytest.mark.parametrize("text", ['a: "kata “punya perhatian” itu"', "a: yang “punya perhatian”", "a: |\n  “x”"])
    def test_curly_quotes_in_a_text_are_typography(self, text: str):
        assert "“" in plain(text)["a"]

    @pytest.mark.parametrize("text", ["a:\n\u00a0\u00a0b: 1", "a:\u00a01\nb: 2", "-\u00a0x"])
    def test_spaces_of_a_word_processor(self, text: str):
        assert "spaces of a word processor" in wrong(text)

    @pytest.mark.parametrize(
        ("text", "line", "said"),
        [
            ("a: 1\nb: PKST: evaluasi\n", 2, "colon"),
            ('a: 1\nb: "x\nc: 2\nd: 3\n', 2, "quotation mark"),
            ("a: 1\n  b: 2\n", 2, "colon"),
            ("a:\n    b: 1\n  c: 2\n", 3, "indentation"),
            ("a: [1, 2\nb: 3\n", 1, "not closed"),
            ("a: 1\nb\nc: 2\n", 2, "colon"),
            ("a: @x\n", 1, "meaning in YAML"),
            ("a: 1\na: 2\n", 2, "twice"),
        ],
    )
    def test_slips(self, text: str, line: int, said: str):
        message = wrong(text)
        assert f"x.yaml, line {line}" in message
        assert said in message

    def test_two_duplicates_are_told_together(self):
        with pytest.raises(Problems) as error:
            parse("a: 1\na: 2\nb: 1\nb: 2\n", name="x.yaml")
        assert len(error.value.problems) == 2


class TestHostile:
    @pytest.mark.parametrize(
        "text",
        [
            "a: !!python/object/apply:os.system ['touch /tmp/owned']",
            "a: !!python/name:os.system",
            "a: !!int 3",
            "a: !x y",
            "!!map {a: b}",
            "a: &x [1]\nb: *x",
            "a: &x {k: *x}",
            "<<: *x",
            "a: 1\n---\nb: 2",
            "? [a, b]\n: c",
            "? {a: b}\n: c",
            "%TAG ! tag:x,2000:\n---\na: !y z",
            "%YAML 9.9\n---\na: b",
            'a: "\\UFFFFFFFF"',
            'a: "\\uD800"',
            "a: \x07",
            "a: \ufffe",
            "[" * 200_000,
            "{a: " * 50_000,
            "- " * 100_000,
            "a" * 200_000,
            '"',
            "---\n...\n---",
        ],
    )
    def test_ends_in_a_message(self, text: str):
        if text.isalpha():
            assert parse(text, name="x.yaml") == Node(text, 1), "only a bare word is harmless"
        else:
            assert "x.yaml" in wrong(text)

    def test_laughs_do_not_multiply(self):
        levels = ["a0: &a0 [lol, lol]"] + [f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]" for i in range(1, 40)]
        assert "Anchors" in wrong("\n".join(levels))

    def test_a_large_file_is_not_read(self, tmp_path):
        file = tmp_path / "study.yaml"
        file.write_bytes(b"a: " + b"x" * LIMIT)
        with pytest.raises(KesosError, match="larger"):
            read_text(file, name="study.yaml")

    @pytest.mark.parametrize("raw", ["a: b".encode("utf-16"), "a: b".encode("utf-32"), b"a: caf\xe9", b"\x80abc"])
    def test_not_utf8(self, tmp_path, raw: bytes):
        file = tmp_path / "study.yaml"
        file.write_bytes(raw)
        with pytest.raises(KesosError, match="UTF-8"):
            read_text(file, name="study.yaml")

    def test_no_file_no_folder_no_device(self, tmp_path):
        for path in (tmp_path / "nothing", tmp_path, tmp_path / "\0"):
            with pytest.raises(KesosError):
                read_text(path, name="study.yaml")
