"""The cells of a notebook file, read as plain data: enough to see what it declares, and quick."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kesos_research.errors import RunError, Where
from kesos_research.language import _
from kesos_research.study.refusal import listed, nearest, shown


def cells_of(path: Path, name: str) -> Sequence[Mapping[str, Any]]:
    """The cells of a Python notebook.

    Raises
    ------
    RunError
        When the file is not there, or is no Python notebook of the current format.
    """
    try:
        said = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        others = sorted(p.stem for p in path.parent.glob("*.ipynb"))
        raise RunError(
            _("There is no notebook {name}.", name=shown(name)),
            expected=_("one of {names}", names=listed(others)) if others else None,
            remedy=nearest(path.stem, others),
        ) from None
    except (OSError, ValueError) as error:
        raise no_notebook(name, str(error)) from None
    cells = said.get("cells") if isinstance(said, dict) and said.get("nbformat") == 4 else None
    if not isinstance(cells, list) or not all(isinstance(c, dict) and "source" in c for c in cells):
        raise no_notebook(name, _("it has no cells in format 4"))
    spec = said.get("metadata", {}).get("kernelspec", {})
    language = str(spec.get("language", "python"))
    if language.lower() != "python":
        raise RunError(
            _("The notebook is written in {language}.", language=language),
            expected=_("a Python notebook"),
            where=Where(file=name),
        )
    return cells


def no_notebook(name: str, reason: str) -> RunError:
    """What is told of a file that is not a notebook."""
    return RunError(
        _("The file is not a notebook: {reason}", reason=reason.splitlines()[0][:200]),
        remedy=_("open it in JupyterLab and save it again"),
        where=Where(file=name),
    )
