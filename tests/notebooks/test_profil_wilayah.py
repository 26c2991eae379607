"""The profile of a region, told from the official figures, against the table itself read with the standard library."""

import ast
import csv
import json
import statistics
from pathlib import Path

import pytest

from kesos_research import domain
from kesos_research.report import collect, compose
from kesos_research.report.document import model as m
from kesos_research.report.document.flat import flat
from kesos_research.study import read_study

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "notebooks" / "profil_wilayah.ipynb"


def executed(folder: Path, code: str) -> Path:
    """The notebook as a kernel would leave it, its cells run in this process."""
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    given = {"cell_type": "code", "source": f"region = {code!r}", "metadata": {"tags": ["injected-parameters"]}}
    declared = next(i for i, cell in enumerate(cells) if "parameters" in cell["metadata"].get("tags", ()))
    cells.insert(declared + 1, given)
    names: dict[str, object] = {}
    for cell in cells:
        if cell["cell_type"] == "code":
            cell["outputs"] = [{"output_type": "execute_result", "data": data} for data in run(cell["source"], names)]
    made = folder / f"profil_wilayah_{code}.ipynb"
    made.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    return made


def run(source: str | list[str], names: dict[str, object]) -> list[dict]:
    tree = ast.parse("".join(source))
    last = ast.Expression(tree.body.pop().value) if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    shown = eval(compile(last, "cell", "eval"), names) if last else None
    return [shown._repr_mimebundle_()] if shown is not None else []


def published(indicator: str, year: int) -> dict[str, float]:
    with (ROOT / "data" / "kabupaten_kota.csv").open(encoding="utf-8", newline="") as file:
        rows = [r for r in csv.DictReader(file) if int(r["tahun"]) == year and r[indicator]]
    return {r["wilayah"]: float(r[indicator]) for r in rows}


@pytest.fixture(scope="module", params=["33.14", "31.71", "64.11", "91.71"])
def told(request, tmp_path_factory):
    """A pilot; a city of the capital; one born late and without the newest figure; one whose series jumps."""
    patch = pytest.MonkeyPatch()
    patch.chdir(ROOT / "notebooks")
    path = executed(tmp_path_factory.mktemp("profil"), request.param)
    study, results = read_study("pkst-2013"), collect([path])
    patch.undo()
    documents = {lang: compose(study, results, kind="profile", lang=lang, notebook=path) for lang in ("id", "en")}
    return request.param, results, documents


def test_its_value_and_the_quartiles_are_those_of_the_table(told):
    code, results, _documents = told
    claims = results.claims
    year = claims[f"profil.{code}.p0.year"].estimate
    values = published("p0", int(year))
    assert claims[f"profil.{code}.p0"].estimate == values[code]
    province = [v for c, v in values.items() if domain.region(c).province == domain.region(code).province]
    for area, districts in (("nation", list(values.values())), ("province", province)):
        quartiles = statistics.quantiles(districts, n=4, method="inclusive")
        for term, value in zip(("q1", "median", "q3"), quartiles, strict=True):
            claim = claims[f"profil.{code}.p0.{area}.{term}"]
            assert claim.estimate == pytest.approx(value)
            assert claim.n == len(districts)


def test_six_tiles_two_figures_three_tables(told):
    _code, _results, documents = told
    for document in documents.values():
        kinds = [b.t for b in document.blocks if b.t in ("tiles", "figure", "table")]
        assert kinds == ["figure", "tiles", "figure", "table", "table", "table"]
        assert [len(b.tiles) for b in document.blocks if isinstance(b, m.Tiles)] == [6]


def test_ten_peers_and_their_distances(told):
    code, _results, documents = told
    table = next(b for b in documents["en"].blocks if isinstance(b, m.TableBlock) and b.id == "tbl-peers")
    assert len(table.rows) == 11
    assert table.rows[0].cells[0] == domain.region(code).label
    distances = [float(row.cells[2]) for row in table.rows]
    assert distances[0] == 0
    assert distances == sorted(distances)
    pilots = {domain.region(c).label for c in read_study(ROOT / "notebooks" / "studies" / "pkst-2013").treated}
    assert not pilots & {row.cells[0] for row in table.rows[1:]}


def test_what_it_must_say(told):
    code, _results, documents = told
    said = {lang: " ".join(flat(getattr(b, "c", ())) for b in d.blocks) for lang, d in documents.items()}
    items = next(b for b in documents["id"].blocks if isinstance(b, m.Items))
    assert "Ketelitian tidak dipublikasikan" in flat(items.items[0][0].c)
    assert ("melompat" in said["id"]) == ("jumps" in said["en"]) == (code == "91.71")
    assert ("2015–2017" in said["en"]) == (code == "64.11")
