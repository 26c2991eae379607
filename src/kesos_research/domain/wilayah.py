"""The register of 514 kabupaten and kota, keyed by Kemendagri code.

Source of `wilayah.csv`: Kepmendagri 300.2.2-2138/2025 through cahyadsn/wilayah and cahyadsn/wilayah_boundaries (MIT);
BPS codes through quarcs-lab/indonesia514 (MIT). `lat` and `lon` are a point inside the region, for maps of dots.

BPS and Kemendagri digits differ for 199 of 514 regions (Berau is 64.03 here and 6405 at BPS), and 26 names belong to
both a kabupaten and a kota: a region is asked for by its Kemendagri code, written as text with its dot.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal, get_args

from kesos_research.domain import _package
from kesos_research.errors import RegionError
from kesos_research.language import _

RegionType = Literal["kabupaten", "kota"]
Island = Literal["Sumatera", "Jawa", "Bali-Nusa Tenggara", "Kalimantan", "Sulawesi", "Maluku-Papua", "Contoh"]

ISLANDS: tuple[Island, ...] = get_args(Island)[:-1]
"""The island groups of Indonesia; "Contoh" is where example regions lie, and is none of them."""

# the first digit of a Kemendagri code is the island group
_ISLAND_OF_DIGIT: dict[str, Island] = {
    "0": "Contoh",
    "1": "Sumatera",
    "2": "Sumatera",
    "3": "Jawa",
    "5": "Bali-Nusa Tenggara",
    "6": "Kalimantan",
    "7": "Sulawesi",
    "8": "Maluku-Papua",
    "9": "Maluku-Papua",
}


@dataclass(frozen=True)
class Region:
    """One kabupaten or kota.

    Attributes
    ----------
    code
        Kemendagri code, text with its dot: ``"33.14"``.
    bps_code, bps_code_34
        BPS code with 38 and with 34 provinces: four digits, no dot.
    lat, lon
        A point inside the region, in degrees.
    island
        Island group used by donor pools, one of `ISLANDS`; "Contoh" for an example region.
    """

    code: str
    name: str
    type: RegionType
    province_code: str
    province: str
    official_name: str
    bps_code: str
    bps_code_34: str
    lat: float
    lon: float

    @property
    def island(self) -> Island:
        """The island group the province lies in."""
        return _ISLAND_OF_DIGIT[self.code[0]]

    @property
    def label(self) -> str:
        """The short name in texts: ``Kab. Sragen``, ``Kota Sukabumi``."""
        return f"{'Kab.' if self.type == 'kabupaten' else 'Kota'} {self.name}"

    @property
    def slug(self) -> str:
        """The name in file names: ``kab-sragen``, ``kota-sukabumi``."""
        return re.sub(r"[^a-z0-9]+", "-", self.label.lower()).strip("-")


@cache
def regions() -> tuple[Region, ...]:
    """All 514 kabupaten and kota, by code.

    Examples
    --------
    >>> len(regions())
    514
    """
    return tuple(
        Region(
            code=row["kode"],
            name=row["nama"],
            type="kota" if row["jenis"] == "kota" else "kabupaten",
            province_code=row["kode_provinsi"],
            province=row["provinsi"],
            official_name=row["nama_resmi"],
            bps_code=row["kode_bps"],
            bps_code_34=row["kode_bps_34"],
            lat=float(row["lat"]),
            lon=float(row["lon"]),
        )
        for row in _package.rows("wilayah.csv")
    )


def region(code: str) -> Region:
    """Which kabupaten or kota has this Kemendagri code?

    Parameters
    ----------
    code
        Kemendagri code as text with its dot, such as ``"33.14"``.

    Raises
    ------
    RegionError
        When the code is unknown, is a BPS code, a name, a province, or a number that lost its zero. The error names the
        codes that may have been meant.

    Examples
    --------
    >>> region("33.14").label
    'Kab. Sragen'
    >>> region("32.72").slug, region("64.03").island
    ('kota-sukabumi', 'Kalimantan')
    """
    if isinstance(code, str) and (found := _by_code().get(code)):
        return found
    raise _not_a_region(code)


@cache
def _by_code() -> dict[str, Region]:
    return {r.code: r for r in regions()}


def _not_a_region(given: object) -> RegionError:
    """What the given code may have meant."""
    expected = _("a Kemendagri code written as text with its dot, such as '33.14'")
    text = " ".join(str(given).split())
    inside = [r for r in regions() if r.province_code == text]
    if inside:
        return RegionError(
            _("{code} is the province {name}, not a kabupaten or kota.", code=text, name=inside[0].province),
            expected=expected,
            remedy=_(
                "name one of its {n} kabupaten and kota, such as {first}", n=len(inside), first=_named(inside[:1])
            ),
        )
    if re.fullmatch(r"0\d\.\d\d", text):
        return RegionError(
            _("{code} is a code of the example register: its rows are invented.", code=text),
            expected=expected,
            remedy=_("say so: `sintetis: ya` in the codebook, synthetic: true in study.yaml"),
        )
    if re.fullmatch(r"\d{4}", text):
        return _four_digits(text, expected)
    if any(c.isalpha() for c in text):
        return _name(text, expected)
    if text in _by_code():
        found, meant = _("{code} is not written as a code.", code=repr(given)), [_by_code()[text]]
    elif re.fullmatch(r"\d\d\.\d", text) and text + "0" in _by_code():
        found, meant = _("{code} is not a code: its final zero is lost.", code=text), [_by_code()[text + "0"]]
    else:
        found = _("No kabupaten or kota has the code {code}.", code=repr(given))
        meant = [_by_code()[c] for c in difflib.get_close_matches(text, _by_code(), n=3, cutoff=0.5)]
    return RegionError(found, expected=expected, remedy=_write(meant))


def _four_digits(text: str, expected: str) -> RegionError:
    """Four digits may be BPS's own code or ours without the dot; both readings are shown."""
    bps = [r for r in regions() if text in (r.bps_code, r.bps_code_34)]
    ours = _by_code().get(f"{text[:2]}.{text[2:]}")
    meant = [*bps, *([ours] if ours and ours not in bps else [])]
    if bps:
        found = _("{code} is a BPS code: BPS calls {label} so.", code=text, label=bps[0].label)
    elif ours:
        found = _("{code} has no dot.", code=text)
    else:
        found = _("No kabupaten or kota has the code {code}.", code=repr(text))
        near = difflib.get_close_matches(text, [r.bps_code for r in regions()], n=3, cutoff=0.5)
        meant = [r for c in near for r in regions() if r.bps_code == c]
    return RegionError(found, expected=expected, remedy=_write(meant))


