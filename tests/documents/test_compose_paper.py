"""A paper from a narrative and results: filled, numbered, referred to, cited."""

from __future__ import annotations

from pathlib import Path

import pytest
from documents.compose_sample import EN, ID, claims, exhibits, results, study

from kesos_research.language import translate, words
from kesos_research.report import compose
from kesos_research.report.collect import Results
from kesos_research.report.document import model as m
from kesos_research.report.document.captions import captions
from kesos_research.report.document.flat import flat
from kesos_research.report.exhibit import Table


def of(document: m.Document, kind: type) -> list:
    return [b for b in document.blocks if isinstance(b, kind)]


def text(document: m.Document) -> str:
    return "\n".join(flat(b.c) for b in document.blocks if isinstance(b, m.Paragraph | m.Heading))


def paper(folder: Path, narrative: str, *, lang: str = "id", **more: object) -> m.Document:
    made = (
        study(folder, id=narrative, en=None, **more) if lang == "id" else study(folder, id=None, en=narrative, **more)
    )
    return compose(made, results(), kind="paper", lang=lang)  # type: ignore[arg-type]


class TestTheWholePaper:
    @pytest.fixture
    def made(self, tmp_path: Path) -> m.Document:
        return compose(study(tmp_path), results(), kind="paper", lang="id")

    def test_sections_are_numbered_and_slides_are_not_in_it(self, made: m.Document):
        assert [(h.number, h.level, flat(h.c)) for h in of(made, m.Heading)][:-1] == [
            ("1", 1, "Pendahuluan"),
            ("2", 1, "Metode"),
            ("2.1", 2, "Penaksir"),
        ]

    def test_references_come_last_under_a_heading_of_their_own(self, made: m.Document):
        heading, references = made.blocks[-2:]
        assert isinstance(heading, m.Heading)
        assert (heading.number, flat(heading.c)) == ("", translate("References", "id"))
        assert isinstance(references, m.References)
        assert [e.key for e in references.entries] == ["abadie2010", "abadie2003"]

    def test_citations_are_of_the_language(self, made: m.Document):
        cites = [i for b in of(made, m.Paragraph) for i in b.c if isinstance(i, m.Cite)]
        said = [flat(c.c).replace("\N{NO-BREAK SPACE}", " ") for c in cites]
        assert said == ["Abadie dan Gardeazabal (2003)", "(Abadie dkk., 2010, hlm. 3)"]
        assert [tuple(c.keys) for c in cites] == [("abadie2003",), ("abadie2010",)]

    def test_references_to_things_are_labels(self, made: m.Document):
        refs = {i.target: i.s for b in of(made, m.Paragraph) for i in b.c if isinstance(i, m.Ref)}
        assert refs == {
            "tbl-did": translate("Table {n}", "id", {"n": 1}),
            "fig-map": translate("Figure {n}", "id", {"n": 1}),
            "sec-method": translate("Section {n}", "id", {"n": "2"}),
            "eq-did": translate("Equation ({n})", "id", {"n": 1}),
        }

    def test_the_table_is_written_in_the_language(self, made: m.Document):
        (table,) = of(made, m.TableBlock)
        assert flat(table.caption) == "Selisihnya 0,03 poin. Ini tabelnya."
        assert [tuple(r.cells) for r in table.rows] == [
            ("Kemiskinan",),
            ("2014–2015", "−0,03", "[−1,9; 2,0]", "0,03", "1.234"),
            ("2014–2019", "–", "–", "< 0,001", "490"),
        ]
        assert [r.group for r in table.rows] == [True, False, False]
        assert [(h.label, h.unit, h.align) for h in table.columns[:2]] == [
            ("Masa", "", "left"),
            ("Taksiran", "poin", "right"),
        ]
        assert "BPS." in flat(table.note)

    def test_the_figure_has_words_for_those_who_cannot_see_it(self, made: m.Document):
        (figure,) = of(made, m.FigureBlock)
        assert (figure.alt, figure.width) == ("Peta 48 titik", "page")

    def test_the_equation_has_its_forms(self, made: m.Document):
        (equation,) = of(made, m.Equation)
        assert (equation.id, equation.number, equation.math.alt) == ("eq-did", "1", "Selisih dua rata-rata")
        assert equation.math.typst == "hat(tau) = macron(Y)_1 - macron(Y)_0"
        assert equation.math.mathml.startswith('<math display="block"')
        assert equation.math.tex == r"\hat\tau = \bar Y_1 - \bar Y_0"

    def test_both_abstracts_with_the_numbers_of_their_language(self, made: m.Document):
        own, other = made.meta.abstracts
        assert (own.lang, own.heading, flat(own.blocks[0].c)) == ("id", "Abstrak", "Selisihnya 0,03 poin.")
        assert (other.lang, other.heading, flat(other.blocks[0].c)) == (
            "en",
            "Abstract",
            "The difference is 0.03 points.",
        )
        assert (tuple(own.keywords), tuple(other.keywords)) == (("miskin", "daerah"), ("poverty", "districts"))

    def test_front_matter(self, made: m.Document):
        meta = made.meta
        assert (meta.title, meta.other_title, meta.date, meta.venue) == ("Judul", "Title", "2026-11-22", "Konferensi")
        assert [(a.name, a.email) for a in meta.authors] == [("Rini Peneliti", "rini@example.org")]
        assert meta.contact == "rini@example.org"
        assert not meta.synthetic

    def test_the_claims_it_looked_up(self, made: m.Document):
        assert made.claims == ("p0.did", "spec.n")

    def test_the_same_again(self, made: m.Document, tmp_path: Path):
        assert compose(study(tmp_path), results(), kind="paper", lang="id").as_json() == made.as_json()


