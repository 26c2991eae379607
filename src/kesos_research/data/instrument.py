"""The questionnaire of a codebook: an XLSForm for Kobo and ODK, or an Excel sheet that takes only what it may."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from kesos_research.data.codebook import Codebook
from kesos_research.errors import KesosError
from kesos_research.estimates import Check
from kesos_research.language import Language, _

Kind = Literal["xlsform", "excel"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class Questionnaire:
    """A form, and what of its codebook it cannot ask or check.

    Attributes
    ----------
    data
        An Excel workbook; the same codebook gives the same bytes.
    notes
        What is left to the check of the answers.
    """

    data: bytes
    notes: tuple[Check, ...] = ()


def questionnaire(codebook: Codebook, *, kind: str = "xlsform", lang: Language = "id", name: str = "") -> Questionnaire:
    """Which form asks for what a codebook declares?

    Parameters
    ----------
    codebook
        Every column becomes a question of the same name, so that the answers are read with the same codebook.
    kind
        ``"xlsform"`` for Kobo and ODK, in Indonesian and English; ``"excel"`` for a sheet to type into.
    lang
        The language of an Excel sheet, and that in which an XLSForm opens.
    name
        What the form is called; the file of the codebook when not given.

    Raises
    ------
    KesosError
        When names or codes are such as no form takes: all at once.
    """
    from kesos_research.data.entry_sheet import entry_sheet
    from kesos_research.data.form import xlsform

    title = name or (codebook.data_file or "formulir").rsplit(".", 1)[0]
    match kind:
        case "xlsform":
            return Questionnaire(*xlsform(codebook, title, lang))
        case "excel":
            return Questionnaire(*entry_sheet(codebook, title, lang))
    raise KesosError(
        _("There is no questionnaire of the kind {name}.", name=repr(kind)),
        expected=_("one of {names}", names=", ".join(KINDS)),
    )
