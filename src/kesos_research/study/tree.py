"""The text of a YAML document as a tree that knows its lines: every scalar is text, nothing is built or followed.

PyYAML's own reading turns the code 32.10 into the number 32.1 and follows tags and anchors. Here its parser gives
events only: tags, anchors and aliases are refused where they stand, so that no document can grow or run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

import yaml

from kesos_research.errors import KesosError, Problems, StudyError, Where
from kesos_research.language import _
from kesos_research.study.refusal import Path, clean, listed, shown

LIMIT = 256 * 1024
"""Bytes a study document may have. Our own are about 6,000."""

_DEEPEST = 8
_CURLY = "“”„‟‘’‚‛«»"
_ODD_SPACES = "\u00a0\u2007\u202f\u3000\u2002\u2003\u2009\u200b\ufeff"


@dataclass(frozen=True)
class Node:
    """A value and the line it begins on. `lines` are those of the keys of a mapping."""

    value: str | list[Node] | dict[str, Node]
    line: int
    lines: dict[str, int] | None = None

    def plain(self) -> Any:
        """Text, lists and dictionaries. A key with nothing after it counts as not given."""
        if isinstance(self.value, list):
            return [item.plain() for item in self.value]
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items() if node.value != ""}
        return self.value

    def line_of(self, path: Path) -> int | None:
        """The line of the thing at `path`, or of the nearest thing around it that is there; None for the whole."""
        node, line = self, None
        for step in path:
            if isinstance(node.value, dict) and node.lines and step in node.value:
                line, node = node.lines[str(step)], node.value[str(step)]
            elif isinstance(node.value, list) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
                line = node.line
            else:
                break
        return line


def read_text(path: FilePath, *, name: str, limit: int = LIMIT) -> str:
    """A UTF-8 text file of the study, with or without a byte-order mark, of at most `limit` bytes."""
    where = Where(file=name)
    try:
        if not path.is_file():
            raise StudyError(_("There is no file {name}.", name=shown(name)), where=where)
        with path.open("rb") as file:
            raw = file.read(limit + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise StudyError(_("The file cannot be opened: {reason}.", reason=reason), where=where) from error
    if len(raw) > limit:
        raise StudyError(
            _("The file is larger than {n} kilobytes.", n=limit // 1024),
            expected=_("a text file of a few pages"),
            where=where,
        )
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _not_utf8(where, 1)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _not_utf8(where, raw.count(b"\n", 0, error.start) + 1) from error


def _not_utf8(where: Where, line: int) -> StudyError:
    return StudyError(
        _("The text is not in UTF-8."),
        expected=_("a text file saved as UTF-8"),
        remedy=_("save it again with encoding UTF-8 (in Notepad: Save As, Encoding)"),
        where=Where(file=where.file, line=line),
    )


def parse(text: str, *, name: str) -> Node:
    """The document as a tree; all problems of its spelling at once.

    Raises
    ------
    StudyError, Problems
        Tabs, curly quotes or foreign spaces used as YAML, tags, anchors, aliases, duplicate keys, several documents, or
        text that is not YAML: each with its line and what to write instead.
    """
    try:
        root, found = _build(text, name)
    except StudyError as error:
        # a tab or a curly quote is nearly always why YAML cannot be read: then it alone is told
        found = [*_typography(text, name, curly=True)] or [*_left_open(text, name)] or [error]
        raise _together(found) from error
    found.extend(_typography(text, name, curly=False))
    if found:
        raise _together(sorted(found, key=lambda e: (e.where.line or 0) if e.where else 0))
    return root


def _together(errors: list[StudyError]) -> KesosError:
    return errors[0] if len(errors) == 1 else Problems(errors)


def _typography(text: str, name: str, *, curly: bool) -> Iterator[StudyError]:
    """What word processors and some editors put where YAML wants spaces and straight quotes."""
    lines = [(n, line) for n, line in enumerate(text.splitlines(), 1) if not line.lstrip().startswith("#")]
    tabs = [n for n, line in lines if "\t" in line]
    odd = [n for n, line in lines if re.match(rf"[ {_ODD_SPACES}]*[{_ODD_SPACES}]|[\w .-]*[:-][{_ODD_SPACES}]", line)]
    quotes = [n for n, line in lines if curly and re.search(f"[{_CURLY}]", line)]
    if tabs:
        yield _on_lines(
            _("There are tabs in line {lines}.", lines=_numbers(tabs)), _("write two spaces for each tab"), tabs, name
        )
    if odd:
        found = _("There are spaces of a word processor in line {lines}.", lines=_numbers(odd))
        yield _on_lines(found, _("write ordinary spaces"), odd, name)
    if quotes:
        found = _("There are curly quotes in line {lines}.", lines=_numbers(quotes))
        yield _on_lines(found, _("write straight ones: {quotes}", quotes="\" '"), quotes, name)


def _left_open(text: str, name: str) -> Iterator[StudyError]:
    """A value that begins with a quotation mark and does not end with it; the parser stumbles only far below."""
    for number, line in enumerate(text.splitlines(), 1):
        value = re.match(r"""\s*(?:- +)*(?:[\w.-]+ *: +)?(["'])(.*)""", line)
        if value and value[1] not in value[2]:
            found = _("A quotation mark is opened and not closed.")
            yield _on_lines(found, _("close it on the same line"), [number], name)
            return


def _numbers(lines: list[int]) -> str:
    return listed(lines[:12]) + (" …" if len(lines) > 12 else "")


def _on_lines(found: str, remedy: str, lines: list[int], name: str) -> StudyError:
    return StudyError(found, remedy=remedy, where=Where(file=name, line=lines[0]))


def _build(text: str, name: str) -> tuple[Node, list[StudyError]]:
    builder = _Builder(name)
    try:
        for event in yaml.parse(text, Loader=yaml.BaseLoader):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        raise _not_yaml(error, name) from error
    except yaml.reader.ReaderError as error:
        raise StudyError(
            _("There is a character that no text has (code {code}).", code=f"U+{_code(error):04X}"),
            remedy=_("delete it"),
            where=Where(file=name, line=text.count("\n", 0, error.position) + 1),
        ) from error
    except (ValueError, OverflowError) as error:  # e.g. an escape beyond Unicode
        raise StudyError(
            _("The line cannot be read as YAML."),
            remedy=_("compare it with the example of `kesos new`"),
            where=Where(file=name, line=builder.line),
        ) from error
    if builder.root is None:
        raise StudyError(
            _("The file is empty."), remedy=_("compare it with the example of `kesos new`"), where=Where(file=name)
        )
    return builder.root, builder.found


def _code(error: yaml.reader.ReaderError) -> int:
    return ord(error.character) if isinstance(error.character, str) else int(error.character)


class _Builder:
    """Events to nodes, without recursion."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.root: Node | None = None
        self.found: list[StudyError] = []
        self.line = 1
        self._open: list[tuple[Node, list[tuple[str, int]]]] = []  # a container, and its key that waits for a value

    def take(self, event: yaml.Event) -> None:
        mark = getattr(event, "start_mark", None)
        self.line = mark.line + 1 if mark else self.line
        if isinstance(event, yaml.DocumentStartEvent) and self.root is not None:
            raise self._refuse(_("The file holds more than one document."), _("delete the lines that are only ---"))
        if isinstance(event, yaml.AliasEvent):
            raise self._refuse(_("References such as *{name} are not used here.", name=event.anchor), _("write it out"))
        if isinstance(event, yaml.NodeEvent):
            self._node(event)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self._open.pop()

    def _node(self, event: Any) -> None:
        if event.anchor is not None:
            raise self._refuse(_("Anchors such as &{name} are not used here.", name=event.anchor), _("write it out"))
        if event.tag is not None:
            raise self._refuse(
                _("Tags such as {tag} are not used here.", tag=shown(event.tag)),
                _("delete the tag, or put the text in quotes"),
            )
        if isinstance(event, yaml.ScalarEvent):
            if any("\ud800" <= c <= "\udfff" for c in event.value):
                raise self._refuse(_("There is half a character in a text."), _("delete the escape \\u…"))
            if event.style is None and event.value[:1] in tuple(_CURLY):
                self.found.append(
                    self._refuse(
                        _("There are curly quotes in line {lines}.", lines=self.line),
                        _("write straight ones: {quotes}", quotes="\" '"),
                    )
                )
            self._place(Node(event.value, self.line))
            return
        node = Node([], self.line) if isinstance(event, yaml.SequenceStartEvent) else Node({}, self.line, {})
        self._place(node)
        self._open.append((node, []))
        if len(self._open) > _DEEPEST:
            raise self._refuse(
                _("Lists and keys are nested more than {n} deep.", n=_DEEPEST),
                _("look for a bracket that is not closed"),
            )

    def _place(self, node: Node) -> None:
        if not self._open:
            self.root = node
            return
        parent, waiting = self._open[-1]
        if isinstance(parent.value, list):
            parent.value.append(node)
        elif isinstance(parent.value, dict) and parent.lines is not None:
            if not waiting:
                if not isinstance(node.value, str):
                    raise self._refuse(_("A key must be a single word."), _("write key: value"))
                waiting.append((node.value, node.line))
                return
            key, line = waiting.pop()
            if key in parent.value:
                self.found.append(
                    StudyError(
                        _(
                            "The key {key} is there twice; first in line {line}.",
                            key=shown(key),
                            line=parent.lines[key],
                        ),
                        remedy=_("keep one of them"),
                        where=Where(file=self.name, line=line, key=clean(key)),
                    )
                )
                return
            parent.value[key], parent.lines[key] = node, line

    def _refuse(self, found: str, remedy: str | None) -> StudyError:
        return StudyError(found, remedy=remedy, where=Where(file=self.name, line=self.line))


def _not_yaml(error: yaml.MarkedYAMLError, name: str) -> StudyError:
    """The parser's English, said as what a researcher can mend."""
    problem, context = error.problem or "", error.context or ""
    mark = error.problem_mark
    if "mapping values are not allowed" in problem:
        found = _("There is a colon where no key is expected.")
        remedy = _('put a text that holds a colon in quotes: "…: …"; or check the indentation')
    elif "quoted scalar" in context:
        found, remedy = _("A quotation mark is opened and not closed."), _("close it on the same line")
        mark = error.context_mark or mark
    elif "could not find expected ':'" in problem:
        found, remedy = _("A key is not followed by a colon."), _("write key: value")
        mark = error.context_mark or mark
    elif "expected <block end>" in problem or "but found '<block" in problem:
        found = _("The indentation does not fit the lines above.")
        remedy = _("indent the keys of one group by the same number of spaces")
    elif "flow" in context:
        found, remedy = _("A list or group opened with [ or { is not closed."), _("close it with ] or }")
        mark = error.context_mark or mark
    elif "cannot start any token" in problem:
        found, remedy = _("A value begins with a character that has a meaning in YAML."), _("put the value in quotes")
    else:
        found, remedy = _("The line cannot be read as YAML."), _("compare it with the example of `kesos new`")
    return StudyError(found, remedy=remedy, where=Where(file=name, line=mark.line + 1 if mark else None))
