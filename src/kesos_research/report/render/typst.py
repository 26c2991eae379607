"""Papers and profiles as PDF, and figures as PNG: the document model as JSON, set by our own typst templates.

The compiler and its typefaces come inside the typst wheel: nothing is downloaded and no font of the machine is used,
so that the same document is the same bytes everywhere.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from typing import Any

import typst

from kesos_research.errors import DocumentError, Where
from kesos_research.language import _
from kesos_research.report import style
from kesos_research.report.document.model import Document
from kesos_research.report.render._checks import check
from kesos_research.report.render._compiler import compiler
from kesos_research.report.render._passes import Job, Setting


def pdf(document: Document) -> bytes:
    """A paper (proceedings or manuscript) or a profile as tagged PDF/UA-1.

    Parameters
    ----------
    document : Document
        Of kind `paper` or `profile`.

    Returns
    -------
    bytes
        The same for the same document, always.

    Raises
    ------
    DocumentError
        A cross-reference leads nowhere, or a block cannot be set: it names the block.
    """
    if document.kind not in ("paper", "profile"):
        raise DocumentError(
            _("A document of kind {kind} cannot be set as PDF.", kind=document.kind), expected="paper, profile"
        )
    job = Job(document)
    check(document, job.data)
    try:
        return job.run()
    except RuntimeError as error:
        raise _explained(error, job) from error


def png(svg: str, ppi: float = 300, width_mm: float | None = None) -> bytes:
    """A figure's SVG as PNG on white, `ppi` points an inch, at its own size or `width_mm` wide."""
    given = json.dumps(_whole_points(svg, ppi, width_mm))
    try:
        made = compiler("raster.typ", {"picture": given}).compile(format="png", ppi=ppi)
    except typst.TypstError as error:
        raise DocumentError(_("A figure could not be drawn: {why}", why=error.message)) from error
    assert isinstance(made, bytes)
    return made


def _whole_points(svg: str, ppi: float, width_mm: float | None) -> dict[str, Any]:
    """The drawing stretched by less than a point of the picture to whole points, and the page's size.

    Without it typst scales the drawing's points to its own and drops single rows and columns (its issue 6056).
    """
    root = re.search(r"<svg\b[^>]*>", svg)
    sides = {} if root is None else dict(re.findall(r'\b(width|height)="([\d.]+)mm"', root[0]))
    if root is None or len(sides) < 2:
        return {"svg": svg, "width": width_mm, "page": None}
    scale = 1.0 if width_mm is None else width_mm / float(sides["width"])
    wide, high = (math.ceil(float(sides[side]) * scale / 25.4 * ppi) for side in ("width", "height"))
    sized = re.sub(r'\bwidth="[^"]*"', f'width="{wide}"', root[0], count=1)
    sized = re.sub(r'\bheight="[^"]*"', f'height="{high - 0.01}" preserveAspectRatio="none"', sized, count=1)
    point = 72 / ppi
    return {
        "svg": svg[: root.start()] + sized + svg[root.end() :],
        "page": [wide * point, high * point],
        "image": [(wide - 0.01) * point, (high - 0.02) * point],
    }


def widths(texts: Sequence[tuple[str, bool]]) -> list[float]:
    """How wide each text is in the house's typeface, in sizes of its type; the flag says that it is bold."""
    inputs = {"texts": json.dumps(texts), "font": json.dumps(style.FONT)}
    return json.loads(compiler("widths.typ", inputs).eval("query(<widths>).first().value"))


def _explained(error: RuntimeError, job: Job) -> DocumentError:
    """The block that typst could not set, found by setting each alone."""
    for number, block in enumerate(job.data["blocks"]):
        try:
            _made, warnings = job.compiled(job.inputs(Setting(probe=True), [block]))
        except typst.TypstError as own:
            return _refusal(own.message, block, number)
        if warnings:
            return _refusal(warnings[0].message, block, number)
    return DocumentError(_("The document could not be set: {why}", why=str(error)))


def _refusal(message: str, block: dict[str, Any], number: int) -> DocumentError:
    where = Where(key=block.get("id") or f"{block['t']} {number + 1}")
    if "table-too-wide" in message:
        return DocumentError(
            _("The table does not fit the page, even in type of 7.5 points."),
            remedy=_("Leave out columns, or split the table in two."),
            where=where,
        )
    if "equation-too-wide" in message:
        return DocumentError(
            _("The equation does not fit its column."),
            remedy=_("Break it into lines with \\\\ inside an aligned environment."),
            where=where,
        )
    return DocumentError(_("This block could not be set: {why}", why=message), where=where)
