"""Which notebooks a study runs, with which parameters."""

import nbformat
import pytest
from toy_study import notebook, toy, toy_notebooks

from kesos_research.errors import ParameterError, Problems, RegionError, RunError, StudyError
from kesos_research.language import use
from kesos_research.run import jobs
from kesos_research.run.notebook import read_notebook
from kesos_research.study import NotebookUse


@pytest.fixture(autouse=True)
def english():
    with use("en"):
        yield


def uses(*three) -> tuple[NotebookUse, ...]:
    return tuple(NotebookUse.model_construct(notebook=n, per=p, parameters=v) for n, p, v in three)


def test_once_or_once_for_each_region(tmp_path):
    toy_notebooks(tmp_path)
    found = jobs(toy(tmp_path))
    assert [(j.name, dict(j.parameters)) for j in found] == [
        ("main", {"study": "toy-1"}),
        ("profil_wilayah_33.14", {"study": "toy-1", "region": "33.14"}),
        ("profil_wilayah_64.03", {"study": "toy-1", "region": "64.03"}),
    ]
    assert [j.region.label for j in found if j.region] == ["Kab. Sragen", "Kab. Berau"]


def test_the_same_notebook_twice_has_two_names(tmp_path):
    notebook(tmp_path / "notebooks" / "main.ipynb", parameters='study = ""\nyear = 2014')
    study = toy(tmp_path).model_copy(
        update={"notebooks": uses(("main", "", {"year": "2014"}), ("main", "", {"year": "2019"}))}
    )
    assert [(j.name, j.parameters["year"]) for j in jobs(study)] == [("main", 2014), ("main_2", 2019)]


def test_only_one_region(tmp_path):
    toy_notebooks(tmp_path)
    assert [j.name for j in jobs(toy(tmp_path), only="64.03")] == ["profil_wilayah_64.03"]
    with pytest.raises(RegionError):
        jobs(toy(tmp_path), only="33.15")
    with pytest.raises(StudyError, match="no notebook that is run for each region"):
        jobs(toy(tmp_path, {"main": ""}), only="33.14")


def test_all_that_is_wrong_is_told_at_once(tmp_path):
    notebook(tmp_path / "notebooks" / "main.ipynb")
    study = toy(tmp_path, {"main": "", "mian": "", "other": "treated"})
    study = study.model_copy(update={"notebooks": uses(("main", "", {"yaer": "1"}), ("mian", "", {}))})
    with pytest.raises(Problems) as several:
        jobs(study)
    assert [type(p) for p in several.value.problems] == [ParameterError, RunError]
    assert "did you mean main?" in str(several.value)


def test_what_the_run_sets_is_not_the_studys(tmp_path):
    notebook(tmp_path / "notebooks" / "main.ipynb")
    study = toy(tmp_path).model_copy(update={"notebooks": uses(("main", "", {"study": "other"}))})
    with pytest.raises(ParameterError, match="set by the run itself"):
        jobs(study)


def test_a_study_elsewhere_is_called_by_its_path(tmp_path):
    notebook(tmp_path / "notebooks" / "main.ipynb")
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    study = toy(tmp_path, {"main": ""}, folder=folder)
    assert (tmp_path / "notebooks" / jobs(study)[0].parameters["study"]).resolve() == folder


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not a notebook"),
        ("{}", "not a notebook"),
        ('{"nbformat": 4}', "not a notebook"),
        ("\udcff", "not a notebook"),
    ],
)
def test_what_is_no_notebook_is_refused(tmp_path, text, reason):
    path = tmp_path / "x.ipynb"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(RunError, match=reason):
        read_notebook(path, "x.ipynb")


def test_another_language_is_refused(tmp_path):
    path = notebook(tmp_path / "r.ipynb")
    book = nbformat.read(path, as_version=4)
    book.metadata["kernelspec"] = {"name": "ir", "display_name": "R", "language": "R"}
    nbformat.write(book, path)
    with pytest.raises(RunError, match="written in R"):
        read_notebook(path, "r.ipynb")


def test_an_old_notebook_without_ids_is_read(tmp_path):
    path = notebook(tmp_path / "old.ipynb", "1")
    book = nbformat.read(path, as_version=4)
    for cell in book.cells:
        del cell["id"]
    book.nbformat_minor = 4
    path.write_text(nbformat.writes(book), encoding="utf-8-sig")
    assert [c.id for c in read_notebook(path, "old").cells] == ["cell-1", "cell-2"]
