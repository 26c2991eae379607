"""Parameters of a notebook: declared in its cell tagged `parameters`, checked before anything runs.

papermill pastes a parameter's name into the notebook as code and only warns of names it does not know; so a name or a
value that the notebook does not declare ends here.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kesos_research.errors import KesosError, ParameterError, Problems, Where
from kesos_research.language import _
from kesos_research.study.refusal import listed, nearest, shown

NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_TRUE, _FALSE = ("true", "yes", "ya"), ("false", "no", "tidak")
_UNTYPED = object()


def declared(cells: Sequence[Mapping[str, Any]], *, name: str) -> dict[str, Any]:
    """The parameters a notebook declares, each with its default.

    Parameters
    ----------
    cells
        Its cells, as in the file.
    name
        What to call it in an error.

    Raises
    ------
    ParameterError
        When there is no cell tagged `parameters`, or that cell is not Python.
    """
    cell = next((c for c in cells if "parameters" in c.get("metadata", {}).get("tags", ())), None)
    if cell is None:
        raise ParameterError(
            _("The notebook has no cell tagged “parameters”."),
            expected=_('a code cell with that tag and one line for each parameter, such as: study = ""'),
            remedy=_("select the first code cell in JupyterLab, open the property inspector and add the tag"),
            where=Where(file=name),
        )
    try:
        tree = ast.parse(_text(cell["source"]))
    except SyntaxError as error:
        raise ParameterError(
            _("The cell tagged “parameters” is not Python: {reason}.", reason=error.msg),
            expected=_('one line for each parameter, such as: study = ""'),
            where=Where(file=name, line=error.lineno),
        ) from None
    found: dict[str, Any] = {}
    for line in tree.body:
        if isinstance(line, ast.Assign):
            found |= {t.id: _literal(line.value) for t in line.targets if isinstance(t, ast.Name)}
        elif isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
            found[line.target.id] = _literal(line.value)
    return found


def checked(values: Mapping[str, Any], defaults: Mapping[str, Any], *, name: str) -> dict[str, Any]:
    """`values` typed as the notebook's defaults are; text stays text, so that the code 32.10 stays 32.10.

    Parameters
    ----------
    values
        Parameters as the study gives them: text, lists of text, or values already typed.
    defaults
        What `declared` found.
    name
        What to call the notebook in an error.

    Raises
    ------
    ParameterError, Problems
        For a name that is not declared and a value that is not of the declared type: all of them at once.
    """
    typed: dict[str, Any] = {}
    problems: list[KesosError] = []
    for key, value in values.items():
        if key not in defaults or not NAME.fullmatch(key):
            problems.append(_unknown(key, defaults, name))
            continue
        try:
            typed[key] = _typed(value, defaults[key])
        except ValueError:
            problems.append(
                ParameterError(
                    _("{value} is not a value for the parameter {key}.", value=shown(value), key=key),
                    expected=_("{kind}, as in: {key} = {default}", kind=_kind(defaults[key]), key=key,
                               default=repr(defaults[key])),
                    where=Where(file=name, key=key),
                )
            )  # fmt: skip
    if len(problems) > 1:
        raise Problems(problems)
    for problem in problems:
        raise problem
    return typed


def _unknown(key: str, defaults: Mapping[str, Any], name: str) -> ParameterError:
    return ParameterError(
        _("The notebook has no parameter {key}.", key=shown(key)),
        expected=_("one of {names}", names=listed(sorted(defaults)))
        if defaults
        else _("no parameter: the cell tagged “parameters” declares none"),
        remedy=nearest(key, defaults)
        or _("add it to the notebook's cell tagged “parameters”, or take it out of the study"),
        where=Where(file=name, key=key),
    )


def _text(source: str | list[str]) -> str:
    return source if isinstance(source, str) else "".join(source)


def _literal(value: ast.expr | None) -> Any:
    try:
        return ast.literal_eval(value) if value is not None else _UNTYPED
    except ValueError:
        return _UNTYPED  # an expression: any plain value may stand in its place


def _typed(value: Any, default: Any) -> Any:
    if default is _UNTYPED or default is None:
        return _plain(value)
    if isinstance(default, list | tuple):
        if not isinstance(value, list | tuple):
            raise ValueError
        return [_typed(v, default[0]) if default else _plain(v) for v in value]
    if isinstance(default, Mapping):
        if not isinstance(value, Mapping):
            raise ValueError
        return {str(k): _plain(v) for k, v in value.items()}
    return _SCALARS.get(type(default), _plain)(value)


def _plain(value: Any) -> Any:
    """A value that papermill writes as the literal it is."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    raise ValueError


def _bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word not in (*_TRUE, *_FALSE):
        raise ValueError
    return word in _TRUE


def _int(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"[+-]?\d{1,18}", value.strip(), re.ASCII):
        raise ValueError
    return int(value)


def _float(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError
    number = float(value)
    if not math.isfinite(number):
        raise ValueError
    return number


def _str(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError
    return value


_SCALARS: dict[type, Callable[[Any], Any]] = {bool: _bool, int: _int, float: _float, str: _str}


def _kind(default: Any) -> str:
    names: dict[type, str] = {
        bool: _("true or false"),
        int: _("a whole number"),
        float: _("a number"),
        str: _("text"),
        list: _("a list"),
        tuple: _("a list"),
        dict: _("names with values"),
    }
    return names.get(type(default), _("a plain value"))
