"""What five notebooks cost on our kernels against the plain papermill command line, in CPU seconds of the same run.

The notebook is like a region's profile: twenty-five cells that import the usual libraries, compute a little, and draw
four figures. Ours is counted with everything it needs: importing papermill, starting the preloaded process, and all
kernels.

Run: python benchmarks/run_notebooks.py
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat

REGIONS = ("33.14", "64.03", "73.03", "13.76", "32.72")
IMPORTS = """
import numpy as np, pandas as pd, scipy.optimize, scipy.stats
import matplotlib.pyplot as plt
"""
COMPUTE = "frame = pd.DataFrame(np.random.rand(500, 8)); frame.groupby(frame[0] > 0.5).mean().describe()"
DRAW = "fig, ax = plt.subplots(); ax.plot(frame[1].cumsum()); fig"


def main() -> None:
    """Print each way's CPU seconds as a multiple of ours."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        notebook = _notebook(folder / "profile.ipynb")
        plain = _cpu(lambda: _command_line(notebook, folder))
        ours = _cpu(lambda: _ours(notebook, folder, forked=True))
        alone = _cpu(lambda: _ours(notebook, folder, forked=False))
        first = _cpu(lambda: _ours(notebook, folder, forked=True, regions=REGIONS[:1]))
    further = (ours - first) / (len(REGIONS) - 1)
    print(f"{1:6.2f}  ours: kernels forked from a preloaded process, its start included")
    print(f"{alone / ours:6.2f}  ours where nothing can be forked: a new kernel for each")
    print(f"{plain / ours:6.2f}  papermill command line, once for each")
    print(f"{plain / len(REGIONS) / further:6.2f}  papermill command line, against each further one of ours")


def _notebook(path: Path) -> Path:
    cells = ['region = ""', IMPORTS, *[COMPUTE] * 19, *[DRAW] * 4]
    made = [nbformat.v4.new_code_cell(source, id=f"c{n}") for n, source in enumerate(cells)]
    made[0].metadata["tags"] = ["parameters"]
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=made, metadata={"kernelspec": spec}), path)
    return path


def _command_line(notebook: Path, folder: Path) -> None:
    for region in REGIONS:
        out = folder / f"plain_{region}.ipynb"
        command = [sys.executable, "-m", "papermill", str(notebook), str(out), "-r", "region", region]
        subprocess.run([*command, "--no-progress-bar"], check=True, capture_output=True)


def _ours(notebook: Path, folder: Path, *, forked: bool, regions: Sequence[str] = REGIONS) -> None:
    """In a process of its own, so that its imports are counted too."""
    code = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from pathlib import Path\n"
        "from run_notebooks import run\n"
        f"run(Path({str(notebook)!r}), Path({str(folder)!r}), {tuple(regions)!r}, forked={forked})\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def run(notebook: Path, folder: Path, regions: Sequence[str], *, forked: bool) -> None:
    """Execute the notebook for each region, as a study does."""
    from kesos_research.run.execute import execute
    from kesos_research.run.jobs import Job
    from kesos_research.run.kernel import World
    from kesos_research.run.kernels import Kernels

    with Kernels(World(1, "2014-11-25", "en", "id"), forked=forked) as kernels, ThreadPoolExecutor(2) as pool:
        jobs = [Job(notebook, "profile.ipynb", {"region": region}) for region in regions]
        for _ in pool.map(lambda job: execute(job, kernels, cwd=folder, hide={}), jobs):
            pass


def _cpu(do) -> float:
    """CPU seconds of what is started and waited for."""
    before = os.times()
    began = time.monotonic()
    do()
    after = os.times()
    spent = after.children_user - before.children_user + after.children_system - before.children_system
    return spent or time.monotonic() - began  # Windows does not say


if __name__ == "__main__":
    main()
