"""What a notebook calls is written down: each cell leaves, beside what it shows, which public methods it called.

Only in kernels of a run; a researcher's own session is not watched. Numbers and rows are not kept.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kesos_research.errors import KesosError

if TYPE_CHECKING:
    from kesos_research.estimates import Call

_METHODS = "kesos_research.methods"
_BEST = ("used", "open", "refused")


def watch(shell: Any) -> None:
    """Let every cell of this kernel leave the calls it made."""
    made: list[Call] = []

    def before(info: Any) -> None:
        # imported here only where a cell is about to: it takes seconds
        if _METHODS in sys.modules or ("kesos_research" in info.raw_cell and "methods" in info.raw_cell):
            listen(made)

    def after(_result: object) -> None:
        if made:
            from kesos_research.estimates import CALLS_MIME

            shell.display_pub.publish(data={CALLS_MIME: [call.as_dict() for call in counted(made)]}, metadata={})
            made.clear()

    shell.events.register("pre_run_cell", before)
    shell.events.register("post_run_cell", after)


def listen(made: list[Call]) -> None:
    """Let each public method write down its calls, from now on, in `made`; once."""
    from kesos_research import methods

    for name in methods.__all__:
        function = getattr(methods, name)
        if not hasattr(function, "_kesos_heard"):
            setattr(methods, name, _heard(function, made))


def counted(made: list[Call]) -> list[Call]:
    """Calls that are alike as one, in the order of their names and settings."""
    from kesos_research.estimates import Call

    alike = Counter(
        (c.method, c.outcome, c.level, c.draws, c.answered, tuple(sorted(c.verdicts.items()))) for c in made
    )
    calls = [Call(*key[:4], times=n, answered=key[4], verdicts=dict(key[5])) for key, n in alike.items()]
    return sorted(calls, key=lambda c: (c.method, c.outcome, str(c.level), str(c.draws), not c.answered))


def _heard(function: Callable[..., Any], made: list[Call]) -> Callable[..., Any]:
    signature = inspect.signature(function)

    @functools.wraps(function)
    def heard(*arguments: Any, **named: Any) -> Any:
        call = _call(function.__name__, signature, arguments, named)
        try:
            answer = function(*arguments, **named)
        except KesosError:
            made.append(replace(call, answered=False))
            raise
        made.append(replace(call, verdicts=_verdicts(answer)) if call.method == "chooser" else call)
        return answer

    heard._kesos_heard = True  # type: ignore[attr-defined]
    return heard


def _call(name: str, signature: inspect.Signature, arguments: tuple[Any, ...], named: Mapping[str, Any]) -> Call:
    from kesos_research.estimates import Call

    try:
        bound = signature.bind(*arguments, **named)
    except TypeError:  # the method itself will say what is wrong
        return Call(name)
    bound.apply_defaults()
    given = bound.arguments
    level, draws = given.get("level"), given.get("draws")
    return Call(
        name,
        outcome=_named(given.get("outcome", given.get("of", given.get("event")))),
        level=float(level) if isinstance(level, int | float) else None,
        draws=int(draws) if isinstance(draws, int) else None,
    )


def _named(outcome: object) -> str:
    if isinstance(outcome, str):
        return outcome
    return ", ".join(map(str, outcome)) if isinstance(outcome, list | tuple) else ""


def _verdicts(answer: Any) -> dict[str, str]:
    """The best verdict of each design of the chooser's answer."""
    found: dict[str, str] = {}
    designs = answer.evidence["designs"]
    for design, verdict in zip(designs["design"], designs["verdict"], strict=True):
        found[design] = min(found.get(design, verdict), verdict, key=_BEST.index)
    return dict(sorted(found.items()))
