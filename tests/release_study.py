"""A small study to be released: figures that an office has published, a table, a chart's worth of claims, a profile."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from toy_study import notebook, toy

from kesos_research.language import words
from kesos_research.study import Author, Deliverables, Disclosure, Publication, Study, venue

GUARDED = """
import pandas as pd
from kesos_research import disclosure, report
rule = disclosure.Published(source={{"id": "BPS", "en": "BPS"}})
rows = pd.DataFrame({{"wilayah": ["33.14", "64.03"], "term": ["33.14", "64.03"], "estimate": {values}, "n": [3, 3]}})
protected = disclosure.protect(rows, rule=rule)
"""
CLAIMS = 'report.claims(protected, "p0.level.{term}", unit="poin")'
TABLE = """
report.table(protected, id="tbl-level").with_columns("wilayah", "estimate").with_caption(
    id='Tingkat | kemiskinan: {{ claim("p0.level.33.14") | number(2) }}', en="Poverty rate")
"""
PROFILE = 'report.claim(protected, "p0.own." + region, unit="poin", term=region)'
PERSONS = """
import pandas as pd
from kesos_research import disclosure, report
said = {{"id": "Survei", "en": "Survey"}}
rule = disclosure.PersonRule(decided_by="Dr. Aminah", population="survei-2014", source=said)
cells = {{("a", "L"): 60, ("a", "P"): 44, ("b", "L"): 31, ("b", "P"): 52, ("c", "L"): 4, ("c", "P"): 25}}
people = pd.DataFrame([{{"kab": k, "jk": j}} for (k, j), n in cells.items() for _ in range(n)]).iloc[{drop}:]
people = people.assign(id_ruta=range(len(people)))
counts = people.groupby(["kab", "jk"], as_index=False).size().rename(columns={{"size": "n"}})
shown = disclosure.protect(counts, rule=rule, rows=people, household="id_ruta", by=["kab", "jk"], n="n")
report.table(shown, id="tbl-persons").with_columns("kab", "jk", "n").with_caption(id="Responden", en="Respondents")
"""
PUBLICATION = Publication.model_validate({"documents": {"id": ["paper", "page"], "en": ["page"]}, "profiles": ["page"]})


CODEBOOK = """kunci: [wilayah, tahun]
satuan_pengamatan: region
kolom:
  wilayah: {label: {id: Wilayah, en: Region}, jenis: wilayah, peran: id, sensitivitas: publik}
  tahun: {label: {id: Tahun, en: Year}, jenis: tahun, peran: period, sensitivitas: publik}
  p0: {label: {id: Kemiskinan, en: Poverty}, jenis: angka, peran: outcome, sensitivitas: publik}
"""


def study(root: Path, **changes: Any) -> Study:
    """The study, with the notebooks `main` and `profil_wilayah` in the workspace `root`."""
    (root / "data").mkdir(parents=True, exist_ok=True)
    (root / "data" / "codebook.yaml").write_text(CODEBOOK, encoding="utf-8", newline="\n")
    given = toy(root)
    source = given.sources[0].model_copy(
        update={"publisher": words(id="Badan Pusat Statistik", en="Statistics Indonesia"), "licence": "BPS"}
        | {key: changes.pop(key) for key in ("public", "synthetic") if key in changes}
    )
    values = {
        "sources": (source,),
        "short_title": words(id="Judul", en="Title"),
        "question": words(id="Apa?", en="What?"),
        "keywords": {},
        "authors": (Author(name="Siti Rahma", affiliation="Universitas Contoh"),),
        "disclosure": Disclosure.model_construct(rule="public", decided_by="Ketua Tim"),
        "deliverables": Deliverables.model_validate({"formats": ["paper", "docx", "page"]}),
        "release": PUBLICATION,
        "venue": venue("konferensi-kesos"),
        "anonymous": False,
        "programme": "PKST",
        "layout": "proceedings",
    }
    return given.model_copy(update={**values, **changes})


def notebooks(root: Path, *more: str, values: str = "[17.5, 5.25]") -> None:
    """Its notebooks; `more` cells at the end of the first."""
    guarded = GUARDED.format(values=values)
    notebook(root / "notebooks" / "main.ipynb", guarded, CLAIMS, TABLE, *more)
    notebook(root / "notebooks" / "profil_wilayah.ipynb", guarded, PROFILE, parameters='study = ""\nregion = ""')
