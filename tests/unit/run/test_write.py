"""What lies in the folder after writing, whatever the system refuses."""

import errno
import os
from hashlib import sha256
from pathlib import Path

import pytest

from kesos_research.errors import OutputError
from kesos_research.language import use
from kesos_research.run.write import Drafts, Output, alone, write_whole


@pytest.fixture(autouse=True)
def english():
    with use("en"):
        yield


@pytest.fixture
def top(tmp_path: Path) -> Path:
    return tmp_path / "drafts" / "toy"


def drafts(top: Path, **written: str) -> Drafts:
    made = Drafts(top, top.parent / ".cache" / "toy", written)
    made.ready([])
    return made


def files(top: Path) -> dict[str, bytes]:
    return {p.relative_to(top).as_posix(): p.read_bytes() for p in top.rglob("*") if p.is_file()}


def outputs(texts: dict[str, str]) -> list[Output]:
    return [Output(path, text.encode(), "from") for path, text in texts.items()]


def failing(number: int, call: int):
    """`os.replace` that fails at its n-th call."""
    real, calls = os.replace, []

    def replace(*paths: object) -> None:
        calls.append(paths)
        if len(calls) == call:
            raise OSError(number, os.strerror(number))
        real(*paths)

    return replace


def test_files_are_put_in_place_whole(top):
    placed = drafts(top).place(outputs({"id/a.docx": "one", "id/b.pdf": "two"}))
    assert files(top) == {"id/a.docx": b"one", "id/b.pdf": b"two"}
    assert [p.sha256 for p in placed] == [sha256(b"one").hexdigest(), sha256(b"two").hexdigest()]
    assert not list((top.parent / ".cache" / "toy").glob("stage-*"))


@pytest.mark.parametrize("call", [2, 3, 4])  # the first notes what is ours
@pytest.mark.parametrize(
    ("number", "said"),
    [(errno.EACCES, "close|may not be written"), (errno.ENOSPC, "disk is full"), (errno.EIO, "cannot be written")],
)
def test_all_or_none(top, monkeypatch, call, number, said):
    made = drafts(top)
    made.place(outputs({"id/a.docx": "one", "id/b.pdf": "two"}))
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", failing(number, call))
        with pytest.raises(OutputError, match=said):
            made.place(outputs({"id/a.docx": "1", "id/b.pdf": "2", "id/c.html": "3"}))
    assert files(top) == {"id/a.docx": b"one", "id/b.pdf": b"two"}


def test_a_full_disk_while_staging_leaves_all_as_it_was(top, monkeypatch):
    made = drafts(top)
    made.place(outputs({"id/a.pdf": "one"}))

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OutputError, match="disk is full"):
            made.place(outputs({"id/a.pdf": "two"}))
    assert files(top) == {"id/a.pdf": b"one"}
    assert not list((top.parent / ".cache" / "toy").glob("*.new"))


def test_an_edited_file_is_ours_no_more(top):
    drafts(top).place(outputs({"a.docx": "one", "a.pdf": "one"}))
    (top / "a.docx").write_bytes(b"edited")
    (top / "a.pdf").write_bytes(b"edited")
    placed = drafts(top).place(outputs({"a.docx": "two", "a.pdf": "two"}))
    assert [(p.path, p.kept) for p in placed] == [("a.baru.docx", "a.docx"), ("a.pdf", "")]
    assert files(top) == {"a.docx": b"edited", "a.baru.docx": b"two", "a.pdf": b"two"}


def test_a_file_edited_to_just_the_new_bytes_is_ours(top):
    drafts(top).place(outputs({"a.docx": "one"}))
    (top / "a.docx").write_bytes(b"two")
    assert drafts(top).place(outputs({"a.docx": "two"}))[0].kept == ""
    assert files(top) == {"a.docx": b"two"}


def test_a_file_we_do_not_know_is_not_ours(top):
    top.mkdir(parents=True)
    (top / "a.xlsx").write_bytes(b"somebody's")
    assert drafts(top).place(outputs({"a.xlsx": "one"}))[0].path == "a.baru.xlsx"
    known = {"a.xlsx": sha256(b"somebody's").hexdigest()}
    assert drafts(top, **known).place(outputs({"a.xlsx": "one"}))[0].path == "a.xlsx"
    assert files(top) == {"a.xlsx": b"one"}


def test_what_was_written_before_a_power_cut_is_known(top):
    """The hash is noted before the file is there, and no manifest was written."""
    drafts(top).place(outputs({"a.docx": "one"}))
    drafts(top).place(outputs({"a.docx": "two"}))
    assert files(top) == {"a.docx": b"two"}


def test_ready_names_what_is_in_the_way(tmp_path):
    (tmp_path / "drafts").write_text("a file")
    with pytest.raises(OutputError, match="in the way"):
        drafts(tmp_path / "drafts" / "toy")


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS])
def test_ready_refuses_a_folder_that_cannot_be_written(top, monkeypatch, number):
    def refuse(*_args: object, **_named: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    with pytest.raises(OutputError, match="may not be written"):
        drafts(top)


def test_ready_does_not_mind_an_edited_file_that_is_open(top, monkeypatch):
    made = drafts(top)
    made.place(outputs({"a.docx": "one", "b.docx": "one"}))
    (top / "a.docx").write_bytes(b"edited, and open in Word")
    real = Path.open

    def locked(self, mode="r", *args, **named):
        if self.suffix == ".docx" and "+" in mode:
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(self, mode, *args, **named)

    monkeypatch.setattr(Path, "open", locked)
    made.ready(["a.docx"])
    with pytest.raises(OutputError, match=r"close b\.docx"):
        made.ready(["a.docx", "b.docx"])


def test_one_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "x" / "m.json"
    write_whole(path, b"one", tmp_path)
    before = path.stat().st_mtime_ns
    write_whole(path, b"one", tmp_path)
    assert path.stat().st_mtime_ns == before
    monkeypatch.setattr(os, "replace", failing(errno.EACCES, 1))
    with pytest.raises(OutputError, match=r"close m\.json"):
        write_whole(path, b"two", tmp_path)
    assert files(tmp_path) == {"x/m.json": b"one"}


def test_only_one_run_at_a_time(tmp_path):
    with (
        alone(tmp_path / "r", tmp_path),
        pytest.raises(OutputError, match="Another run"),
        alone(tmp_path / "r", tmp_path),
    ):
        pass
    (tmp_path / "r" / "stage-left").mkdir()
    with alone(tmp_path / "r", tmp_path):
        assert not (tmp_path / "r" / "stage-left").exists()
