"""Each rule of a codebook: what breaks it is counted, placed, shown (or hidden), and told with what to do."""

import json

import pytest

from kesos_research.data.check import check_cells
from kesos_research.data.codebook_text import parse_codebook
from kesos_research.data.findings_html import as_html
from kesos_research.data.findings_text import as_json, as_text
from kesos_research.data.read import check
from kesos_research.data.read.text import cells_of
from kesos_research.data.rules import rules_of, wordings
from kesos_research.data.typed import typed
from kesos_research.errors import KesosError
from kesos_research.language import use
from kesos_research.mask import mask_text

HEAD = "satuan_pengamatan: person\nkunci: []\nkolom:\n"
NIK = "3314055501900001"


@pytest.fixture(autouse=True)
def english():
    with use("en"):
        yield


def book(columns: dict[str, str], more: str = ""):
    """A codebook of columns, each told by what is special about it."""
    lines = [
        f"  {name}: {{label: {{id: x, en: x}}, {'' if 'peran' in told else 'peran: covariate, '}"
        f"{'' if 'sensitivitas' in told else 'sensitivitas: publik, '}{told}}}"
        for name, told in columns.items()
    ]
    return parse_codebook(HEAD + "\n".join(lines) + "\n" + more, "buku.yaml")


def found(text: str, codebook, **more):
    return check_cells(cells_of(text.encode(), "data.csv", codebook), codebook, **more)


def one(values: list[str], told: str, **more):
    """Findings of one column `x` with these values, beside a column that is never empty."""
    codebook = book({"x": told, "y": "jenis: teks"})
    quoted = "".join(f'"{v}",-\n' for v in values)
    return found(f"x,y\n{quoted}", codebook, **more).found


@pytest.mark.parametrize(
    ("told", "good", "bad", "rule"),
    [
        (
            "jenis: angka",
            ["0", "-1.5", "+2", "1e3", ""],
            ["1,5", "nan", "inf", "1_0", "0x1", ".5", "5.", " 1"],
            "number",
        ),
        ("jenis: angka", ["1e308"], ["1e309", "-1e999"], "size"),
        ("jenis: bilangan", ["0", "-7", "+12", "007"], ["1.0", "1e3", "١", "1 000"], "whole"),
        ("jenis: bilangan", ["9007199254740991"], ["9007199254740992", "9007199254740993"], "size"),
        ("jenis: tahun", ["2014"], ["14", "2014.0", "20144"], "year"),
        ("jenis: angka, rentang: [0, 100]", ["0", "100", "1e2"], ["-0.001", "100.001", "1e9"], "range"),
        ("jenis: tanggal", ["2024-02-29"], ["2023-02-29", "2024-2-1", "01/02/2024", "20240101"], "date"),
        ("jenis: tanggal, rentang: [2020-01-01, 2020-12-31]", ["2020-06-01"], ["2019-12-31", "2021-01-01"], "range"),
        ("jenis: wilayah", ["33.14", "32.10"], ["33.1", "3314", "Sragen", "99.99"], "region"),
        (
            "jenis: pilihan, pilihan: {1: {id: a, en: b}, 2: {id: c, en: d}}",
            ["1", "2"],
            ["3", "01", "a", "1 "],
            "choice",
        ),
        (
            "jenis: pilihan_ganda, pilihan: {1: {id: a, en: b}, a.b: {id: c, en: d}}",
            ["1", "a.b 1", ""],
            ["1  a.b", "axb", "1 1", " 1", "1 2"],
            "choices",
        ),
        ('jenis: teks, pola: "R[0-9]{2}"', ["R12"], ["R1", "R123", "xR12", "r12"], "pattern"),
        ("jenis: teks, wajib: ya", ["a"], ["", ""], "required"),
        ("jenis: teks, unik: ya", ["a", "b", "", ""], [], "unique"),
    ],
)
def test_each_rule_counts_what_breaks_it_and_nothing_else(told, good, bad, rule):
    assert one(good, told) == ()
    findings = one([*good, *bad], told)
    if bad:
        (finding,) = findings
        assert (finding.rule, finding.count, finding.where.line) == (rule, len(bad), 2 + len(good))
        assert finding.columns == ("x",)
        assert finding.examples[0].value == mask_text(bad[0])


