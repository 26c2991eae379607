"""study.yaml is understood, or refused with file, line, key and what to write instead: all of it at once."""

import subprocess
import sys
from pathlib import Path

import pytest
from unit.study.example import DOCUMENT, changed, line_of, read, refused, workspace

from kesos_research.errors import KesosError, StudyError
from kesos_research.language import use
from kesos_research.study import read_study


def only(found: list[KesosError]) -> KesosError:
    assert len(found) == 1, [str(e) for e in found]
    assert isinstance(found[0], StudyError)
    assert found[0].where is not None
    assert found[0].where.file == "notebooks/studies/pkst-2013/study.yaml"
    return found[0]


class TestTheMainStudy:
    """The values stand in the issue and in the notes of the domain."""

    def test_is_what_the_research_centre_asks(self, folder: Path):
        study = read(folder, DOCUMENT)
        assert study.id == "pkst-2013"
        assert study.treated == ("33.14", "64.03", "73.03", "13.76", "32.72")
        assert study.since == 2013
        assert study.outcomes == ("p0", "tpt", "rls", "pdrb_kapita")
        assert study.headline == "p0"
        assert study.deliverables.formats == ("paper", "docx", "slides", "page", "annex")
        assert study.deliverables.languages == ("id", "en")
        assert not study.synthetic

    def test_has_the_windows_of_its_claims(self, folder: Path):
        windows = read(folder, DOCUMENT).windows
        assert [w.name for w in windows.after] == ["2014_2015", "2014_2019"]
        assert windows.before.years == (2010, 2011, 2012)
        assert windows.before.label == "2010–2012"
        assert windows.placebo_before.years + windows.placebo_after.years == (2009, 2010, 2011, 2012)
        assert windows.synthetic_before.years == (2009, 2010, 2011, 2012)

    def test_has_titles_a_journal_accepts(self, folder: Path):
        title = read(folder, DOCUMENT).title
        assert len(title["id"].split()) <= 14
        assert len(title["en"].split()) <= 14

    def test_knows_where_it_lies(self, folder: Path):
        study = read(folder, DOCUMENT)
        assert study.folder == folder
        assert study.root == folder.parents[2]
        assert study.sources[0].file == study.root / "data" / "kabupaten_kota.csv"

    def test_cannot_be_changed(self, folder: Path):
        study = read(folder, DOCUMENT)
        with pytest.raises(ValueError, match="frozen"):
            study.since = 2014  # type: ignore[misc]


class TestScalars:
    def test_a_code_that_ends_in_zero_stays_text(self, folder: Path):
        """Read as numbers, 23 of the 514 codes lose their zero: 32.10 is Majalengka, 32.1 nothing."""
        assert read(folder, changed(("exclude: []", "exclude: [32.10]"))).donors.exclude == ("32.10",)

    def test_yes_and_no_in_both_languages(self, folder: Path):
        assert read(folder, changed(("public: true", "public: ya"), ("anonymous: false", "anonymous: yes"))).anonymous

    def test_windows_line_ends_and_byte_order_mark(self, folder: Path):
        raw = b"\xef\xbb\xbf" + DOCUMENT.replace("\n", "\r\n").encode()
        assert read(folder, raw) == read(folder, DOCUMENT)

    @pytest.mark.parametrize(
        ("old", "new", "remedy"),
        [
            ("level: 0.95", "level: 0,95", "0.95"),
            ("before: 2010-2012", "before: 2012-2010", "2010-2012"),
            ("id: pkst-2013", "id: PKST 2013", "pkst-2013"),
        ],
    )
    def test_the_remedy_is_what_to_write(self, folder: Path, old: str, new: str, remedy: str):
        found = refused(folder, changed((old, new)))
        assert any(remedy in (e.remedy or "") for e in found)

    @pytest.mark.parametrize(
        "orcid", ["0000-0002-1825-0097", "0000-0001-5109-3700", "https://orcid.org/0000-0002-1694-233X"]
    )
    def test_orcid_of_the_register(self, folder: Path, orcid: str):
        """Identifiers published by ORCID as examples; the last digit is a check digit (ISO 7064)."""
        assert read(folder, changed(("orcid:\n", f"orcid: {orcid}\n"))).authors[0].orcid == orcid[-19:]

    def test_orcid_with_a_slip(self, folder: Path):
        error = only(refused(folder, changed(("orcid:\n", "orcid: 0000-0002-1825-0079\n"))))
        assert "0000-0002-1825-0079" in error.found


