"""Markdown, citations and formulas through one call of pandoc, a separate program."""

from __future__ import annotations

import difflib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, lru_cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from kesos_research.errors import DocumentError, Where
from kesos_research.language import Language, _
from kesos_research.report.csl import style

# no raw HTML or TeX: such text is text; no metadata block: it could name other files
_FORMAT = "markdown" + "".join(
    f"-{extension}"
    for extension in (
        "raw_html",
        "raw_tex",
        "raw_attribute",
        "latex_macros",
        "markdown_in_html_blocks",
        "native_divs",
        "native_spans",
        "yaml_metadata_block",
        "pandoc_title_block",
        "implicit_figures",
        "example_lists",
        "inline_code_attributes",
    )
)
# what reference managers call Indonesian; citeproc would not know it and write titles as English ones
_INDONESIAN = re.compile(rb"(\blangid\s*=\s*[{\"])(?:indonesian|bahasai?)(?=[}\"])", re.IGNORECASE)
BIBLIOGRAPHY = "references.bib"
_ENTRY = re.compile(r"^\s*@(?!comment|string|preamble)\w+\s*[{(]\s*([^\s,]+)\s*,", re.IGNORECASE | re.MULTILINE)


@cache
def program() -> str:
    """The pandoc that comes with pypandoc_binary, else the one on the path."""
    spec = find_spec("pypandoc")
    name = "pandoc.exe" if sys.platform == "win32" else "pandoc"
    bundled = Path(spec.origin).parent / "files" / name if spec and spec.origin else None
    found = str(bundled) if bundled and bundled.is_file() else shutil.which("pandoc")
    if not found:
        raise DocumentError(_("There is no pandoc."), remedy=_("install the package pypandoc_binary"))
    return found


def parsed(markdown: str, *, lang: Language, bibliography: Path | None, citation_style: str) -> tuple[Any, list[str]]:
    """Pandoc's tree of a text, and its warnings.

    Raises
    ------
    DocumentError
        When pandoc refuses the text or the bibliography.
    """
    entries = None if bibliography is None else _INDONESIAN.sub(rb"\g<1>id-ID", bibliography.read_bytes())
    code, tree, told = _run(markdown, lang, entries, citation_style)
    if code:
        raise _refused(told, bibliography)
    return json.loads(tree), _warnings(told)


@lru_cache(maxsize=8)  # a page often tells exactly what the paper tells
def _run(markdown: str, lang: Language, entries: bytes | None, citation_style: str) -> tuple[int, bytes, str]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = [program(), "-f", _FORMAT, "-t", "json", "--data-dir", name]
        command += ["--lua-filter", str(files("kesos_research.report.document") / "pandoc.lua")]
        command += ["-M", "link-citations=true", "-M", f"lang={'id-ID' if lang == 'id' else 'en-US'}"]
        if entries is not None:
            (folder / "style.csl").write_bytes(style(citation_style, lang))
            (folder / BIBLIOGRAPHY).write_bytes(entries)
            command += ["--citeproc", "--csl", str(folder / "style.csl")]
            command += ["--bibliography", str(folder / BIBLIOGRAPHY)]
        done = subprocess.run(command, input=markdown.encode("utf-8"), capture_output=True, check=False)
    return done.returncode, done.stdout, done.stderr.decode("utf-8", "replace")


def _warnings(told: str) -> list[str]:
    return [" ".join(w.split()) for w in told.split("[WARNING]") if w.strip()]


def _refused(told: str, bibliography: Path | None) -> DocumentError:
    reason = " ".join(told.split()) or "?"
    place = re.search(r"\(line (\d+), column \d+\)", reason)
    if bibliography is not None and bibliography.name in reason:
        return DocumentError(
            _("The bibliography is not understood: {reason}.", reason=reason[:300].rstrip(".")),
            expected=_("BibTeX entries with closed braces"),
            where=Where(file=bibliography.name, line=int(place[1]) if place else None),
        )
    return DocumentError(_("The text cannot be set: {reason}.", reason=reason[:300].rstrip(".")))


def entries(bibliography: Path) -> dict[str, int]:
    """The keys of a BibTeX file and the line of each."""
    text = bibliography.read_text(encoding="utf-8-sig", errors="replace")
    return {found[1]: text.count("\n", 0, found.start(1)) + 1 for found in _ENTRY.finditer(text)}


def uncited(
    keys: Iterable[str], known: Mapping[str, int], bibliography: str, where: Callable[[str], Where | None]
) -> list[DocumentError]:
    """An error for each citation that has no entry."""
    problems = []
    for key in keys:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=3, cutoff=0.5)
            problems.append(
                DocumentError(
                    _("The citation @{key} has no entry in {file}.", key=key, file=bibliography),
                    remedy=_("did you mean {names}?", names=", ".join("@" + k for k in near)) if near else None,
                    where=where(key),
                )
            )
    return problems


def cited(node: Any) -> Iterator[str]:
    """The keys a tree cites, in order."""
    if isinstance(node, list):
        for part in node:
            yield from cited(part)
    elif isinstance(node, dict):
        if node.get("t") == "Cite":
            yield from (c["citationId"] for c in node["c"][0])
        yield from cited(node.get("c"))
