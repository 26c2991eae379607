"""The application: its commands, its language, and the one place where errors end."""

from __future__ import annotations

import difflib
import errno
import sys
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from kesos_research import __version__
from kesos_research.cli import commands, data, screen
from kesos_research.cli.sample import sample
from kesos_research.errors import KesosError, OutputError, Where
from kesos_research.language import LANGUAGES, _, is_language, set_language

STOPPED = 130
"""Exit code after Ctrl+C."""

_THEIRS = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `kesos` and leave with its exit code: 0 done, 2 something to mend, 1 a mistake of ours."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    screen.prepare()
    # before the commands are built: their help is in the reader's language too
    _answer(lambda: _speak(_asked_language(arguments)))
    typer.main.get_command(build())(args=arguments, prog_name="kesos")


def build() -> typer.Typer:
    """The application in the language now in force."""
    app = typer.Typer(
        name="kesos",
        cls=Commands,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        invoke_without_command=True,
        help=_("From study.yaml to a conference paper: honest evaluation of social-welfare programmes."),
    )
    app.callback()(kesos)
    for function, text in (
        (commands.init, _("Lay out a workspace: notebooks, an example study, official figures.")),
        (commands.new, _("Make a study that runs at once and that you then change.")),
        (commands.check, _("Find everything that would fail, before anything is computed.")),
        (commands.run, _("Run a study: notebooks, paper, Word, slides, page and annex.")),
        (commands.release, _("Release a study: what may leave, whole, with a disclosure log.")),
        (commands.verify, _("Verify a release: its hashes, and the study run again.")),
        (sample, _("Say how many units a survey needs and draw them, with the paragraph for the method section.")),
        (commands.lab, _("Open a study's notebooks in JupyterLab, with its parameters.")),
    ):
        app.command(cls=Command, help=text)(function)
    app.add_typer(_data(), name="data")
    return app


def _data() -> typer.Typer:
    """The group `kesos data`."""
    group = typer.Typer(
        cls=Commands,
        rich_markup_mode=None,
        invoke_without_command=True,
        help=_("Files of your own: check, describe, make them safe, invent them."),
    )
    group.callback()(data.data)
    for function, text in data.commands():
        group.command(cls=Command, help=text)(function)
    return group


def kesos(
    context: typer.Context,
    lang: Annotated[str, typer.Option(help=_("Language on screen: id or en."), metavar="id|en")] = "",
    version: Annotated[bool, typer.Option("--version", help=_("Show the version and exit."))] = False,
) -> None:
    """What may stand before a command."""
    _speak(lang)
    if version:
        screen.say(f"kesos {__version__}")
    elif context.invoked_subcommand is None:
        screen.say(context.get_help())


def _speak(lang: str) -> None:
    if lang and not is_language(lang):
        raise KesosError(
            _("There is no language {name}.", name=lang), expected=_("one of {names}", names=", ".join(LANGUAGES))
        )
    if is_language(lang):
        set_language(lang)


def _asked_language(arguments: Sequence[str]) -> str:
    """The value of `--lang` before the command; after it, `--lang` is the command's own."""
    rest = iter(arguments)
    for argument in rest:
        if argument == "--lang":
            return next(rest, "")
        if argument.startswith("--lang="):
            return argument.removeprefix("--lang=")
        if not argument.startswith("-"):
            break
    return ""


def _answer(do: Callable[[], Any]) -> None:
    """Do it; leave with the exit code of what went wrong, if anything did."""
    code = _ended(do)
    if code:
        sys.exit(code)


def _ended(do: Callable[[], Any]) -> int:
    """The exit code of doing it. Every error ends here, as text."""
    try:
        code = do()
    except (KeyboardInterrupt, typer.Abort):
        screen.say(_("Stopped. What was finished stays."))
        return STOPPED
    except BrokenPipeError:
        return 0  # who reads our output has read enough
    except Exception as error:  # noqa: BLE001 - no traceback reaches a researcher; the log has it
        known = error if isinstance(error, KesosError) else _system(error) or _usage(error)
        if known is None:
            screen.unexpected(error)
            return 1
        screen.refuse(known)
        return known.exit_code
    return code if isinstance(code, int) else 0


def _system(error: Exception) -> KesosError | None:
    """An error that the person at the machine can mend: no permission, no room."""
    if not isinstance(error, OSError) or error.errno not in _THEIRS:
        return None
    reason = error.strerror or str(error)
    where = Where(file=str(error.filename)) if error.filename else None
    return OutputError(_("The system does not allow it: {reason}.", reason=reason), where=where)


def _usage(error: Exception) -> KesosError | None:
    """A command that was not written as it should be, told in our words; None for any other error.

    typer keeps its classes of usage errors to itself, so they are known by their names.
    """
    if not hasattr(error, "format_message"):
        return None
    context: Any = getattr(error, "ctx", None)
    remedy = _("see {command}", command=f"{context.command_path if context else 'kesos'} --help")
    match type(error).__name__:
        case "NoSuchOption":
            option = getattr(error, "option_name", "")
            found = _("There is no option {name}.", name=option)
            near = difflib.get_close_matches(option, getattr(error, "possibilities", None) or [], n=1)
            remedy = _("did you mean {name}?", name=near[0]) if near else remedy
        case "MissingParameter":
            parameter: Any = getattr(error, "param", None)
            found = _("{name} is missing.", name=(parameter.metavar or parameter.name) if parameter else "?")
        case "BadOptionUsage":
            found = _("The option {name} needs a value.", name=getattr(error, "option_name", ""))
        case _:
            found = _("The command is not understood: {reason}", reason=getattr(error, "message", str(error)))
    return KesosError(found, remedy=remedy)


class _Help:
    """Help whose few fixed words are in the reader's language."""

    def get_help(self, ctx: Any) -> str:
        text: str = super().get_help(ctx)  # type: ignore[misc]
        for english, said in (
            ("Usage:", _("Usage:")),
            ("\nArguments:\n", "\n" + _("Arguments") + ":\n"),
            ("\nOptions:\n", "\n" + _("Options") + ":\n"),
            ("\nCommands:\n", "\n" + _("Commands") + ":\n"),
            ("[OPTIONS]", "[" + _("OPTIONS") + "]"),
            ("COMMAND [ARGS]...", _("COMMAND …")),
            ("Show this message and exit.", _("Show this help and exit.")),
            ("[required]", _("[required]")),
        ):
            text = text.replace(english, said)
        return text


class Command(_Help, TyperCommand):
    """One of our commands."""


class Commands(_Help, TyperGroup):
    """All of them; whatever happens in one ends as text and an exit code."""

    def main(self, args: Sequence[str] | None = None, *rest: Any, standalone_mode: bool = True, **named: Any) -> Any:
        parent = super().main
        code = _ended(lambda: parent(args, *rest, standalone_mode=False, **named))
        if standalone_mode:
            sys.exit(code)
        return code

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name = args[0]
        if not name.startswith("-") and name not in self.commands:
            near = difflib.get_close_matches(name, self.commands, n=1)
            raise KesosError(
                _("There is no command {name}.", name=name),
                expected=_("one of {names}", names=", ".join(self.commands)),
                remedy=_("did you mean {name}?", name=near[0]) if near else None,
            )
        return super().resolve_command(ctx, args)