def test_repeats_are_counted_behind_the_first():
    (finding,) = one(["a", "b", "a", "a", "b", "c"], "jenis: teks, unik: ya")
    assert (finding.count, finding.where.line, [e.place for e in finding.examples]) == (3, 4, [4, 6])


def test_a_key_is_of_all_its_columns_and_missing_parts_are_no_repeat():
    codebook = parse_codebook(
        (HEAD + "  a: {label: {id: x, en: x}, jenis: teks, peran: id, sensitivitas: publik}\n").replace("[]", "[a, b]")
        + "  b: {label: {id: x, en: x}, jenis: teks, peran: id, sensitivitas: publik}\n",
        "buku.yaml",
    )
    findings = found("a,b\n1,1\n1,2\n1,1\n,3\n,3\n", codebook).found
    assert [(f.rule, f.count, f.where.line) for f in findings] == [("required", 2, 5), ("key", 1, 4)]


def test_order_and_years():
    codebook = book(
        {"t": "jenis: tahun, peran: period", "p": "jenis: angka, tahun: [2010, 2012]", "q": "jenis: angka"},
        "urutan: [p, q]",
    )
    findings = found("t,p,q\n2010,1,2\n2013,1,2\n2009,,2\n2011,3,2\n2011,x,2\n", codebook).found
    assert [(f.rule, f.count, f.where.line) for f in findings] == [("number", 1, 6), ("years", 1, 3), ("order", 1, 5)]
    assert findings[2].examples[0].value == "3 > 2"


@pytest.mark.parametrize(
    ("condition", "wrong"),
    [
        ("a <= b", [3]),
        ("a + 1 < b * 2", [3]),
        ("jika jk = 2 maka a >= 3", [2]),
        ("bukan (a > b atau jk = 1)", [1, 3]),
        ("a = 0.1 + 0.2 atau a >= 1", []),
        ("jk != 1 dan d > '2020-01-01'", [1, 3]),
        ("jika terisi(d) maka kosong(a)", [1, 2, 3]),
        ("a / (b - 2) > 0", [3]),
    ],
)
def test_conditions_between_columns(condition, wrong):
    # line 4 has an operand missing, line 5 one that is no number: neither is judged
    codebook = book(
        {
            "a": "jenis: angka",
            "b": "jenis: bilangan",
            "jk": "jenis: pilihan, pilihan: {1: {id: a, en: a}, 2: {id: b, en: b}}",
            "d": "jenis: tanggal",
        },
        f'aturan:\n  - {{nama: janji, syarat: "{condition}"}}',
    )
    text = "a,b,jk,d\n1,2,1,2021-01-01\n2,3,2,2021-01-02\n5,1,1,2021-01-03\n,3,2,\nx,3,2,\n"
    told = [f for f in found(text, codebook).found if f.rule == "janji"]
    assert [f.count for f in told] == ([len(wrong)] if wrong else [])
    assert [f.where.line for f in told] == ([1 + wrong[0]] if wrong else [])


def test_a_condition_shows_its_columns_and_tells_its_message():
    message = "pesan: {id: makanan dalam total, en: food within the total}"
    codebook = book(
        {"makanan": "jenis: angka", "total": "jenis: angka"},
        f'aturan:\n  - {{nama: janji, syarat: "makanan <= total", {message}}}',
    )
    (finding,) = found("makanan,total\n5,3\n", codebook).found
    assert finding.text == "1 rows: not so: food within the total ('makanan = 5, total = 3')."


def test_references_are_looked_up(tmp_path):
    (tmp_path / "desa.csv").write_text("kode;nama\nA1;x\nA2;y\n", encoding="utf-8")
    (tmp_path / "data.csv").write_text("d\nA1\nA3\n\nA2\na1\n", encoding="utf-8")
    codebook = book({"d": "jenis: teks, rujukan: {berkas: desa.csv, kolom: kode}"})
    (finding,) = check(tmp_path / "data.csv", codebook).found
    assert (finding.rule, finding.count, finding.where.line) == ("reference", 2, 3)
    (tmp_path / "desa.csv").unlink()
    (finding,) = check(tmp_path / "data.csv", codebook).found
    assert "desa.csv" in finding.text
    outside = book({"d": "jenis: teks, rujukan: {berkas: ../desa.csv, kolom: kode}"})
    (finding,) = check(tmp_path / "data.csv", outside).found
    assert "outside" in finding.text


