"""What was made from what: written last, so that it is there only when everything else is."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kesos_research.run.inputs import digest
from kesos_research.run.names import MANIFEST
from kesos_research.run.write import Placed


@dataclass(frozen=True)
class Manifest:
    """The outputs of a study's runs so far, and everything else the last run said.

    Attributes
    ----------
    outputs
        By path in the folder of drafts: `sha256`, `made_from`, and `beside` for a new edition beside an edited file.
    said
        The whole document as read; empty where there is none yet.
    """

    outputs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    said: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """The manifest of earlier runs; an empty one where there is none, or half of one."""
        try:
            said = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            outputs = {str(path): {**entry} for path, entry in said["outputs"].items() if "sha256" in entry}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return cls()
        return cls(outputs, said)

    @property
    def hashes(self) -> dict[str, str]:
        return {path: entry["sha256"] for path, entry in self.outputs.items()}

    def finished(self, folder: Path, paths: Iterable[str], made_from: str) -> list[Placed] | None:
        """Where these outputs lie when all are there, whole, and made from just this; else None."""
        placed = [self._placed(folder, path, made_from) for path in paths]
        found = [p for p in placed if p is not None]
        return found if len(found) == len(placed) else None

    def _placed(self, folder: Path, path: str, made_from: str) -> Placed | None:
        beside = [p for p, entry in self.outputs.items() if entry.get("beside") == path and (folder / path).exists()]
        for at in (path, *beside):
            entry = self.outputs.get(at, {})
            if entry.get("made_from") == made_from and _sha(folder / at) == entry["sha256"]:
                return Placed(at, entry["sha256"], made_from, kept=path if at != path else "")
        return None

    def with_outputs(self, folder: Path, placed: Sequence[Placed]) -> dict[str, dict[str, str]]:
        """Outputs of earlier runs that are still there, and these."""
        replaced = {p.path for p in placed} | {p.kept for p in placed}
        renewed = {p.kept or p.path for p in placed}
        outputs = {
            path: dict(entry)
            for path, entry in self.outputs.items()
            if path not in replaced and entry.get("beside") not in renewed and (folder / path).exists()
        }
        for p in placed:
            outputs[p.path] = {"sha256": p.sha256, "made_from": p.made_from, **({"beside": p.kept} if p.kept else {})}
        return dict(sorted(outputs.items()))


def _sha(path: Path) -> str:
    try:
        return digest(path.read_bytes())
    except OSError:
        return ""
