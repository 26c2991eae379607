"""Exports as Kobo and ODK Central write them: heads, groups, choices of many, repeats; told apart by the XLSForm."""

import zipfile

import openpyxl
import pytest

from kesos_research.data.read.kobo import read_kobo
from kesos_research.data.read.xlsform import read_form
from kesos_research.errors import KesosError
from kesos_research.language import use

SURVEY = [
    ["type", "name", "label::Bahasa Indonesia (id)", "label::English (en)"],
    ["start", "start", None, None],
    ["begin_group", "ruta", "Rumah tangga", "Household"],
    ["text", "nama", "Nama kepala rumah tangga", "Name"],
    ["select_one jk", "jk", "Jenis kelamin", "Sex"],
    ["select_multiple bantuan", "bantuan", "Bantuan yang diterima", "Aid"],
    ["end_group", None, None, None],
    ["note", "hai", "Terima kasih", "Thanks"],
    ["begin_repeat", "art", "Anggota", "Members"],
    ["integer", "umur", "Umur", "Age"],
    ["end_repeat", None, None, None],
]
CHOICES = [
    ["list_name", "name", "label::Bahasa Indonesia (id)", "label::English (en)"],
    ["jk", "1", "Laki-laki", "Male"],
    ["jk", "2", "Perempuan", "Female"],
    ["bantuan", "pkh", "Program Keluarga Harapan", "PKH"],
    ["bantuan", "bpnt", "Sembako", "Food"],
    ["bantuan", "lain", "Bantuan lain", "Other aid"],
]


def book(path, **sheets):
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    made.save(path)
    return path


@pytest.fixture
def form(tmp_path):
    with use("en"):
        yield book(tmp_path / "form.xlsx", survey=SURVEY, choices=CHOICES)


def told(*given, **how):
    with pytest.raises(KesosError) as caught:
        read_kobo(*given, **how)
    assert "Try:" in str(caught.value)
    return str(caught.value)


NAMES = [
    [
        "start",
        "ruta/nama",
        "ruta/jk",
        "ruta/bantuan",
        "ruta/bantuan/pkh",
        "ruta/bantuan/bpnt",
        "ruta/bantuan/lain",
        "_index",
    ],
    ["2025-01-01T08:00:00", "A", "1", "pkh lain", 1, 0, 1, 1],
    ["2025-01-01T09:00:00", "B", "2", None, None, None, None, 2],
]
LABELS = [
    ["start", "Nama kepala rumah tangga", "Jenis kelamin", "Bantuan yang diterima"]
    + [f"Bantuan yang diterima/{c}" for c in ("Program Keluarga Harapan", "Sembako", "Bantuan lain")]
    + ["_index"],
    ["2025-01-01T08:00:00", "A", "Laki-laki", "Program Keluarga Harapan Bantuan lain", 1, 0, 1, 1],
    ["2025-01-01T09:00:00", "B", "Perempuan", None, None, None, None, 2],
]
MEMBERS = [
    ["umur", "_index", "_parent_table_name", "_parent_index"],
    [30, 1, "data", 1],
    [5, 2, "data", 1],
    [40, 3, "data", 2],
]


@pytest.mark.parametrize("rows", [NAMES, LABELS], ids=["names", "labels"])
def test_names_and_labels_are_the_same_answers(tmp_path, form, rows):
    made = read_kobo(book(tmp_path / "a.xlsx", data=rows, art=MEMBERS), form)
    assert list(made) == ["data", "art"]
    assert made["data"].table.to_pydict() == {
        "start": ["2025-01-01T08:00:00", "2025-01-01T09:00:00"],
        "nama": ["A", "B"],
        "jk": ["1", "2"],
        "bantuan": ["pkh lain", None],
        "_index": ["1", "2"],
    }
    assert made["data"].labels["jk"] == "Jenis kelamin"
    assert made["data"].value_labels["jk"] == {"1": "Laki-laki", "2": "Perempuan"}
    assert made["art"].table.column("umur").to_pylist() == ["30", "5", "40"]
    assert made["art"].labels["umur"] == "Umur"
    assert made["data"].where(1, "jk").row == 3


def test_without_a_form_groups_and_split_choices_are_found(tmp_path):
    made = read_kobo(book(tmp_path / "a.xlsx", data=NAMES))
    assert made["data"].columns == ("start", "nama", "jk", "bantuan", "_index")
    assert made["data"].detected["joined_choices"] == "bantuan"


def test_only_split_columns_are_joined_in_the_order_of_the_export(tmp_path, form):
    rows = [[h for h in NAMES[0] if h != "ruta/bantuan"], *[[*r[:3], *r[4:]] for r in NAMES[1:]]]
    assert read_kobo(book(tmp_path / "a.xlsx", data=rows), form)["data"].table.column("bantuan").to_pylist() == [
        "pkh lain",
        None,
    ]


