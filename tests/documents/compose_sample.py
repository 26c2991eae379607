"""A small study, its results and its narrative, made by hand: what the composing tests read."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from kesos_research.language import words
from kesos_research.report.collect import Results
from kesos_research.report.exhibit import Claim, Column, Exhibit, Figure, Table

BIB = """\
@article{abadie2010, author = {Abadie, Alberto and Diamond, Alexis and Hainmueller, Jens},
  title = {Synthetic control methods for comparative case studies}, journal = {JASA}, year = {2010}, volume = {105},
  number = {490}, pages = {493--505}}
@article{abadie2003, author = {Abadie, Alberto and Gardeazabal, Javier}, title = {The economic costs of conflict},
  journal = {American Economic Review}, year = {2003}, volume = {93}, number = {1}, pages = {113--132}}
@book{coady2004, author = {Coady, David and Grosh, Margaret and Hoddinott, John}, title = {Targeting of transfers},
  publisher = {World Bank}, year = {2004}, edition = {2}}
@online{kbr2014, author = {{KBR}}, title = {Lima daerah}, date = {2014-05-03}}
@misc{bps, author = {{Badan Pusat Statistik}}, title = {Susenas}, url = {https://example.org/s}, urldate = {2021-04-05}}
"""

ID = """\
# Abstrak {.abstract}

Selisihnya {{ claim("p0.did") | number(2) }} poin.

# Pendahuluan {#sec-intro}

Menurut @abadie2003 dan [@abadie2010, p. 3], lihat @tbl-did, @fig-map, dan @sec-method.

{{ exhibit("tbl-did") }}

{{ exhibit("fig-map") }}

# Metode {#sec-method}

## Penaksir

$$ \\hat\\tau = \\bar Y_1 - \\bar Y_0 $$ {#eq-did alt="Selisih dua rata-rata"}

dengan $\\lambda \\ge 0$ pada @eq-did.

# Paparan {.slides}

## Selisihnya {{ claim("p0.did") | verdict }}

- Satu butir

::: notes
Katakan *ini* dengan tenang.
:::

## Peta

{{ exhibit("fig-map") }}
"""

EN = """\
# Abstract {.abstract}

The difference is {{ claim("p0.did") | number(2) }} points.

# Introduction {#sec-intro}

@abadie2003 and [@abadie2010, p. 3]; see @tbl-did, @fig-map.

{{ exhibit("tbl-did") }}

{{ exhibit("fig-map") }}
"""

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="84mm" height="40mm" viewBox="0 0 84 40"></svg>'


def claims() -> dict[str, Claim]:
    made = (
        Claim("p0.did", 0.034, 0.96, -1.9, 2.0, 0.964, 491, "percentage points", "diff_in_diff", True, 0.95),
        Claim("p0.fell", -1.5, 0.5, -2.5, -0.5, 0.004, 491, "percentage points", "diff_in_diff", True, 0.95),
        Claim("p0.tiny", 1.2, 0.1, 1.0, 1.4, 0.0001, 491, "percentage points", "diff_in_diff", True, 0.95),
        Claim("p0.mde", 1.96, unit="percentage points", method="power", public=True),
        Claim("p0.sc.33.14", -1.13, p_value=0.2, n=1234, unit="percentage points", public=True, level=0.95),
        Claim("spec.n", 48.0),
        Claim("spec.share", 0.021),
    )
    return {c.name: c for c in made}


def exhibits() -> dict[str, Exhibit]:
    table = Table(
        "tbl-did",
        caption=words(
            id='Selisihnya {{ claim("p0.did") | number(2) }} poin. Ini tabelnya.',
            en='The difference is {{ claim("p0.did") | number(2) }} points. This is the table.',
        ),
        note=words(id="Pengacakan.", en="Randomisation."),
        source=words(id="BPS.", en="Statistics Indonesia."),
        columns=(
            Column("window", words(id="Masa", en="Window"), "text"),
            Column("estimate", words(id="Taksiran", en="Estimate"), unit=words(id="poin", en="points")),
            Column("interval", words(id="Selang", en="Interval"), "interval", decimals=1),
            Column("p_value", words(id="p", en="p"), "p"),
            Column("n", words(id="n", en="n"), "integer"),
        ),
        rows=(
            {"group": words(id="Kemiskinan", en="Poverty")},
            {"window": "2014–2015", "estimate": -0.034, "interval": [-1.9, 2.0], "p_value": 0.03, "n": 1234},
            {"window": "2014–2019", "estimate": None, "interval": [None, None], "p_value": 0.0004, "n": 490},
        ),
    )
    figure = Figure(
        "fig-map",
        caption=words(id="Lima daerah tersebar.", en="The five lie apart."),
        alt=words(id='Peta {{ claim("spec.n") | integer }} titik', en="A map"),
        svg=words(id=SVG, en=SVG),
        slide_svg=words(id=SVG, en=SVG),
        width="page",
    )
    return {"tbl-did": table, "fig-map": figure}


def results(**more: Exhibit) -> Results:
    return Results(claims(), {**exhibits(), **more})


def study(folder: Path, *, id: str | None = ID, en: str | None = EN, bib: str | None = BIB, **more: object):
    """A study with the fields composing needs, its files written to `folder`."""
    for name, text in (("narrative.id.md", id), ("narrative.en.md", en), ("references.bib", bib)):
        if text is not None:
            (folder / name).write_text(text, encoding="utf-8")
    author = SimpleNamespace(name="Rini Peneliti", affiliation="Balai Riset", email="rini@example.org", orcid="")
    fields = {
        "id": "coba",
        "folder": folder,
        "root": folder,
        "title": words(id="Judul", en="Title"),
        "short_title": words(id="Judul", en="Title"),
        "question": words(id="Apakah?", en="Whether?"),
        "authors": (author,),
        "date": "2026-11-22",
        "keywords": {"id": ("miskin", "daerah"), "en": ("poverty", "districts")},
        "venue": SimpleNamespace(name=words(id="Konferensi", en="Conference"), citations="apa", blind=False),
        "sources": (SimpleNamespace(publisher=words(id="BPS", en="Statistics Indonesia"), synthetic=False),),
        "layout": "proceedings",
        "anonymous": False,
        "level": 0.95,
    }
    return SimpleNamespace(**{**fields, **more})
