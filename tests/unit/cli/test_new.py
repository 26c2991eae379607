"""`kesos new` makes a study that runs at once; `--ask` makes it of the answers."""

from pathlib import Path

import pytest

from kesos_research.data.read import read_evidence
from kesos_research.study import known_studies, read_study


class TestTheExample:
    def test_can_run_at_once(self, study: Path, kesos):
        checked = kesos("check", "coba")
        assert checked.exit_code == 0, checked.output

    def test_is_a_study_of_that_name(self, study: Path):
        assert read_study("coba").id == "coba"
        assert set(known_studies(study)) == {"coba"}

    def test_has_every_cell_of_the_evidence_still_to_fill(self, study: Path):
        """Eleven scope items × five districts × six aspects."""
        evidence = read_evidence(read_study("coba"))
        assert (evidence.cells, evidence.filled) == (330, 0)

    def test_teaches_in_indonesian(self, study: Path):
        comments = [s for s in (study / "study.yaml").read_text(encoding="utf-8").splitlines() if s.startswith("#")]
        assert len(comments) > 20
        assert any("Kemendagri" in c for c in comments)

    def test_types_no_result(self, study: Path):
        import re

        for lang in ("id", "en"):
            prose = re.sub(
                r"\{\{.*?\}\}|\{%.*?%\}|<!--.*?-->",
                "",
                read_study("coba").narrative(lang).read_text("utf-8"),
                flags=re.S,
            )
            assert not re.search(r"\d[.,]\d", prose)

    def test_leaves_nothing_but_the_study(self, study: Path):
        assert [p.name for p in study.parent.iterdir()] == ["coba"]
        assert {p.name for p in study.iterdir()} == {
            *("study.yaml", "narrative.id.md", "narrative.en.md", "references.bib", "bukti.csv")
        }


class TestNames:
    def test_a_name_that_is_taken(self, study: Path, kesos):
        before = (study / "study.yaml").read_bytes()
        (study / "catatan.md").write_text("saya", encoding="utf-8")
        assert kesos("new", "coba").exit_code == 2
        assert (study / "study.yaml").read_bytes() == before
        assert (study / "catatan.md").exists()

    @pytest.mark.parametrize("name", ["Coba", "a b", "../x", "con", "", "-", "é", "x" * 65, "a/b", ".x", "nul", "x\0"])
    def test_names_that_will_not_do(self, root: Path, kesos, name: str):
        answer = kesos("new", "--", name)
        assert answer.exit_code == 2
        assert list((root / "notebooks" / "studies").iterdir()) == []

    def test_outside_a_workspace(self, tmp_path: Path, kesos, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.chdir(tmp_path)
        answer = kesos("new", "coba")
        assert answer.exit_code == 2
        assert "kesos init" in answer.stderr


class TestAsking:
    def test_regions_by_code_and_name_with_a_choice(self, root: Path, kesos):
        """Sukabumi is a kabupaten (32.02) and a kota (32.72); the second of the list is meant."""
        answers = 'Judul "kita": satu\nMy title # one\nPKST\n33.14, sukabumi, Kab. Bantaeng\n2\n2013\n'
        asked = kesos("new", "tanya", "--ask", typed=answers)
        assert asked.exit_code == 0, asked.output
        study = read_study("tanya")
        assert study.title == {"id": 'Judul "kita": satu', "en": "My title # one"}
        assert study.treated == ("33.14", "32.72", "73.03")
        assert study.windows.before.years == (2010, 2011, 2012)
        assert study.windows.after[0].years == (2014, 2015)
        assert "p0" in study.outcomes
        assert "rls" not in study.outcomes, "its figures begin in 2010, and four years before 2013 are needed"
        assert kesos("check", "tanya").exit_code == 0

    def test_asks_again_until_it_will_do(self, root: Path, kesos):
        answers = "Judul\nTitle\nPKSD\nPKST\n6405\nnowhere\nberau\n1999\ntahun\n2013\n"
        asked = kesos("new", "tanya", "--ask", typed=answers)
        assert asked.exit_code == 0, asked.output
        assert read_study("tanya").treated == ("64.03",)
        assert "64.03" in asked.stderr

    def test_stopped_halfway_leaves_nothing(self, root: Path, kesos):
        assert kesos("new", "tanya", "--ask", typed="Judul\n").exit_code != 0
        assert list((root / "notebooks" / "studies").iterdir()) == []
