"""A study released with its real documents: PDF, Word, slides, page, annex, each searched as what it is."""

import json
from pathlib import Path

import pytest
from release_study import notebooks, study
from toy_study import NoKernels, execute_here

from kesos_research.errors import KesosError, Problems
from kesos_research.language import use
from kesos_research.run.pipeline import folders, run_study
from kesos_research.run.release import release_study
from kesos_research.run.released import read_release
from kesos_research.run.verify import _compared
from kesos_research.study import Deliverables, NotebookUse, Publication, Study

NIK = "3314055501900001"
SPOKEN = f"{NIK[:6]} {NIK[6:12]} {NIK[12:]}"
NARRATIVE = """# Hasil

Kemiskinan di Sragen {{{{ claim("p0.level.33.14") | number(2) }}}} persen. {more}

{{{{ exhibit("tbl-level") }}}}

# Paparan {{.slides}}

## Kemiskinan di Sragen {{{{ claim("p0.level.33.14") | number(1) }}}} persen {more}

{{{{ exhibit("tbl-level") }}}}
"""


@pytest.fixture(autouse=True)
def here(monkeypatch):
    monkeypatch.setattr("kesos_research.run.kernels.Kernels", NoKernels)
    monkeypatch.setattr("kesos_research.run.execute.execute", execute_here)
    monkeypatch.setattr("kesos_research.run.press.PAYS", 1000)
    with use("en"):
        yield


def given(root: Path, more: str = "") -> Study:
    made = study(
        root,
        deliverables=Deliverables.model_validate({"languages": ["id"]}),
        release=Publication(),
        notebooks=(NotebookUse.model_construct(notebook="main", per="", parameters={}),),
    )
    (made.folder / "narrative.id.md").write_text(NARRATIVE.format(more=more), encoding="utf-8")
    notebooks(root)
    return made


def test_documents_are_released_and_come_again_byte_for_byte(tmp_path):
    made = given(tmp_path / "ruang")
    done = release_study(made)
    names = {Path(path).suffix for path in done.files if path.startswith("id/")}
    assert names == {".pdf", ".docx", ".pptx", ".html", ".xlsx"}
    claims = json.loads((done.folder / "claims.json").read_text(encoding="utf-8"))["claims"]
    stated = next(claim["used_in"] for claim in claims if claim["name"] == "p0.level.33.14")
    assert len(stated) == 5

    run_study(made, reports=tmp_path / "again")
    found = _compared(read_release(done.folder), made, folders(made, tmp_path / "again")[0], 0.0)
    assert (found.problems, found.notes, found.differing) == ((), (), ())


def test_a_number_of_a_person_is_found_in_every_kind_of_document(tmp_path):
    made = given(tmp_path / "ruang", f"NIK {SPOKEN}")
    with pytest.raises(KesosError) as caught:
        release_study(made)
    assert isinstance(caught.value, Problems)
    named = {str(error.where.file).rpartition(".")[2] for error in caught.value.problems if error.where}
    assert {"pdf", "docx", "pptx", "html"} <= named
    assert NIK not in str(caught.value)
    assert SPOKEN not in str(caught.value)
    assert not (tmp_path / "ruang" / "reports" / "released" / "toy-1" / "1").exists()
