"""`kesos lab`: JupyterLab on copies of the study's notebooks, parameters filled in, so that the shipped ones stay."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from kesos_research.cli import screen
from kesos_research.errors import StudyError
from kesos_research.language import _
from kesos_research.study import known_studies, read_study


def open_lab(where: str, *, browser: bool) -> int:
    """Open JupyterLab in the workspace, at the study's working copies; returns when it is closed."""
    study = read_study(where or _only_study())

    from kesos_research.run import prepare_lab

    place = prepare_lab(study).relative_to(study.root).as_posix()
    screen.done(_("Working copies are in {folder}; the notebooks of the workspace stay as they are.", folder=place))
    command = [
        *(sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={study.root}"),
        f"--LabApp.default_url=/lab/tree/{place}",
        *([] if browser else ["--no-browser"]),
    ]
    return subprocess.run(command, cwd=study.root, check=False).returncode


def _only_study() -> str:
    known = known_studies(Path.cwd())
    if len(known) == 1:
        return next(iter(known))
    raise StudyError(
        _("Which study?") if known else _("There is no study here."),
        expected=_("one of {names}", names=", ".join(known)) if known else _("a workspace, as `kesos init` makes it"),
    )
