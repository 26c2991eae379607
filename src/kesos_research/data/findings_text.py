"""Findings as a person reads them in a terminal, and as a program reads them."""

from __future__ import annotations

import json
from collections.abc import Iterator

from kesos_research.data.findings import Finding, Findings
from kesos_research.language import _, current, number

FORMAT = "kesos.findings/1"
"""Name and version of the JSON; a key is never taken away within a version."""


def as_text(findings: Findings) -> str:
    """Findings as lines of text: the file, each broken promise with its remedy, and how many there are."""
    return "\n".join(_lines(findings)) + "\n"


def _lines(findings: Findings) -> Iterator[str]:
    yield summary(findings)
    for position, finding in enumerate(findings.errors, 1):
        yield f"{position}. {finding.error}"
    for finding in findings.warnings:
        yield _("Note: {text}", text=str(finding.error))
    yield verdict(findings)


def summary(findings: Findings) -> str:
    """What was read, and what was found out about how the file is written."""
    if not findings.columns:
        return _("{file}: not read.", file=findings.file)
    said = _(
        "{file}: {rows} rows, {columns} columns.",
        file=findings.file,
        rows=number(findings.rows, 0),
        columns=number(findings.columns, 0),
    )
    detected = ", ".join(f"{detected_name(key)} {value}" for key, value in findings.detected.items())
    found = _("Found: {text}.", text=detected)
    return f"{said} {found}" if detected else said


def detected_name(key: str) -> str:
    """What was detected, in the reader's language; a word that is not ours says itself."""
    known = {
        "encoding": _("encoding"),
        "delimiter": _("delimiter"),
        "sheet": _("sheet"),
        "lines": _("lines"),
    }
    return known.get(key, key)


def verdict(findings: Findings) -> str:
    """How many promises are broken."""
    broken = len(findings.errors)
    if not broken:
        return _("No promise of the codebook is broken.")
    return _("{n} promises are broken: nothing of this file may be used before they are kept.", n=broken)


def as_json(findings: Findings) -> str:
    """Findings as JSON; texts in the language in force, names and numbers in none."""
    told = {
        "format": FORMAT,
        "language": current(),
        "file": findings.file,
        "rows": findings.rows,
        "columns": findings.columns,
        "detected": dict(findings.detected),
        "clean": findings.clean,
        "findings": [_entry(finding) for finding in findings.found],
    }
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


def _entry(finding: Finding) -> dict[str, object]:
    row = finding.where.row is not None
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "columns": list(finding.columns),
        "count": finding.count,
        "counted": finding.counted,
        "file": finding.where.file,
        "line": finding.where.line,
        "row": finding.where.row,
        "found": finding.found,
        "expected": finding.expected,
        "remedy": finding.remedy,
        "examples": [{"row" if row else "line": e.place, "value": e.value} for e in finding.examples],
    }
