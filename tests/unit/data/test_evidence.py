"""The evidence matrix: a complete grid of items, regions and aspects; nothing without a document."""

import csv
import io

import pytest

from kesos_research.data import ASPECTS, read_evidence
from kesos_research.domain import programme
from kesos_research.errors import KesosError

HEAD = "butir,wilayah,aspek,temuan_id,temuan_en,dokumen,tanggal,kunci_pustaka"
NOTHING = "belum ada bukti,no evidence yet,,,"
FOUND = "ada perda,there is a by-law,Perda 1/2014,2014-03-01,perda2014"


@pytest.fixture
def matrix(workspace):
    rows = [
        f"{item.id},33.14,{aspect},{FOUND if (item.id, aspect) == ('A1', 'regulasi') else NOTHING}"
        for item in programme("PKST").scope
        for aspect in ASPECTS
    ]
    workspace.texts["bukti.csv"] = "\n".join([HEAD, *rows]) + "\n"
    return workspace


def test_a_complete_matrix_is_read(matrix):
    evidence = read_evidence(matrix.study)
    assert (evidence.cells, evidence.filled) == (66, 1)
    first = evidence.rows.iloc[0]
    assert (first["butir"], first["aspek"], bool(first["terisi"])) == ("A1", "regulasi", True)
    assert len(evidence.digest) == 64


def test_without_a_file_nothing_is_documented(workspace):
    evidence = read_evidence(workspace.study)
    assert (evidence.cells, evidence.filled, evidence.digest) == (66, 0, "")
    assert set(evidence.rows["temuan_id"]) == {"belum ada bukti"}


def test_rows_come_in_the_order_of_the_grid(matrix):
    ordered = read_evidence(matrix.study).rows
    head, *rows = matrix.texts["bukti.csv"].splitlines()
    matrix.texts["bukti.csv"] = "\n".join([head, *reversed(rows)]) + "\n"
    assert read_evidence(matrix.study).rows.equals(ordered)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("A1,33.14,regulasi", "A9,33.14,regulasi", ["'A9'", "line 2", "column butir"]),
        ("A1,33.14,regulasi", "A1,64.03,regulasi", ["'64.03'", "one of 33.14"]),
        ("A1,33.14,regulasi", "A1,33.14,regulas", ["'regulas'", "did you mean regulasi"]),
        ("A1,33.14,regulasi", "A2,33.14,regulasi", ["twice", "line 8"]),
        ("A2,33.14,layanan,belum ada bukti,no evidence yet,,,\n", "", ["1 cells", "A2 · 33.14 · layanan", "66 rows"]),
        ("Perda 1/2014", "", ["without its document"]),
        ("2014-03-01", "", ["without its date"]),
        ("there is a by-law", "", ["without its English text"]),
        ("2014-03-01", "1 Maret 2014", ["2013-05-01, 2013-05 or 2013"]),
        ("ada perda", "belum ada bukti", ["a document without a finding"]),
        ("belum ada bukti", "", ["belum ada bukti"]),
    ],
)
def test_a_matrix_that_breaks_a_promise_is_refused(matrix, old, new, said):
    matrix.change("bukti.csv", old, new)
    with pytest.raises(KesosError) as caught:
        read_evidence(matrix.study)
    assert "bukti.csv" in str(caught.value)
    for text in said:
        assert text in str(caught.value)


def test_a_programme_without_scope_items_has_an_empty_matrix(workspace):
    workspace.programme = "ProKUS"
    assert read_evidence(workspace.study).cells == 0


def test_findings_may_hold_commas_and_quotes(matrix):
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(['ada "perda", berlaku', "a by-law, in force", "Perda", "2014", ""])
    matrix.change("bukti.csv", FOUND, out.getvalue())
    assert read_evidence(matrix.study).rows.loc[0, "temuan_id"] == 'ada "perda", berlaku'
