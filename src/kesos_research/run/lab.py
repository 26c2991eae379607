"""Working copies of a study's notebooks, parameters filled in, for JupyterLab: the shipped ones stay as they are."""

from __future__ import annotations

import os
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from kesos_research.errors import KesosError
from kesos_research.run.inputs import digest_of
from kesos_research.run.jobs import Job, jobs
from kesos_research.run.write import write_whole
from kesos_research.study import Study

if TYPE_CHECKING:
    from kesos_research.run.notebook import NotebookNode


def prepare_lab(study: Study) -> Path:
    """The folder of the working copies, one for each notebook and region.

    A copy is made anew when its notebook or the study changed. One that somebody worked on stays, and the new one is
    written beside it with a number.

    Raises
    ------
    KesosError
        When a notebook or a parameter is not as it should be, or the folder cannot be written.
    """
    from kesos_research.run.notebook import nbformat

    folder = study.root / "reports" / "drafts" / study.id / "lab"
    for job in jobs(study):
        copy = _copy(job, study, folder)
        for n in count(1):
            path = folder / f"{job.name}{f'-{n}' if n > 1 else ''}.ipynb"
            state = _state(path, copy)
            if state == "old":
                write_whole(path, nbformat.writes(copy).encode() + b"\n", folder.parent)
            if state != "worked on":
                break
    return folder


def _copy(job: Job, study: Study, folder: Path) -> NotebookNode:
    from kesos_research.run.notebook import nbformat, read_notebook

    notebook = read_notebook(job.notebook, job.file)
    values = dict(job.parameters)
    if values["study"] != study.id:  # it lies elsewhere: called by its way from the copy
        values["study"] = Path(os.path.relpath(study.folder, folder)).as_posix()
    lines = "\n".join(f"{name} = {value!r}" for name, value in values.items())
    at = next(n for n, c in enumerate(notebook.cells) if "parameters" in c.metadata.get("tags", ())) + 1
    cell = nbformat.v4.new_code_cell(lines, id="parameters", metadata={"tags": ["injected-parameters"]})
    notebook.cells.insert(at, cell)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook.metadata["kesos"] = {"copied": _sources(notebook)}
    return notebook


def _state(path: Path, copy: NotebookNode) -> Literal["old", "new", "worked on"]:
    """Whether the copy at `path` is to be made anew, is of just this notebook, or is somebody's work."""
    from kesos_research.run.notebook import read_notebook

    if not path.exists():
        return "old"
    try:
        there = read_notebook(path, path.name)
    except KesosError:
        return "worked on"
    copied = there.metadata.get("kesos", {}).get("copied")
    if copied == copy.metadata["kesos"]["copied"]:
        return "new"
    return "old" if copied == _sources(there) else "worked on"


def _sources(notebook: NotebookNode) -> str:
    return digest_of([[cell.cell_type, cell.source] for cell in notebook.cells])
