"""From study.yaml to a `Study`, or to everything that is wrong with it at once."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from kesos_research.errors import KesosError, Problems, StudyError, Where
from kesos_research.language import _
from kesos_research.study.contradiction import contradictions, treated_as_donor
from kesos_research.study.refusal import Path as At
from kesos_research.study.refusal import Refused, clean, listed, nearest, shown
from kesos_research.study.study import PILOT, Study
from kesos_research.study.tree import Node, parse, read_text
from kesos_research.study.workspace import exists, find_study, inside, leads_inside, workspace_of

_NOT_KEYS = ("folder", "root")


def read_study(where: str | Path) -> Study:
    """Which study is this, and is its document understood?

    Parameters
    ----------
    where
        The study's folder, its `study.yaml`, or its id (looked up in `notebooks/studies/` of the workspace around the
        current folder).

    Returns
    -------
    Study

    Raises
    ------
    StudyError, Problems
        Everything that is wrong at once, each with file, line and key.
    """
    folder = find_study(where)
    root = workspace_of(folder)
    file = folder / "study.yaml"
    name = file.relative_to(root).as_posix()
    _stays_inside(root, folder)
    tree = parse(read_text(file, name=name), name=name)
    if not isinstance(tree.value, dict):
        raise StudyError(_("The file holds no keys."), expected="id: pkst-2013", where=Where(file=name, line=tree.line))
    said = tree.plain()
    refusals = [*_own_keys(said), *_needed(said), *_places(said, root), *_treated_anywhere_in_donors(tree, said)]
    if said.get("id", folder.name) != folder.name and isinstance(said["id"], str):
        refusals.append(_other_name(said["id"], folder.name))
    for key in _NOT_KEYS:
        said.pop(key, None)
    try:
        study = Study.model_validate({**said, "folder": folder, "root": root})
    except ValidationError as error:
        refusals.extend(_translated(error, said))
        refusals.extend(contradictions(_readable(said)))
        study = None
    if refusals or study is None:
        raise _together(refusals, tree, name)
    return study


def _together(refusals: list[Refused], tree: Node, name: str) -> KesosError:
    """Each refusal once, at its line."""
    placed: dict[tuple[At, str], StudyError] = {}
    for refused in refusals:
        at = refused.at or ()
        key = ".".join(str(step + 1) if isinstance(step, int) else clean(step) for step in at) or None
        placed.setdefault((at, refused.found), refused.placed(Where(file=name, line=tree.line_of(at), key=key)))
    errors = sorted(placed.values(), key=lambda e: (e.where.line or 0) if e.where else 0)
    return errors[0] if len(errors) == 1 else Problems(errors)


def _stays_inside(root: Path, folder: Path) -> None:
    """No file of the study is a link that leads out of the workspace."""
    try:
        links = [f for f in folder.iterdir() if f.is_symlink()]
    except OSError as error:
        raise StudyError(
            _("The folder cannot be read: {reason}.", reason=error.strerror or str(error)),
            where=Where(file=folder.relative_to(root).as_posix()),
        ) from error
    for path in (folder, *links):
        if not leads_inside(root, path):
            raise StudyError(
                _("{path} is a link that leads out of the workspace.", path=shown(path.name)),
                remedy=_("copy the file into the study instead"),
                where=Where(file=path.relative_to(root).as_posix()),
            )


def _own_keys(said: Mapping[str, Any]) -> Iterator[Refused]:
    """`folder` and `root` are ours to say."""
    for key in _NOT_KEYS:
        if key in said:
            yield _unknown((key,))


def _needed(said: Mapping[str, Any]) -> Iterator[Refused]:
    """What a comparison of pilots needs, where no sample, adoption or evaluation is described."""
    misspelt = [key for key in said if key not in Study.model_fields]
    for key in PILOT if not {"sample", "adoption", "evaluation"} & set(said) else ():
        if key not in said and not any(nearest(other, [key]) for other in misspelt):
            yield _missing((key,))


def _other_name(written: str, folder: str) -> Refused:
    return Refused(
        _("The study calls itself {id} and lies in the folder {name}.", id=shown(written), name=shown(folder)),
        expected=_("the same name for both"),
        remedy=_("write id: {name}", name=folder),
        at=("id",),
    )


def _places(said: dict[str, Any], root: Path) -> Iterator[Refused]:
    """Paths of the sources become whole paths inside the workspace."""
    sources = said.get("sources")
    for position, source in enumerate(sources if isinstance(sources, list) else ()):
        for key in ("file", "codebook", "flags"):
            if isinstance(source, dict) and isinstance(source.get(key), str):
                try:
                    path = source[key] = inside(root, source[key])
                    if not exists(path):
                        raise Refused(_("There is no file {name}.", name=shown(path.relative_to(root).as_posix())))
                except Refused as refused:
                    refused.at = ("sources", position, key)
                    yield refused


def _treated_anywhere_in_donors(tree: Node, said: Mapping[str, Any]) -> Iterator[Refused]:
    """A treated region named under `donors`, however it is written there."""
    treated = said.get("treated")
    codes = [c for c in treated if isinstance(c, str)] if isinstance(treated, list) else []
    donors = tree.value.get("donors") if isinstance(tree.value, dict) else None
    waiting: list[tuple[Node, At]] = [(donors, ("donors",))] if donors else []
    while waiting:
        node, at = waiting.pop()
        if isinstance(node.value, str):
            if node.value in codes:
                yield treated_as_donor(node.value, at)
        elif isinstance(node.value, list):
            waiting.extend((child, (*at, i)) for i, child in enumerate(node.value))
        else:
            waiting.extend((child, (*at, k)) for k, child in node.value.items())


def _readable(said: Any, model: type[BaseModel] = Study) -> dict[str, Any]:
    """The fields that can be read each by itself, so that what they say together can be looked at in the same go."""
    fields: dict[str, Any] = {}
    hints = _hints(model)
    for key, field in model.model_fields.items():
        given = key in said or field.is_required()
        value = said.get(key) if given else field.get_default(call_default_factory=True)
        try:
            fields[key] = _adapter(model, key).validate_python(value)
        except ValidationError:
            part = _model_in(hints[key])
            if part and isinstance(value, dict):
                fields[key] = SimpleNamespace(**_readable(value, part))
    return fields


def _model_in(hint: Any) -> type[BaseModel] | None:
    """The model of a field that holds one, or none where it may be left out."""
    for part in (hint, *typing.get_args(hint)):
        if isinstance(part, type) and issubclass(part, BaseModel):
            return part
    return None


@cache
def _hints(model: type[BaseModel]) -> dict[str, Any]:
    return typing.get_type_hints(model, include_extras=True)


@cache
def _adapter(model: type[BaseModel], key: str) -> TypeAdapter[Any]:
    return TypeAdapter(_hints(model)[key])


def _translated(error: ValidationError, said: Mapping[str, Any]) -> Iterator[Refused]:
    """pydantic's errors in our words."""
    problems = error.errors(include_url=False)
    unknown = [tuple(p["loc"]) for p in problems if p["type"] == "extra_forbidden"]
    for problem in problems:
        at = tuple(problem["loc"])
        cause = problem.get("ctx", {}).get("error")
        if isinstance(cause, Refused):
            if at:
                # contradictions have no place of pydantic's and are looked for again, all of them
                yield _moved(cause, _in_document(at, said))
        elif problem["type"] == "extra_forbidden":
            yield _unknown(at)
        elif problem["type"] == "missing":
            if any(at[:-1] == other[:-1] and nearest(str(other[-1]), [str(at[-1])]) for other in unknown):
                continue  # it is there, misspelt, and told as that
            yield _missing(at)
        elif problem["type"] in ("model_type", "model_attributes_type", "dict_type", "mapping_type"):
            yield Refused(_("Keys are expected beneath this one."), at=at)
        else:
            yield Refused(_("{value} cannot be used here.", value=shown(problem["input"])), at=_in_document(at, said))


