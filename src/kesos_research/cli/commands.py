"""The commands as they are typed. What they do is in the module of their name, opened when it is needed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kesos_research.cli import screen
from kesos_research.language import _


def init(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help=_("The folder to make or to fill."))],
) -> None:
    from kesos_research.cli.layout import lay_out

    laid = lay_out(folder)
    screen.done(_("{n} files in {folder}", n=len(laid.written) + len(laid.same), folder=screen.near(laid.folder)))
    if laid.same:
        screen.say(_("{n} of them were there already and stay as they are.", n=len(laid.same)))
    screen.say(_("Now:"))
    screen.say(f'  cd "{laid.folder}"' if " " in str(laid.folder) else f"  cd {laid.folder}")
    screen.say("  kesos run pkst-2013")


def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help=_("Its name: small letters, digits, - and _."))],
    ask: Annotated[bool, typer.Option("--ask", help=_("Ask for title, regions, year and programme."))] = False,
) -> None:
    from kesos_research.cli.new import make_study
    from kesos_research.cli.question import ask_for, example

    folder = make_study(name, ask_for if ask else example)
    screen.done(_("The study is in {folder}", folder=folder))
    screen.say(_("Change study.yaml and the narratives there, then:"))
    screen.say(f"  kesos check {name}")
    screen.say(f"  kesos run {name}")


def check(
    study: Annotated[
        str,
        typer.Argument(metavar="STUDY", help=_("Its folder, its study.yaml, or its name."), show_default=False),
    ],
) -> None:
    from kesos_research.cli.examine import examine

    found = examine(study)
    screen.warn(found.warnings)
    if found.errors:
        raise screen.several(found.errors)
    screen.done(_("{study} can run.", study=study))


def run(
    study: Annotated[
        str,
        typer.Argument(metavar="STUDY", help=_("Its folder, its study.yaml, or its name."), show_default=False),
    ],
    only: Annotated[
        str, typer.Option(metavar="CODE", help=_("Just the profile of this region."), show_default=False)
    ] = "",
    lang: Annotated[
        str, typer.Option(metavar="id|en", help=_("Just the documents in this language."), show_default=False)
    ] = "",
    to: Annotated[
        str,
        typer.Option(
            metavar="paper,docx,…", help=_("Just these: paper, docx, slides, page, annex."), show_default=False
        ),
    ] = "",
) -> int:
    from kesos_research.cli.execute import execute

    return execute(study, only=only, lang=lang, to=to)


def release(
    study: Annotated[
        str,
        typer.Argument(metavar="STUDY", help=_("Its folder, its study.yaml, or its name."), show_default=False),
    ],
    version: Annotated[
        str, typer.Option(metavar="1.0", help=_("By default the study's, or the next number."), show_default=False)
    ] = "",
    approve: Annotated[
        str,
        typer.Option(metavar="NAME", help=_("Who answers for what the guard did not pass."), show_default=False),
    ] = "",
    reason: Annotated[str, typer.Option(metavar="TEXT", help=_("Why, with --approve."), show_default=False)] = "",
) -> int:
    from kesos_research.cli.release import release as release_study

    return release_study(study, version=version, approve=approve, reason=reason)


def verify(
    release: Annotated[
        str,
        typer.Argument(
            metavar="RELEASE", help=_("Its folder, study/version, or a study: then its newest."), show_default=False
        ),
    ],
    rerun: Annotated[bool, typer.Option("--rerun/--no-rerun", help=_("Run the study again and compare."))] = True,
) -> int:
    from kesos_research.cli.release import verify as verify_release

    return verify_release(release, rerun=rerun)


def lab(
    study: Annotated[
        str, typer.Argument(metavar="STUDY", help=_("A study; may be left out where there is only one."))
    ] = "",
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help=_("Open a browser window."))] = True,
) -> int:
    from kesos_research.cli.lab import open_lab

    return open_lab(study, browser=browser)


__all__ = ["check", "init", "lab", "new", "release", "run", "verify"]
