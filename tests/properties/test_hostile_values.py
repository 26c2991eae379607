"""Names, columns, codebooks and parameters that want to be more than text stay text. The long run is in assurance."""

from __future__ import annotations

import pytest
from assurance import hostile_values as hostile
from assurance._hostile import SEEDS

from kesos_research.data.codebook_text import parse_codebook
from kesos_research.data.read import check
from kesos_research.errors import KesosError

TOLD = hostile.values(len(SEEDS), seed=0)
SHOWN = [text for text in TOLD if hostile.printable(text)]


def test_documents_show_them_as_text():
    with hostile.watched() as folder:
        baseline = hostile.live(hostile.documents(hostile.BENIGN, folder))
    assert set(baseline) == {"page", "pdf", "docx", "pptx", "xlsx"}
    assert hostile.in_documents(SHOWN, baseline) == len(SHOWN)


def test_figures_say_them_as_names():
    hostile.drawn([text for text in SHOWN if "\n" not in text][::9])


def test_files_with_them_are_read_checked_and_written():
    assert hostile.in_files(SHOWN) == len(SHOWN)
    for text in TOLD:
        if not hostile.printable(text):
            hostile.in_files([text])


def test_codebooks_with_them_are_read_or_refused():
    for text in TOLD[::6]:
        hostile.as_columns(text)


def test_notebooks_get_them_as_they_are():
    hostile.as_parameters(TOLD)


def test_a_reference_to_a_path_of_no_file_system_is_refused(tmp_path):
    told = f'{hostile._A}, rujukan: {{berkas: "a\\0b", kolom: a}}'
    book = parse_codebook(f"satuan_pengamatan: person\nkunci: [a]\nkolom:\n  a: {{{told}}}\n", "buku.yaml")
    (tmp_path / "a.csv").write_text("a\nx\n", encoding="utf-8")
    [found] = check(tmp_path / "a.csv", book).found
    assert "is not a path we can use" in found.text


def test_a_column_without_a_name_is_refused():
    for name in (" ", "\\u2028"):
        with pytest.raises(KesosError, match="no name"):
            parse_codebook(f'satuan_pengamatan: person\nkunci: []\nkolom:\n  "{name}": {{{hostile._A}}}\n', "buku.yaml")
