"""What a run writes when files are edited, open, in the way, or the run is killed."""

import json
import os
import signal
import sys
import time
from pathlib import Path

import psutil
import pytest
from toy_run import RECORDS, drafts, manifest, no_notebook_runs, started, tree, until_there
from toy_study import CLAIM, notebook, toy, toy_notebooks

from kesos_research.errors import OutputError
from kesos_research.run import run_study


class TestWriting:
    def test_an_edited_office_file_is_kept(self, root):
        run_study(toy(root))
        paper, annex = drafts(root) / "id/toy-1_makalah_id.docx", drafts(root) / "en/toy-1_annex_en.xlsx"
        paper.write_bytes(b"edited by a colleague")
        notebook(root / "notebooks" / "main.ipynb", CLAIM.format(name="p0.did", value="2.5"))
        done = run_study(toy(root))
        new = paper.with_name("toy-1_makalah_id.baru.docx")
        assert done.kept == ((paper, new),)
        assert done.failures == ()
        assert paper.read_bytes() == b"edited by a colleague"
        assert b"2.5" in new.read_bytes()
        assert "id/toy-1_makalah_id.baru.docx" in manifest(root)["outputs"]
        assert not annex.with_name("toy-1_annex_en.baru.xlsx").exists()

        # the same again: nothing to do, and it still says so
        before = tree(drafts(root))
        assert run_study(toy(root)).kept == ((paper, new),)
        assert tree(drafts(root)) == before

        # the new one is edited too: both stay
        new.write_bytes(b"also edited")
        notebook(root / "notebooks" / "main.ipynb", CLAIM.format(name="p0.did", value="3.5"))
        third = paper.with_name("toy-1_makalah_id.baru2.docx")
        assert run_study(toy(root)).kept == ((paper, third),)
        assert (paper.read_bytes(), new.read_bytes()) == (b"edited by a colleague", b"also edited")

        # the colleague is done and moves both away
        paper.unlink()
        new.unlink()
        assert run_study(toy(root)).kept == ()
        assert b"3.5" in paper.read_bytes()
        assert not third.exists()
        assert {p for p in manifest(root)["outputs"] if "baru" in p} == set()

    def test_a_file_open_elsewhere_is_named_before_anything_runs(self, root, monkeypatch):
        run_study(toy(root))
        before = tree(drafts(root))
        notebook(root / "notebooks" / "main.ipynb", CLAIM.format(name="p0.did", value="2.5"))
        opened, real = drafts(root) / "id/toy-1_makalah_id.docx", Path.open

        def locked(self, mode="r", *args, **kwargs):
            if self == opened and mode != "rb":
                raise PermissionError(13, "Permission denied")
            return real(self, mode, *args, **kwargs)

        with monkeypatch.context() as patch:
            patch.setattr(Path, "open", locked)
            with no_notebook_runs(), pytest.raises(OutputError, match=r"close toy-1_makalah_id\.docx"):
                run_study(toy(root))
        assert tree(drafts(root)) == before

    def test_a_file_opened_meanwhile_leaves_all_as_it_was(self, root, monkeypatch):
        run_study(toy(root))
        before = tree(drafts(root))
        notebook(root / "notebooks" / "main.ipynb", CLAIM.format(name="p0.did", value="2.5"))
        real = os.replace

        def held(new, target):
            if Path(target).name == "toy-1_slides_en.pptx":
                raise PermissionError(13, "Permission denied")
            return real(new, target)

        with monkeypatch.context() as patch:
            patch.setattr(os, "replace", held)
            done = run_study(toy(root))
        assert len(done.failures) == 1
        assert "close toy-1_slides_en.pptx" in str(done.failures[0])
        after = tree(drafts(root))
        assert {p for p in after if after[p] != before[p]} <= {"manifest.json"}
        assert run_study(toy(root)).failures == ()

    def test_a_file_in_the_way_of_the_folder(self, root):
        (root / "reports").write_text("in the way")
        with pytest.raises(OutputError, match="in the way"):
            run_study(toy(root))

    def test_invented_rows_stand_in_every_name(self, root):
        study = toy(root)
        source = study.sources[0].model_copy(update={"synthetic": True})
        run_study(toy(root, sources=(source,), treated=("01.01", "01.02")), languages=["en"])
        files = set(tree(drafts(root)))
        assert {p for p in files - RECORDS if "sintetis" not in p} == set()
        assert "en/toy-1_paper_sintetis_en.pdf" in files
        assert "wilayah/01.01/profil_01.01_kab-contoh-a-01_sintetis_en.pdf" in files
        assert json.loads((drafts(root) / "claims.json").read_text(encoding="utf-8"))["synthetic"] is True

    def test_a_second_run_at_the_same_time_is_refused(self, root):
        slow = "import time; open('going', 'w').close(); time.sleep(8)"
        notebook(root / "notebooks" / "main.ipynb", slow)
        with started(root) as other:
            until_there(root / "notebooks" / "going", other)
            with pytest.raises(OutputError, match="Another run"):
                run_study(toy(root))


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_killed_run_leaves_whole_files_and_the_next_does_the_rest(root, tmp_path, real_kernels):
    other = tmp_path / "undisturbed"
    other.mkdir()
    toy(other)
    toy_notebooks(other)
    run_study(toy(other))

    # the profiles are done and written when the run is killed in its main notebook
    hang = "import pathlib, time\nif not pathlib.Path('go').exists(): time.sleep(300)"
    path = root / "notebooks" / "main.ipynb"
    plain = path.read_text(encoding="utf-8")
    notebook(path, hang)
    with started(root) as process:
        until_there(drafts(root) / "wilayah/64.03/profil_64.03_kab-berau_en.pdf", process)
        until_there(drafts(root) / "wilayah/33.14/profil_33.14_kab-sragen_en.pdf", process)
        process.send_signal(signal.SIGKILL)
        process.wait()
    half = tree(drafts(root))
    assert "manifest.json" not in half
    assert not any(p.startswith("id/") for p in half)

    path.write_text(plain, encoding="utf-8")
    done = run_study(toy(root))
    assert (done.failures, done.kept) == ((), ())
    assert tree(drafts(root)) == tree(drafts(other))
    assert not list((root / "reports/drafts/.cache/toy-1").glob("stage-*"))


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to another process")
def test_ctrl_c_ends_a_run_and_its_kernels(root, real_kernels):
    notebook(root / "notebooks" / "main.ipynb", "open('going', 'w').close(); import time; time.sleep(300)")
    with started(root) as process:
        until_there(root / "notebooks" / "going", process)
        family = psutil.Process(process.pid).children(recursive=True)
        assert len(family) >= 2
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.wait(60) != 0
        assert time.monotonic() - began < 30
        assert [p for p in family if p.is_running() and p.status() != psutil.STATUS_ZOMBIE] == []
