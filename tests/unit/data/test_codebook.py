"""Every key of a codebook: understood, written back the same, or refused with its line and what to write."""

import pytest

from kesos_research.data.codebook_text import parse_codebook
from kesos_research.data.codebook_yaml import codebook_yaml, quoted
from kesos_research.errors import KesosError
from kesos_research.language import use

BOOK = """\
berkas: rumah tangga.csv
pengodean: cp1252
pemisah: ";"
desimal: ","
satuan_pengamatan: household
kunci: [id_ruta]
kosong: ["", "."]
urutan: [makanan, total]
kolom:
  id_ruta:
    label: {id: "Nomor: rumah tangga", en: Household number}
    jenis: teks
    peran: id
    sensitivitas: terbatas
    wajib: ya
    unik: ya
    pola: "R[0-9]{6}"
  nik: {label: {id: NIK, en: NIK}, jenis: nik, peran: id, sensitivitas: rahasia}
  kk: {label: {id: KK, en: KK}, jenis: nomor_kk, peran: id, sensitivitas: rahasia}
  jk:
    label: {id: Jenis kelamin, en: Sex}
    jenis: pilihan
    pilihan: {1: {id: Laki-laki, en: Male}, 2: {id: Perempuan, en: Female}}
    sebaran: {bentuk: peluang, nilai: {1: 0.48, 2: 0.52}, kosong: 0.01}
    peran: covariate
    sensitivitas: terbatas
  bantuan:
    label: {id: Bantuan, en: Aid}
    pertanyaan: {id: "Bantuan apa?", en: "Which aid?"}
    jenis: pilihan_ganda
    pilihan: {PKH: {id: PKH, en: PKH}, BPNT: {id: BPNT, en: BPNT}}
    peran: covariate
    sensitivitas: terbatas
  lahir:
    label: {id: Lahir, en: Born}
    jenis: tanggal
    rentang: [1920-01-01, 2026-12-31]
    peran: covariate
    sensitivitas: terbatas
  umur:
    label: {id: Umur, en: Age}
    jenis: bilangan
    satuan: {id: tahun, en: years}
    rentang: [0, 120]
    peran: covariate
    sensitivitas: terbatas
  makanan: {label: {id: M, en: F}, jenis: angka, rentang: [0, 0.5], peran: outcome, sensitivitas: terbatas}
  total:
    label: {id: T, en: T}
    jenis: angka
    sebaran: {bentuk: lognormal, median: 900000, rasio: 1.8}
    penerbit: {id: BPS, en: BPS}
    lisensi: "CC BY 4.0"
    peran: outcome
    sensitivitas: terbatas
  kab: {label: {id: Kab, en: Kab}, jenis: wilayah, peran: strata, sensitivitas: publik}
  desa:
    label: {id: Desa, en: Village}
    jenis: teks
    rujukan: {berkas: desa.csv, kolom: kode}
    peran: cluster
    sensitivitas: publik
  tahun: {label: {id: Tahun, en: Year}, jenis: tahun, peran: period, sensitivitas: publik}
  bobot: {label: {id: Bobot, en: Weight}, jenis: angka, tahun: [2015, 2020], peran: weight, sensitivitas: publik}
aturan:
  - {nama: makanan_dalam_total, syarat: "makanan <= total", pesan: {id: makanan dalam total, en: food within total}}
  - {nama: hamil, syarat: "jika jk = 1 maka kosong(bantuan)"}
korelasi:
  - [umur, total, 0.3]
"""


@pytest.fixture(autouse=True)
def english():
    with use("en"):
        yield


def test_every_key_is_understood():
    book = parse_codebook(BOOK, "buku.yaml")
    assert (book.encoding, book.delimiter, book.decimal, book.missing) == ("cp1252", ";", ",", ("", "."))
    assert (book.unit_of_observation, book.key, book.order) == ("household", ("id_ruta",), ("makanan", "total"))
    first, jk, born = book.columns["id_ruta"], book.columns["jk"], book.columns["lahir"]
    assert (first.required, first.unique, first.pattern, first.masked) == (True, True, "R[0-9]{6}", True)
    assert jk.choices["2"]["en"] == "Female"
    assert (jk.distribution.shape, jk.distribution.values, jk.distribution.missing) == (
        "peluang",
        {"1": 0.48, "2": 0.52},
        0.01,
    )
    assert [d.isoformat() for d in born.dates] == ["1920-01-01", "2026-12-31"]
    assert (book.columns["desa"].reference.file, book.columns["desa"].reference.column) == ("desa.csv", "kode")
    first_rule = BOOK.splitlines().index("aturan:") + 2
    assert [(p.name, p.line) for p in book.promises] == [("makanan_dalam_total", first_rule), ("hamil", first_rule + 1)]
    assert book.correlations == (("umur", "total", 0.3),)


def test_what_is_written_back_is_read_as_the_same():
    book = parse_codebook(BOOK, "buku.yaml")
    again = parse_codebook(codebook_yaml(book, comments=["a: [b", "# c"]), "lagi.yaml")
    for name in ("columns", "key", "missing", "order", "correlations", "delimiter", "decimal", "encoding", "data_file"):
        assert getattr(again, name) == getattr(book, name), name
    assert [(p.name, p.condition, p.message) for p in again.promises] == [
        (p.name, p.condition, p.message) for p in book.promises
    ]


