"""Questionnaires, held to the XLSForm standard, to XPath as libxml2 reads it, and to the answers that come back."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import numpy as np
import openpyxl
import pandas as pd
import pytest
from lxml import etree

from kesos_research.data.check import check_cells
from kesos_research.data.codebook_text import parse_codebook
from kesos_research.data.condition import condition
from kesos_research.data.condition_rows import truth
from kesos_research.data.entry_sheet import ROWS
from kesos_research.data.instrument import questionnaire
from kesos_research.data.read import read_cells
from kesos_research.data.read.kobo import read_kobo
from kesos_research.data.read.xlsform import read_form
from kesos_research.data.synthesize import synthesize
from kesos_research.data.xpath import expression
from kesos_research.domain import example_regions
from kesos_research.errors import KesosError
from kesos_research.language import use

BOOK = """
berkas: anggota.csv
satuan_pengamatan: person
kunci: [no]
urutan: [makan, belanja]
kolom:
  no: {label: {id: Nomor, en: Number}, jenis: teks, pola: "P[0-9]{4}", peran: id, sensitivitas: terbatas}
  nik: {label: {id: NIK, en: NIK}, jenis: nik, peran: id, sensitivitas: rahasia}
  kab: {label: {id: Kabupaten, en: District}, jenis: wilayah, peran: unit, sensitivitas: publik, wajib: ya}
  tgl_lahir: {label: {id: Tanggal lahir, en: Birthday}, jenis: tanggal, rentang: [1940-01-01, 2020-12-31], peran: covariate, sensitivitas: terbatas}
  jk: {label: {id: Jenis kelamin, en: Sex}, jenis: pilihan, pilihan: {1: {id: Laki-laki, en: Male}, 2: {id: Perempuan, en: Female}}, peran: covariate, sensitivitas: publik, wajib: ya, pertanyaan: {id: "Laki-laki atau perempuan?", en: "Male or female?"}}
  umur: {label: {id: Umur, en: Age}, jenis: bilangan, rentang: [0, 120], satuan: {id: tahun, en: years}, peran: covariate, sensitivitas: publik, wajib: ya}
  tabungan: {label: {id: Tabungan, en: Savings}, jenis: bilangan, rentang: [0, 90000000000], peran: covariate, sensitivitas: publik}
  hamil: {label: {id: Hamil, en: Pregnant}, jenis: pilihan, pilihan: {1: {id: Ya, en: Yes}, 2: {id: Tidak, en: No}}, peran: covariate, sensitivitas: terbatas}
  bantuan: {label: {id: Bantuan, en: Aid}, jenis: pilihan_ganda, pilihan: {pkh: {id: PKH, en: PKH}, bpnt: {id: BPNT, en: BPNT}}, peran: covariate, sensitivitas: publik}
  belanja: {label: {id: Belanja, en: Spending}, jenis: angka, rentang: [0, 10000000], satuan: {id: rupiah, en: rupiah}, peran: outcome, sensitivitas: terbatas}
  makan: {label: {id: Makan, en: Food}, jenis: angka, rentang: [0, 10000000], peran: outcome, sensitivitas: terbatas}
  catatan: {label: {id: Catatan, en: Note}, jenis: teks, peran: note, sensitivitas: terbatas}
aturan:
  - {nama: hamil_siapa, syarat: "jika jk = 1 atau umur < 10 maka kosong(hamil)"}
  - {nama: hamil_ditanya, syarat: "jika jk = 2 dan umur >= 10 maka terisi(hamil)"}
  - {nama: anak, syarat: "jika umur < 15 maka tabungan <= 1000000", pesan: {id: tabungan anak kecil, en: savings of children are small}}