class TestRefusals:
    def test_an_unknown_key_names_the_known_ones_and_the_nearest(self, folder: Path):
        text = changed(("since: 2013", "sinse: 2013"))
        error = only(refused(folder, text))
        assert "sinse" in error.found
        assert "since" in (error.expected or "")
        assert "since" in (error.remedy or "")
        assert error.where is not None
        assert error.where.line == line_of(text, "sinse")
        assert error.where.key == "sinse"

    def test_says_so_in_indonesian(self, folder: Path):
        with use("id"):
            error = only(refused(folder, changed(("since: 2013", "sinse: 2013"))))
        assert "since" in str(error)

    def test_a_bps_code_is_told_its_kemendagri_code(self, folder: Path):
        error = only(refused(folder, changed(("- 64.03", "- 6405"))))
        assert "64.03" in (error.remedy or "")
        assert error.where is not None
        assert error.where.line == line_of(DOCUMENT, "- 64.03")

    def test_a_name_of_two_regions_asks_which(self, folder: Path):
        error = only(refused(folder, changed(("- 32.72", "- Sukabumi"))))
        assert "32.02" in (error.remedy or "")
        assert "32.72" in (error.remedy or "")

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("exclude: []", "exclude: [33.14]"),
            ("pools: [all,", "pools: [33.14, all,"),
            ("donors:\n", "donors: [33.14]\nother:\n"),
        ],
    )
    def test_a_treated_region_is_no_donor(self, folder: Path, old: str, new: str):
        text = changed((old, new))
        error = next(e for e in refused(folder, text) if "33.14 is treated" in e.found)
        assert error.where is not None
        assert error.where.line == line_of(text, new.split("\n", maxsplit=1)[0])

    def test_a_region_treated_twice(self, folder: Path):
        assert "33.14" in only(refused(folder, changed(("- 32.72", "- 33.14")))).found

    @pytest.mark.parametrize(
        ("old", "new", "key"),
        [
            ("before: 2010-2012", "before: 2010-2013", "windows.before"),
            ("[2014-2015, 2014-2019]", "[2012-2015]", "windows.after.1"),
            ("[2014-2015, 2014-2019]", "[2014-2015, 2014-2015]", "windows.after.2"),
            ("placebo_after: 2011-2012", "placebo_after: 2010-2012", "windows.placebo_after"),
            ("synthetic_before: 2009-2012", "synthetic_before: 2009-2014", "windows.synthetic_before"),
            ("since: 2013", "since: 20l3", "since"),
            ("outcomes: [p0, tpt", "outcomes: [p0, tpd", "outcomes.2"),
            ("headline: p0", "headline: p2", "headline"),
            ("venue: konferensi-kesos", "venue: konferensi", "venue"),
            ("formats: [paper", "formats: [pdf", "deliverables.formats.1"),
            ("languages: [id, en]", "languages: [id, fr]", "deliverables.languages.2"),
            ("seed: 20130501", "seed: -1", "seed"),
            ("draws: 9999", "draws: 10", "plan.draws"),
            ("programme: PKST", "programme: PKSD", "programme"),
            ("date: 2026-11-22", "date: 22-11-2026", "date"),
            ("public: true", "public: false", "sources.1"),
            ("id: pkst-2013", "id: pkst-2014", "id"),
            ("email: nama@lembaga.go.id", "email: nama", "authors.1.email"),
            ("    per: treated", "    per: region", "notebooks.2.per"),
            ("- notebook: profil_wilayah", "- notebook: ../profil_wilayah", "notebooks.2.notebook"),
            ("rule: public", "rule: secret", "disclosure.rule"),
        ],
    )
    def test_each_with_its_key(self, folder: Path, old: str, new: str, key: str):
        error = only(refused(folder, changed((old, new))))
        assert error.where is not None
        assert error.where.key == key

    @pytest.mark.parametrize("lang", ["id", "en"])
    def test_a_title_of_fifteen_words(self, folder: Path, lang: str):
        title = DOCUMENT[DOCUMENT.index("title:") :].split(f"  {lang}: ")[1].split("\n")[0]
        error = only(refused(folder, changed((title, " ".join(["kata"] * 15)))))
        assert "15" in error.found
        assert "14" in (error.expected or "")

    def test_all_at_once(self, folder: Path):
        text = changed(
            ("- 64.03", "- 6405"),
            ("before: 2010-2012", "before: 2012-2010"),
            ("[2014-2015, 2014-2019]", "[2012-2015]"),
            ("exclude: []", "exclude: [33.14]"),
            ("draws: 9999", "drawz: 9999"),
            ("headline: p0", "headline: p1"),
            ("venue: konferensi-kesos", "venue: x"),
        )
        found = refused(folder, text)
        keys = [e.where.key for e in found if e.where]
        assert keys == [
            "treated.2",
            "headline",
            "windows.before",
            "windows.after.1",
            "donors.exclude.1",
            "plan.drawz",
            "venue",
        ]
        lines = [e.where.line for e in found if e.where]
        assert lines == sorted(lines)

    @pytest.mark.parametrize("key", ["id", "treated", "windows", "sources", "seed", "disclosure"])
    def test_a_missing_key(self, folder: Path, key: str):
        start = DOCUMENT.index(f"\n{key}:") + 1
        rest = DOCUMENT[start:].split("\n")
        end = next(i for i, line in enumerate(rest) if i and line and not line.startswith((" ", "#")))
        text = DOCUMENT[:start] + "\n".join(rest[end:])
        assert any(key in e.found for e in refused(folder, text))


