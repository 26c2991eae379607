"""The texts of the package and their Indonesian: what is there, what lacks. `make fix` writes new texts into the .po.

Run with `--update` to merge new texts and compile the catalogue.
"""

from __future__ import annotations

import ast
import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

SOURCE = Path(__file__).parents[2] / "src" / "kesos_research"
PO = SOURCE / "locale" / "id" / "LC_MESSAGES" / "kesos.po"
MO = PO.with_suffix(".mo")
KEYWORDS = {"_": None, "both": None, "translate": None, "N_": None, "Check": (3,), "Estimates": (3,)}


def template() -> Catalog:
    """Every text the package says, in English."""
    catalog = Catalog(project="kesos_research", header_comment="# Texts of kesos_research")
    for name, _line, message, _comments, _context in extract_from_dir(SOURCE, keywords=KEYWORDS):
        if message:
            catalog.add(message, locations=[(Path(name).as_posix(), 0)])
    for path in sorted(SOURCE.rglob("*.py")):
        for message in estimands(path.read_text(encoding="utf-8")):
            catalog.add(message, locations=[(path.relative_to(SOURCE).as_posix(), 0)])
    return catalog


def estimands(code: str) -> Iterator[str]:
    """What is passed as `estimand=`: Babel looks at positions only."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.keyword) and node.arg == "estimand" and isinstance(node.value, ast.Constant):
            yield str(node.value.value)


def indonesian() -> Catalog:
    with PO.open("rb") as file:
        return read_po(file, locale="id")


def compiled(catalog: Catalog) -> bytes:
    buffer = io.BytesIO()
    write_mo(buffer, catalog)
    return buffer.getvalue()


def update() -> None:
    catalog = indonesian()
    catalog.update(template(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    catalog.header_comment = "# Texts of kesos_research in Indonesian"
    # the clock stays out of the file, so that an unchanged catalogue is an unchanged file
    catalog.creation_date = catalog.revision_date = catalog.creation_date.replace(
        year=2026, month=1, day=1, hour=0, minute=0, second=0, microsecond=0
    )
    buffer = io.BytesIO()
    write_po(buffer, catalog, sort_output=True, omit_header=False, include_lineno=False, width=120)
    PO.write_bytes(buffer.getvalue())
    MO.write_bytes(compiled(indonesian()))


if __name__ == "__main__":
    if "--update" in sys.argv:
        update()
    lacking = [m.id for m in indonesian() if m.id and not m.string]
    sys.stdout.write(f"{len(lacking)} texts lack Indonesian\n" + "".join(f"  {m!r}\n" for m in lacking))
