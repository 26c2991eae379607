"""Exhibits that float: none lies on another, their order stays, none is put behind the references."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kesos_research.report.render._arrange import Standing, arranged, in_the_way, standings


def standing(id: str, top: float, bottom: float, *, wide: bool = False, left: float = 51.0, page: int = 1) -> Standing:
    return Standing(id, wide, page, left, top, bottom, tall=bottom - top)


def mover(standing: list[Standing], order: list[str]) -> str | None:
    found = in_the_way(standing, order)
    return found[0].id if found else None


def test_edges_become_places() -> None:
    edges = [[["a", True, False, 140.0], 2, 51.0, 60.0], [["a", True, True, 140.0], 2, 51.0, 200.0]]
    assert standings(edges) == [Standing("a", True, 2, 51.0, 60.0, 200.0, 140.0)]


def test_of_two_that_meet_the_later_one_moves() -> None:
    table = standing("tbl-a", 300, 500, left=306.0)
    figure = standing("fig-b", 480, 780, wide=True)
    assert mover([figure, table], ["tbl-a", "fig-b"]) == "fig-b"
    assert mover([figure, table], ["fig-b", "tbl-a"]) == "tbl-a"


def test_neighbours_are_not_in_each_others_way() -> None:
    left, right = standing("a", 60, 300), standing("b", 60, 300, left=306.0)
    below, elsewhere = standing("c", 301, 500), standing("d", 60, 300, page=2)
    assert mover([left, right, below, elsewhere], ["a", "b", "c", "d"]) is None


def test_the_title_never_moves() -> None:
    assert mover([standing("", 57, 400, wide=True), standing("a", 380, 500)], ["a"]) == "a"


def test_what_leaves_the_page_moves() -> None:
    assert mover([standing("a", 700, 900)], ["a"]) == "a"


def test_what_has_too_little_room_moves() -> None:
    assert mover([replace(standing("a", 400, 600), tall=300.0)], ["a"]) == "a"


def _block(kind: str, id: str = "") -> dict[str, Any]:
    return {"t": kind, "id": id, "width": "column"}


def ids(blocks: list[Any]) -> list[str]:
    return [b["id"] or b["t"] for b in blocks]


def test_an_exhibit_is_put_behind_paragraphs_and_keeps_its_turn() -> None:
    blocks = [_block("table", "a"), _block("paragraph", "1"), _block("figure", "b"), _block("paragraph", "2")]
    assert ids(arranged(blocks, {}, ())) == ["a", "1", "b", "2"]
    assert ids(arranged(blocks, {"a": 1}, ())) == ["1", "a", "b", "2"]
    assert ids(arranged(blocks, {"a": 2}, ())) == ["1", "2", "a", "b"]
    assert ids(arranged(blocks, {"b": 1}, ())) == ["a", "1", "2", "b"]


def test_no_exhibit_is_put_behind_the_references() -> None:
    blocks = [_block("figure", "a"), _block("paragraph", "1"), _block("heading", "h"), _block("references")]
    assert ids(arranged(blocks, {"a": 5}, ())) == ["1", "a", "h", "references"]


def test_what_finds_no_room_goes_across_the_page() -> None:
    made = arranged([_block("table", "a")], {}, {"a"})
    assert (made[0]["width"], made[0]["widened"]) == ("page", True)
