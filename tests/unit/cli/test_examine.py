"""`kesos check` finds what would fail an hour later, all at once, and stops nothing that the venue merely dislikes."""

import json
import os
from pathlib import Path

import pytest

from kesos_research.cli.examine import Findings, claims_of_last_run, examine
from kesos_research.cli.prose import prose
from kesos_research.errors import KesosError, Problems
from kesos_research.study import read_study
from kesos_research.study.narrative import read_narrative


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def said(found: Findings) -> str:
    return "\n".join(map(str, found.errors))


def slips(folder: Path, claims: set[str] | None = None) -> list[KesosError]:
    """What is wrong with the Indonesian prose."""
    study = read_study(folder)
    path = study.narrative("id")
    try:
        told = read_narrative(path, "id", name=path.relative_to(study.root).as_posix())
        prose(study, told, study.references.read_text(encoding="utf-8"), claims)
    except Problems as several:
        return list(several.problems)
    except KesosError as one:
        return [one]
    return []


class TestTheStudy:
    def test_a_new_one_can_run(self, study: Path):
        found = examine("coba")
        assert found.errors == []
        assert found.study is not None

    def test_what_the_venue_dislikes_stops_nothing(self, study: Path, kesos):
        """The abstracts are still to be written."""
        assert [w for w in examine("coba").warnings if "200–250" in (w.expected or "")]
        checked = kesos("check", "coba")
        assert checked.exit_code == 0
        assert "200–250" in checked.stderr

    def test_errors_of_every_kind_at_once(self, study: Path, kesos):
        change(study / "narrative.id.md", "[@abadie2021]", "[@abadi2021]")
        change(study / "narrative.en.md", "{{ did | verdict }}", "{{ did | verdikt }}")
        change(study / "study.yaml", "per: treated\n", "per: treated\n    parameters: {wilayah: 33.14}\n")
        change(study / "bukti.csv", "A1,33.14,regulasi", "A9,33.14,regulasi")
        answer = kesos("check", "coba")
        assert answer.exit_code == 2
        assert all(word in answer.stderr for word in ("abadi2021", "verdikt", "wilayah", "A9"))

    def test_a_document_that_is_not_understood_is_told_alone(self, study: Path):
        change(study / "study.yaml", "since: 2013", "since: tahun")
        found = examine("coba")
        assert found.study is None
        assert [e.where.key for e in found.errors if e.where] == ["since"]


class TestData:
    def test_a_year_outside_them(self, study: Path):
        change(study / "study.yaml", "after: [2014-2015, 2014-2019]", "after: [2014-2015, 2014-2031]")
        errors = examine("coba").errors
        assert {e.where.key for e in errors if e.where} == {"windows.after.2"}
        assert "2031" in str(errors[0])

    def test_an_outcome_without_figures_in_the_windows(self, study: Path):
        """P2 is published from 2015 on."""
        change(study / "study.yaml", "outcomes: [p0, tpt]", "outcomes: [p0, p2]")
        assert "p2" in said(examine("coba"))

    def test_an_outcome_that_only_lacks_its_placebo(self, study: Path):
        """Mean years of schooling begin in 2010: no placebo in time from 2009, and an answer all the same."""
        change(study / "study.yaml", "outcomes: [p0, tpt]", "outcomes: [p0, rls]")
        found = examine("coba")
        assert found.errors == []
        assert any("rls" in str(w) for w in found.warnings)

    def test_a_year_that_nobody_has_is_told(self, study: Path):
        """Unemployment of 2016 is interpolated for everybody."""
        assert any("2016" in str(w) and "tpt" in str(w) for w in examine("coba").warnings)

    def test_a_window_with_the_first_year(self, study: Path):
        change(study / "study.yaml", "after: [2014-2015, 2014-2019]", "after: [2013-2015]")
        found = examine("coba")
        assert found.errors == []
        assert any("2013–2015" in str(w) for w in found.warnings)

    def test_a_spoilt_file(self, root: Path, study: Path):
        change(root / "data" / "kabupaten_kota.csv", "wilayah,tahun", "wilayah;tahun")
        assert "kabupaten_kota.csv" in said(examine("coba"))

    def test_a_file_that_is_not_there(self, root: Path, study: Path):
        (root / "data" / "kabupaten_kota.csv").unlink()
        found = examine("coba")
        assert [e.where.key for e in found.errors if e.where] == ["sources.1.file"]


class TestNotebooks:
    def test_one_that_is_not_there(self, root: Path, study: Path):
        (root / "notebooks" / "profil_wilayah.ipynb").unlink()
        assert "profil_wilayah" in said(examine("coba"))

    def test_a_misspelt_parameter(self, study: Path):
        change(
            study / "study.yaml",
            "  - notebook: evaluasi_percontohan\n",
            "  - notebook: evaluasi_percontohan\n    parameters: {regoin: x}\n",
        )
        assert "regoin" in said(examine("coba"))
        assert "region" in said(examine("coba"))

    def test_something_that_is_no_notebook(self, root: Path, study: Path):
        (root / "notebooks" / "evaluasi_percontohan.ipynb").write_text("{", encoding="utf-8")
        assert "evaluasi_percontohan" in said(examine("coba"))


