"""Is a release what it was, and does its study still give it? Hashes first, then the study run again beside it."""

from __future__ import annotations

import json
import math
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kesos_research.errors import KesosError, OutputError, Problems, Where
from kesos_research.language import _
from kesos_research.run.inputs import file_digest, package_digest, study_files, versions
from kesos_research.run.manifest import Manifest
from kesos_research.run.names import CLAIMS, MANIFEST
from kesos_research.run.pipeline import Progress, folders, run_study
from kesos_research.run.released import Released, read_release
from kesos_research.study import Study, read_study, workspace_of
from kesos_research.study.refusal import listed
from kesos_research.study.scalar import STUDY_ID

RELATIVE, ABSOLUTE = 1e-6, 1e-9
"""How far a number of a rerun may lie from the released one: this share of it, or this much near zero."""
_NUMBERS = ("estimate", "std_error", "conf_low", "conf_high", "p_value", "n")


@dataclass(frozen=True)
class Verification:
    """What was found.

    Attributes
    ----------
    folder
        The release.
    problems
        What is not as it was released.
    notes
        What differs and is explained, or does no harm.
    files
        How many files were held against their hashes.
    same, differing
        Documents, figures and notebooks that a rerun gave again byte for byte, and those it gave otherwise.
    claims
        How many claims a rerun gave again.
    seconds
        How long it took.
    """

    folder: Path
    problems: tuple[KesosError, ...] = ()
    notes: tuple[str, ...] = ()
    files: int = 0
    same: tuple[str, ...] = ()
    differing: tuple[str, ...] = ()
    claims: int = 0
    seconds: float = 0.0

    @property
    def exit_code(self) -> int:
        return KesosError.exit_code if self.problems else 0


def verify(folder: Path, *, rerun: bool = True, progress: Progress | None = None) -> Verification:
    """Are these the files that were released, and does the study give them again?

    Parameters
    ----------
    folder
        The release.
    rerun
        Run the study again, in a folder of its own: neither drafts nor release are touched.
    progress
        Told what is done now.

    Returns
    -------
    Verification
        Files that are missing, added or changed; after a rerun, which files differ in bytes and which claims in value.
        Files may differ where libraries or the package are of another version, so long as every claim agrees within
        `RELATIVE` or `ABSOLUTE`.

    Raises
    ------
    OutputError, StudyError
        When the folder is no release, or its study is not in the workspace.
    """
    began = time.monotonic()
    release = read_release(folder)
    if not rerun or not release.manifest:
        return Verification(folder, release.problems, (), len(release.files), seconds=time.monotonic() - began)
    study = _study(release)
    with tempfile.TemporaryDirectory(prefix="kesos-") as place:
        made = run_study(study, reports=Path(place), progress=progress)
        if made.failures:
            failed = tuple(one for error in made.failures for one in _single(error))
            return Verification(folder, (*release.problems, *failed), (), len(release.files))
        drafts = folders(study, Path(place))[0]
        return _compared(release, study, drafts, began)


def _compared(release: Released, study: Study, drafts: Path, began: float) -> Verification:
    again = Manifest.read(drafts).hashes
    told = {p: e["sha256"] for p, e in release.outputs.items() if e.get("made_from")}
    same = tuple(p for p in told if again.get(p) == told[p])
    differing = tuple(p for p in told if p in again and again[p] != told[p])
    old, new = _claims(release.own(CLAIMS)), _claims((drafts / CLAIMS).read_bytes())
    wrong = {name: text for name in sorted({*old, *new}) if (text := _disagreement(name, old, new))}
    unlike = [*(_lost(path) for path in told if path not in again), *map(_claim, wrong.values())]
    inputs, libraries = list(_other_inputs(release, study)), list(_other_versions(release))
    notes = list(libraries)
    if unlike or differing:
        unlike += inputs
    else:
        notes += map(str, inputs)  # changed since, and the same comes of it
    if differing and (inputs or libraries):
        notes.append(_("Other bytes than released: {names}", names=listed(differing)))
    else:
        unlike += map(_unexplained, differing)
    return Verification(
        release.folder,
        (*release.problems, *unlike),
        tuple(notes),
        len(release.files),
        same,
        differing,
        len(old.keys() - wrong.keys()),
        time.monotonic() - began,
    )


def _study(release: Released) -> Study:
    id = str(release.manifest.get("study", ""))
    if not STUDY_ID.fullmatch(id):
        raise OutputError(_("The manifest names no study."), where=Where(file=MANIFEST))
    return read_study(workspace_of(release.folder) / "notebooks" / "studies" / id)


def _claims(data: bytes) -> dict[str, dict[str, Any]]:
    try:
        return {claim["name"]: claim for claim in json.loads(data)["claims"]}
    except (ValueError, KeyError, TypeError):
        return {}  # told when the release was read


def _disagreement(name: str, old: Mapping[str, Mapping[str, Any]], new: Mapping[str, Mapping[str, Any]]) -> str:
    """In what a claim of the rerun is not the released one; empty where it is."""
    if name not in new:
        return _("A rerun does not give the claim {name}.", name=name)
    if name not in old:
        return _("A rerun gives a claim that was not released: {name}.", name=name)
    for key in sorted({*old[name], *new[name]} - {"used_in"}):
        was, now = old[name].get(key), new[name].get(key)
        if not (_near(was, now) if key in _NUMBERS else was == now):
            values = {"name": name, "key": key, "was": repr(was), "now": repr(now)}
            return _("The claim {name} was released with {key} = {was}, and a rerun gives {now}.", **values)
    return ""


def _near(was: float | None, now: float | None) -> bool:
    if was is None or now is None:
        return was is now
    return math.isclose(was, now, rel_tol=RELATIVE, abs_tol=ABSOLUTE)


def _other_inputs(release: Released, study: Study) -> Iterator[KesosError]:
    """Files of the study that are not as they were when it was released."""
    books = dict.fromkeys(study.notebook(use.notebook) for use in study.notebooks)
    now = {**study_files(study), **{b.relative_to(study.root).as_posix(): file_digest(b, study) for b in books}}
    then: Mapping[str, str] = release.manifest.get("inputs", {})
    commit = (release.manifest.get("commit") or {}).get("id")
    remedy = _("verify in the workspace as commit {id} has it", id=commit[:12]) if commit else None
    for path in sorted({*now, *then}):
        if path not in now:
            yield OutputError(_("This file is gone since the release."), remedy=remedy, where=Where(file=path))
        elif path not in then:
            yield OutputError(_("This file is new since the release."), remedy=remedy, where=Where(file=path))
        elif now[path] != then[path]:
            yield OutputError(_("This file was changed since the release."), remedy=remedy, where=Where(file=path))


def _other_versions(release: Released) -> Iterator[str]:
    then, now = release.manifest.get("versions", {}), versions()
    for name in sorted({*then, *now}):
        if then.get(name) != now.get(name):
            yield _("{name}: {now} here, {was} then", name=name, now=now.get(name, "–"), was=then.get(name, "–"))
    if release.manifest.get("package") != package_digest():
        yield _("kesos_research itself is of another edition.")


def _lost(path: str) -> KesosError:
    return OutputError(_("A rerun does not make this file."), where=Where(file=path))


def _unexplained(path: str) -> KesosError:
    return OutputError(_("A rerun gives other bytes, and nothing explains it."), where=Where(file=path))


def _claim(found: str) -> KesosError:
    return OutputError(found, where=Where(file=CLAIMS))


def _single(error: KesosError) -> tuple[KesosError, ...]:
    return error.problems if isinstance(error, Problems) else (error,)