def test_indonesian_furniture_is_indonesian(tmp_path: Path):
    made = compose(study(tmp_path), results(), kind="paper", lang="id")
    refs = {i.target: i.s for b in of(made, m.Paragraph) for i in b.c if isinstance(i, m.Ref)}
    assert refs == {"tbl-did": "Tabel 1", "fig-map": "Gambar 1", "sec-method": "Bagian 2", "eq-did": "Persamaan (1)"}
    assert flat(made.blocks[-2].c) == "Daftar Pustaka"
    assert made.meta.abstracts[0].keywords_label == "Kata kunci"


def test_english(tmp_path: Path):
    made = compose(study(tmp_path), results(), kind="paper", lang="en")
    said = text(made).replace("\N{NO-BREAK SPACE}", " ")
    assert "Abadie and Gardeazabal (2003) and (Abadie et al., 2010, p. 3); see Table 1, Figure 1." in said
    (table,) = of(made, m.TableBlock)
    assert table.rows[1].cells == ("2014–2015", "−0.03", "[−1.9, 2.0]", "0.03", "1,234")
    assert [a.lang for a in made.meta.abstracts] == ["en", "id"]
    assert made.meta.abstracts[1].heading == "Abstrak"


def test_an_abstract_of_the_other_language_in_the_same_file(tmp_path: Path):
    told = 'Isi.\n\n# Abstract {.abstract lang=en}\n\n{{ claim("p0.did") | number }} points.\n'
    made = paper(tmp_path, f"# Abstrak {{.abstract lang=id}}\n\n{told}\n# A\n\nTeks.\n")
    assert [(a.lang, flat(a.blocks[-1].c)) for a in made.meta.abstracts] == [("id", "Isi."), ("en", "0.03 points.")]
    assert "0.03" not in text(made)


