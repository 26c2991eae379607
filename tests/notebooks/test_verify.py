"""A release verified: every way it can be spoilt is named; a rerun is held against it, bytes and claims."""

import json
import re
from pathlib import Path

import pytest
from release_study import notebooks, study
from toy_study import ToyReport

from kesos_research.errors import KesosError, OutputError, StudyError
from kesos_research.language import use
from kesos_research.run import verify as module
from kesos_research.run.bundle import packed, unpacked
from kesos_research.run.folder import sums
from kesos_research.run.release import release_study
from kesos_research.run.released import find_release, read_release, version_key, versions_of
from kesos_research.run.verify import verify
from kesos_research.study import Study


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
def root(tmp_path: Path, monkeypatch) -> Path:
    top = tmp_path / "ruang"
    top.mkdir()
    study(top)
    notebooks(top)
    # the study's document is a stand-in, which its reader would not take
    monkeypatch.setattr(module, "read_study", lambda folder: of(top))
    return top


def of(root: Path) -> Study:
    return study(root)


@pytest.fixture
def folder(root: Path) -> Path:
    return release_study(study(root)).folder


def tree(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def told(folder: Path, **how) -> list[str]:
    return [str(problem) for problem in verify(folder, **how).problems]


def hashed_again(folder: Path) -> None:
    """Someone who changes a file and makes a new list of hashes."""
    files = {path: data for path, data in tree(folder).items() if path != "SHA256SUMS"}
    (folder / "SHA256SUMS").write_bytes(sums(files))


class TestHashes:
    def test_what_was_released_is_as_it_was(self, folder):
        found = verify(folder, rerun=False)
        assert (found.problems, found.notes, found.exit_code) == ((), (), 0)
        assert found.files == len(tree(folder)) + 3  # the notebooks in their archive too

    def test_every_single_file_that_is_changed_is_named(self, folder):
        for path, data in tree(folder).items():
            (folder / path).write_bytes(data + b"\n" if path != "SHA256SUMS" else data.replace(b"0", b"1", 1))
            found = verify(folder, rerun=False)
            assert found.exit_code == 2, path
            named = [str(e.where) for e in found.problems if e.where]
            assert path == "SHA256SUMS" or path in named, (path, named)
            (folder / path).write_bytes(data)
        assert verify(folder, rerun=False).exit_code == 0

    def test_missing_and_added_files_are_named(self, folder):
        (folder / "claims.json").unlink()
        (folder / "id" / "more.pdf").write_bytes(b"x")
        text = "\n".join(told(folder, rerun=False))
        assert "claims.json: The file is missing." in text
        assert "id/more.pdf: The file does not belong to the release." in text

    @pytest.mark.skipif(not hasattr(Path, "symlink_to"), reason="no links")
    def test_a_link_is_told_and_not_followed(self, folder, tmp_path):
        (tmp_path / "secret").write_text("x")
        (folder / "id" / "link").symlink_to(tmp_path / "secret")
        assert any("holds no links" in text for text in told(folder, rerun=False))

    def test_a_changed_file_with_new_hashes_is_still_told_by_the_manifest(self, folder):
        (folder / "id" / "toy-1_laman_id.html").write_bytes(b"other")
        hashed_again(folder)
        assert told(folder, rerun=False) == ["id/toy-1_laman_id.html: The manifest has another hash of the file."]

    def test_notebooks_changed_inside_their_archive(self, folder):
        path = folder / "notebooks.tar.xz"
        books = unpacked(path.read_bytes(), "")
        books["notebooks/main.ipynb"] += b" "
        path.write_bytes(packed({**books, "notebooks/more.ipynb": b"{}"}))
        hashed_again(folder)
        text = "\n".join(told(folder, rerun=False))
        assert "notebooks/main.ipynb: The manifest has another hash" in text
        assert "notebooks.tar.xz/notebooks/more.ipynb: The file does not belong" in text

    def test_a_guards_record_that_was_changed(self, folder):
        path = folder / "pengungkapan.json"
        path.write_text(path.read_text(encoding="utf-8").replace('"rule": "public"', '"rule": "persons"'))
        assert any("records cannot be read, or were changed" in text for text in told(folder, rerun=False))

    @pytest.mark.parametrize("text", ["", "{", "[]", '{"outputs": {"a": 1}}', '{"outputs": {}}'])
    def test_a_manifest_that_is_none(self, folder, text):
        (folder / "manifest.json").write_text(text)
        assert verify(folder, rerun=False).exit_code == 2

    @pytest.mark.parametrize("line", ["x", "0" * 64, "0" * 64 + "  ../../etc/passwd", "0" * 64 + "  a\0b"])
    def test_lists_of_hashes_that_are_none(self, folder, line):
        with (folder / "SHA256SUMS").open("a") as file:
            file.write(line + "\n")
        assert verify(folder, rerun=False).exit_code == 2

    def test_a_folder_without_hashes_is_no_release(self, tmp_path):
        with pytest.raises(OutputError, match="0 lists of hashes"):
            read_release(tmp_path)


class TestRerun:
    def test_the_same_study_gives_the_same_release(self, root, folder):
        before = tree(root)
        found = verify(folder)
        assert (found.problems, found.notes, found.differing) == ((), (), ())
        assert len(found.same) == 3 + 4 + 3
        assert found.claims == 4
        assert tree(root) == before  # neither drafts nor release are touched

    def test_other_numbers_are_named_with_both_values(self, root, folder):
        notebooks(root, values="[17.75, 5.25]")
        found = verify(folder)
        text = "\n".join(map(str, found.problems))
        assert found.exit_code == 2
        assert "p0.level.33.14 was released with estimate = 17.5, and a rerun gives 17.75" in text
        assert "p0.level.64.03" not in text
        assert "notebooks/main.ipynb: This file was changed since the release." in text
        assert "id/toy-1_makalah_id.pdf" in found.differing
        assert found.claims == 2

    def test_claims_gone_and_come(self, root, folder):
        notebooks(root, 'report.claim(protected, "p0.new", unit="poin", term="33.14")')
        text = "\n".join(told(folder))
        assert "a claim that was not released: p0.new" in text

    def test_a_changed_input_that_changes_nothing_is_a_note(self, root, folder):
        (root / "notebooks/studies/toy-1/references.bib").write_text("% nothing\n")
        found = verify(folder)
        assert found.problems == ()
        assert found.notes == ("notebooks/studies/toy-1/references.bib: This file is new since the release.",)

    def test_other_bytes_without_a_reason_are_a_problem(self, folder, report, monkeypatch):
        import sys

        monkeypatch.setattr(sys.modules["kesos_research.report.render.page"], "html", lambda document: b"other")
        found = verify(folder)
        assert found.exit_code == 2
        assert {str(e) for e in found.problems} == {
            f"{path}: A rerun gives other bytes, and nothing explains it." for path in found.differing
        }
        assert len(found.differing) == 2 + 4

    def test_other_bytes_of_another_library_are_a_note_when_the_claims_agree(self, folder, monkeypatch):
        import sys

        monkeypatch.setattr(sys.modules["kesos_research.report.render.page"], "html", lambda document: b"other")
        now = module.versions()
        monkeypatch.setattr(module, "versions", lambda: {**now, "pandas": "99.0"})
        found = verify(folder)
        assert (found.problems, found.exit_code) == ((), 0)
        assert any(re.fullmatch(r"pandas: 99\.0 here, .+ then", note) for note in found.notes)
        assert any("id/toy-1_laman_id.html" in note for note in found.notes)

    @pytest.mark.parametrize(
        ("was", "now", "near"),
        [
            (1.0, 1.0 + 9e-7, True),
            (1.0, 1.0 + 2e-6, False),
            (0.0, 9e-10, True),
            (0.0, 2e-9, False),
            (-250.0, -250.0001, True),
            (None, None, True),
            (None, 0.0, False),
            (0.0, None, False),
            (3, 4, False),
        ],
    )
    def test_the_tolerance_is_the_one_that_is_stated(self, was, now, near):
        assert module._near(was, now) is near

    def test_a_study_that_fails_now(self, root, folder):
        notebooks(root, "1 / 0")
        assert any("stopped in cell" in text for text in told(folder))

    def test_a_hostile_name_of_a_study_leads_nowhere(self, root, folder):
        path = folder / "manifest.json"
        said = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps({**said, "study": "../../../etc"}))
        with pytest.raises(OutputError, match="names no study"):
            verify(folder)

    def test_a_study_that_is_not_there(self, folder, monkeypatch):
        def none(where):
            raise StudyError("There is no study.")

        monkeypatch.setattr(module, "read_study", none)
        with pytest.raises(KesosError):
            verify(folder)


class TestFinding:
    def test_by_folder_by_name_and_the_newest(self, root, folder, monkeypatch):
        release_study(study(root), version="1.9")
        newest = release_study(study(root), version="1.10").folder
        monkeypatch.chdir(root)
        assert find_release(str(folder)) == folder
        assert find_release("toy-1/1").resolve() == folder.resolve()
        assert find_release("toy-1").resolve() == newest.resolve()
        assert find_release("reports/released/toy-1/1.9").name == "1.9"

    @pytest.mark.parametrize("name", ["", "toy-2", "toy-1/7", "../..", "/", "a\0b", "x" * 5000])
    def test_what_is_not_there_is_told_with_what_is(self, root, folder, monkeypatch, name):
        monkeypatch.chdir(root)
        with pytest.raises(OutputError, match=r"toy-1/1"):
            find_release(name)

    def test_versions_are_in_the_order_of_numbers(self, tmp_path):
        for name in ("1.10", "1.9", "2", "1", "x", ".stage-a", "1.x"):
            (tmp_path / name).mkdir()
        assert versions_of(tmp_path) == ["1", "1.9", "1.10", "2"]
        assert version_key("1.10") > version_key("1.9")
