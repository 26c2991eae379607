"""Names of columns: each there, each once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from kesos_research.data.damage import Damage
from kesos_research.errors import Where
from kesos_research.language import _
from kesos_research.study.refusal import clean

LONGEST = 500
"""Characters a name may have."""


def unnamed(
    header: Sequence[str | None], where: Callable[[int], Where], *, remedy: str | None = None
) -> Iterator[Damage]:
    """What is wrong with a header: columns without a name, names that are there twice, names that are no names.

    Parameters
    ----------
    header
        Names of the columns, None where there is none.
    where
        The place of a column, by its position from 0.
    remedy
        What to do about columns without a name, where that is not to name them.
    """
    expected = _("each column named once")
    bare = [i for i, name in enumerate(header) if name is None or not name.strip()]
    if bare:
        yield Damage(
            "header",
            _("{n} columns have no name.", n=len(bare)),
            expected=expected,
            remedy=remedy or _("name them in the header, or delete them"),
            where=where(bare[0]),
            count=len(bare),
        )
    first: dict[str, int] = {}
    twice: list[int] = []
    for position, name in enumerate(header):
        if name is not None and name.strip() and first.setdefault(name, position) != position:
            twice.append(position)
    if twice:
        name = str(header[twice[0]])
        yield Damage(
            "duplicate",
            _("{n} columns have a name that is there before, such as {name}.", n=len(twice), name=repr(clean(name))),
            expected=expected,
            remedy=_("rename them; the first {name} is column {n}", name=repr(clean(name)), n=first[name] + 1),
            where=where(twice[0]),
            count=len(twice),
        )
    long = [i for i, name in enumerate(header) if name is not None and (len(name) > LONGEST or "\x00" in name)]
    if long:
        yield Damage(
            "header",
            _("{n} columns have a name that cannot be one.", n=len(long)),
            expected=_("at most {n} characters, none of them a control character", n=LONGEST),
            remedy=_("look whether the first row is the header"),
            where=where(long[0]),
            count=len(long),
        )