def _name(text: str, expected: str) -> RegionError:
    wanted = _plain(text)
    full = [r for r in regions() if wanted in (_plain(r.label), _plain(r.official_name))]
    same = full or [r for r in regions() if _plain(r.name) == wanted]
    if len(same) > 1:
        return RegionError(
            _("{name} is the name of {n} regions.", name=repr(text), n=len(same)),
            expected=expected,
            remedy=_write(same),
        )
    if same:
        return RegionError(_("{name} is a name, not a code.", name=repr(text)), expected=expected, remedy=_write(same))
    by_name: dict[str, list[Region]] = {}
    for r in regions():
        for spelling in (_plain(r.name), _plain(r.label), _plain(r.official_name)):
            by_name.setdefault(spelling, []).append(r)
    near = difflib.get_close_matches(wanted, by_name, n=3, cutoff=0.6)
    return RegionError(
        _("No kabupaten or kota is called {name}.", name=repr(text)),
        expected=expected,
        remedy=_write({r.code: r for c in near for r in by_name[c]}.values()),
    )


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", text.lower()).strip()


def _write(meant: Iterable[Region]) -> str:
    names = _named(meant)
    return _("write {names}", names=names) if names else _("look the code up in the register of regions")


def _named(meant: Iterable[Region]) -> str:
    return ", ".join(f"'{r.code}' ({r.label}, {r.province})" for r in meant)
