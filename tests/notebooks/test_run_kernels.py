"""Kernels: what jupyter_client, the process table and the executed notebook say, for forked and plain kernels alike."""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import psutil
import pytest
from toy_study import LIGHT, notebook

from kesos_research.errors import RunError
from kesos_research.estimates import CALLS_MIME
from kesos_research.language import use
from kesos_research.run.execute import execute
from kesos_research.run.jobs import Job
from kesos_research.run.kernel import World
from kesos_research.run.kernels import Kernels

WORLD = World(seed=7, date="2014-11-25", speaks="en", shows="id")
FORK = sys.platform != "win32"


@pytest.fixture(scope="module")
def kernels() -> Iterator[Kernels]:
    with Kernels(WORLD, modules=LIGHT) as made:
        yield made


def run(kernels: Kernels, folder: Path, *cells: str, seconds: int = 60, **parameters: object) -> str:
    """The executed notebook as text, executed in a thread as the batch does."""
    declared = "\n".join(f"{name} = None" for name in parameters)
    path = notebook(folder / "toy.ipynb", *cells, parameters=declared)
    job = Job(path, "notebooks/toy.ipynb", parameters)
    with ThreadPoolExecutor(1) as pool, use("en"):
        return pool.submit(
            execute, job, kernels, cwd=folder, hide={str(folder): "."}, seconds=seconds
        ).result().decode()  # fmt: skip


def shown(text: str, cell: int = -1) -> str:
    """What a cell printed and ended in."""
    outputs = nbformat.reads(text, as_version=4).cells[cell].outputs
    return "".join(o["text"] if "text" in o else o["data"]["text/plain"] for o in outputs)


class TestWorld:
    def test_is_the_same_every_time_and_in_both_ways(self, tmp_path):
        code = (
            "import os, random, numpy; print(random.random(), numpy.random.rand(), hash('wilayah'))\n"
            "print(os.environ['MPLBACKEND'], os.environ['SOURCE_DATE_EPOCH'], object(), x)\n"
            "import warnings; warnings.warn('look'); print(os.getcwd())"
        )
        texts = []
        for way in (True, True, False):
            with Kernels(WORLD, modules=LIGHT, forked=way and FORK) as made:
                texts.append(run(made, tmp_path, code, x="0101"))
        assert texts[0] == texts[1] == texts[2]
        # seed 7 of the Mersenne Twister, as any Python and numpy give it; midnight of the date, as `date -d` gives it
        assert "0.32383276483316237 0.07630828937395717" in texts[0]
        assert "agg 1416873600 <object object at 0x0> 0101" in texts[0]
        assert str(tmp_path) not in texts[0]

    def test_no_notebook_sees_another(self, kernels, tmp_path):
        run(kernels, tmp_path, "import builtins, os\nbuiltins.left = 1; os.environ['LEFT'] = '1'; os.chdir('/')")
        seen = run(kernels, tmp_path, "import builtins, os\n(hasattr(builtins, 'left'), 'LEFT' in os.environ)")
        assert shown(seen) == "(False, False)"

    def test_previews_are_in_the_studys_language_and_errors_in_the_readers(self, kernels, tmp_path):
        code = "from kesos_research.language import current\nclass Shown:\n    __repr__ = lambda _: current()\nShown()"
        assert shown(run(kernels, tmp_path, code)) == "id"
        with pytest.raises(RunError, match="is a BPS code"):
            run(kernels, tmp_path, "from kesos_research.domain import region; region('6405')")

    def test_parameters_keep_their_text(self, kernels, tmp_path):
        odd = '32.10 "x" \\n é ’'
        text = run(kernels, tmp_path, "[region, odd, n]", region="32.10", odd=odd, n=3)
        assert shown(text) == repr(["32.10", odd, 3])


