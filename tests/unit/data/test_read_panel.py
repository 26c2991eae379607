"""Reading: what a clean file gives, and every way a file can be dirty told with file, line and column."""

from pathlib import Path

import pytest

from kesos_research.data import read_panel
from kesos_research.errors import DataError, KesosError, Problems

_SOURCES = (
    b"indikator,sumber,tahun_awal,tahun_akhir,baris,keterangan_id,keterangan_en,lisensi\n"
    b"p0,x,dulu,2014,24,BPS,BPS,BPS\n"
)


def told(workspace) -> str:
    with pytest.raises(KesosError) as caught:
        read_panel(workspace.study)
    return str(caught.value)


def test_a_clean_file_is_typed_and_sorted(workspace):
    panel = read_panel(workspace.study)
    assert list(panel.rows.columns) == ["wilayah", "tahun", "p0", "p1"]
    assert list(panel.rows["wilayah"].unique()) == ["32.10", "33.01", "33.14", "64.03", "73.03"]
    assert panel.rows["tahun"].dtype == "int64"
    assert panel.rows["p0"].dtype == "float64"
    assert list(panel.sources["sumber"]) == ["x"]


def test_values_flagged_exclude_are_missing_and_others_are_not(workspace):
    rows = read_panel(workspace.study).rows.set_index(["wilayah", "tahun"])["p0"]
    assert rows.xs(2012, level="tahun").isna().all()
    assert rows[("73.03", 2013)] == 18.0
    assert rows[("33.14", 2014)] == 8.0


def test_the_digest_is_of_the_text_not_of_its_line_ends(workspace):
    first = read_panel(workspace.study).digest
    assert len(first) == 64
    for name, text in workspace.texts.items():
        workspace.texts[name] = text.replace("\n", "\r\n").encode("utf-8-sig")
    assert read_panel(workspace.study).digest == first
    workspace.texts = {name: text.decode("utf-8-sig").encode() for name, text in workspace.texts.items()}
    assert read_panel(workspace.study).digest == first
    workspace.texts["tabel.csv"] = workspace.texts["tabel.csv"].replace(b"10.5,1.5", b"10.6,1.5")
    assert read_panel(workspace.study).digest != first


def test_a_byte_order_mark_and_windows_line_ends_are_read(workspace):
    clean = read_panel(workspace.study).rows
    workspace.texts["tabel.csv"] = workspace.texts["tabel.csv"].replace("\n", "\r\n").encode("utf-8-sig")
    assert read_panel(workspace.study).rows.equals(clean)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("33.14,2010,10.5", "6405,2010,10.5", ["line 2", "column wilayah", "BPS code", "'64.03'"]),
        ("32.10,2010", "32.1,2010", ["line 7", "final zero", "'32.10'"]),
        ("10.5,1.5", "sepuluh,1.5", ["line 2", "column p0", "not a number", "'sepuluh'"]),
        ("10.5,1.5", "nan,1.5", ["not a number"]),
        ("10.5,1.5", "inf,1.5", ["not a number"]),
        ("10.5,1.5", "1_0,1.5", ["not a number"]),
        ("10.5,1.5", '"10,5",1.5', ["not a number", "decimal point"]),
        ("10.5,1.5", "105,1.5", ["not within 0 and 100"]),
        ("10.5,1.5", "-1,1.5", ["not within 0 and 100"]),
        ("33.14,2010", "33.14,", ["no value where one is needed", "column tahun"]),
        ("33.14,2010", "33.14,10", ["not a year"]),
        ("33.14,2010", "33.14,2010.0", ["not a year"]),
        ("33.14,2010", "33.14,2030", ["not within 2000 and 2025"]),
        ("33.14,2010", "33.14,2009", ["outside the years 2010–2014"]),
        ("33.14,2011", "33.14,2010", ["twice", "33.14 2010", "line 3"]),
        ("10.5,1.5", "10.5,11.5", ["p1 larger than p0", "line 2"]),
        ("33.14,2010,10.5,1.5", "33.14,2010,10.5", ["line 2", "4 cells"]),
        ("33.14,2010,10.5,1.5", "33.14,2010,10,5,1.5", ["line 2", "decimal comma"]),
        ("33.14,2010,10.5", '33.14,2010,"10.5', ["line 2", "quotation mark"]),
        ("wilayah,tahun,p0,p1", "wilayah;tahun;p0;p1", ["line 1", "';'", "','"]),
        ("wilayah,tahun,p0,p1", "wilayah,tahun,p0,p0", ["'p0'", "twice", "'p1'", "missing"]),
        ("wilayah,tahun,p0,p1", "wilayah,tahun,P0,p1", ["'P0'", "did you mean p0"]),
        ("wilayah,tahun,p0,p1", "wilayah,tahun,p0,kode", ["'kode'", "not in the codebook"]),
    ],
)
def test_dirty_cells_are_told_with_their_place(workspace, old, new, said):
    workspace.change("tabel.csv", old, new)
    message = told(workspace)
    assert "data/tabel.csv" in message
    for text in said:
        assert text in message