def test_a_reference_that_was_not_looked_up_is_not_kept_in_silence():
    codebook = book({"d": "jenis: teks, rujukan: {berkas: desa.csv, kolom: kode}"})
    assert "not compared" in found("d\nA1\n", codebook).found[0].text


@pytest.mark.parametrize(
    "told",
    [
        "jenis: nik",
        "jenis: teks, unik: ya, sensitivitas: rahasia",
        "jenis: teks, unik: ya, peran: id, sensitivitas: terbatas",
    ],
)
def test_identifiers_are_never_shown(told):
    findings = one([NIK, "3314055501900000", NIK, "Siti Aminah", NIK], told)
    assert findings
    said = " ".join([*(str(f.error) for f in findings), as_json(found_of(findings)), as_html(found_of(findings))])
    assert "33140555" not in said
    assert "Siti" not in said


def found_of(findings):
    from kesos_research.data.findings import Findings

    return Findings("data.csv", 1, 1, {}, findings)


def test_a_nik_in_a_column_that_should_not_hold_one_is_hidden_too():
    (finding,) = one([NIK + "x"], "jenis: angka")
    assert "33140555" not in str(finding.error)


def test_nik_faults_are_told_without_the_number():
    (finding,) = one(["3.31406E+15", "'" + NIK, NIK], "jenis: nik")
    assert finding.count == 2
    assert "scientific notation" in str(finding.remedy)


def test_niks_cut_by_a_spreadsheet_are_told():
    cut = [f"33140555019000{i:02d}"[:15] + "0" for i in range(10, 100)]
    assert any(f.rule == "rounded" and f.count == 90 for f in one(cut, "jenis: nik"))
    assert not any(f.rule == "rounded" for f in one([NIK], "jenis: nik"))


def test_what_may_be_a_mistake_is_a_warning():
    codebook = book({"nik": "jenis: nik", "tanggal_lahir": "jenis: tanggal"})
    findings = found(f"nik,tanggal_lahir\n{NIK},1990-01-15\n{NIK},1990-01-16\n", codebook)
    assert findings.clean
    assert [(f.rule, f.count, f.where.line) for f in findings.warnings] == [("birthday", 1, 3)]


@pytest.mark.parametrize(
    ("values", "told", "remedy"),
    [
        (["1,5"], "jenis: angka", "write a decimal point"),
        (["1.000.000"], "jenis: angka", "without marks between thousands"),
        (["5 "], "jenis: angka", "delete the spaces"),
        (["1.5"], "jenis: bilangan", "jenis: angka"),
        (["31/12/2020"], "jenis: tanggal", "year-month-day"),
        (["3314"], "jenis: wilayah", "'33.14'"),
        (["6405"], "jenis: wilayah", "'64.03'"),
        (["perempuan"], "jenis: pilihan, pilihan: {2: {id: Perempuan, en: Female}}", "2 for Female"),
    ],
)
def test_remedies_know_the_usual_mistakes(values, told, remedy):
    (finding,) = one(values, told)
    assert remedy in str(finding.remedy)


def test_decimal_commas_and_several_texts_for_missing_values():
    more = 'pemisah: ";"\ndesimal: ","\nkosong: ["", "."]'
    codebook = book({"x": "jenis: angka", "y": "jenis: bilangan"}, more)
    assert found("x;y\n1,5;2\n.;\n-0,25e2;7\n", codebook).clean
    (finding,) = found("x;y\n1.5;2\n", codebook).found
    assert finding.remedy == "write a decimal comma"
    frame = typed(cells_of(b"x;y\n1,5;2\n.;3\n", "d", codebook), codebook)
    assert frame["x"].tolist()[0] == 1.5
    assert frame["x"].isna().tolist() == [False, True]
    assert frame["y"].dtype == "int64"


