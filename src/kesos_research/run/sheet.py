"""The statistical sheet of a release: how its data came to be, as the law on statistics (UU 16/1997) asks."""

from __future__ import annotations

from collections.abc import Iterator

from kesos_research.language import Language, _, use
from kesos_research.report.words import date, integer
from kesos_research.run.markdown import page, plain, table
from kesos_research.study import Study, Survey


def statistical_sheet(study: Study, version: str, lang: Language) -> bytes:
    """The sheet in one language, as Markdown."""
    with use(lang):
        return page(*_parts(study, version, lang))


def _parts(study: Study, version: str, lang: Language) -> Iterator[str]:
    yield "# " + _("Statistical sheet")
    if study.synthetic:
        yield "**" + _("SYNTHETIC DATA – NOT A RESEARCH RESULT") + "**"
    yield table(
        (_("Study"), plain(study.title[lang])),
        [
            (_("Id"), study.id),
            (_("Version"), version),
            (_("Date"), date(study.date, lang)),
            *(
                []
                if study.anonymous
                else [(_("Authors"), "; ".join(f"{a.name} ({a.affiliation})" for a in study.authors))]
            ),
        ],
    )
    yield from _survey(study, lang)
    yield "## " + _("Sources")
    yield table(
        (_("Source"), _("Published or collected by"), _("Kind"), _("Licence")),
        [(source.id, source.publisher[lang], _kind(source), source.licence) for source in study.sources],
    )


def _survey(study: Study, lang: Language) -> Iterator[str]:
    survey = study.survey
    if all(source.synthetic for source in study.sources):
        yield _("The rows of this study are invented. No data were collected, and nothing here describes anybody.")
    elif survey is None:
        yield _(
            "No data were collected for this study: it uses figures that the offices below have published. UU 16/1997 "
            "asks for no recommendation and no synopsis of such a study."
        )
    elif survey.kind == "secondary":
        yield _(
            "No data were collected for this study: it uses rows that the bodies below have collected. Recommendation "
            "and synopsis are theirs."
        )
    elif survey.kind == "sektoral":
        yield "## " + _("Sectoral statistics (UU 16/1997, article 12)")
        yield _("Rekomendasi Statistik of BPS: {number}", number=f"**{plain(survey.recommendation)}**")
        yield _items(study, survey, lang)
        yield _("The results are handed to BPS (article 12).")
    else:
        yield "## " + _("Synopsis (UU 16/1997, article 14)")
        yield _items(study, survey, lang)
        yield _("This synopsis is sent to BPS; statistics for internal needs are exempt (article 14).")
    if survey is not None and survey.kind != "secondary":
        yield _("What each respondent said is kept confidential (article 21).")


def _items(study: Study, survey: Survey, lang: Language) -> str:
    """The eight things a synopsis holds, in the order of the law."""
    title = survey.title[lang] or study.title[lang]
    begins, ends = (date(day, lang) for day in (survey.begins, survey.ends))
    return table(
        (_("Item"), _("Description")),
        [
            (_("Title"), title),
            (_("Area"), survey.area[lang]),
            (_("Objects of the population"), survey.population[lang]),
            (_("Number of respondents"), integer(survey.respondents or 0, lang)),
            (_("Time"), begins if begins == ends else f"{begins} – {ends}"),
            (_("Statistical method"), survey.method[lang]),
            (_("Organiser and address"), f"{survey.organiser}, {survey.address}"),
            (_("Abstract"), survey.abstract[lang]),
        ],
    )


def _kind(source: object) -> str:
    if getattr(source, "synthetic", False):
        return _("invented rows")
    return _("published aggregates") if getattr(source, "public", False) else _("rows of the study")
