"""A paper and a profile made by hand, in both languages, with everything a document can hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kesos_research.language import Language, number
from kesos_research.report.document.model import (
    Abstract,
    Author,
    Break,
    Cite,
    Document,
    Entry,
    Equation,
    FigureBlock,
    Head,
    Heading,
    Inline,
    Items,
    Link,
    Math,
    Meta,
    Note,
    Paragraph,
    Quote,
    Ref,
    References,
    Row,
    Styled,
    TableBlock,
    Text,
    Tile,
    Tiles,
)

CLAIMS = (0.03, -0.70, 1.96, 2.24, 0.96, 0.37)


def pick(lang: Language, id: str, en: str) -> str:
    return id if lang == "id" else en


def t(s: str) -> list[Inline]:
    return [Text(s)]


def p(*c: Inline | str) -> Paragraph:
    return Paragraph([Text(x) if isinstance(x, str) else x for x in c])


def emph(s: str) -> Styled:
    return Styled("emph", t(s))


def strong(s: str) -> Styled:
    return Styled("strong", t(s))


def drawing(lang: Language, width_mm: float, height_mm: float, size: float) -> str:
    """A small trend chart with text, as the figures of a study are."""
    w, h = width_mm * 72 / 25.4, height_mm * 72 / 25.4
    left, top, bottom = 5 * size, 1.5 * size, 3 * size
    x = [left + i * (w - left - 9 * size) / 7 for i in range(8)]
    ours = (12.6, 12.1, 11.8, 11.2, 11.0, 10.7, 10.4, 10.2)
    rest = (14.1, 13.6, 13.2, 12.9, 12.3, 12.0, 11.7, 11.6)

    def y(v: float) -> float:
        return h - bottom - (v - 9) / 6 * (h - bottom - top)

    def path(values: Sequence[float]) -> str:
        return " ".join(f"{'ML'[i > 0]}{a:.1f},{y(v):.1f}" for i, (a, v) in enumerate(zip(x, values, strict=True)))

    font = f'font-family="Libertinus Serif" font-size="{size}"'
    ticks = "".join(
        f'<text x="{left - 6}" y="{y(v) + size / 3:.1f}" text-anchor="end" {font}>{number(v, 1, lang)}</text>'
        f'<path d="M{left},{y(v):.1f}H{x[-1]:.1f}" stroke="#D9D9D9" stroke-width="0.4"/>'
        for v in (9.0, 11.0, 13.0, 15.0)
    )
    years = "".join(
        f'<text x="{a:.1f}" y="{h - bottom + 1.4 * size:.1f}" text-anchor="middle" {font}>{2009 + i}</text>'
        for i, a in enumerate(x)
        if i % 2 == 0
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{w}pt" height="{h}pt" viewBox="0 0 {w} {h}">{ticks}{years}'
        f'<path d="{path(rest)}" fill="none" stroke="#7A7A7A" stroke-width="1.2"/>'
        f'<path d="{path(ours)}" fill="none" stroke="#D55E00" stroke-width="1.2"/>'
        f'<text x="{x[-1] + 4:.1f}" y="{y(rest[-1]):.1f}" fill="#7A7A7A" {font}>'
        f"{pick(lang, 'daerah lain', 'others')}</text>"
        f'<text x="{x[-1] + 4:.1f}" y="{y(ours[-1]):.1f}" fill="#D55E00" {font}>'
        f"{pick(lang, 'percontohan', 'pilots')}</text></svg>"
    )


def did_table(lang: Language) -> TableBlock:
    def n(v: float) -> str:
        return number(v, 2, lang)

    def row(label: str, *v: float) -> Row:
        sep = ";" if lang == "id" else ","
        return Row([label, n(v[0]), f"[{n(v[1])}{sep} {n(v[2])}]", n(v[3]), str(int(v[4])), n(v[5])])

    unit = pick(lang, "poin persen", "percentage points")
    return TableBlock(
        "tbl-did",
        pick(lang, "Tabel 2", "Table 2"),
        t(
            pick(
                lang,
                "Perubahan kemiskinan di daerah percontohan tidak terbedakan dari daerah lain. Selisih perubahan "
                "rata-rata terhadap 2010–2012, dengan selang 95 persen dari pengacakan.",
                "Change in poverty in the pilot districts cannot be told from that elsewhere. Difference in mean "
                "change since 2010–2012, with 95 per cent randomisation intervals.",
            )
        ),
        [
            emph(pick(lang, "Catatan. ", "Note. ")),
            Text(pick(lang, "n termasuk lima daerah percontohan. ", "n includes the five pilot districts. ")),
            Text(pick(lang, "Sumber: BPS, diolah.", "Source: BPS, our calculations.")),
        ],
        [
            Head(pick(lang, "Luaran dan jendela", "Outcome and window"), "", "left", 1.0),
            Head(pick(lang, "Selisih", "Difference"), unit, "right", 0),
            Head(pick(lang, "Selang 95 %", "95% interval"), unit, "center", 0),
            Head(pick(lang, "Nilai p", "p value"), "", "right", 0),
            Head("n", "", "right", 0),
            Head(pick(lang, "Efek minimum", "Minimum effect"), unit, "right", 0),
        ],
        [
            Row([pick(lang, "Kemiskinan (P0)", "Poverty (P0)")], group=True),
            row("2014–2015", 0.03, -1.93, 2.0, 0.96, 491, 1.96),
            row("2014–2019", 0.14, -2.16, 2.44, 0.87, 490, 2.30),
            Row([pick(lang, "Pengangguran terbuka", "Open unemployment")], group=True),
            row("2014–2015", -0.70, -2.94, 1.54, 0.37, 497, 2.24),
            row(pick(lang, "2014–2019 tanpa 2016", "2014–2019 without 2016"), -1.05, -2.97, 0.87, 0.12, 497, 1.92),
        ],
        "page",
    )


def matrix(lang: Language) -> TableBlock:
    heads = {
        "id": ("Temuan", "Rekomendasi", "Pelaku", "Dasar", "Waktu", "Indikator"),
        "en": ("Finding", "Recommendation", "Actor", "Basis", "When", "Indicator"),
    }[lang]
    cells = {
        "id": (
            "Efek gabungan pada P0 tidak terbedakan dari nol",
            "Kumpulkan data tingkat keluarga sebelum memperluas program ke daerah lain",
            "Kementerian Sosial; dinas sosial kabupaten/kota",
            "UU 11/2009",
            "2026–2027",
            "Survei dasar terlaksana di lima daerah",
        ),
        "en": (
            "The pooled effect on P0 cannot be told from zero",
            "Collect family-level data before the programme is extended to other districts",
            "Ministry of Social Affairs; district social services",
            "Law 11/2009",
            "2026–2027",
            "Baseline survey done in five districts",
        ),
    }[lang]
    return TableBlock(
        "tbl-recommendations",
        pick(lang, "Tabel 3", "Table 3"),
        t(pick(lang, "Rekomendasi dan dasarnya.", "Recommendations and what they rest on.")),
        [],
        [Head(label, "", "left", weight) for label, weight in zip(heads, (1.2, 1.6, 1, 0.7, 0.7, 1), strict=True)],
        [Row(cells)] * 5,
        "page",
    )


def characteristics(lang: Language) -> TableBlock:
    names = ("Sragen", "Berau", "Bantaeng", "Payakumbuh", "Kota Sukabumi")
    rows = [Row([n, number(8.5 + i, 1, lang), number(12345.0 * (i + 1), 0, lang)]) for i, n in enumerate(names)]
    return TableBlock(
        "tbl-characteristics",
        pick(lang, "Tabel 1", "Table 1"),
        t(pick(lang, "Lima daerah percontohan sebelum 2013.", "The five pilot districts before 2013.")),
        t(pick(lang, "Sumber: BPS.", "Source: BPS.")),
        [
            Head(pick(lang, "Daerah", "District"), "", "left", 1.0),
            Head("P0", pick(lang, "persen", "per cent"), "right", 0),
            Head(pick(lang, "PDRB per kapita", "GRDP per head"), pick(lang, "ribu rupiah", "thousand IDR"), "right", 0),
        ],
        [*rows, Row([pick(lang, "Daerah lain", "Others"), "–", "–"])],
        "column",
    )


def figure(lang: Language, *, wide: bool = False) -> FigureBlock:
    mm = 174.0 if wide else 84.0
    return FigureBlock(
        "fig-forest" if wide else "fig-trends",
        pick(lang, "Gambar ", "Figure ") + ("2" if wide else "1"),
        t(
            pick(
                lang,
                "Kemiskinan turun di daerah percontohan dan di daerah lain. Rata-rata P0, persen.",
                "Poverty fell in the pilot districts and elsewhere. Mean P0, per cent.",
            )
        ),
        t(pick(lang, "Sumber: BPS, diolah.", "Source: BPS, our calculations.")),
        pick(lang, "Dua garis yang turun sejajar sejak 2009.", "Two lines that fall side by side from 2009."),
        drawing(lang, mm, mm * 0.55, 8),
        drawing(lang, 234, 104, 18),
        "page" if wide else "column",
    )


DID = Math(
    r"\hat\delta=\left(\bar Y_{1,\text{post}}-\bar Y_{1,\text{pre}}\right)"
    r"-\left(\bar Y_{0,\text{post}}-\bar Y_{0,\text{pre}}\right)",
    "hat(delta)",
    "<math/>",
    "delta hat",
)
SCM = Math(
    r"\min_{w}\sum_{t<T_0}\Bigl(Y_{1t}-\sum_{j=2}^{J+1}w_jY_{jt}\Bigr)^2+\lambda\sum_{j}w_j\sum_{t<T_0}(Y_{1t}-Y_{jt})^2",
    "min",
    "<math/>",
    "synthetic control objective",
)
DELTA = Math(r"\hat\delta", "hat(delta)", "<math/>", "delta hat")

LONG = {
    "id": (
        "Program Pelayanan Kesejahteraan Sosial Terpadu diluncurkan pada 1 Mei 2013 di lima kabupaten dan kota yang "
        "dipilih karena perhatian pemerintah daerahnya, bukan melalui undian. Karena itu perbandingan dengan daerah "
        "lain menjawab pertanyaan yang lebih sempit daripada yang sering diajukan: apakah perubahan di lima daerah "
        "itu lebih besar daripada yang lazim terjadi di daerah lain pada tahun-tahun yang sama. "
    ),
    "en": (
        "The integrated social-welfare service programme was launched on 1 May 2013 in five districts chosen for the "
        "attention their governments paid to social welfare, and not by lot. A comparison with other districts "
        "therefore answers a narrower question than is often asked: whether change in those five was larger than is "
        "usual elsewhere in the same years. "
    ),
}


def meta(lang: Language) -> Meta:
    titles = {
        "id": "Pelayanan kesejahteraan sosial terpadu dan kemiskinan di lima daerah percontohan, 2009–2019",
        "en": "Integrated social-welfare services and poverty in five pilot districts, 2009–2019",
    }
    abstracts = [
        Abstract(
            one,
            "Abstrak" if one == "id" else "Abstract",
            [p(LONG[one] * 3)],
            "Kata kunci" if one == "id" else "Keywords",
            ("kemiskinan", "evaluasi program", "kontrol sintetis")
            if one == "id"
            else ("poverty", "programme evaluation", "synthetic control"),
        )
        for one in (("id", "en") if lang == "id" else ("en", "id"))
    ]
    return Meta(
        title=titles[lang],
        other_title=titles["en" if lang == "id" else "id"],
        short_title=pick(lang, "Pelayanan terpadu dan kemiskinan", "Integrated services and poverty"),
        authors=(
            Author("Nama Penulis", "Pusat Penelitian Kesejahteraan Sosial", "penulis@contoh.id", "0000-0002-1825-0097"),
            Author("Nama Kedua", "Universitas Contoh"),
        ),
        abstracts=abstracts,
        date="2026-03-01",
        venue="Konferensi Nasional Litbang Kesos",
        contact="penulis@contoh.id",
        footer=pick(
            lang, "Sumber: BPS (Susenas, Sakernas), diolah", "Source: BPS (Susenas, Sakernas), our calculations"
        ),
    )


def paper(lang: Language = "id") -> Document:
    """A paper with every block and inline there is."""
    n = number
    table, fig = pick(lang, "Tabel ", "Table "), pick(lang, "Gambar ", "Figure ")
    cite = Cite(
        ["abadie2010", "abadie2021"],
        t(pick(lang, "(Abadie dkk., 2010; Abadie & L'Hour, 2021)", "(Abadie et al., 2010; Abadie & L'Hour, 2021)")),
    )
    aside = Note([p(pick(lang, "Lihat ", "See "), Link("https://www.bps.go.id", t("bps.go.id")), ".")])
    blocks = [
        Heading(1, "sec-intro", t(pick(lang, "Pendahuluan", "Introduction")), "1"),
        p(LONG[lang], cite, ". ", LONG[lang]),
        p(LONG[lang], aside),
        Quote([p(pick(lang, "Daerah yang punya perhatian.", "Districts that pay attention."))]),
        characteristics(lang),
        p(pick(lang, "Ciri daerah ada di ", "Their features are in "), Ref("tbl-characteristics", f"{table}1"), "."),
        Heading(1, "sec-method", t(pick(lang, "Metode", "Method")), "2"),
        Heading(2, "sec-did", [emph("Difference-in-differences")], "2.1"),
        p(LONG[lang], pick(lang, "Penduganya ", "The estimator is "), DELTA, pick(lang, " pada ", " in "),
          Ref("eq-did", pick(lang, "Persamaan 1", "Equation 1")), ":"),
        Equation("eq-did", "1", DID),
        p(pick(lang, "dengan rata-rata menurut jendela.", "with means over windows.")),
        Heading(2, "sec-sc", t(pick(lang, "Kontrol sintetis", "Synthetic control")), "2.2"),
        Equation("eq-sc", "2", SCM),
        p(LONG[lang]),
        Equation("", "", DID),
        Heading(3, "sec-steps", t(pick(lang, "Langkah", "Steps")), "2.2.1"),
        Items(
            True,
            [
                [p(pick(lang, "Baca panel.", "Read the panel.")),
                 Items(False, [[p(pick(lang, "tandai tahun", "flag years"))], [p(pick(lang, "periksa", "check"))]])],
                [p(pick(lang, "Hitung selisih.", "Compute differences.")),
                 p(pick(lang, "Ulangi untuk tiap luaran.", "Repeat for every outcome."))],
                [p(pick(lang, "Acak.", "Randomise."))],
            ],
        ),
        Items(True, [[p(pick(lang, "Daftar baru mulai dari satu.", "A new list begins at one."))]]),
        Heading(1, "sec-results", t(pick(lang, "Hasil", "Results")), "3"),
        p(
            pick(lang, "Selisih P0 ", "The difference in P0 is "), strong(n(0.03, 2, lang)),
            pick(lang, " poin persen (p = ", " percentage points (p = "), n(0.96, 2, lang), "; ",
            pick(lang, "efek minimum ", "minimum effect "), n(1.96, 2, lang), ") – ", Ref("tbl-did", f"{table}2"),
            pick(lang, " dan ", " and "), Ref("fig-trends", f"{fig}1"), "; ",
            pick(lang, "bandingkan ", "compare "), Ref("fig-forest", f"{fig}2"),
            pick(lang, " serta ", " and "), Ref("sec-sc", pick(lang, "Bagian 2.2", "Section 2.2")), ". H",
            Styled("sub", t("0")), ", m", Styled("sup", t("2")), ", ", Styled("code", t("kesos run")), ", ",
            Styled("smallcaps", t("BPS")), ".", Break(), LONG[lang],
        ),
        did_table(lang),
        figure(lang),
        p(LONG[lang] * 2),
        figure(lang, wide=True),
        Heading(1, "sec-end", t(pick(lang, "Kesimpulan dan saran", "Conclusion and recommendations")), "4"),
        p(LONG[lang]),
        Items(False, [[p(LONG[lang][:90], ".")], [p(LONG[lang][:140], ".")]]),
        matrix(lang),
        Heading(1, "sec-thanks", t(pick(lang, "Ucapan terima kasih", "Acknowledgements"))),
        p(pick(lang, "Kepada para pembaca.", "To the readers.")),
        Heading(1, "sec-refs", t(pick(lang, "Daftar pustaka", "References"))),
        References(
            [
                Entry("abadie2010", [Text("Abadie, A., Diamond, A., & Hainmueller, J. (2010). Synthetic control "
                      "methods for comparative case studies. "),
                      emph("Journal of the American Statistical Association, 105"), Text("(490), 493–505. "), Link("https://doi.org/10.1198/jasa.2009.ap08746",
                      t("https://doi.org/10.1198/jasa.2009.ap08746"))]),
                Entry("abadie2021", [Text("Abadie, A., & L'Hour, J. (2021). A penalized synthetic control estimator "
                      "for disaggregated data. "), emph("Journal of the American Statistical Association, 116"),
                      Text("(536), 1817–1834.")]),
            ]
        ),
    ]  # fmt: skip
    return Document("paper", lang, meta(lang), blocks)


def manuscript(lang: Language = "id") -> Document:
    made = paper(lang)
    return replace(made, meta=replace(made.meta, layout="manuscript", synthetic=True))


def profile(lang: Language = "id") -> Document:
    labels = ("P0", "P1", "P2", "TPT", "RLS", "PDRB")
    found = [
        Tile(
            label=pick(lang, f"Indikator {label}", f"Indicator {label}"),
            value=number(12.9 - i, 1 if i < 5 else 0, lang),
            unit=pick(lang, "persen", "per cent"),
            year="2022",
            place=pick(
                lang, "peringkat 21 dari 35 di provinsi; 310 dari 514", "21st of 35 in its province; 310th of 514"
            ),
            change=pick(lang, "sejak 2012: −3,9; derau ±1,6", "since 2012: −3.9; noise ±1.6"),
        )
        for i, label in enumerate(labels)
    ]
    own = replace(
        meta(lang),
        title="Kabupaten Sragen (33.14)",
        other_title="",
        short_title="Kab. Sragen",
        abstracts=(),
        authors=(),
        contact="",
    )
    blocks = [
        p(LONG[lang]),
        Tiles("glance-1", found),
        Heading(1, "sec-trend", t(pick(lang, "Perkembangan", "Trend"))),
        replace(figure(lang, wide=True), label=pick(lang, "Gambar 1", "Figure 1")),
        Heading(1, "sec-peers", t(pick(lang, "Daerah sebanding", "Peers"))),
        characteristics(lang),
        Heading(1, "sec-limits", t(pick(lang, "Yang tidak dapat dikatakan angka ini", "What the figures cannot say"))),
        p(LONG[lang]),
    ]
    return Document("profile", lang, own, blocks)
