"""Working copies for JupyterLab: parameters filled in, nobody's work lost."""

import nbformat
from toy_study import notebook, toy, toy_notebooks

from kesos_research.run import prepare_lab


def sources(path):
    return [c.source for c in nbformat.read(path, as_version=4).cells]


def test_each_notebook_and_region_has_a_copy(tmp_path):
    toy_notebooks(tmp_path)
    folder = prepare_lab(toy(tmp_path))
    assert {p.name for p in folder.iterdir()} == {
        f"{n}.ipynb" for n in ("main", "profil_wilayah_33.14", "profil_wilayah_64.03")
    }
    names: dict = {}
    exec("\n".join(sources(folder / "profil_wilayah_33.14.ipynb")[:2]), names)
    assert (names["study"], names["region"]) == ("toy-1", "33.14")
    assert folder.is_relative_to(tmp_path)


def test_work_in_a_copy_is_never_lost(tmp_path):
    toy_notebooks(tmp_path)
    folder = prepare_lab(toy(tmp_path))
    copy = folder / "main.ipynb"
    book = nbformat.read(copy, as_version=4)
    book.cells.append(nbformat.v4.new_code_cell("my = 'work'", id="mine"))
    nbformat.write(book, copy)
    mine = copy.read_bytes()

    prepare_lab(toy(tmp_path))
    assert copy.read_bytes() == mine
    assert not (folder / "main-2.ipynb").exists()

    notebook(tmp_path / "notebooks" / "main.ipynb", "new = 1")
    prepare_lab(toy(tmp_path))
    assert copy.read_bytes() == mine
    assert sources(folder / "main-2.ipynb")[-1] == "new = 1"


def test_an_untouched_copy_follows_its_notebook(tmp_path):
    toy_notebooks(tmp_path)
    folder = prepare_lab(toy(tmp_path))
    book = nbformat.read(folder / "main.ipynb", as_version=4)
    book.cells[-1].execution_count = 3  # it was run, not changed
    nbformat.write(book, folder / "main.ipynb")
    notebook(tmp_path / "notebooks" / "main.ipynb", "new = 1")
    prepare_lab(toy(tmp_path))
    assert sources(folder / "main.ipynb")[-1] == "new = 1"
    assert not (folder / "main-2.ipynb").exists()
