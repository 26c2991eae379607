"""The prose of a study, looked at before anything is computed: its sections, what it looks up, cites and refers to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import TemplateSyntaxError, nodes
from jinja2.sandbox import SandboxedEnvironment

from kesos_research.errors import StudyError, Where
from kesos_research.language import LANGUAGES, Language, _
from kesos_research.study.tree import read_text

LIMIT = 2 * 1024 * 1024
LABELS = ("tbl-", "fig-", "eq-", "sec-")
"""How the ids of things that are numbered begin; other `@words` are citations."""

_HEADING = re.compile(r"^(#{1,6})[ \t]+(.*?)[ \t]*(?:\{([^{}]*)\})?[ \t]*#*$", re.MULTILINE)
_NOT_PROSE = re.compile(r"<!--.*?-->|^```.*?^```|`[^`\n]*`|\$\$.*?\$\$", re.DOTALL | re.MULTILINE)
_MENTION = re.compile(r"(?<![\w@.])@([A-Za-z0-9_](?:[\w:.#%&+?~/-]*[\w])?)")


# `{#- …` and `{# …` are comments; `{#sec-method}` is an attribute in pandoc's spelling, so Jinja's comments are HTML's
COMMENT = re.compile(r"\{#(?=[-\s]).*?#\}", re.DOTALL)
_GRAMMAR = SandboxedEnvironment(comment_start_string="<!--", comment_end_string="-->")

_WORDS_OF_FILTER = {"verdict": 9, "interval": 2, "date": 3, "joined": 5}
"""Of filters that write more than one word."""


@dataclass(frozen=True)
class Mention:
    """Something the text names, and the line it does so."""

    name: str
    line: int


@dataclass(frozen=True)
class Section:
    """A section of the first level, with the fewest and most words it may come to have."""

    title: str
    classes: tuple[str, ...]
    lang: Language
    words: tuple[int, int]
    slides: int = 0
    """Headings of the second level: what becomes slides beneath `{.slides}`."""


@dataclass(frozen=True)
class Narrative:
    """`narrative.<lang>.md` as written, before any number is known."""

    file: str
    lang: Language
    text: str
    tree: nodes.Template = field(repr=False)
    sections: tuple[Section, ...]

    def looked_up(self, function: str) -> Iterator[Mention]:
        """The first argument of each call of `function` that is written out: `claim("p0.mde")` names `p0.mde`."""
        for call in self.tree.find_all(nodes.Call):
            named = isinstance(call.node, nodes.Name) and call.node.name == function
            if named and call.args and isinstance(call.args[0], nodes.Const):
                yield Mention(str(call.args[0].value), call.lineno)

    def mentions(self) -> tuple[Mention, ...]:
        """Every `@name`: citations and cross-references."""
        prose = _blanked(self.text)
        return tuple(Mention(m[1], prose.count("\n", 0, m.start()) + 1) for m in _MENTION.finditer(prose))

    def citations(self) -> tuple[Mention, ...]:
        return tuple(m for m in self.mentions() if not m.name.startswith(LABELS))

    def references(self) -> tuple[Mention, ...]:
        return tuple(m for m in self.mentions() if m.name.startswith(LABELS))

    def labels(self) -> set[str]:
        """Ids given in the text itself: `{#eq-did}`, `{#sec-method}`, `{#tbl-recommendations}`."""
        return set(re.findall(r"\{#([a-z]+-[\w-]+)", self.text))


def read_narrative(path: Path, lang: Language, *, name: str) -> Narrative:
    """The prose in `path`, understood as a template and as sections.

    Raises
    ------
    StudyError
        When the file is not UTF-8 text, or the template cannot be read; with its line.
    """
    text = read_text(path, name=name, limit=LIMIT).replace("\r\n", "\n")
    text = COMMENT.sub(lambda comment: "\n" * comment[0].count("\n"), text)
    try:
        tree = _GRAMMAR.parse(text)
    except TemplateSyntaxError as error:
        raise StudyError(
            _("The template cannot be read: {reason}", reason=error.message or ""),
            expected=_("placeholders such as {example}", example='{{ claim("p0.mde") | number(2) }}'),
            where=Where(file=name, line=error.lineno),
        ) from error
    except RecursionError as error:
        raise StudyError(_("The template is nested too deep."), where=Where(file=name)) from error
    least, most = (_sections(_spelled(tree.body, choose), lang) for choose in (min, max))
    return Narrative(name, lang, text, tree, tuple(_both(least, most)))


def _blanked(text: str) -> str:
    """The text with what is not prose as blanks, so that lines stay where they are."""
    return _NOT_PROSE.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)


def _spelled(body: Iterable[nodes.Node], choose: Callable[..., str]) -> str:
    """The text as it may become, at its shortest or longest: one of the alternatives, and a word for each number."""
    text = ""
    for node in body:
        if isinstance(node, nodes.Output):
            text += "".join(n.data if isinstance(n, nodes.TemplateData) else _filled(n) for n in node.nodes)
        elif isinstance(node, nodes.If):
            ways = [node.body, *(other.body for other in node.elif_), node.else_]
            text += choose((_spelled(way, choose) for way in ways), key=lambda t: len(t.split()))
        elif isinstance(node, nodes.For):
            text += _spelled(node.body, choose)
    return text


def _filled(node: nodes.Node) -> str:
    """As many words as a placeholder comes to have, near enough for counting."""
    if isinstance(node, nodes.Filter):
        return " ".join(["0"] * _WORDS_OF_FILTER.get(node.name, 1))
    exhibit = isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name == "exhibit"
    return "" if exhibit else "0"


def _sections(text: str, lang: Language) -> list[Section]:
    prose = _blanked(text)
    headings = [m for m in _HEADING.finditer(prose) if len(m[1]) == 1]
    found = []
    ends = [*(heading.start() for heading in headings[1:]), len(prose)]
    for heading, end in zip(headings, ends, strict=False):
        attributes = (heading[3] or "").split()
        body = prose[heading.end() : end]
        named: list[Language] = [other for other in LANGUAGES if f"lang={other}" in attributes]
        found.append(
            Section(
                title=heading[2],
                classes=tuple(a[1:] for a in attributes if a.startswith(".")),
                lang=named[0] if named else lang,
                words=(count := _count(body), count),
                slides=len([m for m in _HEADING.finditer(body) if len(m[1]) == 2]),
            )
        )
    return found


def _count(body: str) -> int:
    body = re.sub(r"\{[#.][^{}]*\}|^:::.*$|^[|:+=-]+$", " ", body, flags=re.MULTILINE)
    return len([word for word in body.split() if re.search(r"\w", word)])


def _both(least: Sequence[Section], most: Sequence[Section]) -> Iterator[Section]:
    """The two spellings as one; where alternatives hold headings of their own, the longer spelling stands alone."""
    if [s.title for s in least] != [s.title for s in most]:
        yield from most
        return
    for short, long in zip(least, most, strict=True):
        words = (min(short.words[0], long.words[0]), max(short.words[0], long.words[0]))
        yield Section(long.title, long.classes, long.lang, words, long.slides)


_ENTRY = re.compile(r"^[ \t]*@(\w+)[ \t]*[{(][ \t]*([^\s,{}]+)[ \t]*,", re.MULTILINE)


def entries(bibtex: str) -> dict[str, str]:
    """Keys of a BibTeX file and the type of each entry, in small letters."""
    found = {key: kind.lower() for kind, key in _ENTRY.findall(bibtex)}
    return {key: kind for key, kind in found.items() if kind not in ("comment", "string", "preamble")}
