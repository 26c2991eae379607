"""What a new study is about: asked at the keyboard, or the example."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import typer

from kesos_research.cli import screen
from kesos_research.cli.new import Answers
from kesos_research.domain import Region, programme, programmes, region, regions
from kesos_research.errors import KesosError, RegionError, StudyError
from kesos_research.language import _, words
from kesos_research.study import Source

T = TypeVar("T")

_FIRST = ("p0", "tpt", "rls", "pdrb_kapita")
_MOST = 4


def example(_root: Path) -> Answers:
    """The pilots of PKST: something that runs, to be changed."""
    pkst = programme("PKST")
    return Answers(
        title=words(id="Judul studi, paling banyak empat belas kata", en="Title of the study, at most fourteen words"),
        programme=pkst.code,
        treated=pkst.regions,
        since=2013,
        outcomes=("p0", "tpt"),
        last=2019,
    )


def ask_for(root: Path) -> Answers:
    """Ask for title, programme, regions and year, each again until it will do."""
    title = words(id=_asked(_("Title in Indonesian")), en=_asked(_("Title in English")))
    codes = ", ".join(p.code for p in programmes() if p.scope)
    code = _until(lambda: programme(_asked(_("Programme ({codes})", codes=codes), default="PKST")).code)
    treated = _until(lambda: _regions(_asked(_("Regions with the programme, by code or name, with commas between"))))
    panel = _Panel(root)
    since, outcomes, last = _until(lambda: panel.around(_year(), treated))
    return Answers(title, code, treated, since, outcomes, last)


def _asked(text: str, default: str | None = None) -> str:
    return typer.prompt(text, default=default, show_default=default is not None).strip()


def _until(answer: Callable[[], T]) -> T:
    """Ask until the answer will do, saying each time why it does not."""
    while True:
        try:
            return answer()
        except KesosError as error:
            screen.refuse(error)


def _year() -> int:
    text = _asked(_("First year of the programme"))
    if not re.fullmatch(r"\d{4}", text, re.ASCII):
        raise StudyError(_("{value} is not a year.", value=repr(text)), expected="2013")
    return int(text)


def _regions(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_region(name.strip()) for name in text.split(",") if name.strip()))


def _region(text: str) -> str:
    """The region of a code or name; where a name is that of several, which one."""
    try:
        return region(text).code
    except RegionError:
        called = list(_called(text))
        if not called:
            raise
    if len(called) == 1:
        return called[0].code
    for number, one in enumerate(called, 1):
        screen.say(f"  {number}. {one.label}, {one.province} ({one.code})")
    number = _asked(_("Which {name}? 1 to {n}", name=text, n=len(called)))
    if number not in map(str, range(1, len(called) + 1)):
        raise RegionError(_("{value} is not one of the numbers.", value=repr(number)))
    return called[int(number) - 1].code


def _called(name: str) -> Iterator[Region]:
    wanted = _plain(name)
    for one in regions():
        if wanted in (_plain(one.name), _plain(one.label), _plain(one.official_name)):
            yield one


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", text.lower()))


@dataclass(frozen=True)
class _Official:
    """The workspace's official figures, as a study would name them."""

    folder: Path
    root: Path
    sources: tuple[Source, ...]


class _Panel:
    """Which outcomes have the figures a study needs."""

    def __init__(self, root: Path) -> None:
        from kesos_research.data import read_panel

        data = root / "data"
        source = Source(
            id="kabupaten-kota",
            file=data / "kabupaten_kota.csv",
            codebook=data / "codebook.yaml",
            flags=data / "kabupaten_kota_tanda.csv",
            publisher=words(id="BPS", en="BPS"),
            licence="BPS",
        )
        self._panel = read_panel(_Official(root, root, (source,)))

    def around(self, since: int, treated: tuple[str, ...]) -> tuple[int, tuple[str, ...], int]:
        """`since`, the outcomes whose figures fill the windows around it, and the longest window's last year.

        Raises
        ------
        StudyError
            When no outcome does.
        """
        known = self._panel.outcomes
        ordered = [*(o for o in _FIRST if o in known), *(o for o in known if o not in _FIRST)]
        fitting = [o for o in ordered if self._has(o, since, since + 2, treated)][:_MOST]
        if not fitting:
            years = f"{since - 4}–{since + 2}"
            raise StudyError(
                _("No outcome has figures of these regions for all of {years}.", years=years),
                expected=_("a programme with four years of figures before its first year, and two after it"),
            )
        last = next(y for y in range(since + 6, since + 1, -1) if self._has(fitting[0], since, y, treated))
        return since, tuple(fitting), last

    def _has(self, outcome: str, since: int, last: int, treated: tuple[str, ...]) -> bool:
        years = (*range(since - 4, since), *range(since + 1, last + 1))
        try:
            return not self._panel.balanced(outcome, years, treated=treated).dropped_years
        except KesosError:
            return False
