"""docs/glossary.md is what its script writes from the package's facts."""

import runpy
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_glossary_is_up_to_date():
    written = runpy.run_path(str(DOCS / "glossary.py"))["text"]()
    assert (DOCS / "glossary.md").read_text(encoding="utf-8") == written
