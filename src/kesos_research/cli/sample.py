"""`kesos sample`, as it is typed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kesos_research.language import _


def sample(
    population: Annotated[
        float | None,
        typer.Option(metavar="N", help=_("Units of the population; the rows of --frame when not given.")),
    ] = None,
    *,
    margin: Annotated[float | None, typer.Option(metavar="0.05", help=_("Half the width of the interval."))] = None,
    share: Annotated[float | None, typer.Option(metavar="0.5", help=_("The share expected, for a share."))] = None,
    sd: Annotated[
        float | None, typer.Option(metavar="NUMBER", help=_("The standard deviation expected, for a mean."))
    ] = None,
    rule: Annotated[str, typer.Option(metavar="cochran|krejcie-morgan|slovin", help=_("The formula."))] = "cochran",
    level: Annotated[float, typer.Option(metavar="0.95", help=_("Level of the interval."))] = 0.95,
    cluster_size: Annotated[float, typer.Option(metavar="M", help=_("Units taken from each cluster."))] = 1,
    icc: Annotated[float, typer.Option(metavar="0.05", help=_("Intraclass correlation within clusters."))] = 0.0,
    response: Annotated[float, typer.Option(metavar="0.9", help=_("Share of those drawn that will answer."))] = 1.0,
    frame: Annotated[
        Path | None, typer.Option(metavar="FILE", help=_("Every unit of the population, to draw from."))
    ] = None,
    codebook: Annotated[Path | None, typer.Option(metavar="CODEBOOK", help=_("The codebook of the frame."))] = None,
    output: Annotated[Path | None, typer.Option(metavar="FILE", help=_("Write the units drawn there."))] = None,
    n: Annotated[
        int | None, typer.Option(metavar="N", help=_("Units to draw; what the formula gives when not given."))
    ] = None,
    seed: Annotated[int | None, typer.Option(metavar="N", help=_("Of the draw: any whole number, noted down."))] = None,
    method: Annotated[
        str, typer.Option(metavar="simple|systematic|proportional-to-size", help=_("How units are drawn."))
    ] = "simple",
    strata: Annotated[str, typer.Option(metavar="COLUMN", help=_("Strata to draw from separately."))] = "",
    size: Annotated[str, typer.Option(metavar="COLUMN", help=_("Sizes, for proportional-to-size."))] = "",
    order: Annotated[str, typer.Option(metavar="COLUMN,…", help=_("Sort by these before a systematic draw."))] = "",
    cluster: Annotated[str, typer.Option(metavar="COLUMN", help=_("Clusters to draw first."))] = "",
) -> None:
    from kesos_research.cli.sample_plan import Ask, plan_sample

    plan_sample(
        Ask(
            population=population,
            margin=margin,
            share=share,
            sd=sd,
            rule=rule.replace("-", "_"),
            level=level,
            cluster_size=cluster_size,
            icc=icc,
            response=response,
            frame=frame,
            codebook=codebook,
            output=output,
            n=n,
            seed=seed,
            method=method.replace("-", "_"),
            strata=strata or None,
            size=size or None,
            order=tuple(filter(None, (name.strip() for name in order.split(",")))),
            cluster=cluster or None,
        )
    )
