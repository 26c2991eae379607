"""A study released from end to end: what lies in the folder, what stands in the way, and what a rerun then says."""

import json
import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from release_study import PERSONS, notebooks, study
from toy_study import ToyReport

from kesos_research.errors import DisclosureError, DocumentError, KesosError, OutputError, Problems
from kesos_research.language import use
from kesos_research.run import release as module
from kesos_research.run.bundle import unpacked
from kesos_research.run.log import Approval
from kesos_research.run.release import release_study
from kesos_research.run.released import read_release
from kesos_research.study import Publication, Survey

DOCUMENTS = {"id/toy-1_makalah_id.pdf", "id/toy-1_laman_id.html", "en/toy-1_page_en.html"}
PROFILES = {
    f"wilayah/{code}/profil_{code}_{slug}_{lang}.html"
    for code, slug in (("33.14", "kab-sragen"), ("64.03", "kab-berau"))
    for lang in ("id", "en")
}
OWN = {
    *("claims.json", "manifest.json", "SHA256SUMS", "notebooks.tar.xz", "pengungkapan.json"),
    *("catatan-pengungkapan.id.md", "disclosure-log.en.md", "lembar-statistik.id.md", "statistical-sheet.en.md"),
}
NIK = "3314055501900001"


@pytest.fixture(autouse=True)
def report(monkeypatch) -> ToyReport:
    made = ToyReport().install(monkeypatch)
    made.without_kernels(monkeypatch)
    return made


@pytest.fixture(autouse=True)
def english():
    with use("en"):
        yield


@pytest.fixture
def root(tmp_path: Path) -> Path:
    top = tmp_path / "a workspace – ruang"
    top.mkdir()
    study(top)
    notebooks(top)
    return top