def test_filters_say_numbers_as_the_language_does(tmp_path: Path):
    calls = {
        'claim("p0.did") | number(3)': ("0,034", "0.034"),
        'claim("p0.did") | signed': ("+0,03", "+0.03"),
        'claim("p0.fell") | magnitude(1)': ("1,5", "1.5"),
        'claim("p0.did") | interval(1)': ("[−1,9; 2,0]", "[−1.9, 2.0]"),
        'claim("p0.did") | p': ("0,96", "0.96"),
        'claim("p0.tiny") | p': ("< 0,001", "< 0.001"),
        'claim("p0.fell") | p("=")': ("= 0,004", "= 0.004"),
        'claim("p0.sc.33.14").n | integer': ("1.234", "1,234"),
        'claim("spec.share") | percent(1)': ("2,1 persen", "2.1 percent"),
        'claim("p0.did").level | percent': ("95 persen", "95 percent"),
        'claim("p0.fell") | direction': ("lebih rendah", "lower"),
        'claim("spec.n") | spelled': ("48", "48"),
        "5 | spelled | capital": ("Lima", "Five"),
        'fact("PKST", "launch_date")': ("1 Mei 2013", "1 May 2013"),
        '"2014-05-03" | date': ("3 Mei 2014", "3 May 2014"),
        'fact("Puskesos-SLRT", "existing_desa_kelurahan") | integer': ("7.154", "7,154"),
        'region("33.14").label': ("Kab. Sragen", "Kab. Sragen"),
        'indicator("p0").unit': ("persen", "percent"),
        '["a", "b", "c"] | joined': ("a, b, dan c", "a, b, and c"),
        "study.question": ("Apakah?", "Whether?"),
        '(100 * claim("p0.did").estimate / claim("p0.mde").estimate) | number(0)': ("2", "2"),
        '"ya" if claim("p0.fell") is distinguishable else "no"': ("ya", "ya"),
        '"ya" if claim("p0.did") is distinguishable else "no"': ("no", "no"),
    }
    narrative = "\n\n".join(f"Nilai {{{{ {call} }}}}." for call in calls)
    for at, lang in enumerate(("id", "en")):
        said = [flat(b.c) for b in of(paper(tmp_path, narrative, lang=lang), m.Paragraph)]
        assert said == [f"Nilai {expected[at]}." for expected in calls.values()]


def test_an_equals_sign_before_a_small_p_gives_way(tmp_path: Path):
    made = paper(tmp_path, '(p = {{ claim("p0.tiny") | p }}; p = {{ claim("p0.did") | p }})')
    assert text(made) == "(p < 0,001; p = 0,96)"


def test_the_text_follows_the_numbers(tmp_path: Path):
    narrative = (
        'Selisihnya {{ claim("p0.did") | verdict }}, lainnya {{ claim("p0.fell") | verdict }}'
        '{% if claim("p0.mde").estimate > 1 %}, dan desainnya kasar{% endif %}.'
    )
    assert text(paper(tmp_path, narrative)) == (
        "Selisihnya tidak dapat dibedakan dari nol pada taraf 5 persen, lainnya lebih rendah daripada nol pada taraf "
        "5 persen, dan desainnya kasar."
    )


def test_a_claim_is_used_when_it_is_said_not_when_it_is_named(tmp_path: Path):
    made = paper(tmp_path, '{% set a = claim("p0.did") %}{% set b = claim("p0.fell") %}{{ a | number }}')
    assert made.claims == ("p0.did",)


def test_comments_are_not_printed_and_attributes_are_no_comments(tmp_path: Path):
    made = paper(tmp_path, "{#- Catatan\ndua baris -#}\n<!-- juga\n\n ini -->\n# A {#sec-a}\n\nLihat @sec-a.\n")
    assert of(made, m.Heading)[0].id == "sec-a"
    assert "Catatan" not in text(made)
    assert "juga" not in text(made)


