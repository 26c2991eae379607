"""The small language of `aturan.syarat`: what must hold between the columns of one row, as a tree.

``pengeluaran_makanan <= pengeluaran``, ``jika jk = 2 dan umur < 10 maka kosong(hamil)``: comparisons of columns,
numbers and quoted texts; ``+ - * /`` of numbers; ``dan``, ``atau``, ``bukan``, ``jika … maka …``; ``terisi(column)``
and ``kosong(column)``; parentheses. A column whose name is no plain word stands between backticks.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from kesos_research.data.codebook import NUMBERS, Column
from kesos_research.language import _
from kesos_research.study.refusal import clean

Type = Literal["number", "text", "date", "truth"]

_LONGEST, _DEEPEST = 200, 40
_WORDS = ("dan", "atau", "bukan", "jika", "maka", "terisi", "kosong")
_COMPARE = ("<=", ">=", "!=", "=", "<", ">")
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<number>\d+(?:\.\d+)?(?![\w.]))
      | (?P<name>[^\W\d]\w*)
      | `(?P<quoted>[^`]+)`
      | "(?P<text>[^"]*)" | '(?P<other>[^']*)'
      | (?P<sign><=|>=|!=|[=<>()+*/-])
    )""",
    re.VERBOSE,
)


class ConditionError(ValueError):
    """A condition that is not understood, and at which of its characters (from 1).

    Attributes
    ----------
    found, expected
        In the reader's language.
    """

    def __init__(self, found: str, position: int, text: str, expected: str | None = None) -> None:
        rest = clean(text[position : position + 20])
        self.position, self.expected = position + 1, expected
        self.found = _("{found} (character {n}, at {text})", found=found, n=position + 1, text=repr(rest))
        super().__init__(self.found)


@dataclass(frozen=True)
class Number:
    """A number as it is written."""

    text: str
    at: int


@dataclass(frozen=True)
class Text:
    """A quoted text."""

    text: str
    at: int


@dataclass(frozen=True)
class Name:
    """The value of a column."""

    column: str
    at: int


@dataclass(frozen=True)
class Filled:
    """Whether a column has a value (`filled`), or has none."""

    column: str
    filled: bool
    at: int


@dataclass(frozen=True)
class Negative:
    """A number with the other sign."""

    of: Node
    at: int


@dataclass(frozen=True)
class Not:
    """What does not hold."""

    of: Node
    at: int


@dataclass(frozen=True)
class Pair:
    """Two sides and what is between them: ``+ - * /``, a comparison, ``dan``, ``atau``, ``maka``."""

    sign: str
    left: Node
    right: Node
    at: int


Node = Number | Text | Name | Filled | Negative | Not | Pair


def condition(text: str, columns: Mapping[str, Column]) -> Node:
    """What does the condition `text` say of these columns?

    Raises
    ------
    ConditionError
        When it is not understood, names an unknown column, or compares what cannot be compared.

    Examples
    --------
    >>> from kesos_research.data.codebook import plain_column
    >>> tree = condition("a + 1 <= b", {"a": plain_column("a", "angka"), "b": plain_column("b", "angka")})
    >>> tree.sign, tree.right.column
    ('<=', 'b')
    """
    tree = _Parser(text).whole()
    _Types(text, columns).of(tree, {"truth"})
    if not any(True for _name in all_names(tree)):
        raise ConditionError(_("The condition speaks of no column."), 0, text, _("a comparison of columns"))
    return tree


def names(tree: Node) -> Iterator[str]:
    """Columns whose values the condition compares; those only asked whether they have a value are not among them."""
    match tree:
        case Name(column=column):
            yield column
        case Negative(of=of) | Not(of=of):
            yield from names(of)
        case Pair(left=left, right=right):
            yield from names(left)
            yield from names(right)


def all_names(tree: Node) -> Iterator[str]:
    """Every column the condition speaks of."""
    match tree:
        case Name(column=column) | Filled(column=column):
            yield column
        case Negative(of=of) | Not(of=of):
            yield from all_names(of)
        case Pair(left=left, right=right):
            yield from all_names(left)
            yield from all_names(right)


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    at: int


