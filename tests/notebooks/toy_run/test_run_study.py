"""A study run from end to end, with small notebooks and stand-ins for typesetting: what lies in the folder then."""

import os
import subprocess
import sys
from hashlib import sha256

import pytest
from release_study import CODEBOOK
from toy_run import RECORDS, claims, drafts, manifest, no_notebook_runs, tree
from toy_study import CLAIM, notebook, toy, toy_notebooks

from kesos_research.errors import KesosError, ParameterError, RegionError
from kesos_research.language import _, use
from kesos_research.report.collect import collect
from kesos_research.report.deviation import lines
from kesos_research.run import run_study
from kesos_research.study.plan import Plan

STUDY = {
    *(f"id/toy-1_{name}" for name in ("makalah_id.pdf", "makalah_id.docx", "paparan_id.pptx")),
    *(f"id/toy-1_{name}" for name in ("laman_id.html", "lampiran_id.xlsx")),
    *(f"en/toy-1_{name}" for name in ("paper_en.pdf", "paper_en.docx", "slides_en.pptx")),
    *(f"en/toy-1_{name}" for name in ("page_en.html", "annex_en.xlsx")),
}
PROFILES = {
    f"wilayah/{code}/profil_{code}_{slug}_{lang}.{suffix}"
    for code, slug in (("33.14", "kab-sragen"), ("64.03", "kab-berau"))
    for lang in ("id", "en")
    for suffix in ("pdf", "docx", "html")
}
NOTEBOOKS = {f"notebooks/{n}.ipynb" for n in ("main", "profil_wilayah_33.14", "profil_wilayah_64.03")}


def test_a_run_makes_just_what_it_says_and_the_same_bytes_twice(root, tmp_path, report, real_kernels):
    """The first run of a fresh copy elsewhere gives the same bytes; a rerun here does nothing."""
    steps = []
    done = run_study(toy(root), progress=lambda *step: steps.append(step))
    first = tree(drafts(root))
    assert set(first) == STUDY | PROFILES | NOTEBOOKS | RECORDS
    assert {p.relative_to(drafts(root)).as_posix() for p in done.outputs} == set(first)
    assert (done.failures, done.kept, done.exit_code) == ((), (), 0)
    assert steps[0][1] == 0
    assert steps[-1][1] == steps[-1][2]
    assert [n for _, n, _ in steps] == sorted(n for _, n, _ in steps)

    report.composed.clear()
    times = {p: p.stat().st_mtime_ns for p in drafts(root).rglob("*")}
    with no_notebook_runs():
        again = run_study(toy(root))
    assert tree(drafts(root)) == first
    assert {p: p.stat().st_mtime_ns for p in drafts(root).rglob("*")} == times
    assert set(again.outputs) == set(done.outputs)
    assert report.composed == []
    assert again.seconds < 2

    other = tmp_path / "other"
    other.mkdir()
    toy(other)
    toy_notebooks(other)
    with use("id"):
        run_study(toy(other))
    assert tree(drafts(other)) == first


def test_the_manifest_says_what_was_made_from_what(root):
    run_study(toy(root))
    said, files = manifest(root), tree(drafts(root))
    assert {p: e["sha256"] for p, e in said["outputs"].items()} == {
        p: sha256(data).hexdigest() for p, data in files.items() if p != "manifest.json"
    }
    assert said["inputs"] == {
        p: sha256((root / p).read_bytes()).hexdigest()
        for p in (
            "data/codebook.yaml",
            "data/panel.csv",
            "notebooks/main.ipynb",
            "notebooks/profil_wilayah.ipynb",
            "notebooks/studies/toy-1/narrative.id.md",
            "notebooks/studies/toy-1/study.yaml",
        )
    }
    assert said["parameters"]["profil_wilayah_33.14"] == {"study": "toy-1", "region": "33.14"}
    assert said["seeds"]["study"] == 7
    assert said["versions"]["python"] == ".".join(map(str, sys.version_info[:3]))
    assert (said["languages"], said["formats"][0], said["commit"]) == (["id", "en"], "paper", None)
    assert said["checks"][0]["status"] == "pass"
    text = (drafts(root) / "manifest.json").read_text(encoding="utf-8")
    assert str(root) not in text
    assert os.environ.get("HOME", "/nobody") + "/" not in text


