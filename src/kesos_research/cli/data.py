"""`kesos data …`: the commands of a researcher's own files, as they are typed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from kesos_research.cli import screen
from kesos_research.language import _


def commands() -> tuple[tuple[Callable[..., int | None], str], ...]:
    """The commands of the group and their help: adding one is adding a line."""
    return (
        (check, _("Hold a file against its codebook: every broken promise at once.")),
        (describe, _("Draft a codebook of a file; no identifier and no rare value is in it.")),
        (tidy, _("Make plain tables of an export of Kobo or ODK, a table of BPS, or a log of services.")),
        (pseudonymise, _("Put pseudonyms in place of NIK and other identifiers; names and addresses are dropped.")),
        (key, _("Make the key for a study's pseudonyms.")),
        (synthesize, _("Invent rows that keep every promise of a codebook.")),
        (questionnaire, _("Write the form that asks for what a codebook declares.")),
    )


def check(
    file: Annotated[Path, _file()],
    *,
    codebook: Annotated[
        Path | None,
        typer.Option(
            metavar="CODEBOOK", help=_("Its codebook; codebook.yaml beside it when not given."), show_default=False
        ),
    ] = None,
    format_: Annotated[
        str, typer.Option("--format", metavar="text|json|html", help=_("How the findings are told."))
    ] = "text",
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help=_("Write the findings there."), show_default=False)
    ] = None,
    flags: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help=_("Flags beside it: excluded values are not judged."), show_default=False),
    ] = None,
    sheet: Annotated[str | None, _sheet()] = None,
) -> int:
    from kesos_research.cli.data_file import check_file

    return check_file(file, codebook, format_, output=output, flags=flags, sheet=sheet)


def describe(
    file: Annotated[Path, _file()],
    *,
    output: Annotated[
        Path | None, typer.Option(metavar="CODEBOOK", help=_("Write the draft there."), show_default=False)
    ] = None,
    sheet: Annotated[str | None, _sheet()] = None,
) -> None:
    from kesos_research.cli.data_file import describe_file

    describe_file(file, output, sheet=sheet)


def tidy(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help=_("An export, a printed table, or a log of services."), show_default=False),
    ],
    *,
    layout: Annotated[str, typer.Option("--as", metavar="kobo|bps|layanan", help=_("How the file is laid out."))],
    output: Annotated[Path, typer.Option(metavar="FOLDER", help=_("A new folder for the tables."), show_default=False)],
    form: Annotated[
        Path | None, typer.Option(metavar="FORM.xlsx", help=_("The XLSForm behind an export."), show_default=False)
    ] = None,
    codebook: Annotated[
        Path | None, typer.Option(metavar="CODEBOOK", help=_("The stages of a log."), show_default=False)
    ] = None,
    sheet: Annotated[str | None, _sheet()] = None,
) -> None:
    from kesos_research.cli.data_tidy import tidy_file

    tidy_file(file, layout, output, form=form, codebook=codebook, sheet=sheet)


def pseudonymise(
    file: Annotated[Path, _file()],
    *,
    codebook: Annotated[
        Path | None,
        typer.Option(
            metavar="CODEBOOK", help=_("Its codebook; codebook.yaml beside it when not given."), show_default=False
        ),
    ] = None,
    key: Annotated[Path, typer.Option(metavar="KEY", help=_("The study's key."), show_default=False)],
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help=_("Write the rows there."), show_default=False)
    ] = None,
    sheet: Annotated[str | None, _sheet()] = None,
) -> None:
    from kesos_research.cli.data_identity import pseudonymise_file

    pseudonymise_file(file, codebook, key, output, sheet=sheet)


def key(
    file: Annotated[Path, typer.Argument(metavar="NEW", help=_("The file to make, outside the workspace."))],
) -> None:
    from kesos_research.cli.data_identity import make_key

    make_key(file)


def synthesize(
    *,
    codebook: Annotated[Path, _book()],
    n: Annotated[int, typer.Option("-n", metavar="N", help=_("How many rows."))],
    seed: Annotated[int, typer.Option(metavar="S", min=0, help=_("The same seed gives the same rows."))],
    output: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help=_("Write them there; the name holds “sintetis”, the ending says the format."),
            show_default=False,
        ),
    ] = None,
    within: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help=_("Invented rows within which these stand, such as households."), show_default=False
        ),
    ] = None,
) -> None:
    from kesos_research.cli.data_invent import synthesize_file

    synthesize_file(codebook, n, seed, output, within)


def questionnaire(
    *,
    codebook: Annotated[Path, _book()],
    output: Annotated[Path, typer.Option(metavar="FORM.xlsx", help=_("Write the form there."), show_default=False)],
    kind: Annotated[
        str, typer.Option(metavar="xlsform|excel", help=_("For Kobo and ODK, or a sheet to type into."))
    ] = "xlsform",
) -> None:
    from kesos_research.cli.data_invent import questionnaire_file

    questionnaire_file(codebook, output, kind)


def _book() -> Any:
    return typer.Option(metavar="CODEBOOK", help=_("The codebook."), show_default=False)


def _file() -> Any:
    return typer.Argument(
        metavar="FILE", help=_("A data file: CSV, XLSX, Parquet, Stata, SPSS or dBase."), show_default=False
    )


def _sheet() -> Any:
    return typer.Option(metavar="SHEET", help=_("Sheet of a workbook."), show_default=False)


def data(context: typer.Context) -> None:
    """The group alone shows what it can do."""
    if context.invoked_subcommand is None:
        screen.say(context.get_help())


__all__ = ["check", "commands", "data", "describe", "key", "pseudonymise", "questionnaire", "synthesize"]
