"""A release as it lies there: found, read, and held against its own hashes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kesos_research.errors import KesosError, OutputError, Where
from kesos_research.language import _
from kesos_research.run.bundle import unpacked
from kesos_research.run.inputs import digest
from kesos_research.run.names import CLAIMS, GUARD, MANIFEST, MARK, NOTEBOOKS, SUMS
from kesos_research.study.refusal import listed, nearest, shown
from kesos_research.study.workspace import exists

_LINE = re.compile(r"([0-9a-f]{64}) [ *]([A-Za-z0-9_./-]+)")
_LARGEST = 500 * 1024 * 1024


@dataclass(frozen=True)
class Released:
    """A release, read.

    Attributes
    ----------
    folder
        `reports/released/<study>/<version>`.
    files
        Bytes by path; notebooks by their path inside the archive too.
    manifest
        As it was written; empty where it cannot be read.
    problems
        What does not fit its hashes.
    """

    folder: Path
    files: Mapping[str, bytes]
    manifest: Mapping[str, Any]
    problems: tuple[KesosError, ...] = ()

    def own(self, name: str) -> bytes:
        """Bytes of one of the files that every release has, by its plain name."""
        return self.files.get(_marked(name) if self.synthetic else name, b"")

    @property
    def synthetic(self) -> bool:
        return _marked(SUMS) in self.files

    @property
    def outputs(self) -> Mapping[str, Mapping[str, str]]:
        return self.manifest.get("outputs", {})


@dataclass
class _Reading:
    files: dict[str, bytes] = field(default_factory=dict)
    problems: list[KesosError] = field(default_factory=list)


def find_release(where: str) -> Path:
    """The folder of a release, given as folder, or as study and version, or as study: then its newest.

    Raises
    ------
    OutputError
        When there is none; those there are and the nearest are named.
    """
    given = Path(where)
    if where.strip() and exists(given) and any(given.glob(f"{SUMS}*")):
        return given.absolute()
    known = _known(Path.cwd())
    named = {f"{folder.parent.name}/{folder.name}": folder for folder in known}
    newest = {folder.parent.name: folder for folder in known}  # the last one of each study is the newest
    name = where.strip().strip("/")
    if name in named or name in newest:
        return named.get(name) or newest[name]
    raise OutputError(
        _("There is no release {name}.", name=shown(where)),
        expected=_("its folder, or one of {names}", names=listed(named)) if named else _("the folder of a release"),
        remedy=nearest(name, {**named, **newest}) or _("make one: {command}", command="kesos release"),
    )


def version_key(version: str) -> tuple[int, ...]:
    """Versions in their order: 1.9 before 1.10."""
    return tuple(int(part) for part in version.split("."))


def versions_of(folder: Path) -> list[str]:
    """Versions that a study has released, oldest first."""
    there = folder.iterdir() if folder.is_dir() else ()
    plain = [p.name for p in there if p.is_dir() and re.fullmatch(r"\d+(\.\d+)*", p.name, re.ASCII)]
    return sorted(plain, key=version_key)


def releases_of(root: Path) -> list[Path]:
    """The folders of all releases in a workspace: by study, each study's oldest first."""
    released = root / "reports" / "released"
    there = released.iterdir() if released.is_dir() else ()
    studies = sorted(p for p in there if p.is_dir() and not p.name.startswith("."))
    return [study / version for study in studies for version in versions_of(study)]


def read_release(folder: Path) -> Released:
    """Read a release and hold every file against SHA256SUMS and the manifest.

    Raises
    ------
    OutputError
        When the folder has no list of hashes, so that nothing can be said of it.
    """
    lists = sorted(p.name for p in folder.glob(f"{SUMS}*") if p.is_file())
    if len(lists) != 1:
        raise OutputError(
            _("The folder has {n} lists of hashes.", n=len(lists)),
            expected=_("one file {name}, as a release has it", name=SUMS),
            where=Where(file=folder.name),
        )
    reading = _Reading()
    for path in _there(folder, reading.problems):
        reading.files[path] = (folder / path).read_bytes()
    reading.problems.extend(_sums(reading.files, lists[0]))
    marked = lists[0] == _marked(SUMS)
    name = _marked(MANIFEST) if marked else MANIFEST
    manifest = _manifest(reading, name)
    _notebooks(reading, manifest, _marked(NOTEBOOKS) if marked else NOTEBOOKS)
    reading.problems.extend(_listed(reading.files, manifest, {name, lists[0]}))
    reading.problems.extend(_parts(reading.files, marked=marked))
    return Released(folder, reading.files, manifest, tuple(reading.problems))


