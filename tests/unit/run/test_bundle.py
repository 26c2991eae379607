"""The archive of notebooks: tar and xz read it; what is no such archive is refused before it fills the memory."""

import io
import lzma
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kesos_research.errors import OutputError
from kesos_research.run import bundle
from kesos_research.run.bundle import packed, unpacked

FILES = {"notebooks/b.ipynb": b'{"cells": []}', "notebooks/a.ipynb": "{“ä”}".encode()}


@settings(max_examples=30, deadline=None)
@given(st.dictionaries(st.from_regex(r"notebooks/[a-z0-9_.]{1,40}\.ipynb", fullmatch=True), st.binary(max_size=2000)))
def test_what_goes_in_comes_out_and_the_order_changes_nothing(files):
    data = packed(files)
    assert unpacked(data, "x") == files
    assert packed(dict(reversed(files.items()))) == data


@pytest.mark.skipif(shutil.which("tar") is None or shutil.which("xz") is None, reason="no tar or xz here")
def test_tar_reads_it(tmp_path: Path):
    (tmp_path / "n.tar.xz").write_bytes(packed(FILES))
    subprocess.run(["tar", "-xJf", "n.tar.xz"], cwd=tmp_path, check=True)
    assert {p.relative_to(tmp_path).as_posix(): p.read_bytes() for p in tmp_path.rglob("*.ipynb")} == FILES


def test_no_time_and_no_owner_is_told():
    with tarfile.open(fileobj=io.BytesIO(packed(FILES)), mode="r:xz") as archive:
        for member in archive.getmembers():
            assert (member.mtime, member.uid, member.gid, member.uname, member.gname) == (0, 0, 0, "", "")


def linked() -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        member = tarfile.TarInfo("notebooks/a.ipynb")
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(member)
    return lzma.compress(raw.getvalue())


@pytest.mark.parametrize(
    "data",
    [b"", b"PK\x03\x04", packed(FILES)[:-20], packed(FILES) + b"more", lzma.compress(b"no tar" * 999), linked()],
    ids=["empty", "zip", "cut", "more", "no tar", "link"],
)
def test_what_is_no_archive_of_files_is_refused(data):
    with pytest.raises(OutputError, match=r"unpacked|dibuka"):
        unpacked(data, "notebooks.tar.xz")


def test_a_bomb_is_refused(monkeypatch):
    monkeypatch.setattr(bundle, "LIMIT", 100_000)
    with pytest.raises(OutputError):
        unpacked(packed({"notebooks/a.ipynb": b"0" * 1_000_000}), "x")