def test_without_the_empty_text_among_the_missing_an_empty_cell_is_a_text():
    codebook = book({"x": "jenis: angka", "y": "jenis: teks"}, 'kosong: "."')
    (finding,) = found("x,y\n.,.\n,a\n", codebook).found
    assert (finding.rule, finding.count, finding.where.line) == ("number", 1, 3)


def test_cells_over_several_lines_keep_the_places_of_the_rows_below():
    codebook = book({"x": "jenis: angka", "y": "jenis: teks"})
    (finding,) = found('x,y\n1,"a\nb\n\nc"\nsatu,"d\n"\ndua,e\n', codebook).found
    assert [e.place for e in finding.examples] == [6, 8]


def test_names_in_the_header():
    codebook = book({"x": "jenis: angka", "y": "jenis: teks"})
    findings = found("x,X,,x\n1,2,3,4\n", codebook).found
    assert {f.rule for f in findings} == {"duplicate_header", "empty_header", "unknown_column", "missing_column"}
    assert "did you mean x" in str([f.remedy for f in findings])


def test_columns_that_are_there_are_checked_though_others_are_missing():
    codebook = book({"x": "jenis: angka", "y": "jenis: teks"})
    assert {f.rule for f in found("x\na\n", codebook).found} == {"missing_column", "number"}


@pytest.mark.parametrize("name", ["'; drop table cells; --", 'a"b', "select", "a b", "C0", "r", "é"])
def test_names_are_never_part_of_a_query(name):
    shown = json.dumps(name, ensure_ascii=False)
    codebook = parse_codebook(
        f"{HEAD}  {shown}: {{label: {{id: x, en: x}}, jenis: angka, peran: covariate, sensitivitas: publik}}\n", "b"
    )
    head = name.replace('"', '""')
    (finding,) = found(f'"{head}"\n1\nx\n', codebook).found
    assert (finding.rule, finding.count) == ("number", 1)


def test_hostile_values_are_only_values():
    values = [
        "' or 1=1 --",
        "'); copy cells to 'x'; --",
        "{0.__class__}",
        "%s",
        "=cmd|'/c calc'!A1",
        "<script>alert(1)</script>",
    ]
    (finding,) = one([v.replace('"', '""') for v in values], "jenis: angka")
    assert finding.count == len(values)
    page = as_html(found_of((finding,)))
    assert "<script" not in page
    assert "&#39; or 1=1" in page


def test_a_pattern_that_could_run_for_ever_does_not():
    (finding,) = one(["a" * 60 + "!"], 'jenis: teks, pola: "(a+)+b"')
    assert finding.rule == "pattern"


def test_findings_refuse_with_all_of_them_at_once():
    findings = found("x,y\na,\nb,\n", book({"x": "jenis: angka", "y": "jenis: teks, wajib: ya"}))
    with pytest.raises(KesosError) as caught:
        findings.refuse()
    assert "2 problems" in str(caught.value)
    assert found("x,y\n1,b\n", book({"x": "jenis: angka", "y": "jenis: teks, wajib: ya"})).refuse() is None


def test_json_keeps_its_keys():
    findings = found("x\na\n", book({"x": "jenis: angka"}))
    told = json.loads(as_json(findings))
    assert set(told) == {"format", "language", "file", "rows", "columns", "detected", "clean", "findings"}
    assert set(told["findings"][0]) == {
        *("rule", "severity", "columns", "count", "counted", "file", "line", "row", "found", "expected", "remedy"),
        "examples",
    }
    assert told["findings"][0]["examples"] == [{"line": 2, "value": "a"}]


def test_text_and_page_are_in_the_language_of_the_reader():
    findings = found("x\na\n", book({"x": "jenis: angka"}))
    assert "data.csv, line 2, column x: 1 cells: not a number ('a')" in as_text(findings)
    assert '<html lang="en">' in as_html(findings)
    assert "http" not in as_html(findings)
    with use("id"):
        assert '<html lang="id">' in as_html(findings)


def test_a_promise_is_told_as_words_in_both_languages():
    codebook = book({"x": "jenis: angka, rentang: [0, 120], wajib: ya"})
    assert [w["en"] for w in wordings(codebook)["x"]] == ["a value in every row", "a number", "from 0 to 120"]
    assert [rule.name for rule in rules_of(codebook)] == ["required", "number", "size", "range"]
