"""Names of regions as BPS prints them, and their codes; a name of two regions is never decided in silence."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from kesos_research.domain import Region, regions
from kesos_research.language import _
from kesos_research.study.refusal import clean

Type = Literal["kabupaten", "kota"]
Level = Literal["kabupaten_kota", "provinsi", "jumlah"]

_NUMBERED = re.compile(r"^\s*(?:\[?(?P<code>\d{4})\]?\s+|\[?\d{1,3}(?:\.\d{1,2})?\]?[.)]?\s+)(?=\D)")
_MARKED = re.compile(r"\s*(?:\*+\)?|\d\)|[¹²³⁴]+\)?)$")
_TOTAL = re.compile(r"(?:jumlah|total|rata rata|indonesia|nasional|average)(?: .*)?")
_SECTION = re.compile(
    r"(?:(?P<both>kabupaten kota)|(?P<kabupaten>kabupaten)|(?P<kota>kota))(?: regency| municipality)*"
)
_PREFIX = re.compile(
    r"(?:(?P<provinsi>prov(?:insi)?)|(?P<kabupaten>kab(?:upaten)?)|(?P<kota>kota|kodya|kotamadya))"
    r"(?: adm(?:inistrasi)?)? (?=\S)"
)
_ALIASES = (("daerah istimewa ", "di "), ("daerah khusus ibukota ", "dki "), ("kepulauan ", "kep "))


@dataclass(frozen=True)
class Found:
    """What a name stands for.

    Attributes
    ----------
    code
        Of the region; empty for a total.
    """

    level: Level
    code: str
    name: str


@dataclass(frozen=True)
class Unclear:
    """A name that stands for several regions, or for none."""

    name: str
    meant: tuple[str, ...]
    near: tuple[str, ...] = ()


def section(text: str) -> Type | Literal["both"] | None:
    """The heading over rows of kabupaten or of kota; None where the text is no heading.

    Examples
    --------
    >>> section("Kota/Municipality"), section("Kabupaten/Kota"), section("Kota Sukabumi")
    ('kota', 'both', None)
    """
    found = _SECTION.fullmatch(plain(text))
    if not found:
        return None
    return "both" if found["both"] else "kota" if found["kota"] else "kabupaten"


def region_of(
    text: str, *, within: Type | None = None, province: str | None = None, code: str | None = None
) -> Found | Unclear:
    """Which region does this printed name stand for?

    Parameters
    ----------
    text
        As printed: numbered, marked with a footnote, in capitals.
    within
        The heading it stands under.
    province
        Code of the province it stands under.
    code
        BPS's own code, where the table prints it.

    Examples
    --------
    >>> region_of("Sukabumi", within="kota").code, region_of("2. Kab. Bogor*)").code, region_of("JAWA BARAT").level
    ('32.72', '32.01', 'provinsi')
    """
    numbered = _NUMBERED.match(text)
    bare = _MARKED.sub("", _NUMBERED.sub("", text)).split("/")[0].strip()
    name = plain(bare)
    if _TOTAL.fullmatch(name):
        return Found("jumlah", "", bare)
    prefix = _PREFIX.match(name)
    kind = next((k for k, v in prefix.groupdict().items() if v), None) if prefix else None
    rest = _key(name[prefix.end() :] if prefix else name)
    bps = code or (numbered["code"] if numbered else None)
    found = _regions(rest, kind or within, bps) if kind != "provinsi" else []
    above = _provinces().get(rest) if kind in (None, "provinsi") else None
    if above and (not found or (within is None and bare.isupper() and not bps)):
        return Found("provinsi", above[0], above[1])
    if len(found) > 1 and province:
        found = [r for r in found if r.province_code == province] or found
    if len(found) == 1 and not (above and within is None and not bps):
        return Found("kabupaten_kota", found[0].code, found[0].label)
    meant = [f"'{r.code}' ({r.label})" for r in found] + ([f"'{above[0]}' ({_('province')})"] if above else [])
    return Unclear(bare, tuple(meant), () if meant else tuple(difflib.get_close_matches(rest, _known(), n=2)))


def told(unclear: Unclear) -> tuple[str, str]:
    """What is wrong with a name, and what to do."""
    if unclear.meant:
        return (
            _("{name} is the name of {n} regions.", name=repr(clean(unclear.name)), n=len(unclear.meant)),
            _("write Kab. or Kota before it: {names}", names=", ".join(unclear.meant)),
        )
    near = ", ".join(_known()[key] for key in unclear.near)
    return (
        _("No province, kabupaten or kota is called {name}.", name=repr(clean(unclear.name))),
        _("did you mean {names}?", names=near)
        if near
        else _("write it as the register of regions has it, or delete the row"),
    )


def plain(text: str) -> str:
    """Small letters and single spaces."""
    return re.sub(r"[^a-z0-9]+", " ", text.lower()).strip()


def _regions(key: str, kind: str | None, bps: str | None) -> list[Region]:
    found = [r for r in _by_name().get(key, ()) if kind in (None, r.type)]
    return [r for r in found if bps in (r.bps_code, r.bps_code_34)] if bps else found


def _key(name: str) -> str:
    """A name as it is compared: without spaces, short forms for long ones."""
    for long, short in _ALIASES:
        name = re.sub(rf"^{long}", short, name)
    return re.sub(r"^d i ", "di ", name).replace(" ", "")


@cache
def _by_name() -> dict[str, tuple[Region, ...]]:
    names: dict[str, tuple[Region, ...]] = {}
    for r in regions():
        names[_key(plain(r.name))] = (*names.get(_key(plain(r.name)), ()), r)
    return names


@cache
def _provinces() -> dict[str, tuple[str, str]]:
    """Code and name of each province by its name and short names."""
    found = {_key(plain(r.province)): (r.province_code, r.province) for r in regions()}
    for short, long in (("jakarta", "dkijakarta"), ("yogyakarta", "diyogyakarta"), ("babel", "kepbangkabelitung")):
        if long in found and short not in _by_name():
            found[short] = found[long]
    return found


@cache
def _known() -> dict[str, str]:
    """Every name as it is compared, and as it is written."""
    return {key: name for key, (_code, name) in _provinces().items()} | {
        key: found[0].label for key, found in _by_name().items()
    }
