"""The typst compiler that comes inside the wheel: our templates, its typefaces, nothing of the machine's."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import typst

TEMPLATES = Path(__file__).parent.parent / "templates" / "typst"


def compiler(template: str, inputs: dict[str, str]) -> typst.Compiler:
    """A compiler for one of our templates, given `sys.inputs`."""
    return typst.Compiler(TEMPLATES / template, root=TEMPLATES, font_paths=_fonts(), sys_inputs=inputs)


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False)