class TestRecord:
    def test_holds_no_time_and_no_random_id(self, kernels, tmp_path):
        book = nbformat.reads(run(kernels, tmp_path, "print('a')\n1", x=1), as_version=4)
        assert [c.id for c in book.cells] == ["cell-1", "cell-2", "cell-3"]
        assert book.cells[1].metadata == {"tags": ["injected-parameters"]}
        assert set(book.metadata.papermill) == {"input_path", "parameters"}
        assert all(set(c.metadata) <= {"tags"} for c in book.cells)

    def test_output_is_whole_and_in_order(self, kernels, tmp_path):
        code = "import sys\nfor i in range(2000):\n    print(i)\n    print('e', file=sys.stderr)\n'end'"
        out = nbformat.reads(run(kernels, tmp_path, code), as_version=4).cells[-1].outputs
        assert [o.get("name", "result") for o in out] == ["stdout", "stderr", "result"]
        assert out[0].text == "".join(f"{i}\n" for i in range(2000))


class TestFailures:
    """Each ends in one message that names notebook, cell and reason."""

    @pytest.mark.parametrize(
        ("code", "reason"),
        [
            pytest.param("1 / 0", "ZeroDivisionError: division by zero", id="raises"),
            pytest.param("import os; os._exit(3)", "ended itself (exit code 3)", id="exits"),
            pytest.param("import os; os.kill(os.getpid(), 9)", "killed (SIGKILL)", id="killed"),
            pytest.param("import sys; sys.exit()", "SystemExit", id="sys.exit"),
            pytest.param("for", "SyntaxError", id="no Python"),
        ],
    )
    def test_a_cell_stops(self, kernels, tmp_path, code, reason):
        if sys.platform == "win32" and reason.startswith("killed"):
            pytest.skip("no signals")
        with pytest.raises(RunError) as stopped:
            run(kernels, tmp_path, "#md Prosa", "ok = 1", code, "after = 1")
        said = str(stopped.value)
        assert "notebooks/toy.ipynb: toy stopped in cell 4" in said
        assert f"“{code}”" in said
        assert reason in said
        assert "Traceback" not in said

    @pytest.mark.parametrize("code", ["import time; time.sleep(60)", "while True: pass"])
    def test_time_runs_out(self, kernels, tmp_path, code):
        began = time.monotonic()
        with pytest.raises(RunError, match="longer than the 2 seconds"):
            run(kernels, tmp_path, "ok = 1", code, seconds=2)
        assert time.monotonic() - began < 20

    def test_our_own_error_is_told_as_it_is(self, kernels, tmp_path):
        with pytest.raises(RunError) as stopped:
            run(kernels, tmp_path, "from kesos_research.domain import region", "region('6405')")
        assert "RegionError" not in str(stopped.value)
        assert "64.03" in str(stopped.value)
        assert str(stopped.value).count("Try:") == 1

    def test_plain_kernels_fail_alike(self, tmp_path):
        before = psutil.Process().children(recursive=True)
        with Kernels(WORLD, modules=LIGHT, forked=False) as made:
            with pytest.raises(RunError, match=r"ended itself \(exit code 3\)"):
                run(made, tmp_path, "import os; os._exit(3)")
            with pytest.raises(RunError, match="longer than the 1 seconds"):
                run(made, tmp_path, "while True: pass", seconds=1)
        assert psutil.Process().children(recursive=True) == before


