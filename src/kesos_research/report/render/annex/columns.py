"""What the columns of a source mean, for the annex."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kesos_research.data.definitions import definitions, headings
from kesos_research.data.read import read_codebook
from kesos_research.language import Language
from kesos_research.report.render.annex.sheet import Heading


def defined(source: Any, lang: Language) -> tuple[list[Heading], list[list[str]]] | None:
    """Heads and rows of the operational definitions of a source; None where it has no codebook."""
    path = getattr(source, "codebook", None)
    if path is None or not Path(path).is_file():
        return None
    table = definitions(read_codebook(Path(path), name=Path(path).name), lang)
    # a column of which nobody has declared anything says nothing
    kept = [name for name in table.columns if (table[name] != "").any()]
    heads = [Heading(headings(lang)[name], text=True) for name in kept]
    return heads, table[kept].to_numpy().tolist()
