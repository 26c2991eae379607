"""The notebooks we ship communicate: no functions, no paths, no typed results, no outputs, both languages."""

import ast
import re
from pathlib import Path

import nbformat
import pytest

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def code(path: Path) -> list[ast.Module]:
    return [ast.parse(c.source) for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]


def nodes(path: Path):
    return [n for tree in code(path) for n in ast.walk(tree)]


def test_there_are_notebooks():
    assert {p.stem for p in NOTEBOOKS} >= {"evaluasi_percontohan", "profil_wilayah"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
class TestEveryNotebook:
    def test_defines_nothing(self, path: Path):
        kinds = (ast.FunctionDef, ast.ClassDef, ast.Lambda)
        assert [n.lineno for n in nodes(path) if isinstance(n, kinds)] == []

    def test_names_no_path(self, path: Path):
        texts = [n.value for n in nodes(path) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
        assert [t for t in texts if re.search(r"^\.{0,2}/|^[A-Za-z]:|\\|\.(csv|xlsx|parquet|yaml)\b", t)] == []

    def test_types_no_result(self, path: Path):
        """Results are computed: no decimal number stands in code or prose."""
        assert [n.value for n in nodes(path) if isinstance(n, ast.Constant) and isinstance(n.value, float)] == []
        prose = [c.source for c in nbformat.read(path, as_version=4).cells if c.cell_type == "markdown"]
        written = [re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", p, flags=re.DOTALL) for p in prose]
        assert [p for p in written if re.search(r"\d[.,]\d", p)] == []

    def test_calls_methods_where_a_run_hears_them(self, path: Path):
        """As `methods.<name>`: a method imported by itself would leave no trace for the table of the plan."""
        modules = [n.module or "" for n in nodes(path) if isinstance(n, ast.ImportFrom)]
        assert [m for m in modules if m.startswith("kesos_research.methods")] == []

    def test_is_clean(self, path: Path):
        book = nbformat.read(path, as_version=4)
        cells = [c for c in book.cells if c.cell_type == "code"]
        assert all(not c.outputs and c.execution_count is None for c in cells)
        nbformat.validate(book)

    def test_declares_its_parameters_once(self, path: Path):
        cells = nbformat.read(path, as_version=4).cells
        tagged = [c for c in cells if "parameters" in c.metadata.get("tags", [])]
        assert len(tagged) == 1
        assert all(isinstance(s, ast.Assign | ast.AnnAssign) for s in ast.parse(tagged[0].source).body)

    def test_speaks_both_languages(self, path: Path):
        """Every piece of prose in one language is followed or preceded by the other's."""
        tags = [
            next((t for t in c.metadata.get("tags", []) if t in ("id", "en")), None)
            for c in nbformat.read(path, as_version=4).cells
            if c.cell_type == "markdown"
        ]
        assert None not in tags, "markdown cells are tagged `id` or `en`"
        assert tags == ["id", "en"] * (len(tags) // 2)
