"""`kesos release` and `kesos verify`: what they are handed, what is said, and exit codes 0 and 2."""

from pathlib import Path

import pytest

from kesos_research.errors import DisclosureError, OutputError, Problems, Where
from kesos_research.run import release as releasing
from kesos_research.run import released as finding
from kesos_research.run import verify as verifying
from kesos_research.run.release import ReleaseReport
from kesos_research.run.verify import Verification


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, root: Path):
    """What was asked for; a release of that version comes of it, or the error in `raises`."""
    calls: dict = {"raises": None, "remarks": ()}

    def release_study(study, *, progress, **asked):
        progress("[bold]x[/bold] \x1b[31m", 1, 2)
        calls.update(asked, study=study.id)
        if calls["raises"]:
            raise calls["raises"]
        return ReleaseReport(root / "reports/released/coba/1.0", ("a", "b"), 2_900_000, calls["remarks"])

    monkeypatch.setattr(releasing, "release_study", release_study)
    return calls


@pytest.mark.usefixtures("study")
class TestRelease:
    def test_everything_at_its_default(self, asked, kesos):
        answer = kesos("release", "coba")
        assert answer.exit_code == 0
        assert (asked["study"], asked["version"], asked["approval"]) == ("coba", None, None)
        assert "Released coba/1.0: 2 files, 2900 kB" in answer.stdout
        assert "kesos verify coba/1.0" in answer.stdout

    def test_a_version_and_an_approval(self, asked, kesos):
        kesos("release", "coba", "--version", "1.1", "--approve", "Dr. Siti", "--reason", "seen")
        assert asked["version"] == "1.1"
        assert (asked["approval"].reviewer, asked["approval"].reason) == ("Dr. Siti", "seen")

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            (("--version", "../x"), "is no version"),
            (("--version", "v1"), "numbers parted by points"),
            (("--approve", "Dr. Siti"), "a name and a reason"),
            (("--reason", "seen"), "a name and a reason"),
        ],
    )
    def test_what_is_not_understood_is_told_before_anything_runs(self, asked, kesos, arguments, says):
        answer = kesos("release", "coba", *arguments)
        assert answer.exit_code == 2
        assert says in answer.stderr
        assert "study" not in asked

    def test_what_stands_in_the_way_is_told_all_at_once(self, asked, kesos):
        asked["raises"] = Problems([DisclosureError("first"), DisclosureError("second", where=Where(file="x.pdf"))])
        answer = kesos("release", "coba")
        assert answer.exit_code == 2
        assert "1. first" in answer.stderr
        assert "2. x.pdf: second" in answer.stderr

    def test_what_should_be_known(self, asked, kesos):
        asked["remarks"] = ("Nothing needed an approval.",)
        assert "Nothing needed an approval." in kesos("release", "coba").stderr

    def test_nothing_is_released_while_the_study_is_not_understood(self, asked, kesos, study: Path):
        (study / "study.yaml").write_text("x", encoding="utf-8")
        assert kesos("release", "coba").exit_code == 2
        assert "study" not in asked


class TestVerify:
    @pytest.fixture
    def found(self, monkeypatch: pytest.MonkeyPatch, root: Path):
        """What the verification finds."""
        folder = root / "reports/released/coba/1.0"
        calls: dict = {"answer": Verification(folder, files=12, same=("a.pdf", "b.pdf"), claims=551)}

        def verify(folder, *, rerun, progress):
            calls.update(folder=folder, rerun=rerun)
            return calls["answer"]

        monkeypatch.setattr(finding, "find_release", lambda name: folder)
        monkeypatch.setattr(verifying, "verify", verify)
        return calls

    def test_all_as_it_was(self, found, kesos):
        answer = kesos("verify", "coba")
        assert (answer.exit_code, found["rerun"]) == (0, True)
        assert "coba/1.0: 12 files are as they were released." in answer.stdout
        assert "2 of 2 files byte for byte, and all 551 claims" in answer.stdout

    def test_hashes_alone(self, found, kesos):
        answer = kesos("verify", "coba", "--no-rerun")
        assert (answer.exit_code, found["rerun"]) == (0, False)
        assert "rerun" not in answer.stdout

    def test_each_problem_is_told_and_the_exit_code_says_so(self, found, kesos):
        problem = OutputError("The file has been changed.", where=Where(file="id/a.pdf"))
        found["answer"] = Verification(found["answer"].folder, (problem,), ("pandas: 99 here, 3 then",), 12)
        answer = kesos("verify", "coba")
        assert answer.exit_code == 2
        assert "id/a.pdf: The file has been changed." in answer.stderr
        assert "pandas: 99 here, 3 then" in answer.stderr
        assert "1 problems" in answer.stdout

    def test_no_such_release(self, root, kesos):
        answer = kesos("verify", "tidak-ada")
        assert answer.exit_code == 2
        assert "There is no release" in answer.stderr
