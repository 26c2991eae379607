"""`kesos init` lays out what a study needs, and never changes a file that is there."""

from pathlib import Path

import pytest
from unit.study.example import PROJECT

from kesos_research.cli.layout import lay_out
from kesos_research.errors import OutputError
from kesos_research.study import read_study


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_new_folder_holds_a_study_that_can_be_read(tmp_path: Path):
    laid = lay_out(tmp_path / "kerja saya" / "2026")
    study = read_study(laid.folder / "notebooks" / "studies" / "pkst-2013")
    assert study.root == laid.folder
    assert (laid.folder / "reports" / "drafts").is_dir()
    assert study.sources[0].file.read_bytes() == (PROJECT / "data" / "kabupaten_kota.csv").read_bytes()


def test_carries_no_confidential_folder(tmp_path: Path):
    laid = lay_out(tmp_path / "x")
    assert {p.name for p in (laid.folder / "data").iterdir()}.isdisjoint({"raw", "derived"})


def test_a_second_time_changes_nothing(tmp_path: Path):
    first = lay_out(tmp_path / "x")
    before = contents(first.folder)
    again = lay_out(tmp_path / "x")
    assert again.written == ()
    assert len(again.same) == len(first.written)
    assert contents(first.folder) == before


def test_what_is_missing_is_added_and_the_rest_stays(tmp_path: Path):
    laid = lay_out(tmp_path / "x")
    (laid.folder / "data" / "codebook.yaml").unlink()
    (laid.folder / "catatan.txt").write_text("saya", encoding="utf-8")
    again = lay_out(tmp_path / "x")
    assert [p.name for p in again.written] == ["codebook.yaml"]
    assert (laid.folder / "catatan.txt").read_text(encoding="utf-8") == "saya"


def test_a_changed_file_is_refused_and_nothing_written(tmp_path: Path):
    laid = lay_out(tmp_path / "x")
    study = laid.folder / "notebooks" / "studies" / "pkst-2013" / "study.yaml"
    study.write_text("milik saya", encoding="utf-8")
    (laid.folder / "data" / "codebook.yaml").unlink()
    before = contents(laid.folder)
    with pytest.raises(OutputError, match=r"study\.yaml"):
        lay_out(tmp_path / "x")
    assert contents(laid.folder) == before


def test_a_file_in_place_of_the_folder(tmp_path: Path):
    (tmp_path / "x").write_text("", encoding="utf-8")
    with pytest.raises(OutputError):
        lay_out(tmp_path / "x")


@pytest.mark.parametrize("kind", ["file", "link"])
def test_something_else_in_place_of_a_folder(tmp_path: Path, kind: str):
    folder, outside = tmp_path / "x", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    if kind == "file":
        (folder / "data").write_text("", encoding="utf-8")
    else:
        (folder / "data").symlink_to(outside)
    with pytest.raises(OutputError, match="data"):
        lay_out(folder)
    assert list(outside.iterdir()) == []


def test_a_place_where_nothing_may_be_written(tmp_path: Path):
    """/proc takes no folders, not even from root."""
    if not Path("/proc/self").is_dir():
        pytest.skip("needs /proc")
    with pytest.raises(OutputError, match="cannot be written"):
        lay_out(Path("/proc/kesos"))


def test_says_what_to_do_next(tmp_path: Path, kesos):
    said = kesos("init", str(tmp_path / "x"))
    assert said.exit_code == 0
    assert "kesos run pkst-2013" in said.output
