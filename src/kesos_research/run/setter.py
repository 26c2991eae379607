"""A process that sets documents: `python -m kesos_research.run.setter`.

One JSON line asks, one JSON line answers; finished files lie in the folder that was named. It ends when its input does.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from kesos_research import errors
from kesos_research.errors import KesosError, Problems, Where
from kesos_research.language import set_language
from kesos_research.run.documents import Order, make
from kesos_research.run.names import Sheet
from kesos_research.study import Study, read_study


def asked(order: Order) -> dict[str, Any]:
    """An order as plain data."""
    return {**asdict(order), "notebooks": [str(path) for path in order.notebooks]}


def order_of(said: dict[str, Any]) -> Order:
    """The order that `asked` wrote down."""
    return Order(
        tuple(Path(path) for path in said["notebooks"]),
        tuple(Sheet(**sheet) for sheet in said["sheets"]),
        tuple(said["figures"]),
        said["profile"],
    )


def told(error: KesosError) -> list[dict[str, Any]]:
    """Errors as plain data."""
    return [
        {
            "kind": type(problem).__name__,
            "found": problem.found,
            "expected": problem.expected,
            "remedy": problem.remedy,
            "where": asdict(problem.where) if problem.where else None,
        }
        for problem in (error.problems if isinstance(error, Problems) else (error,))
    ]


def error_of(said: dict[str, Any]) -> KesosError:
    """The error that `told` wrote down."""
    kind = getattr(errors, said["kind"], KesosError)
    where = Where(**said["where"]) if said["where"] else None
    return kind(said["found"], expected=said["expected"], remedy=said["remedy"], where=where)


@cache
def _study(folder: str) -> Study:
    return read_study(folder)


def _answer(said: dict[str, Any]) -> dict[str, Any]:
    from kesos_research.report.collect import collect

    set_language(said["speaks"])
    try:
        order = order_of(said["order"])
        made = make(_study(said["study"]), collect(order.notebooks), order)
    except KesosError as error:
        return {"problems": told(error)}
    except Exception:  # noqa: BLE001 - a mistake of ours: told to the one who asked, who raises it
        return {"mistake": traceback.format_exc()}
    for n, data in enumerate(made.files.values()):
        (Path(said["folder"]) / str(n)).write_bytes(data)
    return {"files": list(made.files), "states": made.states, "remarks": made.remarks}


def main() -> None:
    """Answer until the input ends."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n") as answers:
        os.dup2(2, 1)  # what a library prints is no answer
        for line in sys.stdin.buffer:
            answers.write(json.dumps(_answer(json.loads(line))) + "\n")
            answers.flush()


if __name__ == "__main__":
    main()
