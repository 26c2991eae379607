"""What lies in a release: documents, figures, claims, the guard's records, notebooks, log, sheet, manifest, hashes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from kesos_research.language import LANGUAGES
from kesos_research.run import claimed, names
from kesos_research.run.bundle import packed
from kesos_research.run.drafts import Drafted
from kesos_research.run.folder import sums
from kesos_research.run.guarded import Guarded
from kesos_research.run.inputs import digest
from kesos_research.run.log import Approval, Log
from kesos_research.run.sheet import statistical_sheet
from kesos_research.run.write import as_json
from kesos_research.study import Study

if TYPE_CHECKING:
    from kesos_research.disclosure.scan import ScanReport

_KEPT = ("commit", "versions", "package", "seeds", "parameters", "checks", "inputs", "pseudonym_keys")
"""What a release's manifest says as the run's does."""


class Contents:
    """The files of a release; the same drafts give the same bytes.

    Attributes
    ----------
    scanned
        Everything that is searched for identifiers before the log is written, notebooks one by one.
    archive
        Path of their archive, which holds nothing else.
    """

    def __init__(self, study: Study, version: str, drafts: Drafted, seen: Guarded, approval: Approval | None) -> None:
        self._study, self._version, self._drafts, self._seen, self._approval = study, version, drafts, seen, approval
        self._plain = {**drafts.files, **self._records()}
        self.archive = self._name(names.NOTEBOOKS)
        self.scanned: Mapping[str, bytes] = {**self._plain, **self._notebooks}

    def files(self, scans: Mapping[str, ScanReport]) -> dict[str, bytes]:
        """All files by path, once it is known what the search found."""
        files = dict(self._plain)
        if self._notebooks:
            files[self.archive] = packed(self._notebooks)
        sizes = {path: len(data) for path, data in self.scanned.items()}
        log = Log(self._study, self._version, self._seen, self._approval, scans, sizes)
        files |= {self._name(names.LOG[lang]): log.page(lang) for lang in LANGUAGES}
        files[self._name(names.MANIFEST)] = as_json(self._manifest(files))
        files[self._name(names.SUMS)] = sums(files)
        return dict(sorted(files.items()))

    @property
    def _notebooks(self) -> Mapping[str, bytes]:
        return self._drafts.notebooks if self._study.release.notebooks else {}

    def _name(self, name: str) -> str:
        return names.of_release(self._study, name)

    def _records(self) -> dict[str, bytes]:
        """Claims, the guard's records and the sheet."""
        return {
            self._name(names.CLAIMS): claimed.released(self._drafts),
            self._name(names.GUARD): self._seen.document(self._study, self._version),
            **{
                self._name(names.SHEET[lang]): statistical_sheet(self._study, self._version, lang) for lang in LANGUAGES
            },
        }

    def _manifest(self, files: Mapping[str, bytes]) -> dict[str, Any]:
        study, said = self._study, self._drafts.manifest
        made_from = {path: entry["made_from"] for path, entry in said["outputs"].items() if entry.get("made_from")}
        outputs = {path: {"sha256": digest(data)} for path, data in files.items()}
        outputs |= {path: {"sha256": digest(data), "within": self.archive} for path, data in self._notebooks.items()}
        return {
            "study": study.id,
            "version": self._version,
            "date": study.date,
            "synthetic": study.synthetic,
            **{key: said[key] for key in _KEPT if key in said},
            "approved": self._approved(),
            "outputs": {
                path: {**entry, **({"made_from": made_from[path]} if path in made_from else {})}
                for path, entry in sorted(outputs.items())
            },
        }

    def _approved(self) -> dict[str, Any] | None:
        if self._approval is None:
            return None
        return {**asdict(self._approval), "what": [dict(text) for text in self._seen.failures]}
