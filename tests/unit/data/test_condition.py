"""The language of conditions: read as a tree, refused at the character where it stops being one."""

from dataclasses import replace

import pytest

from kesos_research.data.codebook import Codebook, plain_column
from kesos_research.data.condition import ConditionError, Pair, condition, names
from kesos_research.data.condition_sql import broken
from kesos_research.data.terms import Terms
from kesos_research.language import use

KINDS = {"a": "angka", "b": "bilangan", "t": "teks", "d": "tanggal", "m": "pilihan_ganda", "x y": "angka"}
COLUMNS = {name: plain_column(name, kind) for name, kind in KINDS.items()}
COLUMNS["s"] = replace(plain_column("s", "pilihan"), choices={"A": {}, "B": {}})
COLUMNS["n"] = replace(plain_column("n", "pilihan"), choices={"1": {}, "2": {}})


@pytest.fixture(autouse=True)
def english():
    with use("en"):
        yield


def told(tree) -> str:
    """A tree with all its parentheses."""
    if isinstance(tree, Pair):
        return f"({told(tree.left)} {tree.sign} {told(tree.right)})"
    if hasattr(tree, "of"):
        return f"[{type(tree).__name__} {told(tree.of)}]"
    return getattr(tree, "text", None) or tree.column


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a + b * 2 > 1", "((a + (b * 2)) > 1)"),
        ("a - b - 1 = 0", "(((a - b) - 1) = 0)"),
        ("a>1 atau b>2 dan a<3", "((a > 1) atau ((b > 2) dan (a < 3)))"),
        ("bukan a > 1 dan b > 2", "([Not (a > 1)] dan (b > 2))"),
        ("jika a > 1 maka jika b > 1 maka a > b", "((a > 1) maka ((b > 1) maka (a > b)))"),
        ("(a > 1 atau b > 1) dan a < 3", "(((a > 1) atau (b > 1)) dan (a < 3))"),
        ("-a * 2 < -(b + 1)", "(([Negative a] * 2) < [Negative (b + 1)])"),
        ("`x y` >= 0.5", "(x y >= 0.5)"),
        ("d >= '2020-01-31'", "(d >= 2020-01-31)"),
        ("s = \"A\" dan n = 1 dan n != '2'", "(((s = A) dan (n = 1)) dan (n != 2))"),
    ],
)
def test_what_binds_tighter(text, tree):
    assert told(condition(text, COLUMNS)) == tree


@pytest.mark.parametrize(
    ("text", "character"),
    [
        ("", 1), ("a", 1), ("a <", 4), ("a <= <= b", 6), ("a == b", 4), ("a < b < 1", 7), ("(a < b", 7), ("a < b)", 6),
        ("jika a > 1", 11), ("a > 1 maka b > 1", 7), ("q > 1", 1), ("t > 'x'", 1), ("s = 1", 5), ("a = 'x'", 5),
        ("d > '2020-02-30'", 5), ("d > 5", 5), ("a + t > 1", 5), ("m = 1", 1), ("kosong(q)", 8), ("kosong a", 8),
        ("a > 1; drop", 6), ("a > 1e5", 5), ("a > 'x", 5), ("a ≤ b", 3), ("a > 1 dan", 10), ("a dan b > 1", 1),
        ("a > $1", 5), ("a > (b > 1)", 8), ("bukan a", 7), ("1 > 0 < 1", 7),
    ],
)  # fmt: skip
def test_the_place_of_a_mistake_is_told(text, character):
    with pytest.raises(ConditionError) as caught:
        condition(text, COLUMNS)
    assert caught.value.position == character
    assert f"character {character}" in caught.value.found


@pytest.mark.parametrize(
    "text", ["(" * 500 + "a > 1" + ")" * 500, "bukan " * 500 + "a > 1", "a" + " + a" * 5000 + " > 1"]
)
def test_long_conditions_end_in_a_message(text):
    with pytest.raises(ConditionError):
        condition(text, COLUMNS)


def test_texts_are_escaped_and_names_never_written():
    book = Codebook(COLUMNS, "person", ())
    sql = broken(condition("t = \"it's' or 1=1 --\" dan `x y` > 1", COLUMNS), Terms(list(COLUMNS), book))
    assert "'it''s'' or 1=1 --'" in sql
    assert "x y" not in sql


def test_columns_that_are_compared_are_told_apart_from_those_only_asked_for():
    tree = condition("jika terisi(d) maka a > b", COLUMNS)
    assert list(names(tree)) == ["a", "b"]
