"""What executed notebooks hand over."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from documents.compose_sample import claims, exhibits

from kesos_research.errors import DocumentError, Problems
from kesos_research.report.collect import Prose, collect
from kesos_research.report.exhibit import Claim, Claims, Glance


def markdown(text: str, *tags: str) -> dict:
    return {"cell_type": "markdown", "metadata": {"tags": list(tags)}, "source": text.splitlines(keepends=True)}


def code(*shown: object, source: str = "", tags: tuple[str, ...] = ()) -> dict:
    outputs = [{"output_type": "display_data", "data": s._repr_mimebundle_(), "metadata": {}} for s in shown]
    noise = {"output_type": "stream", "name": "stdout", "text": "x"}
    return {"cell_type": "code", "metadata": {"tags": list(tags)}, "source": source, "outputs": [noise, *outputs]}


def written(path: Path, *cells: dict) -> Path:
    path.write_text(json.dumps({"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}), "utf-8")
    return path


def test_claims_exhibits_and_prose_in_order(tmp_path: Path):
    one = written(
        tmp_path / "evaluasi.ipynb",
        code(source='wilayah = "33.14"\nx: int = 3\ny = f()\n', tags=("parameters",)),
        code(source='wilayah = "13.76"', tags=("injected-parameters",)),
        markdown("# Hasil\nteks", "id"),
        markdown("# Results", "en"),
        code(*exhibits().values()),
        markdown("catatan kerja"),
        code(Claims(tuple(claims().values()))),
    )
    results = collect([one])
    told = results.sequences["evaluasi"]
    assert told.parameters == {"wilayah": "13.76", "x": 3}
    assert [i.id if not isinstance(i, Prose) else (i.lang, i.cell) for i in told.items] == [
        ("id", 3),
        ("en", 4),
        "tbl-did",
        "fig-map",
    ]
    assert results.claims == claims()
    assert results.exhibits["fig-map"] == replace(exhibits()["fig-map"], data=[])
    assert results.exhibits["tbl-did"].columns == exhibits()["tbl-did"].columns


def test_dots_in_a_notebooks_name_stay(tmp_path: Path):
    assert list(collect([written(tmp_path / "profil_33.14.ipynb")]).sequences) == ["profil_33.14"]


def test_the_same_claim_twice_is_no_error_with_one_value(tmp_path: Path):
    first = written(tmp_path / "a.ipynb", code(Claims((Claim("x", 1.0, inputs="a"),))))
    same = written(tmp_path / "b.ipynb", code(Claims((Claim("x", 1.0, inputs="b"),))))
    assert collect([first, same]).claims["x"].estimate == 1.0
    other = written(tmp_path / "c.ipynb", code(), code(Claims((Claim("x", 1.5),))))
    with pytest.raises(DocumentError) as caught:
        collect([first, other])
    assert "x" in str(caught.value)
    assert "c.ipynb" in str(caught.value)
    assert "a.ipynb" in str(caught.value)


def test_all_contradictions_are_told(tmp_path: Path):
    first = written(tmp_path / "a.ipynb", code(Claims((Claim("x", 1.0), Claim("y", 1.0)))))
    other = written(tmp_path / "b.ipynb", code(Claims((Claim("x", 2.0), Claim("y", 2.0)))))
    with pytest.raises(Problems) as caught:
        collect([first, other])
    assert len(caught.value.problems) == 2


def test_each_regions_own_exhibit_is_not_shared(tmp_path: Path):
    tiles = [{"label": {"id": str(i), "en": str(i)}} for i in range(2)]
    books = [
        written(tmp_path / f"profil_{i}.ipynb", code(Glance("glance-x", tiles=(tile,)), exhibits()["fig-map"]))
        for i, tile in enumerate(tiles)
    ]
    results = collect(books)
    assert set(results.exhibits) == {"fig-map"}
    assert set(results.sequences["profil_1"].exhibits) == {"glance-x", "fig-map"}


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"nbformat": 4}'],
)
def test_what_is_not_a_notebook(tmp_path: Path, text: str):
    (tmp_path / "a.ipynb").write_text(text, "utf-8")
    with pytest.raises(DocumentError, match=r"a\.ipynb"):
        collect([tmp_path / "a.ipynb"])
    with pytest.raises(DocumentError, match=r"b\.ipynb"):
        collect([tmp_path / "b.ipynb"])


def test_an_exhibit_shown_twice_or_not_understood(tmp_path: Path):
    figure = exhibits()["fig-map"]
    with pytest.raises(DocumentError, match="fig-map"):
        collect([written(tmp_path / "a.ipynb", code(figure), code(figure))])
    odd = code(figure)
    odd["outputs"][1]["data"]["application/vnd.kesos.exhibit+json"]["kind"] = "poster"
    with pytest.raises(DocumentError, match=r"a\.ipynb"):
        collect([written(tmp_path / "a.ipynb", odd)])
