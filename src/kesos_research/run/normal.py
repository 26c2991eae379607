"""The executed notebook without what differs from run to run: timings, random ids, memory addresses, places."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from kesos_research.run.notebook import NotebookNode, nbformat

_ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]{6,}")
_CELL_FILE = re.compile(r"[^\s\"'<>]*ipykernel_\d+[/\\]\d+\.py")
_PLAIN = ("text/plain", "text/html", "text/markdown", "text/latex")


def normal(
    notebook: NotebookNode, *, parameters: Mapping[str, Any], file: str, hide: Mapping[str, str]
) -> NotebookNode:
    """The same notebook, with the same bytes whenever its inputs are the same.

    Parameters
    ----------
    notebook
        Executed by papermill.
    parameters
        What was injected.
    file
        The notebook's path in the workspace.
    hide
        Places of this machine and what to write instead, the longest first.
    """
    kept = {k: notebook.metadata[k] for k in ("kernelspec", "language_info") if k in notebook.metadata}
    cells = [_cell(cell, n, hide) for n, cell in enumerate(notebook.cells, 1)]
    settled = nbformat.from_dict(
        {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {**kept, "papermill": {"input_path": file, "parameters": dict(parameters)}},
            "cells": cells,
        }
    )
    assert isinstance(settled, NotebookNode)
    return settled


def _cell(cell: Mapping[str, Any], n: int, hide: Mapping[str, str]) -> dict[str, Any]:
    drop = ("papermill", "execution", "collapsed", "scrolled")
    metadata = {k: v for k, v in cell["metadata"].items() if k not in drop and v not in ([], {})}
    new = {"cell_type": cell["cell_type"], "id": f"cell-{n}", "metadata": metadata, "source": cell["source"]}
    if "attachments" in cell:
        new["attachments"] = cell["attachments"]
    if cell["cell_type"] == "code":
        new |= {
            "execution_count": cell["execution_count"],
            "outputs": [_output(output, hide) for output in cell["outputs"]],
        }
    return new


def _output(output: Mapping[str, Any], hide: Mapping[str, str]) -> dict[str, Any]:
    new = dict(output)
    if "text" in new:
        new["text"] = _settled(new["text"], hide)
    if "data" in new:
        new["data"] = {k: _settled(v, hide) if k in _PLAIN else v for k, v in new["data"].items()}
    if "traceback" in new:
        new["traceback"] = [_settled(line, hide) for line in new["traceback"]]
    return new


def _settled(text: str, hide: Mapping[str, str]) -> str:
    text = _CELL_FILE.sub("<cell>", _ADDRESS.sub("at 0x0", text))
    for place, instead in hide.items():
        text = text.replace(place, instead)
    return text
