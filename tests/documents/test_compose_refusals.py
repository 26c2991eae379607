"""What cannot become a document ends in one clear message; what is hostile stays text or is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from documents.compose_sample import exhibits, results, study

from kesos_research.errors import DocumentError, KesosError, Problems, RegionError
from kesos_research.language import words
from kesos_research.report import compose
from kesos_research.report.document import model as m
from kesos_research.report.document.flat import flat


def paper(folder: Path, narrative: str, **more: object) -> m.Document:
    return compose(study(folder, id=narrative, en=None, **more), results(), kind="paper", lang="id")


def refused(folder: Path, narrative: str, **more: object) -> KesosError:
    with pytest.raises(KesosError) as caught:
        paper(folder, narrative, **more)
    return caught.value


class TestWhatIsNotThere:
    def test_a_claim(self, tmp_path: Path):
        error = refused(tmp_path, '# A\n\n{#- catatan\ndua -#}\n\nIni {{ claim("p0.ddi") | number }}.')
        assert isinstance(error, DocumentError)
        assert "p0.ddi" in error.found
        assert "p0.did" in (error.remedy or "")
        assert (error.where and (error.where.file, error.where.line)) == ("narrative.id.md", 6)

    def test_all_that_is_missing_at_once(self, tmp_path: Path):
        narrative = (
            '{{ claim("a") | verdict }}\n\n{{ claim("b") | interval }}\n\n{{ (1 / claim("c").estimate) | number }}'
        )
        error = refused(tmp_path, narrative)
        assert isinstance(error, Problems)
        assert [p.where.line for p in error.problems if p.where] == [1, 3, 5]

    def test_a_claim_of_a_caption(self, tmp_path: Path):
        wrong = exhibits()["fig-map"].with_caption(id='{{ claim("nothing") | number }}', en="")
        with pytest.raises(DocumentError) as caught:
            compose(study(tmp_path), results(**{"fig-map": wrong}), kind="paper", lang="id")
        assert "fig-map" in str(caught.value)

    def test_a_part_of_a_claim(self, tmp_path: Path):
        for call in ('claim("p0.mde") | p', 'claim("p0.mde") | interval', 'claim("p0.mde") | verdict'):
            assert "p0.mde" in str(refused(tmp_path, f"{{{{ {call} }}}}"))

    def test_an_exhibit(self, tmp_path: Path):
        assert "tbl-did" in (refused(tmp_path, '{{ exhibit("tbl-ddi") }}').remedy or "")

    def test_a_target(self, tmp_path: Path):
        error = refused(tmp_path, '# A {#sec-metode}\n\nLihat\n@sec-metod.\n\n{{ exhibit("tbl-did") }}')
        assert "@sec-metode" in (error.remedy or "")
        assert error.where
        assert error.where.line == 4

    def test_an_exhibit_that_is_not_placed_cannot_be_referred_to(self, tmp_path: Path):
        assert "@tbl-did" in str(refused(tmp_path, "Lihat @tbl-did."))

    def test_a_citation(self, tmp_path: Path):
        error = refused(tmp_path, "Satu.\n\nDua [@abadei2010; @abadie2003].")
        assert "@abadei2010" in error.found
        assert "@abadie2010" in (error.remedy or "")
        assert (error.where and (error.where.file, error.where.line)) == ("narrative.id.md", 3)

    def test_all_citations_without_a_bibliography(self, tmp_path: Path):
        error = refused(tmp_path, "[@abadie2010; @abadie2003]", bib=None)
        assert isinstance(error, Problems)
        assert "references.bib" in str(error)

    def test_a_region_by_its_bps_code(self, tmp_path: Path):
        error = refused(tmp_path, 'A\n\n{{ region("6405").label }}')
        assert isinstance(error, RegionError)
        assert "64.03" in str(error)
        assert error.where
        assert error.where.line == 3

    def test_a_fact_a_variable_an_attribute(self, tmp_path: Path):
        assert "launch_date" in str(refused(tmp_path, '{{ fact("PKST", "launchdate") }}'))
        assert "nothing" in str(refused(tmp_path, "A\n\n{{ nothing }}"))
        assert refused(tmp_path, "A\n\n{{ nothing }}").where.line == 3  # type: ignore[union-attr]
        assert "colour" in str(refused(tmp_path, "{{ study.colour }}"))

    def test_a_filter(self, tmp_path: Path):
        error = refused(tmp_path, 'A\n\n{{ claim("p0.did") | numbre }}')
        assert "number" in (error.remedy or "")
        assert error.where
        assert error.where.line == 3

    def test_a_claim_of_the_other_languages_abstract(self, tmp_path: Path):
        for text in ('{{ claim("nothing") | number }}', "{{ nothing }}", "{{"):
            made = study(tmp_path, id="# A\n\nTeks.\n", en=f"# Abstract {{.abstract}}\n\n{text}\n")
            with pytest.raises(DocumentError) as caught:
                compose(made, results(), kind="paper", lang="id")
            assert caught.value.where
            assert (caught.value.where.file, caught.value.where.line) == ("narrative.en.md", 3)


class TestWhatIsNotUnderstood:
    @pytest.mark.parametrize("text", ["{{ claim( }}", "{% if x %}", "{{", "{% for %}", "$\\bar{{Y}}$"])
    def test_templates(self, tmp_path: Path, text: str):
        error = refused(tmp_path, f"A\n\n{text}\n")
        assert isinstance(error, DocumentError)
        assert error.where
        assert error.where.file == "narrative.id.md"

    def test_a_number_without_decimals_or_a_bare_claim(self, tmp_path: Path):
        for text in ('{{ claim("p0.did") }}', '{{ claim("p0.did").estimate }}', "{{ 0.5 }}", "{{ none }}", "{{ [1] }}"):
            assert "|" in (refused(tmp_path, text).remedy or "")

    def test_a_filter_of_something_else(self, tmp_path: Path):
        assert refused(tmp_path, '{{ "x" | number }}')
        assert refused(tmp_path, '{{ "x" | verdict }}')

    def test_a_formula(self, tmp_path: Path):
        error = refused(tmp_path, "A\n\n$$ \\selisih{x} $$\n")
        assert "selisih" in str(error)
        assert error.where
        assert error.where.line == 3

    def test_a_bibliography(self, tmp_path: Path):
        error = refused(tmp_path, "[@a]", bib="@article{a, title = {x\n\n@book{b, title={y}}\n")
        assert "references.bib" in str(error)

    def test_an_exhibit_inside_a_paragraph_or_twice(self, tmp_path: Path):
        assert "tbl-did" in str(refused(tmp_path, 'Lihat {{ exhibit("tbl-did") }} ini.'))
        assert "tbl-did" in str(refused(tmp_path, '{{ exhibit("tbl-did") }}\n\n{{ exhibit("tbl-did") }}'))

    def test_two_things_of_one_name(self, tmp_path: Path):
        assert "sec-a" in str(refused(tmp_path, "# A {#sec-a}\n\n# B {#sec-a}\n"))
        assert "eq-a" in str(refused(tmp_path, "$$ x $$ {#eq-a}\n\n$$ y $$ {#eq-a}\n"))

    def test_a_picture_in_the_text(self, tmp_path: Path):
        assert "exhibit" in str(refused(tmp_path, "![peta](peta.png)"))

    def test_works_and_tables_in_one_bracket(self, tmp_path: Path):
        assert refused(tmp_path, '[@tbl-did; @abadie2003]\n\n{{ exhibit("tbl-did") }}')

    def test_a_file_in_another_encoding(self, tmp_path: Path):
        made = study(tmp_path)
        (tmp_path / "narrative.id.md").write_bytes("baik\nté".encode("latin-1"))
        with pytest.raises(DocumentError) as caught:
            compose(made, results(), kind="paper", lang="id")
        assert caught.value.where
        assert caught.value.where.line == 2

    def test_windows_line_ends_and_a_byte_order_mark_are_fine(self, tmp_path: Path):
        made = study(tmp_path)
        (tmp_path / "narrative.id.md").write_bytes("\ufeff# A\r\n\r\nTeks.\r\n".encode())
        assert len(compose(made, results(), kind="paper", lang="id").blocks) == 2


class TestWhatIsHostile:
    @pytest.mark.parametrize(
        "call",
        [
            "''.__class__",
            "''.__class__.__mro__[1].__subclasses__()",
            "claim.__globals__",
            "claim.__func__.__globals__",
            "claim('p0.did').__class__",
            "claim('p0.did')._seen",
            "study._seen",
            "study.folder",
            "study.folder.parent",
            "study.root.joinpath('x').write_text('y')",
            "region.__closure__",
            "region('33.14').__dict__",
            "self.__init__",
            "cycler.__init__.__globals__",
            "lipsum",
            "config",
            "'x' * 10 ** 9",
            "10 ** 10 ** 10",
            "'%0999999999d' % 1",
            "range(10 ** 9) | list | joined",
            "'x' | center(999999999)",
            "[1, 2] | random",
            "'a' | safe",
            "('a' | attr('__class__')).__name__",
            "'{0.__class__}'.format('x')",
        ],
    )
    def test_nothing_but_the_studys_words_can_be_reached(self, tmp_path: Path, call: str):
        refused(tmp_path, f"{{{{ {call} }}}}")
        assert not (tmp_path / "x").exists()

    @pytest.mark.parametrize("text", ["{% include 'a' %}", "{% import 'os' as x %}", "{% extends '/etc/passwd' %}"])
    def test_no_other_file_is_read(self, tmp_path: Path, text: str):
        refused(tmp_path, text)

    def test_no_metadata_block_names_another_file(self, tmp_path: Path):
        made = paper(tmp_path, "---\nbibliography: /etc/passwd\ntitle: Lain\n---\n\nTeks.\n")
        assert made.meta.title == "Judul"

    def test_html_and_tex_are_text(self, tmp_path: Path):
        text = "Teks <script>alert(1)</script> dan <b>tebal</b> dan \\input{/etc/passwd}."
        (block,) = paper(tmp_path, text).blocks
        assert isinstance(block, m.Paragraph)
        assert flat(block.c) == text

    def test_html_in_captions_is_text(self, tmp_path: Path):
        evil = '<img src=x onerror="alert(1)"> & ::: {#refs} # x'
        figure = exhibits()["fig-map"].with_caption(id=evil, en=evil).with_note(id=f"> {evil}", en="")
        made = compose(study(tmp_path), results(**{"fig-map": figure}), kind="paper", lang="id")
        (block,) = [b for b in made.blocks if isinstance(b, m.FigureBlock)]
        assert flat(block.caption) == evil.replace('"alert(1)"', "“alert(1)”")
        assert all(isinstance(i, m.Text) for i in block.caption)

    def test_data_are_written_as_text(self, tmp_path: Path):
        evil = "*a* [b](c) <d> `e` $f$ @abadie2003 {#g} \\h & &lt; | ~i~"
        (block,) = paper(tmp_path, "{{ study.question }}", question=words(id=evil, en="")).blocks
        assert isinstance(block, m.Paragraph)
        assert flat(block.c) == evil
        assert all(isinstance(i, m.Text) for i in block.c)

    def test_a_text_cannot_forge_an_exhibit(self, tmp_path: Path):
        forged = '[]{.exhibit key="tbl-did"}'
        (block,) = paper(tmp_path, "{{ study.question }}", question=words(id=forged, en="")).blocks
        assert isinstance(block, m.Paragraph)
