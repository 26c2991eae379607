"""Parameters are checked against what the notebook declares, as Python itself reads its cell."""

import nbformat
import pytest

from kesos_research.errors import ParameterError, Problems
from kesos_research.language import use
from kesos_research.run.parameters import checked, declared


def book(code: str, *tags: str):
    cell = nbformat.v4.new_code_cell(code, metadata={"tags": list(tags)})
    return [nbformat.v4.new_markdown_cell("# x"), cell]


@pytest.fixture(autouse=True)
def english():
    with use("en"):
        yield


class TestDeclared:
    def test_names_and_defaults_are_those_of_the_cell(self):
        code = (
            'study = ""  # which\nregion: str = "33.14"\nn, m = 1, 2\ndraws = 99\nlevels = [\n  0.9]\nlater = n + 1\n'
        )
        found = declared(book(code, "parameters"), name="x.ipynb")
        names: dict = {}
        exec(code, names)
        assert {k: v for k, v in found.items() if k != "later"} == {
            k: names[k] for k in ("study", "region", "draws", "levels")
        }
        assert "later" in found

    def test_the_cell_must_be_there(self):
        with pytest.raises(ParameterError, match="no cell tagged"):
            declared(book("study = 1"), name="x.ipynb")

    def test_the_cell_must_be_python(self):
        with pytest.raises(ParameterError, match=r"x\.ipynb, line 2: .* not Python"):
            declared(book("study = 1\nfor", "parameters"), name="x.ipynb")


class TestChecked:
    def test_a_code_stays_text(self):
        assert checked({"region": "32.10"}, {"region": ""}, name="x") == {"region": "32.10"}
        assert checked({"region": "0101"}, {"region": None}, name="x") == {"region": "0101"}

    @pytest.mark.parametrize(
        ("text", "default", "value"),
        [
            ("999", 1, 999),
            (" -3 ", 1, -3),
            ("0.95", 0.5, 0.95),
            ("3", 0.5, 3.0),
            ("ya", False, True),
            ("No", True, False),
            (["1", "2"], [0], [1, 2]),
            (["33.14"], ("",), ["33.14"]),
            ([], [0], []),
            (True, False, True),
            ({"a": "1"}, {}, {"a": "1"}),
        ],
    )
    def test_text_is_typed_as_the_default_is(self, text, default, value):
        typed = checked({"x": text}, {"x": default}, name="x")["x"]
        assert typed == value
        assert type(typed) is type(value)

    @pytest.mark.parametrize(
        ("value", "default"),
        [
            ("many", 1), ("1.5", 1), ("1_000", 1), ("١", 1), (True, 1), ("nan", 0.5), ("inf", 0.5), ("maybe", True),
            ("1", [0]), (["x"], [0]), (3, ""), (["a"], ""), (object(), None), ("x", {}),
        ],
    )  # fmt: skip
    def test_another_type_is_refused(self, value, default):
        with pytest.raises(ParameterError, match="is not a value for the parameter x"):
            checked({"x": value}, {"x": default}, name="x")

    @pytest.mark.parametrize("name", ["regoin", "x; import os", "x=1\nimport os", "región", "", "1x"])
    def test_an_unknown_name_is_refused(self, name):
        with pytest.raises(ParameterError, match="has no parameter"):
            checked({name: "1"}, {"region": ""}, name="x")

    def test_the_nearest_name_is_suggested(self):
        with pytest.raises(ParameterError, match="did you mean region"):
            checked({"regoin": "1"}, {"region": "", "study": ""}, name="x")

    def test_all_is_told_at_once(self):
        with pytest.raises(Problems) as several:
            checked({"a": "1", "b": "x", "c": "2"}, {"b": 1, "c": 1}, name="x")
        assert len(several.value.problems) == 2
