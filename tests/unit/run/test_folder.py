"""A folder is there whole or not at all, whatever the system refuses; its hashes are those of `sha256sum -c`."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from kesos_research.errors import OutputError
from kesos_research.language import use
from kesos_research.run import folder as module
from kesos_research.run.folder import sums, write_folder

FILES = {"id/makalah.pdf": b"%PDF", "claims.json": b"{}\n", "wilayah/33.14/profil.pdf": b"\x00\xff"}


@pytest.fixture(autouse=True)
def english():
    with use("en"):
        yield


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "released" / "toy" / "1.0"


def there(top: Path) -> dict[str, bytes]:
    return {p.relative_to(top).as_posix(): p.read_bytes() for p in sorted(top.rglob("*")) if p.is_file()}


def test_all_files_are_there_and_nothing_else(target):
    write_folder(target, FILES)
    assert there(target) == FILES
    assert [p.name for p in target.parent.iterdir()] == ["1.0"]


def test_what_is_there_is_never_overwritten(target):
    write_folder(target, FILES)
    with pytest.raises(OutputError, match=r"toy/1\.0 is there already"):
        write_folder(target, {"other": b""})
    assert there(target) == FILES
    assert [p.name for p in target.parent.iterdir()] == ["1.0"]


def test_an_empty_folder_in_the_way_is_not_taken_over(target):
    target.mkdir(parents=True)
    with pytest.raises(OutputError, match="there already"):
        write_folder(target, FILES)
    assert there(target) == {}


@pytest.mark.parametrize("step", ["flushed", "flush_folder"])
def test_a_full_disk_leaves_nothing(target, monkeypatch, step):
    real, calls = getattr(module, step), []

    def full(*given):
        calls.append(given)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        return real(*given)

    monkeypatch.setattr(module, step, full)
    with pytest.raises(OutputError, match="The disk is full"):
        write_folder(target, FILES)
    assert there(target.parent) == {}
    assert list(target.parent.iterdir()) == []


def test_what_a_killed_release_left_is_cleared_away(target):
    left = target.parent / ".stage-abc"
    left.mkdir(parents=True)
    (left / "half").write_bytes(b"x")
    write_folder(target, FILES)
    assert [p.name for p in target.parent.iterdir()] == ["1.0"]


@pytest.mark.parametrize(
    "path", ["../x", "/etc/x", "a/../../x", "a\\b", "a b", "x\ny", "a//b", "", "./a", "C:x", "é.svg", "fig-<b>.svg"]
)
def test_nothing_is_written_elsewhere_or_under_an_odd_name(target, path):
    with pytest.raises(OutputError, match="cannot be the name of a released file"):
        write_folder(target, {**FILES, path: b"x"})
    assert not target.parent.exists()


@pytest.mark.skipif(os.name == "nt", reason="no such permissions")
def test_a_folder_that_may_not_be_written(target):
    target.parent.mkdir(parents=True)
    target.parent.chmod(0o500)
    try:
        if os.access(target.parent, os.W_OK):
            pytest.skip("the administrator may write anywhere")
        with pytest.raises(OutputError, match="may not be written"):
            write_folder(target, FILES)
    finally:
        target.parent.chmod(0o700)


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="no coreutils here")
def test_the_list_of_hashes_is_read_by_sha256sum(target):
    write_folder(target, {**FILES, "SHA256SUMS": sums(FILES)})
    command = ["sha256sum", "--check", "--strict", "SHA256SUMS"]
    done = subprocess.run(command, cwd=target, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(": OK") == len(FILES)
    (target / "claims.json").write_bytes(b"{ }\n")
    assert subprocess.run(command, cwd=target, capture_output=True, check=False).returncode == 1
