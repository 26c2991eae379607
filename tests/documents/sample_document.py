"""A paper, a page and a profile made by hand, rich in what is hard to set: the renderers' tests read them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from documents.sample_exhibits import (
    LAMBDA,
    PILOTS,
    chart,
    did,
    did_table,
    figure,
    long_table,
    matrix,
    text,
    weights,
    wide_table,
    word,
)

from kesos_research.language import Language
from kesos_research.report.document.front import furniture
from kesos_research.report.document.model import (
    Abstract,
    Author,
    Block,
    Cite,
    Document,
    Entry,
    Equation,
    Heading,
    Inline,
    Items,
    Link,
    Meta,
    Note,
    Paragraph,
    Quote,
    Ref,
    References,
    Styled,
    Text,
)

_HERE = Path(__file__).parent
_PROSE = {lang: (_HERE / f"sample_prose.{lang}.txt").read_text(encoding="utf-8").splitlines() for lang in ("id", "en")}


def paragraph(lang: Language, k: int) -> Paragraph:
    return Paragraph(text(_PROSE[lang][k % len(_PROSE[lang])]))


_SOURCES = (
    (
        "Abadie, A., & Gardeazabal, J. (2003). The economic costs of conflict: A case study of the Basque Country. ",
        "American Economic Review, 93",
        "(1), 113–132.",
        "https://doi.org/10.1257/000282803321455188",
    ),
    ("Badan Pusat Statistik. (2015). Data dan informasi kemiskinan kabupaten/kota tahun 2014. ", "BPS", ".", ""),
    (
        "Ferman, B., & Pinto, C. (2019). Inference in differences-in-differences with few treated groups and "
        "heteroskedasticity. ",
        "Review of Economics and Statistics, 101",
        "(3), 452–467.",
        "https://doi.org/10.1162/rest_a_00759",
    ),
    ("Undang-Undang Republik Indonesia Nomor 11 Tahun 2009 tentang Kesejahteraan Sosial. ", "", "", ""),
    (
        "Arkhangelsky, D., Athey, S., Hirshberg, D. A., Imbens, G. W., & Wager, S. (2021). Synthetic "
        "difference-in-differences. ",
        "American Economic Review, 111",
        "(12), 4088–4118.",
        "https://doi.org/10.1257/aer.20190159",
    ),
    (
        "Kementerian Sosial Republik Indonesia. (2013). Program Pelayanan Kesejahteraan Sosial Terpadu menuju "
        "Indonesia sejahtera. ",
        "",
        "",
        "https://example.org/berita/76/program-pelayanan-kesejahteraan-sosial-terpadu-indonesia",
    ),
)


def _references(count: int = 30) -> References:
    entries = []
    for k in range(count):
        lead, journal, tail, url = _SOURCES[k % len(_SOURCES)]
        c: list[Inline] = [Text(lead)]
        if journal:
            c += [Styled("emph", [Text(journal)]), Text(tail)]
        if url:
            c += [Text(" "), Link(url, [Text(url)])]
        entries.append(Entry(f"karya{k + 1}", c))
    return References(entries)


def _body(lang: Language) -> list[Block]:
    i = lang == "id"
    cite = {k: Cite([f"karya{k}"], text(t)) for k, t in ((1, "(Abadie & Gardeazabal, 2003)"), (3, "Ferman & Pinto"))}
    two = Cite(["karya1", "karya5"], text("(Abadie & Gardeazabal, 2003; Arkhangelsky dkk., 2021)"))
    equation = f"{word(lang, 'Persamaan')} 1"
    alt = "tau topi sama dengan selisih dari selisih" if i else "tau hat is the difference of the differences"
    numbers: list[int] = [0, 0]

    def h(level: int, name: str, id_: str, numbered: bool = True) -> Heading:
        if not numbered:
            return Heading(level, id_, text(word(lang, name)))
        if level == 1:
            numbers[:] = [numbers[0] + 1, 0]
            return Heading(1, id_, text(word(lang, name)), str(numbers[0]))
        numbers[1] += 1
        return Heading(2, id_, text(word(lang, name)), f"{numbers[0]}.{numbers[1]}")

    def p(k: int, *after: Inline) -> Paragraph:
        return Paragraph([*paragraph(lang, k).c, *after])

    data_note = Note(
        [
            Paragraph(
                text(
                    "Angka 2016 diinterpolasi untuk semua daerah dan tidak dipakai."
                    if i
                    else "Figures for 2016 are interpolated everywhere and not used."
                )
            )
        ]
    )
    return [
        h(1, "Pendahuluan", "sec-intro"),
        p(0),
        p(1, Text(" "), two, Text(".")),
        p(2),
        Items(
            True,
            [
                [Paragraph(text(t))]
                for t in (
                    (
                        "Apa yang sudah dilaksanakan, di mana, dan menurut dokumen yang mana?",
                        "Apakah kemiskinan berubah lebih banyak di daerah percontohan daripada di daerah pembanding?",
                        "Perubahan sekecil apa yang dapat terlihat dengan angka yang tersedia?",
                    )
                    if i
                    else (
                        "What was done, where, and according to which document?",
                        "Did poverty change more in the pilot districts than in the comparison?",
                        "How small a change could be seen with the figures there are?",
                    )
                )
            ],
        ),
        p(8),
        p(5),
        h(1, "Metode", "sec-method"),
        h(2, "Data", "sec-data"),
        p(3, data_note),
        wide_table(lang),
        Paragraph(
            [
                Text("Ciri-ciri awal ditunjukkan pada " if i else "Initial characteristics are shown in "),
                Ref("tbl-characteristics", f"{word(lang, 'Tabel')} 2"),
                Text(". "),
                *p(7).c,
            ]
        ),
        figure(
            lang,
            1,
            "fig-map",
            "page",
            chart(174, 72, label="", panels=5, lang=lang),
            {
                "id": "Kemiskinan turun di kelima percontohan dan juga di luarnya. Tingkat kemiskinan, 2010–2019.",
                "en": "Poverty fell in all five pilots and elsewhere too. Poverty rate, 2010–2019.",
            },
        ),
        p(1),
        h(2, "Rancangan perbandingan", "sec-design"),
        p(4),
        Equation("eq-did", "1", did(alt)),
        Paragraph(
            [
                Text("Penduga pada " if i else "The estimator in "),
                Ref("eq-did", equation),
                Text(
                    " membandingkan perubahan rata-rata; rujukan metodenya "
                    if i
                    else " compares mean changes; its reference is "
                ),
                cite[3],
                Text(" (2019). "),
                *p(2).c,
            ]
        ),
        Quote(
            [
                Paragraph(
                    text(
                        "Setiap warga negara berhak atas jaminan sosial yang memungkinkan pengembangan dirinya secara "
                        "utuh sebagai manusia yang bermartabat."
                        if i
                        else "Every citizen has the right to social security that allows full development as a person."
                    )
                )
            ]
        ),
        h(2, "Pengendali sintetis", "sec-sc"),
        p(6),
        Equation("eq-sc", "2", weights("kuadrat jarak terkecil" if i else "least squared distance")),
        Paragraph(
            [
                Text("dengan " if i else "with "),
                LAMBDA,
                Text(
                    " sebagaimana direncanakan sebelum hasil dilihat. "
                    if i
                    else " as planned before any result was seen. "
                ),
                *p(8).c,
            ]
        ),
        h(1, "Hasil", "sec-results"),
        h(2, "Pelaksanaan di lima daerah percontohan", "sec-implementation"),
        p(5),
        p(0),
        p(1),
        p(2),
        Items(
            False,
            [
                [Paragraph([Styled("strong", text(name)), Text(": " + t)])]
                for name, t in zip(
                    PILOTS[:3],
                    (
                        (
                            "dokumen pembentukan tim koordinasi ditemukan, laporan keuangan belum.",
                            "peraturan bupati ditemukan; pelatihan petugas tercatat pada dua sumber.",
                            "belum ada bukti tertulis untuk enam dari sebelas butir ruang lingkup.",
                        )
                        if i
                        else (
                            "the decree on the coordination team was found, financial reports were not.",
                            "the regent's regulation was found; training is recorded in two sources.",
                            "no written evidence for six of the eleven items of scope.",
                        )
                    ),
                    strict=True,
                )
            ],
        ),
        p(7),
        h(2, "Perubahan kemiskinan", "sec-change"),
        Paragraph(
            [
                Ref("tbl-did", f"{word(lang, 'Tabel')} 1"),
                Text(" dan " if i else " and "),
                Ref("fig-trends", f"{word(lang, 'Gambar')} 2"),
                Text(" menunjukkan hasil utama. " if i else " show the main result. "),
                *p(3).c,
            ]
        ),
        did_table(lang),
        p(4),
        figure(
            lang,
            2,
            "fig-trends",
            "column",
            chart(84, 58, label="%", lang=lang),
            {
                "id": "Percontohan dan pembanding bergerak sejajar sebelum 2013. Rata-rata tingkat kemiskinan.",
                "en": "Pilots and comparison moved in parallel before 2013. Mean poverty rate.",
            },
        ),
        p(6),
        p(2),
        p(7),
        p(0),
        p(8),
        h(2, "Kepekaan terhadap pilihan analisis", "sec-robust"),
        p(1),
        long_table(lang),
        p(8),
        p(0),
        figure(
            lang,
            3,
            "fig-forest",
            "column",
            chart(84, 70, label="%", lang=lang),
            {
                "id": "Tidak satu pun percontohan menyimpang jelas dari awan plasebo.",
                "en": "No pilot departs clearly from the placebo cloud.",
            },
        ),
        p(3),
        p(4),
        h(1, "Pembahasan", "sec-discussion"),
        *(p(k) for k in (2, 6, 7, 5, 1, 0, 4, 3, 8, 2, 1, 5)),
        h(1, "Kesimpulan dan saran", "sec-conclusion"),
        p(8),
        p(3),
        matrix(lang),
        Paragraph(
            [
                Text("Saran diringkas pada " if i else "Recommendations are summarised in "),
                Ref("tbl-recommendations", f"{word(lang, 'Tabel')} 3"),
                Text(". "),
                *p(0).c,
            ]
        ),
        h(1, "Ucapan terima kasih", "sec-thanks", numbered=False),
        Paragraph(text("Terima kasih kepada para petugas daerah." if i else "We thank the district officers.")),
        h(1, "Daftar pustaka", "sec-references", numbered=False),
        _references(),
    ]


def _abstract(lang: Language) -> Abstract:
    body = " ".join(_PROSE[lang][k] for k in (1, 3, 4, 8))
    keywords = {
        "id": ("kesejahteraan sosial", "layanan terpadu", "beda dalam beda", "pengendali sintetis", "kemiskinan"),
        "en": ("social welfare", "integrated services", "difference in differences", "synthetic control", "poverty"),
    }[lang]
    return Abstract(
        lang,
        {"id": "Abstrak", "en": "Abstract"}[lang],
        [Paragraph(text(body))],
        {"id": "Kata kunci", "en": "Keywords"}[lang],
        keywords,
    )


TITLES: dict[Language, str] = {
    "id": "Kemiskinan di Lima Daerah Percontohan Pelayanan Kesejahteraan Sosial Terpadu: Apa yang Dapat Diketahui?",
    "en": "Poverty in Five Pilot Districts of Integrated Social Welfare Services: What Can Be Known?",
}


def paper(lang: Language = "id", **meta: Any) -> Document:
    """About ten pages in two columns."""
    other: Language = "en" if lang == "id" else "id"
    return Document(
        "paper",
        lang,
        replace(
            Meta(
                title=TITLES[lang],
                short_title={"id": "Kemiskinan di Lima Daerah Percontohan", "en": "Poverty in Five Pilot Districts"}[
                    lang
                ],
                authors=(
                    Author(
                        "Siti Rahmawati",
                        "Pusat Penelitian Kesejahteraan Sosial",
                        "siti@example.org",
                        "0000-0002-1825-0097",
                    ),
                    Author("Budi Santoso", "Sekolah Tinggi Kesejahteraan Sosial"),
                    Author("Maria Latuheru", "Pusat Penelitian Kesejahteraan Sosial"),
                ),
                abstracts=(_abstract(lang), _abstract(other)),
                other_title=TITLES[other],
                date="2024-11-25",
                venue={"id": "Konferensi Nasional Kesejahteraan Sosial", "en": "National Conference on Social Welfare"}[
                    lang
                ],
                contact="siti@example.org",
                words=furniture(lang),
            ),
            **meta,
        ),
        _body(lang),
    )


def page(lang: Language = "id", **meta: Any) -> Document:
    """The same text as a web page."""
    name = {"id": "pkst-2013_page_en.html", "en": "pkst-2013_laman_id.html"}[lang]
    return replace(paper(lang, **meta), kind="page", other_language=name)


def small(*blocks: Block, lang: Language = "id", **meta: Any) -> Document:
    """A paper of one page with just these blocks."""
    return Document("paper", lang, replace(Meta("Judul", "Judul", date="2024-11-25"), **meta), list(blocks))


def line(*inlines: Inline | str) -> Paragraph:
    """A paragraph of strings and inlines."""
    return Paragraph([Text(x) if isinstance(x, str) else x for x in inlines])