def test_a_written_table(tmp_path: Path):
    narrative = (
        "Lihat @tbl-saran.\n\n| Temuan | Pelaku | n |\n|:---|:---|---:|\n"
        '| {{ claim("p0.did") | number }} \\| x | Dinas | 5 |\n'
        "| dua | Pusat | 1.200 |\n\n: Saran dan pelakunya. {#tbl-saran .wide}\n"
    )
    (table,) = of(paper(tmp_path, narrative), m.TableBlock)
    assert table.id == "tbl-saran"
    assert table.label.endswith(" 1")
    assert flat(table.caption) == "Saran dan pelakunya."
    assert [tuple(r.cells) for r in table.rows] == [("0,03 | x", "Dinas", "5"), ("dua", "Pusat", "1.200")]
    assert [(h.label, h.align, h.weight > 0) for h in table.columns] == [
        ("Temuan", "left", True),
        ("Pelaku", "left", True),
        ("n", "right", False),
    ]
    assert table.width == "page"


def test_what_must_not_be_parted_stays_together(tmp_path: Path):
    narrative = (
        "Lihat @tbl-saran.\n\n| Temuan | Pelaku |\n|:---|:---|\n| M\N{NO-BREAK SPACE}= 5 | Dinas |\n\n"
        ': Saran, M\N{NO-BREAK SPACE}= 5. {#tbl-saran}\n\n{{ exhibit("tbl-b") }}'
    )
    more = Table("tbl-b", caption=words(id="Batas M\N{NO-BREAK SPACE}=\n  5", en="B"))
    made = compose(study(tmp_path, id=narrative), results(**{"tbl-b": more}), kind="paper", lang="id")
    written, shown = of(made, m.TableBlock)
    assert written.rows[0].cells == ("M\N{NO-BREAK SPACE}= 5", "Dinas")
    assert flat(written.caption) == "Saran, M\N{NO-BREAK SPACE}= 5."
    assert flat(shown.caption) == "Batas M\N{NO-BREAK SPACE}= 5"


def test_numbers_follow_the_order_of_placement(tmp_path: Path):
    places = [f'{{{{ exhibit("{id}") }}}}' for id in ("tbl-b", "tbl-did", "fig-map")]
    narrative = "\n\n".join(["Lihat @fig-map, @tbl-did, @tbl-b.", *places])
    more = Table("tbl-b", caption=words(id="B", en="B"))
    made = compose(study(tmp_path, id=narrative), results(**{"tbl-b": more}), kind="paper", lang="id")
    assert [(b.id, b.label.split()[-1]) for b in made.blocks if isinstance(b, m.TableBlock | m.FigureBlock)] == [
        ("tbl-b", "1"),
        ("tbl-did", "2"),
        ("fig-map", "1"),
    ]


def test_the_rest_of_markdown(tmp_path: Path):
    narrative = (
        '"Kutipan" dengan *miring*, **tebal**, x^2^, H~2~O, `kode`, [tautan](https://example.org)[^1] -- dan ....\n\n'
        "[^1]: Catatan kaki.\n\n- satu\n- dua\n\n  lanjut\n\n1. a\n\n> kutip\n\n"
        "Istilah\n:   artinya\n\nbaris\\\nbaru\n\n"
        "$$ x $$\n\nInline $a{,}b$ $0{,}1$ dan $\\bigl(x\\bigr)$ dan $|x|$.\n"
    )
    made = paper(tmp_path, narrative)
    first = made.blocks[0]
    assert isinstance(first, m.Paragraph)
    assert flat(first.c) == "“Kutipan” dengan miring, tebal, x2, H2O, kode, tautan – dan …."
    assert {i.style for i in first.c if isinstance(i, m.Styled)} == {"emph", "strong", "sup", "sub", "code"}
    assert [i.url for i in first.c if isinstance(i, m.Link)] == ["https://example.org"]
    (note,) = [i for i in first.c if isinstance(i, m.Note)]
    assert flat(note.blocks[0].c) == "Catatan kaki."
    bullets, numbers = of(made, m.Items)
    assert (bullets.ordered, len(bullets.items), len(bullets.items[1])) == (False, 2, 2)
    assert numbers.ordered
    assert len(of(made, m.Quote)) == 1
    assert "Istilah. artinya" in text(made)
    (equation,) = of(made, m.Equation)
    assert (equation.id, equation.number) == ("", "")
    formulas = [i.typst for b in of(made, m.Paragraph) for i in b.c if isinstance(i, m.Math)]
    assert formulas[1:] == ['upright("0,1")', "( x )", "abs(x)"]