ODD = ["a: b", "“x”", "tab\there", "\u00a0x", "- x", "#x", "{x}", "32.10", "'", '"', "\\n", "a\nb", "🎓", "\u2028"]


@pytest.mark.parametrize("text", [*ODD, "null", "*a", "&a", "!x", "\x85", " x ", "%"])
def test_any_text_survives_being_written(text):
    column = f"{{label: {{id: {quoted(text)}, en: x}}, jenis: teks, peran: note, sensitivitas: publik}}"
    head = "satuan_pengamatan: person\nkunci: []\nkolom:\n"
    book = parse_codebook(f"{head}  {quoted('k' + text)}: {column}\n", "buku.yaml")
    assert list(book.columns) == ["k" + text]
    assert book.columns["k" + text].label["id"] == text


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("jenis: bilangan", "jenis: bilngan", ["did you mean bilangan", "kolom.umur.jenis"]),
        ("peran: strata", "peran: strat", ["no role", "did you mean strata"]),
        ("strata, sensitivitas: publik", "strata, sensitivitas: umum", ["no sensitivity", "publik, terbatas"]),
        ("wajib: ya", "wajib: yes", ["neither yes nor no", "ya, tidak"]),
        ('pola: "R[0-9]{6}"', 'pola: "R[0-9{6}"', ["no pattern"]),
        ('pola: "R[0-9]{6}"', 'pola: "(?=R).*"', ["more than a plain match"]),
        ('pola: "R[0-9]{6}"', r'pola: "(a)\\1"', ["more than a plain match"]),
        ("rentang: [1920-01-01, 2026-12-31]", "rentang: [2026-12-31, 1920-01-01]", ["no range", "two dates"]),
        ("rentang: [1920-01-01, 2026-12-31]", "rentang: [0, 100]", ["no range", "two dates"]),
        ("rentang: [0, 120]", "rentang: [0, nan]", ["no range"]),
        ("rentang: [0, 120]", "rentang: [0, 1, 2]", ["no range"]),
        ("jenis: nomor_kk", "jenis: nomor_kk, rentang: [0, 1]", ["has no range"]),
        ("jenis: nomor_kk", "jenis: nomor_kk, pilihan: {1: {id: a, en: b}}", ["has no choices"]),
        ("    pilihan: {PKH: {id: PKH, en: PKH}, BPNT: {id: BPNT, en: BPNT}}\n", "", ["has no choices"]),
        ("PKH: {id: PKH, en: PKH}", "P KH: {id: PKH, en: PKH}", ["holds a space"]),
        ("2: 0.52", "2: 0.62", ["do not fit together", "sum to 1"]),
        ("2: 0.52", "3: 0.52", ["none of the choices"]),
        ("rasio: 1.8", "rato: 1.8", ["'rato'", "did you mean rasio", "'rasio' is missing"]),
        ("bentuk: lognormal", "bentuk: lognorml", ["no distribution"]),
        ("kolom: kode}", "kolm: kode}", ["'kolm'", "'kolom' is missing"]),
        ("urutan: [makanan, total]", "urutan: [makanan, kab]", ["kab holds no numbers"]),
        ("kunci: [id_ruta]", "kunci: [id_ruta, id_ruta]", ["there twice"]),
        ("kunci: [id_ruta]", "kunci: id_ruta", ["list is expected"]),
        ("pengodean: cp1252", "pengodean: cp437", ["no encoding that is read", "utf-8, cp1252"]),
        ('desimal: ","', 'desimal: ";"', ["no decimal mark"]),
        ("makanan <= total\"", "makanan <= totl\"", ["totl is not declared", "character 12", "aturan.0.syarat"]),
        ("syarat: \"makanan <= total\"", "syarat: \"makanan <=\"", ["character 11"]),
        ("syarat: \"makanan <= total\"", "syarat: \"makanan <= kab\"", ["cannot stand here"]),
        ("nama: hamil", "nama: makanan_dalam_total", ["there twice"]),
        ("[umur, total, 0.3]", "[umur, total, 1.3]", ["no correlation"]),
        ("[umur, total, 0.3]", "[umur, kab, 0.3]", ["kab", "no order"]),
        ("korelasi:", "korelsi:", ["'korelsi'", "did you mean korelasi"]),
        ("lisensi: \"CC BY 4.0\"", "lisensi: [a]", ["single value"]),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_refused_with_its_place(old, new, said):
    assert old in BOOK
    with pytest.raises(KesosError) as caught:
        parse_codebook(BOOK.replace(old, new, 1), "buku.yaml")
    message = str(caught.value)
    assert "buku.yaml" in message
    assert "line" in message
    for text in said:
        assert text in message


def test_everything_that_is_wrong_is_told_at_once():
    text = (
        BOOK.replace("wajib: ya", "wajib: 1").replace("jenis: bilangan", "jenis: x").replace("[umur, total, 0.3]", "x")
    )
    with pytest.raises(KesosError) as caught:
        parse_codebook(text, "buku.yaml")
    assert "3 problems" in str(caught.value)
