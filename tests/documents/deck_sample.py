"""A deck made by hand, in both languages: cover, text, figure, table, closing."""

from __future__ import annotations

from dataclasses import replace

from documents.office_sample import did_table, figure, meta, p, pick, strong, t

from kesos_research.language import Language, number
from kesos_research.report.document.model import Document, Items, Row, Slide


def deck(lang: Language = "id") -> Document:
    small = replace(did_table(lang), columns=did_table(lang).columns[:4])
    small = replace(small, rows=[r if r.group else Row(r.cells[:4]) for r in small.rows if not r.group][:4])
    slides = [
        Slide(
            t(meta(lang).title),
            [p(pick(lang, "Apa yang dapat dan tidak dapat dikatakan angka resmi", "What official figures can say"))],
            pick(lang, "Salam pembuka.", "Welcome."),
            "title",
        ),
        Slide(
            t(
                pick(
                    lang,
                    "Lima daerah dipilih karena perhatiannya, bukan diundi",
                    "Five districts were chosen for their attention, not drawn by lot",
                )
            ),
            [
                Items(
                    False,
                    [
                        [p(pick(lang, "Mei 2013: nota kesepahaman lima pemerintah daerah",
                                "May 2013: agreement with five district governments"))],
                        [p(pick(lang, "Sragen, Berau, Bantaeng, Payakumbuh, Kota Sukabumi",
                                "Sragen, Berau, Bantaeng, Payakumbuh, Kota Sukabumi")),
                         Items(False, [[p(pick(lang, "dua di Jawa, tiga di luar Jawa",
                                               "two on Java, three elsewhere"))]])],
                        [p(strong(number(1.96, 2, lang)), pick(lang, " poin persen: efek terkecil yang dapat terlihat",
                                " percentage points: the smallest effect that could be seen"))],
                    ],
                )
            ],
            pick(lang, "Jelaskan mengapa daerah dipilih.", "Explain why these districts."),
        ),
        Slide(
            t(pick(lang, "Kemiskinan turun di daerah percontohan dan di daerah lain, hampir sejajar",
                   "Poverty fell in the pilots and elsewhere, nearly side by side")),
            [figure(lang)],
            pick(lang, "Tunjuk dua garis.", "Point at the two lines."),
        ),
        Slide(
            t(pick(lang, "Tidak satu pun selisih terbedakan dari nol",
                   "None of the differences can be told from zero")),
            [small],
            pick(lang, "Baca baris pertama.", "Read the first row."),
        ),
        Slide(
            t(pick(lang, "Kumpulkan data keluarga sebelum memperluas program",
                   "Collect family data before extending the programme")),
            [Items(True, [[p(pick(lang, "Survei dasar di lima daerah", "A baseline survey in five districts"))],
                          [p(pick(lang, "Undian bagi daerah berikutnya", "A lottery for the next districts"))]])],
            pick(lang, "Terima kasih.", "Thank you."),
            "closing",
        ),
    ]  # fmt: skip
    return Document("slides", lang, meta(lang), slides=slides)