class _Parser:
    """Words to a tree; the weakest tie first."""

    def __init__(self, text: str) -> None:
        self.text, self.depth = text, 0
        self.tokens = list(_tokens(text))
        self.next = 0
        if len(self.tokens) > _LONGEST:
            at = self.tokens[_LONGEST].at
            raise ConditionError(_("The condition is longer than {n} words and signs.", n=_LONGEST), at, text)

    def whole(self) -> Node:
        tree = self._implied()
        if self._now.kind != "end":
            raise self._refuse(
                _("Something is left over."), _("one of {names}", names="dan, atau, " + " ".join(_COMPARE))
            )
        return tree

    @property
    def _now(self) -> _Token:
        return self.tokens[self.next]

    def _take(self, kind: str, *texts: str) -> _Token | None:
        token = self._now
        if token.kind != kind or (texts and token.text not in texts):
            return None
        self.next += 1
        return token

    def _need(self, kind: str, text: str) -> None:
        if not self._take(kind, text):
            raise self._refuse(_("Here {text} is missing.", text=repr(text)))

    def _refuse(self, found: str, expected: str | None = None) -> ConditionError:
        return ConditionError(found, self._now.at, self.text, expected)

    def _implied(self) -> Node:
        if token := self._take("word", "jika"):
            with self._deeper():
                first = self._either()
                self._need("word", "maka")
                return Pair("maka", first, self._implied(), token.at)
        return self._either()

    def _either(self) -> Node:
        tree = self._both()
        while token := self._take("word", "atau"):
            tree = Pair("atau", tree, self._both(), token.at)
        return tree

    def _both(self) -> Node:
        tree = self._not()
        while token := self._take("word", "dan"):
            tree = Pair("dan", tree, self._not(), token.at)
        return tree

    def _not(self) -> Node:
        if token := self._take("word", "bukan"):
            with self._deeper():
                return Not(self._not(), token.at)
        return self._comparison()

    def _comparison(self) -> Node:
        tree = self._sum()
        if token := self._take("sign", *_COMPARE):
            tree = Pair(token.text, tree, self._sum(), token.at)
            if self._now.text in _COMPARE and self._now.kind == "sign":
                raise self._refuse(_("Two are compared at a time."), "a <= b dan b <= c")
        return tree

    def _sum(self) -> Node:
        tree = self._product()
        while token := self._take("sign", "+", "-"):
            tree = Pair(token.text, tree, self._product(), token.at)
        return tree

    def _product(self) -> Node:
        tree = self._signed()
        while token := self._take("sign", "*", "/"):
            tree = Pair(token.text, tree, self._signed(), token.at)
        return tree

    def _signed(self) -> Node:
        if token := self._take("sign", "-"):
            with self._deeper():
                return Negative(self._signed(), token.at)
        return self._single()

    def _single(self) -> Node:
        if token := self._take("sign", "("):
            with self._deeper():
                tree = self._implied()
                self._need("sign", ")")
                return tree
        if token := self._take("word", "terisi", "kosong"):
            self._need("sign", "(")
            name = self._take("name")
            if not name:
                raise self._refuse(_("Here the name of a column is missing."))
            self._need("sign", ")")
            return Filled(name.text, token.text == "terisi", name.at)
        if token := self._take("number"):
            return Number(token.text, token.at)
        if token := self._take("text"):
            return Text(token.text, token.at)
        if token := self._take("name"):
            return Name(token.text, token.at)
        raise self._refuse(_("Here a column, a number or a quoted text is missing."))

    @contextmanager
    def _deeper(self) -> Iterator[None]:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self._refuse(_("The condition is nested more than {n} deep.", n=_DEEPEST))
        yield
        self.depth -= 1


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while text[at:].strip():
        found = _TOKEN.match(text, at)
        if not found:
            at += len(text[at:]) - len(text[at:].lstrip())
            raise ConditionError(_("The sign is not known here."), at, text, "+ - * / " + " ".join(_COMPARE) + " ( )")
        kind = str(found.lastgroup)
        said, begins = found[kind], found.end() - len(found.group().lstrip())
        if kind == "name" and said in _WORDS:
            kind = "word"
        yield _Token({"quoted": "name", "other": "text"}.get(kind, kind), said, begins)
        at = found.end()
    yield _Token("end", "", len(text))


class _Types:
    """What can be compared with what."""

    def __init__(self, text: str, columns: Mapping[str, Column]) -> None:
        self.text, self.columns = text, columns

    def of(self, tree: Node, wanted: set[Type] | None = None) -> set[Type]:
        """The types `tree` can be read as; refused when none of them is wanted."""
        can = self._can(tree)
        if wanted is not None and not can & wanted:
            said = {
                "number": _("a number"),
                "truth": _("a comparison"),
                "text": _("a text"),
                "date": _("a date"),
            }
            expected = ", ".join(said[t] for t in ("number", "text", "date", "truth") if t in wanted)
            raise ConditionError(_("This cannot stand here."), tree.at, self.text, expected)
        return can

    def _can(self, tree: Node) -> set[Type]:
        match tree:
            case Number():
                return {"number"}
            case Text(text=text):
                return {"text", "date"} if _is_date(text) else {"text"}
            case Name():
                return types(self._column(tree))
            case Filled():
                self._column(tree)
                return {"truth"}
            case Negative(of=of) | Not(of=of):
                kind: set[Type] = {"number"} if isinstance(tree, Negative) else {"truth"}
                self.of(of, kind)
                return kind
        return self._pair(tree)

    def _pair(self, tree: Pair) -> set[Type]:
        if tree.sign in ("dan", "atau", "maka"):
            self.of(tree.left, {"truth"})
            self.of(tree.right, {"truth"})
            return {"truth"}
        if tree.sign in "+-*/":
            self.of(tree.left, {"number"})
            self.of(tree.right, {"number"})
            return {"number"}
        allowed: set[Type] = {"number", "date", "text"} if tree.sign in ("=", "!=") else {"number", "date"}
        left = self.of(tree.left, allowed)
        self.of(tree.right, left & allowed)
        return {"truth"}

    def _column(self, tree: Name | Filled) -> Column:
        if tree.column not in self.columns:
            raise ConditionError(
                _("The column {name} is not declared.", name=clean(tree.column)),
                tree.at,
                self.text,
                _("one of {names}", names=", ".join(self.columns)),
            )
        return self.columns[tree.column]


def types(column: Column) -> set[Type]:
    """As what the values of a column can be compared. Choices whose codes are all numbers are numbers too."""
    if column.kind in NUMBERS:
        return {"number"}
    if column.kind == "tanggal":
        return {"date"}
    if column.kind == "pilihan_ganda":
        return set()
    if column.kind == "pilihan" and all(re.fullmatch(r"\d{1,9}", code, re.ASCII) for code in column.choices):
        return {"number", "text"}
    return {"text"}


def comparable(left: set[Type], right: set[Type]) -> Type:
    """As what two sides are compared, where both can be several."""
    return next(t for t in ("number", "date", "text") if t in left & right)


def _is_date(text: str) -> bool:
    try:
        return bool(re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII)) and bool(datetime.date.fromisoformat(text))
    except ValueError:
        return False