def tree(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def told(error: KesosError) -> list[str]:
    return [str(one) for one in (error.problems if isinstance(error, Problems) else (error,))]


def nothing_released(root: Path) -> bool:
    released = root / "reports" / "released"
    return not released.exists() or tree(released) == {}


class TestContents:
    def test_just_what_is_published_and_all_of_it(self, root):
        done = release_study(study(root))
        assert done.folder == root / "reports" / "released" / "toy-1" / "1"
        files = tree(done.folder)
        assert set(files) == DOCUMENTS | PROFILES | OWN
        assert (set(done.files), done.size) == (set(files), sum(map(len, files.values())))
        drafts = tree(root / "reports" / "drafts" / "toy-1")
        assert all(files[path] == drafts[path] for path in DOCUMENTS | PROFILES)
        books = unpacked(files["notebooks.tar.xz"], "notebooks.tar.xz")
        assert books == {path: data for path, data in drafts.items() if path.endswith(".ipynb")}

    def test_the_same_drafts_give_the_same_bytes(self, root, tmp_path):
        first = tree(release_study(study(root), version="1").folder)
        assert tree(release_study(study(root), version="2").folder).keys() == first.keys()
        other = tmp_path / "elsewhere"
        other.mkdir()
        study(other)
        notebooks(other)
        assert tree(release_study(study(other), version="1").folder) == first

    def test_hashes_in_both_lists_are_those_of_the_files(self, root):
        done = release_study(study(root))
        files = tree(done.folder)
        listed = dict(reversed(line.split("  ")) for line in files["SHA256SUMS"].decode().splitlines())
        assert listed == {p: sha256(data).hexdigest() for p, data in files.items() if p != "SHA256SUMS"}
        manifest = json.loads(files["manifest.json"])
        files |= unpacked(files["notebooks.tar.xz"], "")
        assert {p: e["sha256"] for p, e in manifest["outputs"].items()} == {
            p: sha256(data).hexdigest() for p, data in files.items() if p not in ("SHA256SUMS", "manifest.json")
        }
        assert read_release(done.folder).problems == ()

    def test_the_manifest_tells_of_no_machine_and_no_clock(self, root):
        done = release_study(study(root))
        said = json.loads((done.folder / "manifest.json").read_text(encoding="utf-8"))
        assert (said["study"], said["version"], said["date"], said["approved"]) == ("toy-1", "1", "2014-11-25", None)
        assert said["parameters"]["profil_wilayah_33.14"] == {"study": "toy-1", "region": "33.14"}
        for path, data in tree(done.folder).items():
            assert str(root).encode() not in data, path
            assert os.environ.get("HOME", "/nobody").encode() + b"/" not in data, path

    def test_claims_name_only_documents_that_are_published(self, root):
        done = release_study(study(root))
        claims = {c["name"]: c for c in json.loads((done.folder / "claims.json").read_text())["claims"]}
        assert set(claims) == {"p0.level.33.14", "p0.level.64.03", "p0.own.33.14", "p0.own.64.03"}
        assert claims["p0.level.33.14"]["estimate"] == 17.5
        assert set(claims["p0.level.33.14"]["used_in"]) == DOCUMENTS
        assert set(claims["p0.own.64.03"]["used_in"]) == {p for p in PROFILES if "64.03" in p}

    def test_every_exhibit_and_claim_stands_in_the_log_with_its_rule(self, root):
        done = release_study(study(root))
        log = (done.folder / "disclosure-log.en.md").read_text(encoding="utf-8")
        assert "| tbl-level | Poverty rate | main | published before | Ketua Tim | BPS |" in log
        assert "| p0.level.33.14, p0.level.64.03 | 2 | main |" in log
        assert "Ketua Tim" in log
        assert "Every table, figure and claim passed the guard." in log
        for path in DOCUMENTS | PROFILES | {"notebooks/main.ipynb", "claims.json"}:
            assert f"| {path} |" in log
        indonesian = (done.folder / "catatan-pengungkapan.id.md").read_text(encoding="utf-8")
        assert "Tingkat \\| kemiskinan: 17,50" in indonesian

    def test_the_guards_records_go_along_whole(self, root):
        from kesos_research.disclosure.record import Record

        done = release_study(study(root))
        said = json.loads((done.folder / "pengungkapan.json").read_text(encoding="utf-8"))
        records = {Record.from_dict(record).digest for record in said["records"]}
        assert {digest for shown in said["shown"] for digest in shown["records"]} == records
        assert {shown.get("exhibit") for shown in said["shown"]} == {"tbl-level", None}

    def test_invented_rows_stand_in_every_name_and_on_every_page(self, root):
        made = study(root, synthetic=True, treated=("01.01", "01.02"))
        for path in [*root.rglob("*.ipynb"), *root.rglob("*.md"), *root.rglob("*.csv")]:
            said = path.read_text(encoding="utf-8").replace("33.14", "01.01").replace("64.03", "01.02")
            path.write_text(said, encoding="utf-8", newline="\n")
        done = release_study(made)
        files = tree(done.folder)
        assert [path for path in files if "sintetis" not in path.rpartition("/")[2]] == []
        for name in ("disclosure-log_sintetis.en.md", "statistical-sheet_sintetis.en.md"):
            assert b"SYNTHETIC DATA" in files[name]
        assert read_release(done.folder).problems == ()

    def test_notebooks_stay_when_the_study_says_so(self, root):
        publication = study(root).release.model_copy(update={"notebooks": False})
        done = release_study(study(root, release=publication))
        assert set(done.files) == DOCUMENTS | PROFILES | OWN - {"notebooks.tar.xz"}
        assert read_release(done.folder).problems == ()

    @pytest.mark.skipif(shutil.which("sha256sum") is None, reason="no coreutils here")
    def test_sha256sum_agrees(self, root):
        done = release_study(study(root))
        command = ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"]
        assert subprocess.run(command, cwd=done.folder, check=False).returncode == 0


class TestVersion:
    def test_releases_are_counted(self, root):
        names = [release_study(study(root)).folder.name for _n in range(3)]
        assert names == ["1", "2", "3"]

    def test_the_studys_own_version_and_the_one_asked_for(self, root):
        own = study(root, release=study(root).release.model_copy(update={"version": "1.0"}))
        assert release_study(own).name == "toy-1/1.0"
        assert release_study(own, version="1.1").name == "toy-1/1.1"

    def test_what_is_released_is_never_overwritten(self, root):
        done = release_study(study(root))
        before = tree(done.folder)
        notebooks(root, values="[1.0, 2.0]")
        with pytest.raises(OutputError, match=r"toy-1/1 is there already"):
            release_study(study(root), version="1")
        assert tree(done.folder) == before

    def test_removed_and_released_again_it_is_the_same(self, root):
        done = release_study(study(root))
        before = tree(done.folder)
        shutil.rmtree(done.folder)
        with use("id"):  # the reader's language is none of the release's
            assert tree(release_study(study(root)).folder) == before


class TestRefused:
    def test_an_edited_word_file(self, root):
        publication = Publication.model_validate({"documents": {"id": ["docx"]}, "profiles": []})
        release_study(study(root, release=publication), version="1")
        paper = root / "reports/drafts/toy-1/id/toy-1_makalah_id.docx"
        paper.write_bytes(b"edited by a colleague")
        with pytest.raises(OutputError, match=r"makalah_id\.docx: The draft was changed by hand"):
            release_study(study(root, release=publication), version="2")
        assert not (root / "reports/released/toy-1/2").exists()
        assert paper.read_bytes() == b"edited by a colleague"
        # one that is not published is nobody's concern
        assert release_study(study(root), version="3").folder.is_dir()

    def test_a_notebook_that_fails(self, root):
        notebooks(root, "1 / 0")
        with pytest.raises(KesosError, match="stopped in cell"):
            release_study(study(root))
        assert nothing_released(root)

    def test_an_exhibit_that_nobody_guarded_even_with_an_approval(self, root):
        own = "from kesos_research.report.exhibit import Table\nTable('tbl-own', rows=({'a': 1},))"
        notebooks(root, own)
        for approval in (None, Approval("Dr. Siti", "seen")):
            with pytest.raises(DisclosureError, match="tbl-own has not passed the guard"):
                release_study(study(root), approval=approval)
        assert nothing_released(root)

    def test_a_claim_that_nobody_guarded(self, root):
        own = "from kesos_research.report.exhibit import Claim, Claims\nClaims([Claim('p0.own', 1.0, public=True)])"
        notebooks(root, own)
        with pytest.raises(DisclosureError, match=r"p0\.own has not passed the guard"):
            release_study(study(root))
        assert nothing_released(root)

    @pytest.mark.parametrize("where", ["document", "notebook"])
    def test_a_nik_anywhere(self, root, where):
        if where == "document":
            (root / "notebooks/studies/toy-1/narrative.id.md").write_text(f"Ibu Siti (NIK {NIK}).\n", encoding="utf-8")
        else:
            notebooks(root, f"print('x')\n'{NIK[:6]} {NIK[6:12]} {NIK[12:]}'", "#md NIK " + NIK)
        with pytest.raises(KesosError) as caught:
            release_study(study(root), approval=Approval("Dr. Siti", "seen"))
        text = str(caught.value)
        assert NIK not in text
        assert ("html" if where == "document" else "main.ipynb") in text
        assert nothing_released(root)

    def test_rows_that_nobody_described(self, root):
        with pytest.raises(KesosError, match="Nothing says how the rows of source panel were collected"):
            release_study(study(root, public=False))
        assert nothing_released(root)

    def test_a_ministrys_survey_without_its_number(self, root):
        survey = Survey.model_validate({"kind": "sektoral"})
        with pytest.raises(Problems, match="Rekomendasi Statistik"):
            release_study(study(root, public=False, survey=survey))
        assert nothing_released(root)

    def test_everything_is_told_at_once(self, root):
        own = "from kesos_research.report.exhibit import Table\nTable('tbl-own', rows=({'a': 1},))"
        notebooks(root, own)
        (root / "notebooks/studies/toy-1/narrative.id.md").write_text(f"NIK {NIK}\n", encoding="utf-8")
        with pytest.raises(Problems) as caught:
            release_study(study(root))
        text = "\n".join(told(caught.value))
        assert "tbl-own has not passed" in text
        assert "makalah_id.pdf" in text
        assert "laman_id.html" in text

    def test_a_full_disk_leaves_nothing(self, root, monkeypatch):
        def full(folder, files):
            raise OutputError("The disk is full.")

        monkeypatch.setattr(module, "write_folder", full)
        with pytest.raises(OutputError):
            release_study(study(root))
        assert nothing_released(root)

    @pytest.mark.parametrize(
        ("change", "says"),
        [
            (lambda c: c["claims"].pop(0), "claim p0.level.33.14 is missing"),
            (lambda c: c["claims"][0].update(estimate=1.0), "p0.level.33.14 has another value"),
            (lambda c: c["claims"][0]["used_in"].pop(), "states the claim p0.level.33.14, and claims.json does not"),
            (lambda c: c["claims"].append({**c["claims"][0], "name": "p0.x", "used_in": []}), "No notebook makes"),
        ],
    )
    def test_claims_that_are_not_complete(self, root, monkeypatch, change, says):
        real = module.drafted

        def spoilt(given, folder):
            drafts = real(given, folder)
            claims = json.loads(drafts.claims)
            change(claims)
            return type(drafts)(**{**vars(drafts), "claims": json.dumps(claims).encode()})

        monkeypatch.setattr(module, "drafted", spoilt)
        with pytest.raises(KesosError) as caught:
            release_study(study(root))
        assert says in str(caught.value)
        assert {type(e) for e in getattr(caught.value, "problems", (caught.value,))} == {DocumentError}
        assert nothing_released(root)

    @pytest.mark.parametrize(
        ("spoil", "says"),
        [
            (lambda d: (d / "id/toy-1_laman_id.html").write_bytes(b"x"), "changed by hand"),
            (lambda d: (d / "id/toy-1_laman_id.html").unlink(), "The draft is missing"),
            (lambda d: (d / "manifest.json").write_text("{"), "no whole manifest"),
            (lambda d: (d / "notebooks/main.ipynb").write_text("{}"), "changed by hand"),
            (lambda d: (d.parents[2] / "data/panel.csv").write_text("other"), "another edition of this file"),
        ],
    )
    def test_drafts_that_changed_after_the_run(self, root, monkeypatch, spoil, says):
        real = module.run_study

        def then_spoilt(given, **how):
            done = real(given, **how)
            spoil(done.folder)
            return done

        monkeypatch.setattr(module, "run_study", then_spoilt)
        with pytest.raises(KesosError) as caught:
            release_study(study(root))
        assert says in str(caught.value)
        assert nothing_released(root)


class TestApproval:
    def test_what_the_guard_did_not_pass_needs_a_name_and_a_reason(self, root):
        given = study(root, public=False, survey=Survey.model_validate({"kind": "secondary"}))
        with pytest.raises(KesosError, match="passed as published before, and no source of the study is public"):
            release_study(given)
        assert nothing_released(root)
        done = release_study(given, approval=Approval("Dr. Siti | Rahma", "BPS has <published> them"))
        log = (done.folder / "disclosure-log.en.md").read_text(encoding="utf-8")
        assert "| Reviewer | Dr. Siti \\| Rahma |" in log
        assert "| Reason | BPS has &lt;published> them |" in log
        assert "| Objection | tbl-level passed as published before" in log
        said = json.loads((done.folder / "manifest.json").read_text(encoding="utf-8"))
        assert said["approved"]["reviewer"] == "Dr. Siti | Rahma"
        assert set(said["approved"]["what"][0]) == {"id", "en"}

    def test_an_approval_that_nothing_needs_is_not_written_down(self, root):
        first = tree(release_study(study(root)).folder)
        shutil.rmtree(root / "reports" / "released")
        done = release_study(study(root), approval=Approval("Dr. Siti", "seen"))
        assert tree(done.folder) == first
        assert done.remarks == ("Nothing needed an approval, and none was written down.",)

    @pytest.mark.parametrize(("name", "reason"), [("Dr. Siti", ""), ("", "seen"), ("  ", "seen")])
    def test_half_an_approval_is_none(self, name, reason):
        with pytest.raises(DisclosureError, match="a name and a reason"):
            module.approval_of(name, reason)


class TestPersons:
    """A survey's table: cells of few persons are hidden, and a later release may not give them away."""

    def given(self, root, *, drop: int = 0):
        notebooks(root, PERSONS.format(drop=drop))
        return study(root)

    def test_what_is_hidden_stands_in_the_log_and_nowhere_else(self, root):
        done = release_study(self.given(root))
        log = (done.folder / "disclosure-log.en.md").read_text(encoding="utf-8")
        row = next(line for line in log.splitlines() if line.startswith("| tbl-persons"))
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert cells[:6] == ["tbl-persons", "Respondents", "main", "persons", "Dr. Aminah", "Survey"]
        assert cells[6:13] == ["survei-2014", "person", "6", "1", "0", "0", "5"]
        assert cells[-2] == "passed"
        assert "| persons | Dr. Aminah |  | " in log
        assert "min_n = 10" in log
        record = next(
            r for r in json.loads((done.folder / "pengungkapan.json").read_text())["records"] if r["rule"] == "persons"
        )
        hidden = [r for r in record["rows"] if r["mark"] == "withheld"]
        assert [(r["at"], r["values"]["n"]) for r in hidden] == [({"jk": "L", "kab": "c"}, None)]

    def test_a_second_release_without_three_of_them_is_refused_and_names_the_first(self, root):
        release_study(self.given(root))
        with pytest.raises(KesosError, match="isolates few persons"):
            release_study(self.given(root, drop=3))
        done = release_study(self.given(root, drop=3), approval=Approval("Dr. Siti", "Three have withdrawn."))
        log = (done.folder / "disclosure-log.en.md").read_text(encoding="utf-8")
        assert "| Earlier releases of the same populations | toy-1/1 |" in log
        assert "isolates few persons" in log

    def test_the_same_tables_may_be_released_again(self, root):
        release_study(self.given(root))
        done = release_study(self.given(root))
        log = (done.folder / "disclosure-log.en.md").read_text(encoding="utf-8")
        assert "| Linked tables of persons | 1 |" in log

    def test_a_release_of_another_study_counts_as_earlier_too(self, root):
        first = release_study(self.given(root))
        (root / "reports/released/other-1").mkdir()
        shutil.move(first.folder, root / "reports/released/other-1/2.0")
        with pytest.raises(KesosError, match="isolates few persons"):
            release_study(self.given(root, drop=3))

    @pytest.mark.parametrize("text", ["", "{", '{"records": [{"rule": "persons"}]}'])
    def test_an_earlier_release_that_cannot_be_read_stops_the_audit(self, root, text):
        first = release_study(self.given(root))
        (first.folder / "pengungkapan.json").write_text(text)
        with pytest.raises(OutputError, match=r"toy-1/1 cannot be read"):
            release_study(self.given(root))


@pytest.mark.skipif(sys.platform == "win32", reason="no links for everybody")
def test_a_release_is_not_written_through_a_link(root, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (root / "reports" / "released").mkdir(parents=True)
    (root / "reports" / "released" / "toy-1").symlink_to(elsewhere, target_is_directory=True)
    with pytest.raises(OutputError):
        release_study(study(root))
    assert list(elsewhere.iterdir()) == []