def test_split_columns_that_say_otherwise_are_told_with_their_row(tmp_path, form):
    rows = [NAMES[0], NAMES[1], ["x", "B", "2", "bpnt", 1, 0, 0, 2]]
    said = told(book(tmp_path / "a.xlsx", data=rows), form)
    assert "row 3, column bantuan" in said


def test_labels_that_can_be_read_in_two_ways_are_not(tmp_path):
    choices = [["list_name", "name", "label"], ["l", "a", "Beras"], ["l", "b", "Beras Telur"], ["l", "c", "Telur"]]
    survey = [["type", "name", "label"], ["select_multiple l", "q", "Q"]]
    form = book(tmp_path / "form.xlsx", survey=survey, choices=choices)
    with use("en"):
        assert "row 2, column q" in told(book(tmp_path / "a.xlsx", data=[["Q"], ["Beras Telur"]]), form)
        made = read_kobo(book(tmp_path / "b.xlsx", data=[["Q"], ["Telur Beras"]]), form)
    assert made["data"].table.column("q").to_pylist() == ["c a"]


def test_an_answer_that_is_no_choice(tmp_path, form):
    rows = [["jk"], ["Laki-laki"], ["Laki laki"]]
    said = told(book(tmp_path / "a.xlsx", data=rows), form)
    assert "row 3, column jk" in said
    assert "did you mean Laki-laki" in said


def test_two_questions_with_one_label(tmp_path):
    survey = [["type", "name", "label"], ["text", "a", "Umur"], ["text", "b", "Umur"]]
    form = book(tmp_path / "form.xlsx", survey=survey)
    with use("en"):
        assert "a, b" in told(book(tmp_path / "a.xlsx", data=[["Umur"], ["3"]]), form)
        assert read_kobo(book(tmp_path / "a.xlsx", data=[["a"], ["3"]]), form)["data"].columns == ("a",)


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ([MEMBERS[0], [30, 1, "data", 9]], "row 2, column _parent_index"),
        ([MEMBERS[0], [30, 1, "lain", 1]], "'lain'"),
        ([["umur", "_index"], [30, 1]], "does not say"),
    ],
)
def test_members_without_a_household(tmp_path, form, members, said):
    assert said in told(book(tmp_path / "a.xlsx", data=NAMES, art=members), form)


def test_a_household_that_is_there_twice(tmp_path, form):
    rows = [*NAMES, NAMES[2]]
    assert "row 4, column _index" in told(book(tmp_path / "a.xlsx", data=rows, art=MEMBERS), form)


def test_a_csv_export_with_semicolons(tmp_path, form):
    (tmp_path / "a.csv").write_text('"ruta/nama";"ruta/jk";"_index"\n"A";"1";"1"\n', encoding="utf-8")
    made = read_kobo(tmp_path / "a.csv", form)
    assert made["a"].table.to_pydict() == {"nama": ["A"], "jk": ["1"], "_index": ["1"]}


def test_odk_centrals_zip(tmp_path, form):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as parts:
        parts.writestr("survei-art.csv", "umur,PARENT_KEY,KEY\n30,uuid:1,uuid:1/art[1]\n")
        parts.writestr("survei.csv", "SubmissionDate,ruta-nama,ruta-jk,KEY\n2025-01-01,A,1,uuid:1\n")
    made = read_kobo(tmp_path / "a.zip", form)
    assert list(made) == ["survei", "survei-art"]
    assert made["survei"].columns == ("SubmissionDate", "nama", "jk", "KEY")
    with zipfile.ZipFile(tmp_path / "a.zip", "a") as parts:
        parts.writestr("survei-anak.csv", "umur,PARENT_KEY,KEY\n3,uuid:7,uuid:7/anak[1]\n")
    assert "line 2, column PARENT_KEY" in told(tmp_path / "a.zip", form)


@pytest.mark.parametrize(
    ("survey", "said"),
    [
        ([["type", "name"], ["select_one tiada", "q"]], "'tiada'"),
        ([["type", "name"], ["text", None]], "row 2"),
        ([["type", "name"], ["begin_group", "g"], ["text", "q"]], "does not end"),
        ([["type", "name"], ["text", "q"], ["end_group", None]], "row 3"),
        ([["type", "name"]], "asks nothing"),
    ],
)
def test_forms_that_are_none(tmp_path, survey, said):
    with use("en"), pytest.raises(KesosError, match="form") as caught:
        read_form(book(tmp_path / "form.xlsx", survey=survey))
    assert said in str(caught.value)


def test_a_form_keeps_groups_labels_and_repeats(form):
    questions = {q.name: q for q in read_form(form).questions}
    assert questions["umur"].repeat == "art"
    assert questions["bantuan"].kind == "many"
    assert questions["jk"].groups == ("ruta",)
    assert "hai" not in questions
