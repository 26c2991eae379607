"""A profile of one region, made by hand. No number in it is a result."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from documents.sample_document import paragraph
from documents.sample_exhibits import chart, figure, figures, text, word

from kesos_research.language import Language
from kesos_research.report.document.front import furniture
from kesos_research.report.document.model import (
    Document,
    Head,
    Heading,
    Items,
    Meta,
    Paragraph,
    Row,
    TableBlock,
    Tile,
    Tiles,
)


def profile(lang: Language = "id", **meta: Any) -> Document:
    """Two pages on one region."""
    i = lang == "id"
    tile = (
        ("Kemiskinan" if i else "Poverty", figures(12.79, 2, lang), "%"),
        ("Kedalaman kemiskinan" if i else "Poverty gap", figures(1.87, 2, lang), ""),
        ("Keparahan kemiskinan" if i else "Poverty severity", figures(0.41, 2, lang), ""),
        ("Pengangguran terbuka" if i else "Open unemployment", figures(4.69, 2, lang), "%"),
        (
            "Rata-rata lama sekolah" if i else "Mean years of schooling",
            figures(7.65, 2, lang),
            "tahun" if i else "years",
        ),
        (
            "PDRB per kapita" if i else "GRDP per head",
            "30.412" if i else "30,412",
            "ribu rupiah" if i else "thousand IDR",
        ),
    )
    tiles = Tiles(
        "glance-main",
        [
            Tile(
                label,
                value,
                unit,
                "2022",
                "Urutan 22 dari 35 di provinsi; kuartil ketiga dari 514 daerah"
                if i
                else "22nd of 35 in the province; third quartile of 514 districts",
                f"{figures(-0.49, 2, lang)} sejak 2021; gangguan acak saja memberi ± {figures(1.5, 1, lang)}"
                if i
                else f"{figures(-0.49, 2, lang)} since 2021; noise alone gives ± {figures(1.5, 1, lang)}",
            )
            for label, value, unit in tile
        ],
    )
    peers = TableBlock(
        "tbl-peers",
        f"{word(lang, 'Tabel')} 1",
        text("Sepuluh daerah yang paling serupa sebelum 2013." if i else "The ten most similar districts before 2013."),
        text("Jarak: beda baku tingkat dan kemiringan." if i else "Distance: standardised level and slope."),
        (
            Head("Daerah" if i else "District", "", "left", 1),
            Head("Jarak" if i else "Distance", "", "right", 0),
            *(Head(f"P0 {y}", "%", "right", 0) for y in (2012, 2015, 2022)),
        ),
        [
            Row(
                (
                    f"Kab. {name}",
                    figures(0.1 * k + 0.05, 2, lang),
                    *(figures(v - k / 3, 2, lang) for v in (16.7, 14.9, 12.8)),
                )
            )
            for k, name in enumerate(
                (
                    "Grobogan",
                    "Blora",
                    "Wonogiri",
                    "Karanganyar",
                    "Boyolali",
                    "Ngawi",
                    "Magetan",
                    "Tasikmalaya",
                    "Kulon Progo",
                    "Gunungkidul",
                )
            )
        ],
        "page",
    )
    area = chart(60, 34, label="Jawa Tengah", lang=lang)
    return Document(
        "profile",
        lang,
        replace(
            Meta(
                title="Kabupaten Sragen",
                short_title="33.14 · Jawa Tengah",
                date="2024-11-25",
                venue="Profil wilayah" if i else "District profile",
                words=furniture(lang),
                footer="Sumber: BPS, diolah." if i else "Source: BPS, own calculation.",
            ),
            **meta,
        ),
        [
            paragraph(lang, 3),
            figure(
                lang, 1, "fig-locator", "column", area, {"id": "Letak Kabupaten Sragen.", "en": "Where Sragen lies."}
            ),
            tiles,
            Heading(1, "sec-trend", text("Perjalanan sejak 2010" if i else "The path since 2010")),
            figure(
                lang,
                2,
                "fig-trends",
                "page",
                chart(174, 62, label="", panels=4, lang=lang),
                {
                    "id": "Kemiskinan turun seperti di daerah lain di provinsinya.",
                    "en": "Poverty fell as in other districts of its province.",
                },
            ),
            paragraph(lang, 0),
            Heading(1, "sec-peers", text("Daerah yang serupa" if i else "Similar districts")),
            peers,
            Heading(
                1, "sec-limits", text("Yang tidak dapat dikatakan angka ini" if i else "What these figures cannot say")
            ),
            paragraph(lang, 7),
            paragraph(lang, 1),
            Items(
                False,
                [
                    [Paragraph(text(t))]
                    for t in (
                        ("Ketelitian tidak dipublikasikan.", "Jumlah penduduk tidak tersedia dalam panel.")
                        if i
                        else ("Precision is not published.", "The panel holds no population.")
                    )
                ],
            ),
        ],
        other_language="profil_33.14_kab-sragen_en.html" if i else "profil_33.14_kab-sragen_id.html",
    )