def _marked(name: str) -> str:
    stem, point, rest = name.partition(".")
    return f"{stem}_{MARK}{point}{rest}"


def _known(start: Path) -> list[Path]:
    return next((known for top in (start, *start.parents) if (known := releases_of(top))), [])


def _there(folder: Path, problems: list[KesosError]) -> Iterator[str]:
    """Paths of the files below a folder. Links are told, not followed."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            problems.append(_wrong(_("A release holds no links."), name))
        elif path.is_file():
            if path.stat().st_size > _LARGEST:
                problems.append(_wrong(_("The file is too large to be one of a release."), name))
            else:
                yield name


def _sums(files: Mapping[str, bytes], name: str) -> Iterator[KesosError]:
    promised: dict[str, str] = {}
    for number, line in enumerate(files[name].decode("utf-8", errors="replace").splitlines(), 1):
        found = _LINE.fullmatch(line)
        if not found or found[2] in promised:
            yield OutputError(
                _("The line is no hash and path, or says a path twice."), where=Where(file=name, line=number)
            )
        else:
            promised[found[2]] = found[1]
    for path in sorted({*promised, *files} - {name}):
        if path not in files:
            yield _wrong(_("The file is missing."), path)
        elif path not in promised:
            yield _wrong(_("The file does not belong to the release."), path)
        elif digest(files[path]) != promised[path]:
            yield _wrong(_("The file has been changed."), path)


def _manifest(reading: _Reading, name: str) -> Mapping[str, Any]:
    try:
        said = json.loads(reading.files.get(name, b""))
        if all(isinstance(entry["sha256"], str) for entry in said["outputs"].values()):
            return said
    except (ValueError, KeyError, TypeError, AttributeError):
        pass  # told below
    reading.problems.append(_wrong(_("The manifest cannot be read."), name))
    return {}


def _notebooks(reading: _Reading, manifest: Mapping[str, Any], name: str) -> None:
    """Notebooks from their archive."""
    if name in reading.files:
        try:
            inside = unpacked(reading.files[name], name)
        except KesosError as error:
            reading.problems.append(error)
            return
        for path, data in inside.items():
            if manifest.get("outputs", {}).get(path, {}).get("within") == name:
                reading.files[path] = data
            else:
                reading.problems.append(_wrong(_("The file does not belong to the release."), f"{name}/{path}"))


def _listed(files: Mapping[str, bytes], manifest: Mapping[str, Any], apart: set[str]) -> Iterator[KesosError]:
    outputs: Mapping[str, Mapping[str, str]] = manifest.get("outputs", {})
    for path in sorted({*files, *outputs} - apart) if manifest else ():
        if path not in outputs:
            yield _wrong(_("The manifest does not know the file."), path)
        elif path not in files:
            yield _wrong(_("The manifest lists the file, and it is missing."), path)
        elif digest(files[path]) != outputs[path]["sha256"]:
            yield _wrong(_("The manifest has another hash of the file."), path)


def _parts(files: Mapping[str, bytes], *, marked: bool) -> Iterator[KesosError]:
    """Claims and guard records that are not what they must be."""
    from kesos_research.disclosure.record import Record

    claims, guard = (_marked(name) if marked else name for name in (CLAIMS, GUARD))
    try:
        for claim in json.loads(files.get(claims, b""))["claims"]:
            claim["name"], claim["estimate"]
    except (ValueError, KeyError, TypeError):
        yield _wrong(_("The claims cannot be read."), claims)
    try:
        for record in json.loads(files.get(guard, b""))["records"]:
            Record.from_dict(record)
    except (ValueError, KeyError, TypeError):
        yield _wrong(_("The guard's records cannot be read, or were changed."), guard)


def _wrong(found: str, file: str) -> KesosError:
    return OutputError(found, where=Where(file=file))
