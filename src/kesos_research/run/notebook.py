"""Notebook files through nbformat."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

from kesos_research.run.cells import cells_of, no_notebook

# nbformat loads jsonschema, which compiles a grammar for international addresses if it finds one: three seconds for a
# check that no notebook needs
_GRAMMAR = "rfc3987_syntax"
_hidden = sys.modules.setdefault(_GRAMMAR, None) is None  # type: ignore[arg-type]
import nbformat  # noqa: E402

if _hidden:
    del sys.modules[_GRAMMAR]

NotebookNode = nbformat.NotebookNode

__all__ = ["NotebookNode", "nbformat", "read_notebook"]


def read_notebook(path: Path, name: str) -> NotebookNode:
    """A notebook as the current notebook format has it, its cells numbered.

    Raises
    ------
    RunError
        When the file is not there, or is no Python notebook.
    """
    cells_of(path, name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # old notebooks lack what is put right here
            notebook = nbformat.reads(path.read_text(encoding="utf-8-sig"), as_version=4)
        notebook.nbformat_minor = 5
        for n, cell in enumerate(notebook.cells, 1):
            cell.id = f"cell-{n}"
        nbformat.validate(notebook)
    except (nbformat.reader.NotJSONError, nbformat.ValidationError) as error:
        raise no_notebook(name, str(error)) from None
    return notebook
