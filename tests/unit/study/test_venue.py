"""Venue profiles say what the notes on documents say, and manuscripts are held against them."""

from pathlib import Path

import pytest
from unit.study.example import DOCUMENT, changed, read

from kesos_research.language import LANGUAGES
from kesos_research.study import Study, venue, venues
from kesos_research.study.manuscript import breaches
from kesos_research.study.narrative import Narrative, read_narrative
from kesos_research.study.refusal import Refused


class TestProfiles:
    @pytest.mark.parametrize("name", venues())
    def test_is_understood(self, name: str):
        profile = venue(name)
        assert profile.id == name
        assert all(profile.name[lang] and profile.note[lang] for lang in LANGUAGES)

    def test_sosio_konsepsia(self):
        """The journal's guide: 6,000–7,000 words, title at most 14, abstracts 200–250, similarity 30, primary 80 %."""
        journal = venue("sosio-konsepsia")
        assert journal.words is not None
        assert (journal.words.low, journal.words.high) == (6000, 7000)
        assert (journal.title_words, journal.similarity, journal.primary_references) == (14, 30, 80)
        assert journal.abstract_words is not None
        assert 200 in journal.abstract_words
        assert 251 not in journal.abstract_words
        assert journal.citations == "apa"
        assert journal.page == "A4"

    def test_konferensi_kesos(self):
        conference = venue("konferensi-kesos")
        assert (conference.columns, str(conference.pages), str(conference.slides)) == (2, "8–12", "12–15")

    @pytest.mark.parametrize("name", ["", "nowhere", "../konferensi-kesos", "__init__"])
    def test_an_unknown_one(self, name: str):
        with pytest.raises(Refused) as error:
            venue(name)
        assert "konferensi-kesos" in (error.value.expected or "")


SECTIONS = ["Pendahuluan", "Metode", "Hasil dan Pembahasan", "Simpulan dan Saran", "Ucapan Terima Kasih"]


def manuscript(folder: Path, *, abstract: int = 220, sections: list[str] = SECTIONS, words: int = 100) -> Narrative:
    parts = [
        f"# Abstrak {{.abstract lang=id}}\n\n{'kata ' * abstract}",
        f"# Abstract {{.abstract lang=en}}\n\n{'a ' * 220}",
    ]
    parts += [f"# {title}\n\n{'kata ' * words}" for title in sections]
    path = folder / "narrative.id.md"
    path.write_text("\n\n".join(parts), encoding="utf-8")
    return read_narrative(path, "id", name=path.name)


class TestManuscripts:
    @pytest.fixture
    def study(self, folder: Path) -> Study:
        return read(folder, DOCUMENT)

    def test_one_the_conference_takes(self, study: Study):
        assert breaches(study, [manuscript(study.folder)]) == []

    @pytest.mark.parametrize(("words", "fits"), [(199, False), (200, True), (250, True), (251, False)])
    def test_words_of_the_abstract(self, study: Study, words: int, fits: bool):
        found = breaches(study, [manuscript(study.folder, abstract=words)])
        assert (found == []) is fits

    def test_a_missing_section(self, study: Study):
        found = breaches(study, [manuscript(study.folder, sections=SECTIONS[1:])])
        assert [("Pendahuluan" in e.found) for e in found] == [True]

    def test_no_abstract_in_english(self, study: Study):
        narrative = manuscript(study.folder)
        path = study.folder / "narrative.id.md"
        path.write_text(narrative.text.replace("{.abstract lang=en}", ""), encoding="utf-8")
        found = breaches(study, [read_narrative(path, "id", name="x")])
        assert [("en" in e.found) for e in found] == [True]

    @pytest.mark.parametrize(("each", "fits"), [(1199, False), (1200, True), (1400, True), (1401, False)])
    def test_words_of_a_journal_article(self, folder: Path, each: int, fits: bool):
        text = changed(
            ("venue: konferensi-kesos", "venue: sosio-konsepsia"), ("layout: proceedings", "layout: manuscript")
        )
        study = read(folder, text)
        assert (breaches(study, [manuscript(folder, words=each)]) == []) is fits

    def test_primary_references(self, folder: Path):
        text = changed(
            ("venue: konferensi-kesos", "venue: sosio-konsepsia"), ("layout: proceedings", "layout: manuscript")
        )
        study = read(folder, text)
        four, five = ("@article{a%d, x}\n" * n % tuple(range(n)) for n in (3, 4))
        told = manuscript(folder, words=1200)
        assert len(breaches(study, [told], four + "@misc{m, x}")) == 1, "75 percent"
        assert breaches(study, [told], five + "@misc{m, x}") == [], "80 percent"

    def test_keywords(self, folder: Path):
        study = read(folder, changed(("  en: [social welfare, poverty, programme evaluation, pilot", "  en: [pilot")))
        study = study.model_copy(update={"keywords": {"id": ("a", "b", "c"), "en": ("a",)}})
        assert [e.where.key for e in breaches(study, []) if e.where] == ["keywords"]
