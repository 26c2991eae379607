"""`kesos run`: look first, then run, then say what is where."""

from __future__ import annotations

from kesos_research.cli import screen
from kesos_research.cli.examine import examine
from kesos_research.cli.progress import bar
from kesos_research.errors import KesosError, Where
from kesos_research.language import LANGUAGES, Language, _, is_language
from kesos_research.study import FORMATS, Format
from kesos_research.study.refusal import nearest, shown


def execute(where: str, *, only: str = "", lang: str = "", to: str = "") -> int:
    """Run the study and report; the exit code is 0 when every document was made."""
    languages, formats = _languages(lang), _formats(to)
    found = examine(where, earlier=False)
    if found.warnings:
        screen.say(_("{n} notes on this study: `kesos check` tells them.", n=len(found.warnings)))
    if found.errors or found.study is None:
        raise screen.several(found.errors)

    from kesos_research.run import run_study

    with bar() as progress:
        report = run_study(found.study, only=only or None, languages=languages, formats=formats, progress=progress)
    screen.warn([KesosError(remark) for remark in report.remarks])
    for theirs, ours in report.kept:
        screen.warn(
            [
                KesosError(
                    _(
                        "{file} was changed by hand and stays; the new edition is {new}.",
                        file=theirs.name,
                        new=ours.name,
                    ),
                    where=Where(file=report.folder.name),
                )
            ]
        )
    for failure in {str(failure): failure for failure in report.failures}.values():
        screen.refuse(failure)
    told = _(
        "{n} files in {folder} ({s} seconds)",
        n=len(report.outputs),
        folder=screen.near(report.folder),
        s=round(report.seconds),
    )
    (screen.say if report.failures else screen.done)(told)
    return report.exit_code


def _languages(text: str) -> tuple[Language, ...] | None:
    names = _names(text)
    for name in names:
        if not is_language(name):
            raise KesosError(
                _("There is no language {name}.", name=shown(name)),
                expected=_("one of {names}", names=", ".join(LANGUAGES)),
            )
    return tuple(lang for lang in LANGUAGES if lang in names) or None


def _formats(text: str) -> tuple[Format, ...] | None:
    names = _names(text)
    for name in names:
        if name not in FORMATS:
            raise KesosError(
                _("There is no document of the kind {name}.", name=shown(name)),
                expected=_("one of {names}", names=", ".join(FORMATS)),
                remedy=nearest(name, FORMATS),
            )
    return tuple(kind for kind in FORMATS if kind in names) or None


def _names(text: str) -> list[str]:
    return [name for part in text.split(",") if (name := part.strip().lower())]
