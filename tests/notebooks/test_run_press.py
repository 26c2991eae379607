"""Documents set in processes of their own are those set here, and so are the errors."""

from pathlib import Path

import nbformat
import psutil
import pytest
from toy_study import CLAIM

from kesos_research.errors import KesosError, Problems, RunError, StudyError, Where
from kesos_research.language import use
from kesos_research.report.collect import collect
from kesos_research.run import setter as process
from kesos_research.run.documents import Order, make
from kesos_research.run.names import Sheet
from kesos_research.run.press import Press
from kesos_research.study import read_study

STUDY = Path(__file__).parents[2] / "notebooks" / "studies" / "pkst-2013"
SHEETS = tuple(
    Sheet(f"wilayah/33.14/profil_33.14_kab-sragen_{lang}.{suffix}", "profile", lang, suffix)
    for lang in ("id", "en")
    for suffix in ("docx", "html")
)


@pytest.fixture(autouse=True)
def english():
    with use("en"):
        yield


def told(path: Path, prose: str) -> Order:
    """An order for the profile that a small executed notebook tells."""
    cells = [
        nbformat.v4.new_markdown_cell(prose, metadata={"tags": [lang]}, id=f"prose-{lang}") for lang in ("id", "en")
    ]
    names: dict = {}
    source = CLAIM.format(name="p0.level", value="17.5")
    exec(source.rsplit("\n", 2)[0], names)
    shown = eval(source.strip().splitlines()[-1], names)._repr_mimebundle_()
    out = nbformat.v4.new_output("display_data", shown)
    cells.append(nbformat.v4.new_code_cell(source, outputs=[out], id="claim"))
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return Order((path,), SHEETS, profile=True)


def test_the_same_bytes_and_the_same_errors(tmp_path):
    study = read_study(STUDY)
    order = told(tmp_path / "profil_33.14.ipynb", '# Judul\n\nAngka {{ claim("p0.level") | number(1) }} %.')
    wrong = told(
        tmp_path / "profil_64.03.ipynb", '# Judul\n\n{{ claim("p0.levle") | number(1) }} {{ fact("PKST", "x") }}'
    )
    here = make(study, collect(order.notebooks), order)
    with pytest.raises(Problems) as refused_here:
        make(study, collect(wrong.notebooks), wrong)
    before = psutil.Process().children(recursive=True)
    with Press(study, at_once=2) as press:
        away = press.make(collect(order.notebooks), order, alone=False)
        with pytest.raises(Problems) as refused:
            press.make(collect(wrong.notebooks), wrong, alone=True)
        assert len(psutil.Process().children()) == len(before) + 2
        again = press.make(collect(order.notebooks), order, alone=True)
    assert set(away.files) == {sheet.path for sheet in SHEETS}
    assert away == again == here
    assert away.states[SHEETS[0].path] == ("p0.level",)
    assert str(refused.value) == str(refused_here.value)
    assert {type(p) for p in refused.value.problems} == {type(p) for p in refused_here.value.problems}
    assert psutil.Process().children(recursive=True) == before


def test_few_documents_are_set_here(tmp_path):
    order = told(tmp_path / "profil_33.14.ipynb", "# Judul\n\nKalimat.").only("id")
    before = psutil.Process().children()
    with Press(read_study(STUDY), at_once=2) as press:
        assert set(press.make(collect(order.notebooks), order, alone=False).files) == {s.path for s in SHEETS[:2]}
        assert psutil.Process().children() == before


def test_a_process_that_dies_is_told_and_replaced(tmp_path):
    study, order = read_study(STUDY), told(tmp_path / "profil_33.14.ipynb", "# Judul\n\nKalimat.")
    with Press(study, at_once=1) as press:
        first = press.make(collect(order.notebooks), order, alone=True)
        (setter,) = press._setters
        setter._process.kill()
        setter._process.wait()
        with pytest.raises(RunError, match="The process that sets the documents died"):
            setter.make(study, order)
        assert press.make(collect(order.notebooks), order, alone=True) == first


@pytest.mark.parametrize(
    "error",
    [
        KesosError("found"),
        StudyError("found", expected="expected", remedy="remedy", where=Where("file", line=3, column="c", key="k")),
    ],
)
def test_errors_survive_the_way(error):
    (back,) = [process.error_of(said) for said in process.told(error)]
    assert (type(back), back.args) == (type(error), error.args)


def test_orders_survive_the_way(tmp_path):
    order = Order((tmp_path / "a.ipynb",), SHEETS, figures=("id",), profile=True)
    assert process.order_of(process.asked(order)) == order