class TestProse:
    @pytest.mark.parametrize(
        ("old", "new", "named"),
        [
            ("[@abadie2021]", "[@abadie2012]", "abadie2021"),
            ('{{ exhibit("tbl-did") }}', '{{ exhibit("tbl-dit") }}', "tbl-did"),
            ("@tbl-did dan", "@tbl-dit dan", "tbl-did"),
            ("| verdict }}", "| verdit }}", "verdict"),
            ("region(code)", 'region("6405")', "64.03"),
            ("study.windows.before.label", "studi.windows.before.label", "studi"),
            ("{{ did | p }}", "{{ did | p }", "narrative.id.md"),
            ('".mde"', '" mde"', "mde"),
            ("{{ did | p }}", '{% if false %}{{ claim("P0 MDE") | p }}{% endif %}', "P0 MDE"),
            ("{{ did | p }}", '{{ fact("PKST", "launch_dat") }}', "launch_dat"),
            ("{{ did | p }}", "{{ study.folder }}", "folder"),
            ("{{ did | p }}", "{{ ().__class__.__mro__ }}", "narrative.id.md"),
        ],
    )
    def test_a_slip_is_told_with_its_place(self, study: Path, old: str, new: str, named: str):
        change(study / "narrative.id.md", old, new)
        errors = slips(study)
        assert errors
        assert all(
            e.where and e.where.file == "notebooks/studies/coba/narrative.id.md" and e.where.line for e in errors
        )
        assert named in "\n".join(map(str, errors))

    def test_without_a_slip_nothing_is_told(self, study: Path):
        assert slips(study) == []

    def test_claims_are_held_against_the_last_run(self, root: Path, study: Path):
        drafts = root / "reports" / "drafts" / "coba"
        drafts.mkdir(parents=True)
        names = {"p0.did.2014_2015", "p0.did.placebo", "p0.mde", "p0.sc.pooled"}
        (drafts / "claims.json").write_text(json.dumps({"claims": [{"name": n} for n in names]}), encoding="utf-8")
        assert claims_of_last_run(read_study("coba")) == names
        assert slips(study, names) == []
        change(study / "narrative.id.md", ".did.placebo", ".did.plasebo")
        assert any("p0.did.placebo" in (e.remedy or "") for e in slips(study, names))
        assert slips(study) == [], "a run makes its own"
        assert "p0.did.plasebo" in said(examine("coba"))

    def test_claims_of_another_study_document_are_not_trusted(self, root: Path, study: Path):
        drafts = root / "reports" / "drafts" / "coba"
        drafts.mkdir(parents=True)
        (drafts / "claims.json").write_text('{"claims": []}', encoding="utf-8")
        os.utime(drafts / "claims.json", (1, 1))
        assert claims_of_last_run(read_study("coba")) is None

    @pytest.mark.parametrize("text", ["", "[", "[]", '{"claims": 3}', '{"claims": [{}]}', "\x00"])
    def test_spoilt_claims_spoil_nothing(self, root: Path, study: Path, text: str):
        drafts = root / "reports" / "drafts" / "coba"
        drafts.mkdir(parents=True)
        (drafts / "claims.json").write_text(text, encoding="utf-8")
        assert claims_of_last_run(read_study("coba")) is None

    def test_without_prose_the_notebooks_speak(self, study: Path):
        (study / "narrative.en.md").unlink()
        found = examine("coba")
        assert found.errors == []
        assert any("narrative.en.md" in str(w) for w in found.warnings)


class TestTheFolderForDocuments:
    def test_a_file_in_its_place(self, root: Path, study: Path):
        (root / "reports").write_text("", encoding="utf-8")
        assert "reports" in said(examine("coba"))

    def test_looking_leaves_nothing(self, root: Path, study: Path):
        examine("coba")
        assert not (root / "reports").exists()

    @pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
    def test_one_that_may_not_be_written(self, root: Path, study: Path):
        (root / "reports").mkdir(mode=0o500)
        assert "reports" in said(examine("coba"))


def test_what_a_release_will_ask_for_is_told_before_and_stops_nothing(study: Path, kesos):
    text = (study / "study.yaml").read_text(encoding="utf-8")
    (study / "study.yaml").write_text(text + "\nsurvey:\n  kind: sektoral\n", encoding="utf-8")
    answer = kesos("check", "coba")
    assert answer.exit_code == 0
    assert "A release will ask for more: A survey of a government body follows a Rekomendasi Statistik" in answer.stderr
    assert "survey.recommendation" in answer.stderr


class TestThePlan:
    def test_a_method_the_chooser_refuses_stops_the_check(self, study: Path, kesos):
        """Five pilots and errors by cohorts: refused, with the number of the table, unless the plan says why."""
        change(study / "study.yaml", "plan:\n", "plan:\n  methods: [diff_in_diff, callaway_santanna]\n")
        answer = kesos("check", "coba")
        assert answer.exit_code == 2
        assert "callaway_santanna" in answer.stderr
        assert "% when nothing happened" in answer.stderr
        assert "reasons: callaway_santanna:" in answer.stderr
        why = "plan:\n  reasons:\n    callaway_santanna: {id: Sebagai pembanding., en: To compare with.}\n"
        change(study / "study.yaml", "plan:\n", why)
        again = kesos("check", "coba")
        assert again.exit_code == 0
        assert "The plan keeps callaway_santanna" in again.stderr

    def test_a_reason_for_what_is_no_method(self, study: Path):
        change(study / "study.yaml", "plan:\n", "plan:\n  reasons:\n    twfe: {id: a, en: b}\n")
        assert "“twfe” is no method" in said(examine("coba"))

    def test_the_table_of_the_plan_may_be_placed(self, study: Path):
        change(study / "study.yaml", "plan:\n", "plan:\n  methods: [diff_in_diff]\n")
        change(
            study / "narrative.id.md",
            '{{ exhibit("tbl-did") }}',
            '{{ exhibit("tbl-plan") }}\n\n{{ exhibit("tbl-did") }}',
        )
        assert examine("coba").errors == []
