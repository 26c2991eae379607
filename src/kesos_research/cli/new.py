"""`kesos new`: a study that runs at once, laid beside the others; its comments teach what to change."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from kesos_research.domain import region
from kesos_research.errors import OutputError, StudyError, Where
from kesos_research.language import Words, _
from kesos_research.study import workspace_of
from kesos_research.study.refusal import Refused
from kesos_research.study.scalar import study_id
from kesos_research.study.workspace import STUDIES

_FILES = ("study.yaml", "narrative.id.md", "narrative.en.md", "references.bib")


@dataclass(frozen=True)
class Answers:
    """What makes one study differ from another at its beginning."""

    title: Words
    programme: str
    treated: tuple[str, ...]
    since: int
    outcomes: tuple[str, ...]
    last: int
    """Last year of the longest window."""


def make_study(name: str, ask: Callable[[Path], Answers]) -> Path:
    """Make `notebooks/studies/<name>/` in the workspace around the current folder.

    Parameters
    ----------
    ask
        What the study is about, asked only when a study of that name can be made; it is given the workspace.

    Raises
    ------
    StudyError, OutputError
        When the name will not do, a study of that name is there, or the folder cannot be written.
    """
    try:
        study_id(name)
    except Refused as refused:
        raise refused.placed(None) from refused
    root = workspace_of(Path.cwd())
    folder = root / STUDIES / name
    if os.path.lexists(folder):
        raise StudyError(
            _("There is a study {name} already.", name=name),
            expected=_("a new name"),
            where=Where(file=(STUDIES / name).as_posix()),
        )
    texts = _texts(name, ask(root))
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        # beside its place, so that a study is there whole or not at all
        made = Path(tempfile.mkdtemp(prefix=".new-", dir=folder.parent))
        try:
            for file, text in texts.items():
                (made / file).write_text(text, encoding="utf-8", newline="\n")
            made.chmod(0o755)
            made.rename(folder)
        finally:
            shutil.rmtree(made, ignore_errors=True)
    except OSError as error:
        raise OutputError(
            _("The folder cannot be written: {reason}.", reason=error.strerror or str(error)),
            where=Where(file=STUDIES.as_posix()),
        ) from error
    return folder


def _texts(name: str, answers: Answers) -> dict[str, str]:
    """The files of the study."""
    since = answers.since
    regions = [region(code) for code in answers.treated]
    after = [f"{since + 1}-{since + 2}", *([f"{since + 1}-{answers.last}"] if answers.last > since + 2 else [])]
    values = {
        "ID": name,
        # a JSON string is a YAML string, whatever it holds
        "TITLE_ID": json.dumps(answers.title["id"], ensure_ascii=False),
        "TITLE_EN": json.dumps(answers.title["en"], ensure_ascii=False),
        "PROGRAMME": json.dumps(answers.programme, ensure_ascii=False),
        "SINCE": str(since),
        "TREATED": "\n".join(f"  - {r.code}  # {r.label}, {r.province}" for r in regions),
        "OUTCOMES": ", ".join(answers.outcomes),
        "HEADLINE": answers.outcomes[0],
        "BEFORE": f"{since - 3}-{since - 1}",
        "AFTER": ", ".join(after),
        "PLACEBO_BEFORE": f"{since - 4}-{since - 3}",
        "PLACEBO_AFTER": f"{since - 2}-{since - 1}",
        "SYNTHETIC_BEFORE": f"{since - 4}-{since - 1}",
    }
    texts = {}
    for file in _FILES:
        text = (files("kesos_research.cli") / "template" / file).read_text(encoding="utf-8")
        for key, value in values.items():
            text = text.replace(f"<<{key}>>", value)
        texts[file] = text
    return {**texts, "bukti.csv": _evidence(answers)}


def _evidence(answers: Answers) -> str:
    """The evidence matrix, every cell still to be filled."""
    from kesos_research.data.evidence import COLUMNS, blank

    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    table.writerows(blank(answers.programme, answers.treated).rows[list(COLUMNS)].itertuples(index=False))
    return text.getvalue()