def test_all_problems_are_told_at_once_with_exact_counts(workspace):
    workspace.change("tabel.csv", "10.5,1.5", "x,1.5")
    workspace.change("tabel.csv", "10.0,1.4", "y,1.4")
    workspace.change("tabel.csv", "33.01,2010", "99.99,2010")
    with pytest.raises(Problems) as caught:
        read_panel(workspace.study)
    assert len(caught.value.problems) == 2
    assert "2 cells: not a number ('x', 'y')" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "raw", "said"),
    [
        ("tabel.csv", b"", "empty"),
        ("tabel.csv", b"wilayah,tahun,p0,p1\n", "no rows"),
        ("tabel.csv", b"wilayah,tahun,p0,p1\n33.14,2010,1,1", "last line"),
        ("tabel.csv", b"wilayah,tahun,p0,p1\n33.14,20\x0010,1,1\n", "NUL"),
        ("tabel.csv", b"wilayah,tahun,p0,p1\n33.14,2010,1,\xe9\n", "UTF-8"),
        ("tabel.csv", "wilayah,tahun,p0,p1\n33.14,2010,1,1\n".encode("utf-16"), "UTF-8"),
        ("tabel.csv", b"PK\x03\x04....", "workbook"),
        ("buku.yaml", b"kolom: [\n", "line"),
        ("buku.yaml", b"a: b\n", "declares no columns"),
        ("sumber.csv", _SOURCES, "not a year"),
        ("tabel.csv", b"wilayah,tahun,p0,p1\n33.14,2010,1e999,1\n", "too large"),
        ("tanda.csv", b"wilayah,tahun,indikator,tanda,guna\n", "'sumber' is missing"),
    ],
)
def test_files_that_are_not_what_they_should_be(workspace, name, raw, said):
    workspace.texts[name] = raw
    message = told(workspace)
    assert said in message
    assert name in message


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("level_break,break", "level_break,brake", ["'brake'", "exclude, break, note"]),
        ("2013,p0", "2013,p9", ["'p9'", "one of p0, p1"]),
        ("73.03,2013", "73.04,2013", ["1 rows flag a region and year that the data do not have"]),
        ("33.14,2014,p0,press_release", "33.14,2012,p0,interpolated", ["twice"]),
    ],
)
def test_flags_are_checked_too(workspace, old, new, said):
    workspace.change("tanda.csv", old, new)
    message = told(workspace)
    assert "data/tanda.csv" in message
    for text in said:
        assert text in message


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("jenis: tahun", "jeins: tahun", ["'jeins'", "did you mean jenis", "'jenis' is missing", "line 7"]),
        ("jenis: angka", "jenis: bilngan", ["'bilngan'", "did you mean bilangan", "wilayah, tahun, angka, teks"]),
        ("rentang: [0, 100]", "rentang: [100, 0]", ["no range", "kolom.p0.rentang"]),
        ("rentang: [0, 100]", "rentang: nol", ["no range"]),
        ("satuan_pengamatan: region", "satuan_pengamatan: desa", ["'desa'", "region, institution"]),
        ("urutan: [p1, p0]", "urutan: [p7, p0]", ["p7 is not declared"]),
        ("label: {id: P1, en: P1}", "label: {id: P1}", ["both languages"]),
        ("kunci: [wilayah, tahun]", "kunci: [tahun, wilayah]", ["by region and year", "kunci"]),
        ("kunci: [wilayah, tahun]", 'kunci: [wilayah, tahun]\npemisah: "::"', ["'::'"]),
        ("sumber: sumber.csv", "smber: sumber.csv", ["'smber'", "did you mean sumber"]),
    ],
)
def test_codebooks_are_checked_too(workspace, old, new, said):
    workspace.change("buku.yaml", old, new)
    message = told(workspace)
    for text in said:
        assert text in message


def test_a_missing_file_is_named_as_the_workspace_names_it(workspace):
    study = workspace.study
    study.sources[0].file.unlink()
    with pytest.raises(DataError) as caught:
        read_panel(study)
    assert "data/tabel.csv" in str(caught.value)


def test_paths_may_be_relative_to_the_workspace(workspace):
    study = workspace.study
    for name in ("file", "codebook", "flags"):
        setattr(study.sources[0], name, getattr(study.sources[0], name).relative_to(study.root))
    assert len(read_panel(study).rows) == 25


def test_a_file_outside_the_workspace_is_refused(workspace, tmp_path_factory):
    study = workspace.study
    outside = tmp_path_factory.mktemp("luar") / "tabel.csv"
    outside.write_bytes(study.sources[0].file.read_bytes())
    for path in (outside, Path("..") / ".." / outside.parent.name / "tabel.csv"):
        study.sources[0].file = path
        with pytest.raises(DataError):
            read_panel(study)


def test_a_source_can_be_chosen(workspace):
    assert len(read_panel(workspace.study, source="coba").rows) == 25
    with pytest.raises(DataError) as caught:
        read_panel(workspace.study, source="lain")
    assert "coba" in str(caught.value)


def test_without_flags_nothing_is_excluded(workspace):
    study = workspace.study
    study.sources[0].flags = None
    panel = read_panel(study)
    assert panel.rows["p0"].notna().sum() == 24
    assert len(panel.flags) == 0


@pytest.mark.parametrize("said", ["name", "codebook"])
def test_invented_rows_are_never_taken_for_real(workspace, said):
    if said == "codebook":
        workspace.change("buku.yaml", "kolom:", "sintetis: ya\nkolom:")
    study = workspace.study
    [source] = study.sources
    if said == "name":
        source.file = source.file.rename(source.file.with_name("tabel_sintetis.csv"))
    with pytest.raises(DataError, match="the study takes them for real"):
        read_panel(study)
    source.synthetic = True
    with pytest.raises(KesosError, match="no kabupaten or kota"):
        read_panel(study)  # real districts have no place in invented rows
    text = source.file.read_text(encoding="utf-8")
    for i, code in enumerate(("33.14", "32.10", "33.01", "64.03", "73.03"), 1):
        text = text.replace(f"{code},", f"01.0{i},")
    source.file.write_text(text, encoding="utf-8")
    source.flags = None
    assert set(read_panel(study).rows["wilayah"]) == {f"01.0{i}" for i in range(1, 6)}
