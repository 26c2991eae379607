"""What the tests of office files share: LibreOffice, and the parts of a file."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
FIXED = (1980, 1, 1, 0, 0, 0)

needs_office = pytest.mark.skipif(
    not (shutil.which("soffice") and shutil.which("pdftotext")), reason="LibreOffice and poppler are not installed"
)


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def xml(data: bytes, part: str) -> etree._Element:
    return etree.fromstring(parts(data)[part])


def times(data: bytes) -> set[tuple[int, ...]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {info.date_time for info in archive.infolist()}


def pdf(data: bytes, suffix: str, folder: Path) -> Path:
    """The file as LibreOffice prints it."""
    source = folder / f"printed{suffix}"
    source.write_bytes(data)
    profile = (folder.parent / "libreoffice").as_uri()  # made once a run
    command = ["soffice", f"-env:UserInstallation={profile}", "--headless", "--convert-to", "pdf", "--outdir"]
    subprocess.run([*command, str(folder), str(source)], check=True, capture_output=True, timeout=180)
    return source.with_suffix(".pdf")


def printed(data: bytes, suffix: str, folder: Path) -> str:
    """The text LibreOffice prints, its lines joined."""
    made = subprocess.run(
        ["pdftotext", "-layout", str(pdf(data, suffix, folder)), "-"], check=True, capture_output=True, timeout=60
    )
    return " ".join(made.stdout.decode("utf-8").split())


def findings(data: bytes, suffix: str, folder: Path) -> list[str]:
    """What the schemas of Office find wrong with the file."""
    audit = pytest.importorskip("openxml_audit")
    source = folder / f"audited{suffix}"
    source.write_bytes(data)
    found = audit.OpenXmlValidator().validate(source).errors
    # numId 0 is how Word itself writes that a heading has no number (ECMA-376, 17.9.18)
    return [e.description for e in found if "Numbering definition '0'" not in e.description]