"""  # noqa: E501
IDN, ENG = "Bahasa Indonesia (id)", "English (en)"


@pytest.fixture(autouse=True)
def english():
    with use("en"):
        yield


def book(text: str = BOOK, *, synthetic: bool = False):
    return replace(parse_codebook(text, "buku.yaml"), synthetic=synthetic)


def sheets(data: bytes) -> dict[str, list[dict[str, str]]]:
    made = {}
    for sheet in openpyxl.load_workbook(io.BytesIO(data)):
        header, *rows = sheet.iter_rows(values_only=True)
        made[sheet.title] = [{k: v or "" for k, v in zip(header, row, strict=True) if k} for row in rows]
    return made


@pytest.fixture(scope="module")
def form() -> dict[str, list[dict[str, str]]]:
    return sheets(questionnaire(book()).data)


def asked(form) -> dict[str, dict[str, str]]:
    return {row["name"]: row for row in form["survey"]}


def test_the_sheets_and_columns_are_those_of_the_standard(form):
    assert list(form) == ["survey", "choices", "settings"]
    assert set(form["survey"][0]) == {
        "type", "name", "required", "relevant", "constraint", "appearance",
        *(f"{text}::{lang}" for text in ("label", "hint", "constraint_message") for lang in (IDN, ENG)),
    }  # fmt: skip
    assert set(form["choices"][0]) == {"list_name", "name", f"label::{IDN}", f"label::{ENG}"}
    [settings] = form["settings"]
    assert settings["default_language"] == IDN
    assert re.fullmatch(r"[a-z_][a-z0-9_-]*", settings["form_id"])
    assert re.fullmatch(r"[0-9a-f]{10}", settings["version"])


def test_every_column_is_a_question_of_its_name_and_kind(form):
    assert list(asked(form)) == list(book().columns)
    assert {name: row["type"] for name, row in asked(form).items()} == {
        "no": "text", "nik": "text", "kab": "select_one wilayah", "tgl_lahir": "date", "jk": "select_one jk",
        "umur": "integer", "tabungan": "decimal", "hamil": "select_one hamil", "bantuan": "select_multiple bantuan",
        "belanja": "decimal", "makan": "decimal", "catatan": "text",
    }  # fmt: skip
    lists = {row["list_name"] for row in form["choices"]}
    assert lists == {row["type"].split()[1] for row in form["survey"] if row["type"].startswith("select")}
    for row in form["survey"]:
        assert row[f"label::{IDN}"]
        assert row[f"label::{ENG}"]
        for text in ("relevant", "constraint", "required"):
            assert set(re.findall(r"\$\{(\w+)\}", row[text])) <= set(asked(form))
            assert row["name"] not in re.findall(r"\$\{(\w+)\}", row[text])
    assert len([row for row in form["choices"] if row["list_name"] == "wilayah"]) == 514


def test_questions_are_asked_of_those_they_concern(form):
    rows = asked(form)
    assert rows["jk"][f"label::{ENG}"] == "Male or female?"
    assert rows["umur"][f"hint::{IDN}"] == "tahun"
    assert rows["hamil"]["relevant"] == "not((${jk} = 1 or ${umur} < 10))"
    assert rows["hamil"]["required"] == "(${jk} = 2 and ${umur} >= 10)"
    assert [name for name, row in rows.items() if row["required"] == "yes"] == ["no", "kab", "jk", "umur"]
    assert rows["umur"]["constraint"] == ". >= 0 and . <= 120"
    assert rows["tgl_lahir"]["constraint"] == ". >= date('1940-01-01') and . <= date('2020-12-31')"
    assert rows["no"]["constraint"] == "regex(., '^(?:P[0-9]{4})$')"
    assert rows["makan"]["constraint"] == "(. >= 0 and . <= 10000000) and (${belanja} = '' or . <= ${belanja})"
    assert "tabungan anak kecil" in rows["tabungan"][f"constraint_message::{IDN}"]
    assert rows["tabungan"][f"constraint_message::{ENG}"].endswith("savings of children are small.")
    assert not [row for row in form["survey"] if bool(row["constraint"]) != bool(row[f"constraint_message::{ENG}"])]


@pytest.mark.parametrize(
    "said",
    [
        "a <= b", "a + 2 * b >= 10 dan bukan (a = b)", "jika a > 5 maka b < 3", "terisi(a) atau kosong(b)",
        "a / 2 != b - 1", "-a < b", "jika jk = 1 maka a >= b", "jk = '2' atau a < 4",
    ],
)  # fmt: skip
def test_conditions_mean_in_xpath_what_they_mean_in_a_check(said):
    columns = {**book().columns, "a": book().columns["belanja"], "b": book().columns["makan"]}
    tree = condition(said, columns)
    random = np.random.default_rng(1)
    a, b = random.integers(0, 12, (2, 200)).astype(float)
    jk = random.choice(np.array(["1", "2"], dtype=object), 200)
    wanted = truth(tree, {"a": a, "b": b, "jk": jk}, columns)
    path = etree.XPath(re.sub(r"\$\{(\w+)\}", r"$\1", expression(tree, columns)))
    nothing = etree.Element("data")
    found = [bool(path(nothing, a=f"{x:.0f}", b=f"{y:.0f}", jk=k)) for x, y, k in zip(a, b, jk, strict=True)]
    assert found == wanted.tolist()


def test_the_same_codebook_gives_the_same_bytes_and_another_another_version():
    for kind in ("xlsform", "excel"):
        assert questionnaire(book(), kind=kind).data == questionnaire(book(), kind=kind).data
    other = sheets(questionnaire(book(BOOK.replace("[0, 120]", "[0, 110]"))).data)
    assert other["settings"][0]["version"] != sheets(questionnaire(book()).data)["settings"][0]["version"]


def test_answers_of_an_export_pass_the_codebook_that_asked_for_them(tmp_path):
    codebook = book(synthetic=True)
    (tmp_path / "formulir.xlsx").write_bytes(questionnaire(codebook).data)
    assert {q.name for q in read_form(tmp_path / "formulir.xlsx").questions} == set(codebook.columns)
    made = synthesize(codebook, 60, seed=1)
    export = openpyxl.Workbook()
    sheet = export.active
    names = [*made.cells.columns, "bantuan/pkh", "bantuan/bpnt", "_id", "_uuid", "_submission_time", "_index"]
    sheet.append(["start", *names])
    for i, row in enumerate(made.cells.table.to_pylist(), 1):
        chosen = (row["bantuan"] or "").split()
        split = [int(code in chosen) if chosen else None for code in ("pkh", "bpnt")]
        sheet.append(["2026-01-05T08:00:00", *row.values(), *split, i, f"u{i}", "2026-01-05T09:00:00", i])
    export.save(tmp_path / "jawaban.xlsx")
    [cells] = read_kobo(tmp_path / "jawaban.xlsx", tmp_path / "formulir.xlsx").values()
    cells = replace(cells, table=cells.table.select(list(codebook.columns)))
    assert check_cells(cells, codebook).clean
    assert cells.table.to_pylist() == made.cells.table.to_pylist()


def test_what_no_form_takes_is_refused_all_at_once():
    bad = BOOK.replace("  umur:", "  umur tahun:").replace("umur", "umur_x").replace("umur_x tahun", "umur tahun")
    bad = "\n".join(line for line in bad.splitlines() if "umur_x" not in line)
    bad = bad.replace("{1: {id: Ya", "{'1 a': {id: Ya")
    with pytest.raises(KesosError) as refused:
        questionnaire(book(bad))
    assert "'umur tahun' cannot be the name of a question" in str(refused.value)
    assert "'1 a' cannot be the code of a choice" in str(refused.value)
    with pytest.raises(KesosError, match="xlsform, excel"):
        questionnaire(book(), kind="paper")


def test_what_a_form_cannot_hold_an_answer_against_is_told():
    text = BOOK.replace("jenis: teks, peran: note", "jenis: teks, rujukan: {berkas: a.csv, kolom: b}, peran: note")
    text = text.replace("peran: outcome", "peran: weight", 1)
    names = [note.name for note in questionnaire(book(text)).notes]
    assert names == ["questionnaire.unique", "questionnaire.reference", "questionnaire.weight"]
    assert [n.name for n in questionnaire(book(), kind="excel").notes] == [
        "questionnaire.left",
        "questionnaire.promises",
    ]


# --- the Excel sheet


@pytest.fixture(scope="module")
def entry():
    return openpyxl.load_workbook(io.BytesIO(questionnaire(book(synthetic=True), kind="excel").data))


def test_each_column_takes_only_what_it_may(entry):
    sheet = entry["data"]
    assert [cell.value for cell in sheet[1]] == list(book().columns)
    checks = {str(v.sqref): v for v in sheet.data_validations.dataValidation}
    by_name = {name: checks[f"{cell.column_letter}2:{cell.column_letter}{ROWS + 1}"]
               for name, cell in zip(book().columns, sheet[1], strict=True)}  # fmt: skip
    assert {name: check.type for name, check in by_name.items()} == {
        "no": "custom", "nik": "custom", "kab": "list", "tgl_lahir": "date", "jk": "list", "umur": "whole",
        "tabungan": "whole", "hamil": "list", "bantuan": "textLength", "belanja": "decimal", "makan": "decimal",
        "catatan": "textLength",
    }  # fmt: skip
    assert (by_name["umur"].formula1, by_name["umur"].formula2) == ("0", "120")
    first = pd.Timestamp("1899-12-30") + pd.Timedelta(days=int(by_name["tgl_lahir"].formula1))
    assert first == pd.Timestamp("1940-01-01")
    listed = re.fullmatch(r"'buku_kode'!\$E\$(\d+):\$E\$(\d+)", by_name["jk"].formula1)
    assert [entry["buku_kode"].cell(row, 5).value for row in range(int(listed[1]), int(listed[2]) + 1)] == ["1", "2"]
    regions = re.fullmatch(r"'buku_kode'!\$E\$(\d+):\$E\$(\d+)", by_name["kab"].formula1)
    codes = [entry["buku_kode"].cell(row, 5).value for row in range(int(regions[1]), int(regions[2]) + 1)]
    assert codes == [r.code for r in example_regions()]
    for check in by_name.values():
        assert check.showErrorMessage
        assert len(check.promptTitle) <= 32
        assert len(check.prompt) <= 255


def test_only_the_header_and_the_codes_are_locked(entry):
    sheet = entry["data"]
    assert sheet.freeze_panes == "A2"
    assert all(s.protection.sheet for s in entry)
    assert all(cell.protection.locked for cell in sheet[1])
    for cell in sheet[1]:
        column = sheet.column_dimensions[cell.column_letter]
        assert not column.protection.locked
        kind = book().columns[cell.value].kind
        assert column.number_format == {"tanggal": "yyyy-mm-dd", "bilangan": "0", "angka": "General"}.get(kind, "@")


def test_a_filled_sheet_passes_the_codebook_it_was_made_from(tmp_path):
    codebook = book(synthetic=True)
    made = synthesize(codebook, 40, seed=2)
    sheet = openpyxl.load_workbook(io.BytesIO(questionnaire(codebook, kind="excel").data))
    for i, row in enumerate(made.rows.itertuples(index=False), 2):
        for j, value in enumerate(row, 1):
            if pd.notna(value):
                sheet["data"].cell(i, j).value = value.date() if isinstance(value, pd.Timestamp) else value
    sheet.save(tmp_path / "isian_sintetis.xlsx")
    cells = read_cells(tmp_path / "isian_sintetis.xlsx", codebook=codebook)
    assert [f.text for f in check_cells(cells, codebook).found] == []
    assert cells.rows == 40
    assert cells.labels["umur"] == "Umur"
    assert cells.value_labels["jk"] == {"1": "Laki-laki", "2": "Perempuan"}
