"""An assumption, looked at, and what was seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from kesos_research.language import Language, translate

Status = Literal["pass", "warn", "fail", "info"]


@dataclass(frozen=True)
class Check:
    """One assumption of a method, looked at.

    `text` is a catalogue text with `{fields}`; `evidence` fills them, so that the same check is said in any language.
    """

    name: str
    status: Status
    text: str
    evidence: Mapping[str, object] = field(default_factory=dict)

    def say(self, lang: Language) -> str:
        """The sentence a reader sees."""
        return translate(self.text, lang, self.evidence)
