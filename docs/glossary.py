"""Write glossary.md: the words of the package and what they mean, from the package's own facts.

python docs/glossary.py
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kesos_research.domain import indicators, ppks, programmes, psks

HEAD = """# Glosarium · Glossary

Ditulis oleh `docs/glossary.py` dari fakta di dalam paket; jangan disunting di sini. ·
Written by `docs/glossary.py` from the facts in the package; do not edit it here.
"""

WORDS = (
    ("wilayah", "kabupaten atau kota menurut kode Kemendagri", "a kabupaten or kota, by its Kemendagri code"),
    ("kabupaten/kota", "daerah tingkat kedua; 416 kabupaten dan 98 kota", "second-tier region; 416 kabupaten, 98 kota"),
    (
        "daerah percontohan",
        "wilayah tempat program dicoba lebih dahulu",
        "pilot district: where a programme is tried first",
    ),
    ("PPKS", "pemerlu pelayanan kesejahteraan sosial; sebelum 2019 PMKS", "people who need social-welfare services"),
    ("PSKS", "potensi dan sumber kesejahteraan sosial", "potentials and resources of social welfare"),
    ("galat baku", "simpangan baku dari suatu taksiran", "standard error"),
    ("selang kepercayaan", "rentang nilai yang sesuai dengan data", "confidence interval"),
    ("nilai p", "peluang hasil sejauh ini atau lebih jauh bila tidak ada pengaruh", "p-value"),
)


def lines() -> Iterator[str]:
    """The glossary, line by line."""
    yield HEAD
    yield "## Kata · Words\n\n| kata | arti | meaning |\n|---|---|---|"
    for word, meaning_id, meaning_en in WORDS:
        yield f"| {word} | {meaning_id} | {meaning_en} |"
    yield "\n## Program · Programmes\n\n| kode | nama | name |\n|---|---|---|"
    for p in programmes():
        yield f"| {p.code} | {p.name['id']} | {p.name['en']} |"
    for p in programmes():
        if p.scope:
            yield f"\n### Lingkup {p.code} · Scope of {p.code}\n\n| butir | nama | name |\n|---|---|---|"
            for item in p.scope:
                yield f"| {item.id} | {item.name['id']} | {item.name['en']} |"
    yield "\n## Indikator · Indicators\n\n| kode | indikator, satuan, arti | indicator, unit, meaning |\n|---|---|---|"
    for i in indicators():
        said = [f"**{i.name[lang]}** ({i.unit[lang]}). {i.definition[lang]}" for lang in ("id", "en")]
        yield f"| `{i.code}` | {said[0]} | {said[1]} |"
    for title, categories in (("PPKS", ppks()), ("PSKS", psks())):
        yield f"\n## {title} ({categories[0].regulation})\n\n| nomor | nama |\n|---|---|"
        for c in categories:
            doubt = (
                "" if c.evidence == "salinan sekunder" else " (belum diperiksa terhadap peraturan · not yet checked)"
            )
            yield f"| {c.number} | {c.name}{doubt} |"


def text() -> str:
    """The glossary as it is written."""
    return "\n".join(lines()) + "\n"


if __name__ == "__main__":
    Path(__file__).with_suffix(".md").write_bytes(text().encode("utf-8"))