def test_annexes_stand_after_the_references_and_have_letters(tmp_path: Path):
    narrative = "# A\n\nTeks @abadie2003, @sec-q.\n\n# Pertanyaan {.annex #sec-q}\n\n## Dalam\n\nIsi.\n"
    made = paper(tmp_path, narrative)
    assert [(h.number, flat(h.c)) for h in of(made, m.Heading)] == [
        ("1", "A"),
        ("", translate("References", "id")),
        ("A", "Pertanyaan"),
        ("A.1", "Dalam"),
    ]


def test_references_stand_where_the_narrative_puts_them(tmp_path: Path):
    for place in ("# Daftar pustaka\n", "# Bacaan {.references}\n", "# Bacaan\n\n::: {#refs}\n:::\n"):
        made = paper(
            tmp_path, f"# A\n\nTeks @abadie2003.\n\n{place}\n# Ucapan terima kasih {{.unnumbered}}\n\nTerima kasih.\n"
        )
        kinds = [type(b).__name__ for b in made.blocks]
        assert kinds == ["Heading", "Paragraph", "Heading", "References", "Heading", "Paragraph"]
        assert of(made, m.Heading)[1].number == ""


def test_no_references_without_citations(tmp_path: Path):
    made = paper(tmp_path, "# A\n\nTeks.\n", bib=None)
    assert [type(b).__name__ for b in made.blocks] == ["Heading", "Paragraph"]


def test_without_names_where_the_reviewers_are_blind(tmp_path: Path):
    meta = compose(study(tmp_path, anonymous=True), results(), kind="paper", lang="id").meta
    assert (tuple(meta.authors), meta.contact, meta.anonymous) == ((), "", True)


def test_remarks_are_those_of_an_editor(tmp_path: Path):
    from kesos_research.study.venue import venue

    made = compose(study(tmp_path, venue=venue("konferensi-kesos")), results(), kind="paper", lang="en")
    said = "\n".join(made.remarks)
    assert "200–250" in said
    assert "Results" in said
    made = paper(tmp_path, 'Tanpa rujukan.\n\n{{ exhibit("fig-map") }}\n')
    assert any("fig-map" in remark for remark in made.remarks)


class TestThePage:
    def test_a_page_shows_every_exhibit(self, tmp_path: Path):
        more = Table("tbl-more", caption=words(id='{{ claim("p0.sc.33.14") | number }}', en="x"))
        made = compose(study(tmp_path), results(**{"tbl-more": more}), kind="page", lang="id")
        assert isinstance(made.blocks[-1], m.TableBlock)
        assert made.blocks[-1].label.endswith(" 2")
        assert "p0.sc.33.14" in made.claims
        assert captions(made)["tbl-more"].caption == "−1,13"
        assert captions(made)["tbl-did"].label.endswith(" 1")

    def test_a_paper_does_not(self, tmp_path: Path):
        made = compose(study(tmp_path), results(**{"tbl-more": Table("tbl-more")}), kind="paper", lang="id")
        assert "tbl-more" not in {getattr(b, "id", "") for b in made.blocks}


def test_every_published_name_can_be_looked_up(tmp_path: Path):
    narrative = "\n\n".join(f'{{{{ claim("{name}") | number }}}}' for name in claims())
    assert len(paper(tmp_path, narrative).claims) == len(claims())


def test_the_sample_narratives_place_every_exhibit():
    assert all(f'exhibit("{id}")' in text for id in exhibits() for text in (ID, EN))


def test_nothing_to_tell(tmp_path: Path):
    from kesos_research.errors import DocumentError

    with pytest.raises(DocumentError, match=r"narrative\.id\.md"):
        compose(study(tmp_path, id=None), Results(), kind="paper", lang="id")
