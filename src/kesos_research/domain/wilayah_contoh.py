"""The register of a country that does not exist: where invented rows live.

No invented figure may stand beside the name of a real district. Provinces are numbered 01–09, as no real one is (the
first digit of a real code is an island group, from 1 on), their names say *Contoh*, and the points of the regions lie
on an island around 0° N 0° E. Kinds are coded as in the real register: 01–69 kabupaten, 71–79 kota.
"""

from __future__ import annotations

import math
from functools import cache

from kesos_research.domain.wilayah import Region, RegionType, region, regions
from kesos_research.errors import RegionError
from kesos_research.language import _

_PROVINCES = "ABCDEFGHI"
_KABUPATEN, _KOTA = 433, 81
_FIRST_KOTA = 71
_GOLDEN = math.pi * (3 - math.sqrt(5))
_RADIUS = 4.0


@cache
def example_regions() -> tuple[Region, ...]:
    """All 514 regions of the country that does not exist, by code.

    Examples
    --------
    >>> len(example_regions()), example_regions()[0].label
    (514, 'Kab. Contoh A-01')
    """
    places = sorted(
        (i % len(_PROVINCES), first + i // len(_PROVINCES))
        for first, count in ((1, _KABUPATEN), (_FIRST_KOTA, _KOTA))
        for i in range(count)
    )
    return tuple(_region(i, *place) for i, place in enumerate(places))


def example_region(code: str) -> Region:
    """Which region of the country that does not exist has this code?

    Raises
    ------
    RegionError
        When none has; a real region's code has no place in invented rows.

    Examples
    --------
    >>> example_region("01.71").label
    'Kota Contoh A-71'
    """
    if isinstance(code, str) and (found := _by_code().get(code)):
        return found
    real = next((r for r in regions() if r.code == code), None)
    raise RegionError(
        _("{code} is {label}: a real region has no place in invented rows.", code=code, label=real.label)
        if real
        else _("No example region has the code {code}.", code=repr(code)),
        expected=_("a code of the example register, such as '01.01' (Kab. Contoh A-01)"),
    )


def register(*, synthetic: bool = False) -> tuple[Region, ...]:
    """The regions that rows may name: the real ones, or those of the country that does not exist."""
    return example_regions() if synthetic else regions()


def region_in(code: str, *, synthetic: bool) -> Region:
    """Which region of the register that rows may name has this code?

    Raises
    ------
    RegionError
        When none has; a real region has no place in invented rows, nor an example region among real ones.

    Examples
    --------
    >>> region_in("01.01", synthetic=True).label, region_in("33.14", synthetic=False).label
    ('Kab. Contoh A-01', 'Kab. Sragen')
    """
    return example_region(code) if synthetic else region(code)


@cache
def _by_code() -> dict[str, Region]:
    return {r.code: r for r in example_regions()}


def _region(position: int, province: int, number: int) -> Region:
    kind: RegionType = "kota" if number >= _FIRST_KOTA else "kabupaten"
    letter = _PROVINCES[province]
    name = f"Contoh {letter}-{number:02d}"
    code = f"{province + 1:02d}.{number:02d}"
    # a sunflower's seeds: evenly over a round island
    radius = _RADIUS * math.sqrt((position + 0.5) / (_KABUPATEN + _KOTA))
    return Region(
        code=code,
        name=name,
        type=kind,
        province_code=code[:2],
        province=f"Provinsi Contoh {letter}",
        official_name=f"{'Kabupaten' if kind == 'kabupaten' else 'Kota'} {name}",
        bps_code=code.replace(".", ""),
        bps_code_34=code.replace(".", ""),
        lat=round(radius * math.sin(position * _GOLDEN), 4),
        lon=round(radius * math.cos(position * _GOLDEN), 4),
    )
