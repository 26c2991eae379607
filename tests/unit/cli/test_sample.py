"""`kesos sample`: a paragraph in the reader's language, units drawn from a frame, and what is refused."""

from pathlib import Path

import pandas as pd
import pytest

from kesos_research.methods import sample_size

BOOK = """
berkas: kerangka.csv
satuan_pengamatan: household
kunci: [id_ruta]
kolom:
  id_ruta: {label: {id: Nomor, en: Number}, jenis: teks, peran: id, sensitivitas: publik}
  desa: {label: {id: Desa, en: Village}, jenis: teks, peran: cluster, sensitivitas: publik}
  zona: {label: {id: Zona, en: Zone}, jenis: teks, peran: strata, sensitivitas: publik}
"""


@pytest.fixture
def frame(root: Path):
    rows = [f"R{i:04d},d{i % 40:02d},z{i % 40 % 3}" for i in range(1200)]
    (root / "kerangka.csv").write_text("id_ruta,desa,zona\n" + "\n".join(rows) + "\n", encoding="utf-8")
    (root / "kerangka.yaml").write_text(BOOK, encoding="utf-8")
    return ["--frame", "kerangka.csv", "--codebook", "kerangka.yaml", "--seed", "7"]


def test_the_paragraph_in_indonesian(kesos, root):
    answer = kesos("--lang", "id", "sample", "--population", "1200", "--margin", "0.05", "--response", "0.9")
    assert answer.exit_code == 0, answer.output
    n = int(sample_size(1200, margin=0.05).row(term="simple_random").estimate)
    for text in ("rumus Cochran", "1.200 unit", "95%", f"{n} unit", "acak sederhana"):
        assert text in answer.output
    assert "The sample" not in answer.output


def test_the_paragraph_in_english(kesos, root):
    answer = kesos(*("--lang", "en", "sample", "--population", "1200", "--margin", "0.05", "--rule", "krejcie-morgan"))
    assert "Krejcie and Morgan (1970)" in answer.output
    assert "291 units" in answer.output


def test_slovin_comes_with_its_warning(kesos, root):
    answer = kesos("--lang", "en", "sample", "--population", "1000", "--margin", "0.1", "--rule", "slovin")
    assert answer.exit_code == 0
    assert "Slovin's formula" in answer.output
    assert "has no author" in answer.output


def test_a_draw_is_written_and_can_be_repeated(kesos, root, frame):
    first = kesos("--lang", "en", "sample", *frame, "--margin", "0.05", "--output", "a.csv")
    assert first.exit_code == 0, first.output
    second = kesos("--lang", "en", "sample", *frame, "--margin", "0.05", "--output", "b.csv")
    assert second.exit_code == 0
    assert (root / "a.csv").read_bytes() == (root / "b.csv").read_bytes()
    rows = pd.read_csv(root / "a.csv")
    assert len(rows) == int(sample_size(1200, margin=0.05).row(term="drawn").estimate)
    assert rows.weight.sum() == pytest.approx(1200)
    assert "simple random sampling" in first.output
    assert "random seed 7" in first.output
    assert 'SurveyDesign(weight="weight", fpc="fpc")' in first.output


def test_strata_and_clusters(kesos, root, frame):
    plan = ["--n", "120", "--strata", "zona", "--cluster", "desa", "--cluster-size", "10"]
    answer = kesos("--lang", "id", "sample", *frame, *plan, "--method", "proportional-to-size", "--output", "c.csv")
    assert answer.exit_code == 0, answer.output
    rows = pd.read_csv(root / "c.csv")
    assert len(rows) == 120
    assert rows.desa.nunique() == 12
    assert rows.groupby("zona").desa.nunique().tolist() == [4, 4, 4]
    assert "tahap pertama" in answer.output


@pytest.mark.parametrize(
    "words",
    [
        ["--population", "100"],
        ["--margin", "0.05"],
        ["--population", "100", "--margin", "5"],
        ["--population", "100", "--margin", "0.05", "--rule", "yamane"],
        ["--population", "100", "--margin", "0.05", "--output", "x.csv"],
        ["--frame", "kerangka.csv"],
    ],
)
def test_refused(kesos, root, words):
    answer = kesos("sample", *words)
    assert answer.exit_code == 2
    assert "Traceback" not in answer.output


def test_a_frame_that_breaks_its_promises_is_not_drawn_from(kesos, root, frame):
    text = (root / "kerangka.csv").read_text(encoding="utf-8")
    (root / "kerangka.csv").write_text(text + "R0001,d01,z1\n", encoding="utf-8")
    answer = kesos("sample", *frame, "--n", "10", "--output", "x.csv")
    assert answer.exit_code == 2
    assert not (root / "x.csv").exists()


def test_a_sample_in_use_is_never_overwritten(kesos, root, frame):
    (root / "x.csv").write_text("mine", encoding="utf-8")
    assert kesos("sample", *frame, "--n", "10", "--output", "x.csv").exit_code == 2
    assert (root / "x.csv").read_text(encoding="utf-8") == "mine"