@pytest.mark.parametrize("lang", ["id", "en"])
def test_the_manifest_names_the_key_of_pseudonyms_and_never_the_key(root, lang):
    from kesos_research.data.key import key_id

    key = bytes(range(32))
    with use(lang):
        said = _("Pseudonyms: HMAC-SHA256, 128 bits, under the key {id}.", id=key_id(key))
    (root / "data" / "codebook.yaml").write_text(f"# {said}\ncolumns: []\n", encoding="utf-8")
    run_study(toy(root), only="33.14")
    assert manifest(root)["pseudonym_keys"] == {"panel": key_id(key)}
    assert key.hex() not in (drafts(root) / "manifest.json").read_text(encoding="utf-8")


def test_the_commit_is_named_where_there_is_one(root):
    git = ["git", "-C", str(root), "-c", "user.name=t", "-c", "user.email=t@example.org"]
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "first"]):
        subprocess.run([*git, *arguments], check=True)
    head = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    run_study(toy(root), only="33.14")
    assert manifest(root)["commit"] == {"id": head, "changed": False}


def test_claims_are_numbers_and_say_where_they_stand(root):
    run_study(toy(root))
    found = claims(root)
    assert set(found) == {"p0.did", "p0.level.33.14", "p0.level.64.03"}
    fields = "name estimate std_error conf_low conf_high p_value n unit method public quality used_in"
    assert list(found["p0.did"]) == fields.split()
    assert found["p0.did"]["estimate"] == 1.25
    assert found["p0.did"]["std_error"] is None
    assert found["p0.did"]["used_in"] == sorted(STUDY)
    assert found["p0.level.33.14"]["estimate"] == 33.14
    assert found["p0.level.33.14"]["used_in"] == sorted(p for p in PROFILES if "33.14" in p)


class TestPart:
    """Some regions, languages or formats: the rest stays, in the folder and in the manifest."""

    def test_one_region(self, root):
        run_study(toy(root), only="33.14")
        assert set(tree(drafts(root))) == {p for p in PROFILES | NOTEBOOKS if "33.14" in p} | RECORDS
        run_study(toy(root))
        whole, said = tree(drafts(root)), claims(root)
        (root / "data" / "panel.csv").write_text("changed")
        run_study(toy(root), only="64.03")
        assert set(tree(drafts(root))) == set(whole)
        assert set(manifest(root)["outputs"]) == set(whole) - {"manifest.json"}
        assert claims(root) == said

    def test_one_language_and_format(self, root):
        run_study(toy(root), languages=["en"], formats=["docx"])
        docx = {p for p in STUDY | PROFILES if p.endswith("_en.docx")}
        assert set(tree(drafts(root))) == docx | NOTEBOOKS | RECORDS
        assert claims(root)["p0.did"]["used_in"] == ["en/toy-1_paper_en.docx"]
        run_study(toy(root), languages=["id"], formats=["slides"])
        said = manifest(root)
        assert set(said["outputs"]) == docx | {"id/toy-1_paparan_id.pptx"} | NOTEBOOKS | {"claims.json"}
        assert (said["languages"], said["formats"]) == (["id", "en"], ["docx", "slides"])
        assert claims(root)["p0.did"]["used_in"] == ["en/toy-1_paper_en.docx", "id/toy-1_paparan_id.pptx"]

    def test_parts_end_as_the_whole(self, root, tmp_path):
        for part in ({"only": "64.03"}, {"languages": ["id"]}, {"formats": ["page", "annex"]}, {}):
            run_study(toy(root), **part)
        parts = tree(drafts(root))
        (drafts(root) / "manifest.json").unlink()
        run_study(toy(root))
        assert tree(drafts(root)) == parts

    def test_a_region_that_is_not_treated_is_refused(self, root):
        with pytest.raises(RegionError, match="is not one of the study's regions"):
            run_study(toy(root), only="33.15")
        with pytest.raises(RegionError, match=r"64\.03"):
            run_study(toy(root), only="6403")


