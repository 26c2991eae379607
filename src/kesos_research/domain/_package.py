"""The package's own facts: read from inside the package, in a wheel as in a checkout."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

import yaml

from kesos_research.language import Words, words

_PACKAGE = "kesos_research.domain"


def rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of a CSV file of the package, every cell as text."""
    lines = files(_PACKAGE).joinpath(name).read_text(encoding="utf-8").splitlines()
    yield from csv.DictReader(lines)


def document(name: str) -> Any:
    """A YAML file of the package, every scalar as text, so that 32.10 stays 32.10."""
    return yaml.load(files(_PACKAGE).joinpath(name).read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


def names(folder: str) -> list[str]:
    """The YAML files in a folder of the package, sorted."""
    found = (entry.name for entry in files(_PACKAGE).joinpath(folder).iterdir())
    return sorted(f"{folder}/{name}" for name in found if name.endswith(".yaml"))


def said(text: Mapping[str, str]) -> Words:
    """A bilingual text of a YAML file."""
    return words(id=text["id"], en=text["en"])