@pytest.mark.skipif(not FORK, reason="kernels are not forked on this system")
class TestProcesses:
    def test_nothing_is_left(self, tmp_path):
        before, ours = set(psutil.pids()), psutil.Process().children(recursive=True)
        with Kernels(WORLD, modules=LIGHT) as made:
            run(made, tmp_path, "import subprocess; p = subprocess.Popen(['sleep', '300']); p.pid")
            with pytest.raises(RunError):
                run(made, tmp_path, "import os, subprocess; subprocess.Popen(['sleep', '300']); os._exit(1)")
            assert made._server is not None
            children = psutil.Process().children(recursive=True)
            assert [c.status() for c in children if c.status() == psutil.STATUS_ZOMBIE] == []
            folder = made.folder
        assert not folder.exists()
        mine = [p for p in psutil.pids() if p not in before and "sleep 300" in _command(p)]
        assert mine == []
        assert psutil.Process().children(recursive=True) == ours

    def test_kernels_are_forked_from_one_process(self, kernels, tmp_path):
        parents = {shown(run(kernels, tmp_path, "import os; os.getppid()")) for _ in range(2)}
        assert kernels._server is not None
        assert parents == {str(kernels._server._process.pid)}

    def test_the_server_does_not_fork_beside_a_thread(self, tmp_path):
        (tmp_path / "threaded.py").write_text(
            "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
        )
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PYTHONPATH", str(tmp_path))
            with Kernels(WORLD, modules=(*LIGHT, "threaded")) as made:
                assert shown(run(made, tmp_path, "import os; os.getppid()")) == str(os.getpid())

    def test_a_dead_server_costs_its_notebooks_only(self, tmp_path):
        with Kernels(WORLD, modules=LIGHT) as made:
            assert made._server is not None
            assert made._server.may_fork()
            killer = threading.Timer(3, made._server._process.kill)
            killer.start()
            with pytest.raises(RunError, match="killed"):
                run(made, tmp_path, "import time; time.sleep(60)")
            killer.join()
            assert shown(run(made, tmp_path, "'still'")) == "'still'"

    def test_all_end_when_their_owner_is_killed(self, tmp_path):
        owner = tmp_path / "owner.py"
        path = notebook(tmp_path / "long.ipynb", "open('there', 'w').close(); import time; time.sleep(300)")
        owner.write_text(
            "from pathlib import Path\n"
            "from kesos_research.run.execute import execute\n"
            "from kesos_research.run.jobs import Job\n"
            "from kesos_research.run.kernel import World\n"
            "from kesos_research.run.kernels import Kernels\n"
            f"with Kernels(World(1, '2014-11-25', 'en', 'id'), modules={LIGHT!r}) as kernels:\n"
            f"    execute(Job(Path({str(path)!r}), 'long', {{}}), kernels, cwd=Path({str(tmp_path)!r}), hide={{}})\n"
        )
        process = psutil.Popen([sys.executable, str(owner)])
        _until((tmp_path / "there").exists)
        family = process.children(recursive=True)
        assert len(family) >= 2  # the server and its kernel
        process.send_signal(signal.SIGKILL)
        process.wait()
        _until(lambda: not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in family))


def _command(pid: int) -> str:
    try:
        return " ".join(psutil.Process(pid).cmdline())
    except psutil.Error:
        return ""


def _until(condition, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def test_what_a_cell_calls_is_written_down_beside_what_it_shows(kernels, tmp_path):
    """Each public method with its outcome and settings, as often as it was called; two kernels write the same."""
    first = (
        "from kesos_research import methods\nimport pandas as pd\n"
        "rows = pd.DataFrame([{'u': u, 't': t, 'y': float(t * (u % 7)), 'a': u < 3}"
        " for u in range(40) for t in range(4)])\n"
        "roles = dict(outcome='y', unit='u', period='t', treated='a', since=2)\n"
        "methods.describe(rows, of='y').table.shape"
    )
    second = (
        "ways = [methods.diff_in_diff, methods.diff_in_diff, methods.chooser]\n"
        "for way in ways:\n    way(rows, **roles, **({'seed': 1} if way is methods.chooser else {'level': 0.9}))\n"
        "try:\n    methods.diff_in_diff(rows, **{**roles, 'since': 9})\nexcept Exception:\n    pass"
    )
    texts = [run(kernels, tmp_path, first, second, "1 + 1") for _ in range(2)]
    assert texts[0] == texts[1]
    cells = nbformat.reads(texts[0], as_version=4).cells
    told = [[c for o in cell.outputs for c in o.get("data", {}).get(CALLS_MIME, ())] for cell in cells[-3:]]
    assert [(c["method"], c["outcome"], c["times"]) for c in told[0]] == [("describe", "y", 1)]
    found = [(c["method"], c["level"], c["draws"], c["times"], c["answered"]) for c in told[1]]
    assert found == [
        ("chooser", 0.95, 9999, 1, True),
        ("diff_in_diff", 0.9, None, 2, True),
        ("diff_in_diff", 0.95, None, 1, False),
    ]
    assert told[1][0]["verdicts"]["synthetic_control"] == "used"
    assert told[2] == []
