"""What a run depends on, as hashes: files of the study, the package, the libraries, the commit."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import kesos_research
from kesos_research.errors import OutputError, Where
from kesos_research.language import _
from kesos_research.study import Study

LIBRARIES = (
    "babel", "ipykernel", "jinja2", "lxml", "matplotlib", "nbclient", "numpy", "openpyxl", "pandas", "papermill",
    "pypandoc_binary", "pyphen", "python-pptx", "scipy", "statsmodels", "typst",
)  # fmt: skip
_PROSE = (".md", ".bib")
_KEY_ID = re.compile(r"^#.*HMAC-SHA256.*\b([0-9a-f]{16})\b", re.MULTILINE)


def digest(data: bytes) -> str:
    """sha256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def digest_of(value: Any) -> str:
    """sha256 of plain data."""
    return digest(json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode())


def study_files(study: Study) -> dict[str, str]:
    """sha256 of every file the study is made of, by its path from the workspace's top: document, prose, evidence, data.

    Raises
    ------
    OutputError
        When one cannot be read.
    """
    own = (p for p in study.folder.iterdir() if p.is_file() and not p.name.startswith(".") and p.suffix != ".ipynb")
    data = (p for s in study.sources for p in (s.file, s.codebook, s.flags) if p is not None)
    return {_from_top(path, study): file_digest(path, study) for path in sorted({*own, *data})}


def pseudonym_keys(study: Study) -> dict[str, str]:
    """Ids of the keys under which identifiers became pseudonyms, by source, as its codebook tells; never a key."""
    found = {}
    for source in study.sources:
        told = _KEY_ID.search(source.codebook.read_text(encoding="utf-8-sig", errors="replace"))
        if told:
            found[source.id] = told[1]
    return found


def rows_and_plan(files: Mapping[str, str]) -> dict[str, str]:
    """Of a study's files those that a notebook may read: all but prose and references."""
    return {name: sha for name, sha in files.items() if not name.endswith(_PROSE)}


def file_digest(path: Path, study: Study) -> str:
    """sha256 of a file of the workspace."""
    try:
        return digest(path.read_bytes())
    except OSError as error:
        raise OutputError(
            _("The file cannot be read: {reason}.", reason=error.strerror or str(error)),
            where=Where(file=_from_top(path, study)),
        ) from error


@cache
def package_digest() -> str:
    """sha256 of the package's own files."""
    home = Path(kesos_research.__file__).parent
    skip = {"__pycache__", "workspace"}
    files = [p for p in sorted(home.rglob("*")) if p.is_file() and not skip & {*p.relative_to(home).parts}]
    return digest_of({p.relative_to(home).as_posix(): digest(p.read_bytes()) for p in files})


@cache
def versions() -> dict[str, str]:
    """Of the package, Python, and the libraries that a number or a page depends on."""
    found = {"kesos_research": kesos_research.__version__, "python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue  # not needed here
    return found


def commit(root: Path) -> dict[str, Any] | None:
    """The git commit of the workspace, and whether tracked files differ from it; None where there is none."""
    head = _git(root, "rev-parse", "HEAD")
    if not head:
        return None
    return {"id": head, "changed": bool(_git(root, "status", "--porcelain", "--untracked-files=no"))}


def _git(root: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments],
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=20,
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return ""  # no git here: the manifest says null
    return done.stdout.strip() if done.returncode == 0 else ""


def places(study: Study) -> dict[str, str]:
    """Places of this machine and what an executed notebook says instead, the longest first."""
    home = Path(kesos_research.__file__).parent
    named = {str(study.root): ".", str(home): "kesos_research", sys.prefix: "<python>", str(Path.home()): "~"}
    return {k: v for k, v in sorted(named.items(), key=lambda kv: -len(kv[0])) if len(k) > 1}


def _from_top(path: Path, study: Study) -> str:
    return path.relative_to(study.root).as_posix()