class TestPlaces:
    @pytest.mark.parametrize(
        "path",
        [
            "../../etc/passwd",
            "/etc/passwd",
            "data/../../x.csv",
            "C:/x.csv",
            r"data\kabupaten_kota.csv",
            "//host/x",
            "~",
        ],
    )
    def test_data_lie_inside_the_workspace(self, folder: Path, path: str):
        found = refused(folder, changed(("file: data/kabupaten_kota.csv", f"file: '{path}'")))
        assert [e.where.key for e in found if e.where] == ["sources.1.file"]

    def test_a_link_that_leads_out_is_not_followed(self, folder: Path, tmp_path_factory: pytest.TempPathFactory):
        outside = tmp_path_factory.mktemp("outside") / "secret.csv"
        outside.write_text("secret", encoding="utf-8")
        (folder.parents[2] / "data" / "link.csv").symlink_to(outside)
        found = refused(folder, changed(("file: data/kabupaten_kota.csv", "file: data/link.csv")))
        assert [e.where.key for e in found if e.where] == ["sources.1.file"]

    @pytest.mark.parametrize("name", ["narrative.id.md", "references.bib", "bukti.csv", "study.yaml"])
    def test_no_file_of_the_study_is_a_link_that_leads_out(
        self, folder: Path, name: str, tmp_path_factory: pytest.TempPathFactory
    ):
        outside = tmp_path_factory.mktemp("outside") / name
        outside.write_text(DOCUMENT, encoding="utf-8")
        if name != "study.yaml":
            (folder / "study.yaml").write_text(DOCUMENT, encoding="utf-8")
        (folder / name).symlink_to(outside)
        with pytest.raises(StudyError, match="leads out"):
            read_study(folder)

    def test_the_study_itself_is_no_link_that_leads_out(self, tmp_path: Path):
        inside, outside = workspace(tmp_path / "a"), workspace(tmp_path / "b")
        (outside / "study.yaml").write_text(DOCUMENT, encoding="utf-8")
        inside.rmdir()
        inside.symlink_to(outside)
        with pytest.raises(StudyError, match="leads out"):
            read_study(inside)

    def test_a_folder_of_another_name(self, tmp_path: Path):
        folder = workspace(tmp_path, "salinan")
        assert "salinan" in only_found(refused(folder, DOCUMENT)).found


def only_found(found: list[KesosError]) -> KesosError:
    assert len(found) == 1
    return found[0]


class TestFinding:
    @pytest.fixture
    def inside(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        (folder / "study.yaml").write_text(DOCUMENT, encoding="utf-8")
        monkeypatch.chdir(folder)
        return folder

    @pytest.mark.parametrize("where", ["pkst-2013", ".", "study.yaml", "../pkst-2013", "../pkst-2013/study.yaml"])
    def test_by_folder_file_and_name(self, inside: Path, where: str):
        assert read_study(where).folder == inside

    @pytest.mark.usefixtures("inside")
    def test_a_name_that_is_nearly_right(self):
        with pytest.raises(StudyError, match="pkst-2013") as error:
            read_study("pkst-2031")
        assert "pkst-2013" in (error.value.remedy or "")

    @pytest.mark.usefixtures("inside")
    @pytest.mark.parametrize("where", ["", "\0", "x" * 5000, "nowhere/at/all", "/dev/null", "CON"])
    def test_what_is_no_study(self, where: str):
        with pytest.raises(KesosError):
            read_study(where)

    def test_outside_any_workspace(self, tmp_path: Path):
        (tmp_path / "study.yaml").write_text(DOCUMENT, encoding="utf-8")
        with pytest.raises(StudyError, match="kesos init"):
            read_study(tmp_path)


def test_reading_opens_no_heavy_room():
    """A study is read before pandas is wanted: checking its document must be quick."""
    code = (
        "import sys, kesos_research.study; print([m for m in ('pandas', 'matplotlib', 'nbformat') if m in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
