"""Tables, figures and formulas made by hand, for the sample documents. No number in them is a result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kesos_research.language import Language
from kesos_research.report.document.model import FigureBlock, Head, Inline, Math, Row, TableBlock, Text

PILOTS = ("Sragen", "Berau", "Bantaeng", "Payakumbuh", "Sukabumi")


ENGLISH: dict[str, str] = {
    "Pendahuluan": "Introduction",
    "Metode": "Method",
    "Data": "Data",
    "Rancangan perbandingan": "Design of the comparison",
    "Pengendali sintetis": "Synthetic control",
    "Hasil": "Results",
    "Pelaksanaan di lima daerah percontohan": "Implementation in the five pilot districts",
    "Perubahan kemiskinan": "Change in poverty",
    "Kepekaan terhadap pilihan analisis": "Sensitivity to the choices of the analysis",
    "Pembahasan": "Discussion",
    "Kesimpulan dan saran": "Conclusion and recommendations",
    "Ucapan terima kasih": "Acknowledgements",
    "Daftar pustaka": "References",
    "Tabel": "Table",
    "Gambar": "Figure",
    "Persamaan": "Equation",
}


def word(lang: Language, text: str) -> str:
    return text if lang == "id" else ENGLISH[text]


def figures(value: float, decimals: int, lang: Language) -> str:
    text = f"{value:.{decimals}f}".replace("-", "−")
    return text.replace(".", ",") if lang == "id" else text


def chart(width: float, height: float, *, label: str, panels: int = 1, lang: Language = "id") -> str:
    """A line chart of `panels` panels, `width` × `height` mm, drawn by hand as SVG with real text."""
    pad, gap, bottom = 7.0, 9.0, 5.0
    w = (width - pad - 5 - gap * (panels - 1)) / panels
    h = height - bottom - 5
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="{width}mm" '
        f'height="{height}mm" viewBox="0 0 {width} {height}" font-family="Libertinus Serif" font-size="2.82">',
        f'<defs><clipPath id="clip"><rect x="0" y="0" width="{width}" height="{height}"/></clipPath></defs>',
        '<g clip-path="url(#clip)">',
    ]
    for k in range(panels):
        x0, y0 = pad + k * (w + gap), 4.0
        for i in range(5):
            y = y0 + h * i / 4
            out.append(f'<path d="M{x0} {y:.2f}H{x0 + w:.2f}" stroke="#D9D9D9" stroke-width=".12"/>')
            if k == 0:
                out.append(
                    f'<text x="{x0 - 1}" y="{y + 0.9:.2f}" text-anchor="end">{figures(20 - 4 * i, 0, lang)}</text>'
                )
        for colour, drop in (("#7A7A7A", 0.45), ("#D55E00", 0.6 - 0.05 * k)):
            points = " ".join(
                f"{x0 + w * i / 9:.2f},{y0 + h * (0.25 + drop * i / 9 + 0.03 * ((i * 7 + k) % 3)):.2f}"
                for i in range(10)
            )
            out.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width=".42"/>')
        for i in (0, 4, 9):
            out.append(f'<text x="{x0 + w * i / 9:.2f}" y="{y0 + h + 4:.2f}" text-anchor="middle">{2010 + i}</text>')
        name = PILOTS[k % 5] if panels > 1 else label
        out.append(f'<text x="{x0}" y="2.6">{name}</text>')
    return "".join([*out, "</g></svg>"])


def text(s: str) -> list[Inline]:
    return [Text(s)]


def table(
    lang: Language,
    number: int,
    id_: str,
    caption: dict[Language, str],
    heads: Sequence[Head],
    rows: Sequence[Row],
    width: Any,
    note: dict[Language, str],
) -> TableBlock:
    label = f"{word(lang, 'Tabel')} {number}"
    return TableBlock(id_, label, text(caption[lang]), text(note[lang]), heads, rows, width)


def did_table(lang: Language) -> TableBlock:
    i = lang == "id"
    heads = (
        Head("Hasil dan jendela" if i else "Outcome and window", "", "left", 1),
        Head("Selisih" if i else "Difference", "poin" if i else "points", "right", 0),
        Head("Rentang 95 %" if i else "95% interval", "", "right", 0),
        Head("p", "", "right", 0),
        Head("n", "", "right", 0),
    )
    rows = [
        Row(("Kemiskinan (P0)" if i else "Poverty (P0)",), group=True),
        *(
            Row(
                (
                    w,
                    figures(v, 2, lang) + mark,
                    f"[{figures(lo, 2, lang)}; {figures(hi, 2, lang)}]",
                    figures(p, 2, lang),
                    str(n),
                )
            )
            for w, v, lo, hi, p, n, mark in (
                ("2014–2015", 0.03, -1.32, 1.39, 0.96, 491, ""),
                ("2014–2019", 0.14, -1.45, 1.72, 0.87, 490, "b"),
                ("2011–2012 (plasebo)" if i else "2011–2012 (placebo)", 0.83, -0.41, 2.06, 0.2, 467, ""),
            )
        ),
        Row(("Pengangguran terbuka" if i else "Open unemployment",), group=True),
        Row(
            (
                "2014–2015",
                figures(-0.71, 2, lang) + "c",
                f"[{figures(-12.04, 2, lang)}; {figures(0.62, 2, lang)}]",
                figures(0.31, 2, lang),
                "488",
            )
        ),
        Row(("2014–2019", "–", "–", "–", "488")),
    ]
    return table(
        lang,
        1,
        "tbl-did",
        {
            "id": "Selisih kemiskinan antara percontohan dan pembanding tidak dapat dibedakan dari nol. Beda dalam "
            "beda, lima percontohan terhadap semua daerah lain yang lengkap.",
            "en": "The difference in poverty between pilots and comparison cannot be told from zero. Difference in "
            "differences, five pilots against all other complete districts.",
        },
        heads,
        rows,
        "column",
        {
            "id": "Catatan: p dari inferensi pengacakan, 9.999 undian. b = RSE 25–50 %, c = RSE > 50 %, – = ditahan. "
            "Sumber: BPS, diolah.",
            "en": "Note: p from randomisation inference, 9,999 draws. b = RSE 25–50%, c = RSE > 50%, – = withheld. "
            "Source: BPS, own calculation.",
        },
    )


def wide_table(lang: Language) -> TableBlock:
    i = lang == "id"
    heads = (
        Head("Kabupaten/kota" if i else "District", "", "left", 1),
        *(
            Head(name, unit, "right", 0)
            for name, unit in (
                (("Kemiskinan" if i else "Poverty") + " 2010–2012", "%"),
                (("Kemiskinan" if i else "Poverty") + " 2014–2015", "%"),
                ("Perubahan" if i else "Change", "poin" if i else "points"),
                ("Pengangguran" if i else "Unemployment", "%"),
                ("Rata-rata lama sekolah" if i else "Mean years of schooling", "tahun" if i else "years"),
                ("PDRB per kapita" if i else "GRDP per head", "ribu rupiah" if i else "thousand rupiah"),
                ("Jarak ke pembanding" if i else "Distance to comparison", ""),
            )
        ),
    )
    thousands = "." if i else ","
    rows = [
        Row(
            (
                name,
                *(figures(v + k, 2, lang) for v in (14.2, 12.71, -1.49 - k, 5.33, 6.91)),
                f"{17 + 9 * k}{thousands}412",
                figures(0.312 * (k + 1), 3, lang),
            )
        )
        for k, name in enumerate(("Kab. Sragen", "Kab. Berau", "Kab. Bantaeng", "Kota Payakumbuh", "Kota Sukabumi"))
    ]
    return table(
        lang,
        2,
        "tbl-characteristics",
        {
            "id": "Daerah percontohan berbeda-beda sejak awal. Rata-rata menurut jendela, lima daerah percontohan.",
            "en": "Pilot districts differed from the start. Means by window, five pilot districts.",
        },
        heads,
        rows,
        "page",
        {
            "id": "Sumber: BPS melalui INDO-DAPOER; ketelitian tidak dipublikasikan.",
            "en": "Source: BPS through INDO-DAPOER; precision is not published.",
        },
    )


def matrix(lang: Language) -> TableBlock:
    i = lang == "id"
    labels = (
        ("Temuan", "Rekomendasi", "Pelaku", "Dasar", "Waktu", "Indikator")
        if i
        else ("Finding", "Recommendation", "Actor", "Basis", "Time", "Indicator")
    )
    body = (
        (
            (
                "Dokumen pelaksanaan tidak terkumpul di satu tempat dan tidak dapat ditelusuri kembali.",
                "Menetapkan penanggung jawab pengarsipan dan jadwal penyerahan dokumen pada setiap satuan kerja.",
                "Dinas sosial kabupaten/kota; Puslitbangkesos",
                "UU 11/2009 Pasal 24",
                "12 bulan",
                "Persentase sel matriks bukti yang terisi",
            ),
            (
                "Perubahan yang dapat dideteksi dengan angka tahunan terlalu besar untuk menilai percontohan.",
                "Merancang pengukuran layanan sejak awal: waktu tunggu, kelengkapan rujukan, ketepatan sasaran.",
                "Kementerian Sosial bersama pemerintah daerah",
                "Permensos 08/2012",
                "24 bulan",
                "Rujukan yang terselesaikan dalam tiga puluh hari",
            ),
            (
                "Daerah dipilih karena perhatian pemerintahnya.",
                "Mengundi urutan perluasan sehingga daerah yang menunggu dapat menjadi pembanding yang sah.",
                "Kementerian Sosial",
                "Peraturan percontohan berikutnya",
                "Tahap berikut",
                "Berita acara pengundian dipublikasikan",
            ),
        )
        if i
        else (
            (
                "Documents on implementation are not kept in one place and cannot be traced.",
                "Name who keeps the archive and when each unit hands over its documents.",
                "District social offices; the research centre",
                "Law 11/2009, Article 24",
                "12 months",
                "Share of cells of the evidence matrix that are filled",
            ),
            (
                "The change that annual figures can detect is too large to judge a pilot by.",
                "Design measures of the service from the start: waiting time, completed referrals, targeting.",
                "Ministry of Social Affairs with district governments",
                "Regulation 08/2012",
                "24 months",
                "Referrals resolved within thirty days",
            ),
            (
                "Districts were chosen for their governments' attention.",
                "Draw the order of expansion by lot, so that those who wait can be a valid comparison.",
                "Ministry of Social Affairs",
                "The next pilot's regulation",
                "Next phase",
                "The record of the draw is published",
            ),
        )
    )
    return table(
        lang,
        3,
        "tbl-recommendations",
        {
            "id": "Apa yang dapat dilakukan, oleh siapa, atas dasar apa, dan kapan.",
            "en": "What can be done, by whom, on what basis and when.",
        },
        [Head(x, "", "left", w) for x, w in zip(labels, (1.5, 1.6, 1.1, 1, 0.7, 1.1), strict=True)],
        [Row(r) for r in body],
        "page",
        {"id": "", "en": ""},
    )


def long_table(lang: Language, width: Any = "column", rows: int = 64) -> TableBlock:
    i = lang == "id"
    heads = (
        Head("Spesifikasi" if i else "Specification", "", "left", 1),
        Head("Selisih" if i else "Difference", "poin" if i else "points", "right", 0),
        Head("p", "", "right", 0),
    )
    pools = ("semua daerah", "pulau yang sama", "tingkat serupa") if i else ("all", "same island", "similar level")
    body = [
        Row(
            (
                f"{pools[k % 3]}, {'aras' if i else 'level'}, {2014 + k % 6}",
                figures((k % 17 - 8) / 7, 2, lang),
                figures((k * 37 % 100) / 100, 2, lang),
            )
        )
        for k in range(rows)
    ]
    return table(
        lang,
        4,
        "tbl-robust",
        {"id": "Semua spesifikasi yang direncanakan, tanpa dipilih.", "en": "All planned specifications, none picked."},
        heads,
        body,
        width,
        {"id": "Sumber: perhitungan sendiri.", "en": "Source: own calculation."},
    )


def figure(lang: Language, number: int, id_: str, width: Any, svg: str, caption: dict[Language, str]) -> FigureBlock:
    alt = {
        "id": "Grafik garis: tingkat kemiskinan turun di daerah percontohan dan di daerah pembanding.",
        "en": "Line chart: the poverty rate falls in the pilot districts and in the comparison.",
    }[lang]
    source = {"id": "Sumber: BPS, diolah.", "en": "Source: BPS, own calculation."}[lang]
    label = f"{word(lang, 'Gambar')} {number}"
    return FigureBlock(id_, label, text(caption[lang]), text(source), alt, svg, "", width)


def did(alt: str) -> Math:
    return Math(
        tex=r"\hat\tau = (\bar Y_{1,\text{post}} - \bar Y_{1,\text{pre}})"
        r" - (\bar Y_{0,\text{post}} - \bar Y_{0,\text{pre}})",
        typst='hat(tau) = (macron(Y)_(1, "post") - macron(Y)_(1, "pre"))'
        ' - (macron(Y)_(0, "post") - macron(Y)_(0, "pre"))',
        mathml=(
            '<math xmlns="http://www.w3.org/1998/Math/MathML" display="block"><mover><mi>τ</mi><mo>^</mo></mover>'
            "<mo>=</mo><mo>(</mo><msub><mover><mi>Y</mi><mo>¯</mo></mover><mrow><mn>1</mn><mo>,</mo><mtext>post</mtext>"
            "</mrow></msub><mo>−</mo><msub><mover><mi>Y</mi><mo>¯</mo></mover><mrow><mn>1</mn><mo>,</mo>"
            "<mtext>pre</mtext></mrow></msub><mo>)</mo><mo>−</mo><mo>(</mo><msub><mover><mi>Y</mi><mo>¯</mo></mover>"
            "<mrow><mn>0</mn><mo>,</mo><mtext>post</mtext></mrow></msub><mo>−</mo><msub><mover><mi>Y</mi><mo>¯</mo>"
            "</mover><mrow><mn>0</mn><mo>,</mo><mtext>pre</mtext></mrow></msub><mo>)</mo></math>"
        ),
        alt=alt,
    )


def weights(alt: str) -> Math:
    return Math(
        tex=r"\min_{w \ge 0,\ \sum_j w_j = 1} \lVert x_1 - X_0 w \rVert^2"
        r" + \lambda \sum_j w_j \lVert x_1 - x_j \rVert^2",
        typst="min_(w >= 0, sum_j w_j = 1) norm(x_1 - X_0 w)^2 + lambda sum_j w_j norm(x_1 - x_j)^2",
        mathml=(
            '<math xmlns="http://www.w3.org/1998/Math/MathML" display="block"><munder><mi>min</mi><mi>w</mi></munder>'
            "<msup><mrow><mo>‖</mo><msub><mi>x</mi><mn>1</mn></msub><mo>−</mo><msub><mi>X</mi><mn>0</mn></msub>"
            "<mi>w</mi><mo>‖</mo></mrow><mn>2</mn></msup></math>"
        ),
        alt=alt,
    )


LAMBDA = Math(
    r"\lambda = 0{,}1",
    "lambda = 0.1",
    '<math xmlns="http://www.w3.org/1998/Math/MathML"><mi>λ</mi><mo>=</mo><mn>0,1</mn></math>',
    "lambda = 0,1",
)
