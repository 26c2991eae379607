"""claims.json: every number the documents may state, and which of them state it."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from kesos_research.run.names import CLAIMS
from kesos_research.run.write import as_json
from kesos_research.study import Study

FIELDS = (
    "estimate", "std_error", "conf_low", "conf_high", "p_value", "n", "unit", "method", "public", "quality",
)  # fmt: skip


def read(folder: Path) -> dict[str, dict[str, Any]]:
    """Claims of earlier runs by name; none where the file is not there or not whole."""
    try:
        said = json.loads((folder / CLAIMS).read_text(encoding="utf-8"))
        return {claim["name"]: claim for claim in said["claims"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def document(
    study: Study,
    claims: Mapping[str, Any],
    states: Mapping[str, Collection[str]],
    earlier: Mapping[str, Mapping[str, Any]],
    *,
    there: Collection[str],
    whole: bool,
) -> bytes:
    """The file's bytes.

    Parameters
    ----------
    study
        The study.
    claims
        `report.Claim` by name, of this run's notebooks.
    states
        Names of claims by path of each document made in this run.
    earlier
        What `read` found.
    there
        Paths of all documents there are now.
    whole
        Whether every notebook of the study has spoken: claims of earlier runs that none makes any more then go.
    """
    names = sorted(claims if whole else {*claims, *earlier})
    told = [
        {
            "name": name,
            **values(claims[name] if name in claims else earlier[name]),
            "used_in": sorted(_uses(name, states, earlier.get(name, {}), there)),
        }
        for name in names
    ]
    return as_json({**({"synthetic": True} if study.synthetic else {}), "claims": told})


def values(claim: Any) -> dict[str, Any]:
    """What the file says of a claim; numbers that are none become null."""
    get = claim.get if isinstance(claim, Mapping) else lambda key: getattr(claim, key)
    values = {key: get(key) for key in FIELDS}
    told = {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in values.items()}
    return {**told, "quality": told["quality"] or ""}  # claims of runs before there were marks have none


def _uses(
    name: str, states: Mapping[str, Collection[str]], earlier: Mapping[str, Any], there: Collection[str]
) -> set[str]:
    kept = {path for path in earlier.get("used_in", ()) if path in there and path not in states}
    return kept | {path for path, names in states.items() if name in names}