class TestFailure:
    def test_one_region_stops_no_other(self, root, real_kernels):
        run_study(toy(root))
        before = tree(drafts(root))
        profile = "if region == '33.14': raise ValueError('no rows')"
        notebook(root / "notebooks" / "profil_wilayah.ipynb", profile, parameters='study = ""\nregion = ""')
        notebook(root / "notebooks" / "main.ipynb", CLAIM.format(name="p0.did", value="2.5"))
        done = run_study(toy(root))
        assert done.exit_code == KesosError.exit_code == 2
        assert [str(f).splitlines()[:2] for f in done.failures] == [
            [
                "notebooks/profil_wilayah.ipynb: profil_wilayah (Kab. Sragen) stopped in cell 2, "
                "“if region == '33.14': raise ValueError('no rows')”:",
                "  ValueError: no rows",
            ]
        ]
        after = tree(drafts(root))
        assert {p for p in after if after[p] == before[p]} == {p for p in before if "33.14" in p}
        assert manifest(root)["checks"][0]["failed"] == ["profil_wilayah_33.14"]
        assert claims(root)["p0.did"]["estimate"] == 2.5

    def test_a_failing_main_notebook_leaves_its_documents(self, root):
        run_study(toy(root))
        before = tree(drafts(root))
        notebook(root / "notebooks" / "main.ipynb", "1 / 0")
        done = run_study(toy(root))
        assert len(done.failures) == 1
        after = tree(drafts(root))
        assert {p for p in after if after[p] != before[p]} == {"manifest.json"}
        assert claims(root)["p0.did"]["estimate"] == 1.25

    def test_nothing_is_touched_when_everything_fails(self, root):
        run_study(toy(root))
        before = tree(drafts(root))
        for name, more in (("main", ""), ("profil_wilayah", '\nregion = ""')):
            notebook(root / "notebooks" / f"{name}.ipynb", "1 / 0", parameters='study = ""' + more)
        assert len(run_study(toy(root)).failures) == 3
        assert tree(drafts(root)) == before

    def test_a_document_that_cannot_be_made_stops_its_unit_only(self, root, report, monkeypatch):
        run_study(toy(root))
        before = tree(drafts(root))
        (root / "notebooks" / "studies" / "toy-1" / "narrative.id.md").write_text("Prosa baru.\n")
        made = report._render("docx")

        def docx(document):
            if document.kind == "paper" and document.lang == "en":
                raise KesosError("no such claim")
            return made(document)

        monkeypatch.setattr(sys.modules["kesos_research.report.render.word"], "docx", docx)
        done = run_study(toy(root))
        assert [str(f) for f in done.failures] == ["en/toy-1_paper_en.docx: no such claim"]
        after = tree(drafts(root))
        assert {p for p in after if after[p] != before[p]} == PROFILES | RECORDS - {"claims.json"}

    @pytest.mark.parametrize("id", ["fig-/../../../../out", "fig-..\\out", "fig-a/b", "fig-\0"])
    def test_an_exhibit_made_by_hand_is_written_nowhere_else(self, root, id):
        shown = (
            f"from kesos_research.report.exhibit import Figure\nFigure({id!r}, svg={{'id': '<svg/>', 'en': '<svg/>'}})"
        )
        notebook(root / "notebooks" / "main.ipynb", shown)
        before = set(tree(root))
        done = run_study(toy(root))
        assert any("cannot be the id of this exhibit" in str(failure) for failure in done.failures)
        assert {path for path in set(tree(root)) - before if not path.startswith("reports/drafts/")} == set()

    def test_a_misspelt_parameter_is_told_before_anything_runs(self, root):
        notebook(root / "notebooks" / "profil_wilayah.ipynb", "1", parameters='study = ""\nregoin = ""')
        with no_notebook_runs(), pytest.raises(ParameterError, match="did you mean regoin"):
            run_study(toy(root))
        assert not drafts(root).exists()


def test_what_was_run_is_held_against_the_plan(root, real_kernels):
    """From the notebook's kernel through its record to the table: one method done, one left out, one in a profile."""
    calling = (
        "import pandas as pd\nfrom kesos_research import methods\n"
        "rows = pd.DataFrame({'y': [1.0, 2.0, 4.0]})\nmethods.describe(rows, of='y')\n1"
    )
    notebook(root / "notebooks" / "main.ipynb", calling)
    profile, given = root / "notebooks" / "profil_wilayah.ipynb", 'study = ""\nregion = ""'
    notebook(profile, "#md methods.nearest_units(x)", "y = 'methods.pool()'", parameters=given)
    (root / "data" / "codebook.yaml").write_text(CODEBOOK, encoding="utf-8", newline="\n")
    plan = Plan(methods=("describe", "diff_in_diff", "pool"))
    study = toy(root, plan=plan)
    assert run_study(study, formats=["annex"]).failures == ()
    results = collect([drafts(root) / "notebooks" / "main.ipynb"])
    assert [(c.method, c.outcome, c.times) for c in results.sequences["main"].calls] == [("describe", "y", 1)]
    found = lines(study, results)
    assert [(line.done["en"], line.departs) for line in found] == [("yes", False), ("no", True), ("no", True)]
    notebook(profile, "None if True else methods.pool({})", parameters=given)
    assert [line.departs for line in lines(study, results)] == [False, True, False]
