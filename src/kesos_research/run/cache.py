"""Executed notebooks that need not run again: found by the hash of everything they depend on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from kesos_research.run.inputs import digest, digest_of, file_digest, package_digest, versions
from kesos_research.run.jobs import Job
from kesos_research.run.kernel import World
from kesos_research.run.write import as_json, write_whole
from kesos_research.study import Study


class Cache:
    """One executed notebook for each job, and beside it, written after it, what it came from."""

    def __init__(self, records: Path, study: Study) -> None:
        self._records, self._study = records, study

    def key(self, job: Job, files: Mapping[str, str], world: World) -> str:
        """sha256 of notebook, parameters, the study's inputs, the package, the libraries, and the kernel's world."""
        return digest_of(
            {
                "notebook": file_digest(job.notebook, self._study),
                "parameters": dict(job.parameters),
                "files": dict(files),
                "package": package_digest(),
                "versions": versions(),
                "world": [world.seed, world.date, world.shows],
            }
        )

    def path(self, job: Job) -> Path:
        """Where the executed notebook of a job lies."""
        return self._records / f"{job.name}.ipynb"

    def has(self, job: Job, key: str) -> bool:
        """Whether it is there, whole, and made from just this."""
        try:
            told = json.loads(self._told(job).read_text(encoding="utf-8"))
            return told["key"] == key and told["sha256"] == digest(self.path(job).read_bytes())
        except (OSError, ValueError, KeyError, TypeError):
            return False

    def keep(self, job: Job, key: str, data: bytes) -> None:
        """Keep an executed notebook."""
        self._told(job).unlink(missing_ok=True)
        write_whole(self.path(job), data, self._records)
        write_whole(self._told(job), as_json({"key": key, "sha256": digest(data)}), self._records)

    def _told(self, job: Job) -> Path:
        return self._records / f"{job.name}.json"
