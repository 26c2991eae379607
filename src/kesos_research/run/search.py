"""The search for people in what is about to leave, with the identifiers of the study's own rows at hand."""

from __future__ import annotations

import secrets
from functools import cached_property, reduce
from operator import or_
from threading import Lock
from typing import TYPE_CHECKING

from kesos_research.study import Study

if TYPE_CHECKING:
    from kesos_research.data.identity_set import IdentitySet
    from kesos_research.disclosure.scan import ScanReport


class Search:
    """Searches files for identifiers; those of the study's rows are known to it as hashes under a key of this process.

    Parameters
    ----------
    study
        Sources that are not published aggregates are read for their identifiers, when first asked.
    """

    def __init__(self, study: Study) -> None:
        self._study, self._lock = study, Lock()

    @cached_property
    def known(self) -> IdentitySet | None:
        """The identifiers of the study's rows; None where it has only published figures."""
        return _known(self._study)

    def __call__(self, data: bytes, name: str) -> ScanReport:
        """What a file says of anybody."""
        from kesos_research.disclosure.scan import scan

        with self._lock:  # several notebooks end at once, the rows are read once
            known = self.known
        return scan(data, name, known)


def of_people(study: Study) -> bool:
    """Has the study rows that are not published figures?"""
    return any(not source.public for source in study.sources)


def _known(study: Study) -> IdentitySet | None:
    from kesos_research.data.identity_set import IdentitySet
    from kesos_research.data.read.files import Files

    files, key, sets = Files(study), secrets.token_bytes(32), []
    for source in study.sources:
        if not source.public:
            codebook = files.codebook(source.codebook)
            sets.append(IdentitySet.of_cells(files.cells(source.file, codebook), codebook, key=key))
    return reduce(or_, sets) if sets else None