def _missing(at: At) -> Refused:
    return Refused(_("The key {key} is missing.", key=clean(at[-1])), remedy=_example(str(at[-1])), at=at)


def _moved(refused: Refused, at: At) -> Refused:
    return Refused(refused.found, expected=refused.expected, remedy=refused.remedy, at=(*at, *(refused.at or ())))


def _in_document(at: At, said: Any) -> At:
    """The steps of `at` that the document has: pydantic adds names of its own for unions."""
    kept: list[str | int] = []
    rest: Any = said
    for step in at:
        try:
            rest = rest[step]
        except (KeyError, IndexError, TypeError):
            break
        kept.append(step)
    return tuple(kept)


def _example(key: str) -> str | None:
    example = {"since": "since: 2013", "date": "date: 2014-11-25", "seed": "seed: 20130501"}.get(key)
    return _("write {name}", name=example) if example else None


def _unknown(at: At) -> Refused:
    key, known = str(at[-1]), _known_keys(at[:-1])
    return Refused(
        _("The key {key} is not known.", key=shown(key)),
        expected=_("one of {names}", names=listed(known)),
        remedy=nearest(key, known),
        at=at,
    )


def _known_keys(at: At) -> list[str]:
    """The keys a model has at a place of the document."""
    model: Any = Study
    for step in at:
        if isinstance(step, str) and (part := _model_in(model)):
            model = typing.get_type_hints(part).get(step)
        elif isinstance(step, int):
            model = next((a for a in typing.get_args(model) if a is not ...), None)
    part = _model_in(model)
    return [key for key in part.model_fields if key not in _NOT_KEYS] if part else []
