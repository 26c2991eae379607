"""Templates are filled from the run's claims, the programme's facts and the study; nothing else can be reached."""

from __future__ import annotations

import difflib
import math
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import PurePath
from typing import Any

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, pass_context
from jinja2.environment import Template
from jinja2.exceptions import TemplateRuntimeError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from kesos_research import domain
from kesos_research.errors import DocumentError, KesosError, Problems, Where
from kesos_research.language import Language, _
from kesos_research.report import words
from kesos_research.report.collect import Results
from kesos_research.report.document.narrative import Source
from kesos_research.report.exhibit import Claim, Exhibit
from kesos_research.report.marks import WITHHELD

# `{#-` and `{# ` begin a comment; `{#sec-method}` is an attribute of pandoc's markdown
_COMMENT = re.compile(r"\{#(?=[-\s]).*?#\}", re.DOTALL)
# Jinja's own filters that a text needs; others draw lots, fill the memory or write markup
_FILTERS = (
    "abs", "default", "first", "float", "int", "items", "join", "last", "length", "list", "lower", "map", "max", "min",
    "reject", "rejectattr", "replace", "reverse", "select", "selectattr", "sort", "sum", "trim", "unique", "upper",
)  # fmt: skip
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~^$@&])")


class View:
    """Something a template may look at: its public values, never its methods, never a path."""

    __slots__ = ("_seen",)

    def __init__(self, seen: Any) -> None:
        self._seen = seen

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._seen, name)
        if callable(value) or isinstance(value, PurePath):
            raise AttributeError(name)
        return view(value)


def view(value: Any) -> Any:
    """Plain values as they are, containers of views, and a `View` of anything else."""
    if value is None or isinstance(value, str | int | float | date | Decimal | Claim):
        return value
    if isinstance(value, Mapping):
        return {k: view(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return tuple(view(v) for v in value)
    return View(value)


class ClaimView(View):
    """A claim that tells when it is used: looked at, or given to a filter."""

    __slots__ = ("_used",)

    def __init__(self, seen: Claim, used: set[str]) -> None:
        super().__init__(seen)
        self._used = used

    def __getattr__(self, name: str) -> Any:
        self._used.add(self._seen.name)
        value = super().__getattr__(name)
        # arithmetic on a withheld number gives none, and the page shows a dash
        return math.nan if value is None and self._seen.quality == WITHHELD and name in _NUMBERS else value


_NUMBERS = ("estimate", "std_error", "conf_low", "conf_high", "p_value", "n")


class Marked(str):
    """Markdown that we made ourselves; every other text from a call is written as text."""


class _Environment(ImmutableSandboxedEnvironment):
    # 'x' * 10 ** 9 would fill the memory before anything could stop it
    intercepted_binops = frozenset({"*", "**", "%"})

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if operator == "**" or not all(isinstance(side, int | float) for side in (left, right)):
            raise TemplateRuntimeError(_("{operator} is for numbers only.", operator=operator))
        return super().call_binop(context, operator, left, right)


class Telling:
    """Fills templates in one language and remembers what was looked up.

    Attributes
    ----------
    used
        Names of the claims that were used (a `{% set %}` alone uses none).
    placed
        Ids of the exhibits placed, in order.
    problems
        What was missing; told all at once by `finish()`.
    """

    def __init__(self, study: Any, results: Results, lang: Language, exhibits: Mapping[str, Exhibit]) -> None:
        self.lang: Language = lang
        self.used: set[str] = set()
        self.placed: list[str] = []
        self.problems: list[KesosError] = []
        self._claims, self._exhibits, self._results = results.claims, exhibits, results
        self._now: tuple[Template, str] | None = None
        self._escape = True
        # Jinja's own '{#' would swallow attributes, so its comments are HTML's
        self._environment = _Environment(
            undefined=StrictUndefined,
            finalize=self._written,
            comment_start_string="<!--",
            comment_end_string="-->",
            keep_trailing_newline=True,
        )
        invented = getattr(study, "invented", False)
        self._environment.globals = {
            "claim": self._claim,
            "exhibit": self._exhibit,
            "fact": _viewed(domain.fact),
            "indicator": _viewed(domain.indicator),
            "programme": _viewed(domain.programme),
            "region": lambda code: view(domain.region_in(code, synthetic=invented)),
            "study": view(study),
            "lang": lang,
            "range": self._environment.globals["range"],
        }
        known = self._environment.filters
        self._environment.filters = {**{name: known[name] for name in _FILTERS}, **self._filters()}
        self._environment.tests["distinguishable"] = self._distinguishable

    def fill(self, source: Source, *, escape: bool = True) -> str:
        """The source with its templates filled. Problems are kept for `finish()`, save those that stop the filling."""
        self._escape = escape
        before = len(self.problems)
        try:
            text = _COMMENT.sub(lambda comment: "\n" * comment[0].count("\n"), source.text)
            if "{{" not in text and "{%" not in text and "<!--" not in text:
                return text
            code = self._environment.compile(text, None, source.name)
            template = Template.from_code(self._environment, code, self._environment.make_globals(None))
            self._now = (template, source.name)
            # "p = {{ … | p }}" where p is below the least that is printed
            return re.sub(r"=\s*(\\?<\s)", r"\1", template.render(source.values))
        except TemplateSyntaxError as error:
            self.problems.append(self._misspelt(error, source))
        except KesosError as error:
            # a region, fact or indicator that is not there: said where the narrative asks for it
            where = Where(file=source.name, line=_line_of(error, source.name))
            self.problems.append(type(error)(error.found, expected=error.expected, remedy=error.remedy, where=where))
        except (TemplateError, TypeError, ValueError, ArithmeticError, AttributeError, LookupError) as error:
            if len(self.problems) == before:
                self.problems.append(
                    DocumentError(
                        _("The template cannot be filled: {reason}.", reason=str(error).rstrip(".")),
                        expected=_("one of {names}", names=", ".join(sorted(self._environment.globals))),
                        where=Where(file=source.name, line=_line_of(error, source.name)),
                    )
                )
        finally:
            self._now = None
        return ""

    def finish(self) -> None:
        """Tell what was missing."""
        together(self.problems)

    # --- what a template may call

    def _claim(self, name: str) -> ClaimView:
        if name in self._claims:
            return ClaimView(self._claims[name], self.used)
        near = difflib.get_close_matches(str(name), self._claims, n=3, cutoff=0.5)
        self._missing(
            _("There is no claim {name}.", name=repr(name)),
            _("did you mean {names}?", names=", ".join(near)) if near else _("show it in a notebook: report.claim(…)"),
        )
        # goes on, to find what else is missing
        return ClaimView(Claim(str(name), 0.0, 0.0, 0.0, 0.0, 1.0, 0, level=0.95), self.used)

    def _exhibit(self, id: str) -> Marked:
        if id not in self._exhibits:
            several = [t.notebook for t in self._results.sequences.values() if id in t.exhibits]
            near = difflib.get_close_matches(str(id), self._exhibits, n=3, cutoff=0.5)
            remedy = _("did you mean {names}?", names=", ".join(near)) if near else None
            if len(several) > 1:
                remedy = _("{names} each show another one", names=", ".join(several))
            self._missing(_("There is no exhibit {id}.", id=repr(id)), remedy)
            return Marked("")
        if id in self.placed:
            self._missing(_("The exhibit {id} is placed twice.", id=id), _("refer to it as @{id}", id=id))
        self.placed.append(id)
        return placement(id)

    # --- filters

    def _filters(self) -> dict[str, Callable[..., Any]]:
        lang = self.lang
        return {name: _dashed(write) for name, write in self._of_numbers(lang).items()} | {
            "date": lambda v: words.date(_plain(v), lang),
            "joined": lambda v: words.joined([self._said(item) for item in v], lang),
            "capital": lambda v: (text := self._said(v))[:1].upper() + text[1:],
        }

    def _of_numbers(self, lang: Language) -> dict[str, Callable[..., str]]:
        return {
            "number": lambda v, decimals=2: words.number(self._value(v), decimals, lang),
            "signed": lambda v, decimals=2: words.signed(self._value(v), decimals, lang),
            "magnitude": lambda v, decimals=2: words.number(abs(self._value(v)), decimals, lang),
            "integer": lambda v: words.integer(self._value(v), lang),
            "year": lambda v: str(int(self._value(v))),
            "percent": lambda v, decimals=0: words.percent(self._value(v), decimals, lang),
            "spelled": lambda v: words.spelled(int(self._value(v)), lang),
            "interval": self._interval,
            "p": self._p,
            "verdict": self._verdict,
            "direction": lambda v, decimals=2: words.direction(self._value(v), decimals, lang),
        }

    def _value(self, value: Any) -> float:
        """The number itself: a claim's estimate, a fact's value, or a number."""
        plain = _plain(value)
        if isinstance(plain, Claim):
            return self._of(plain, "estimate")
        if isinstance(plain, bool) or not isinstance(plain, int | float | Decimal):
            self._missing(_("{value} is not a number.", value=repr(plain)), None)
            return 0.0
        return float(plain)

    def _of(self, claim: Claim, key: str) -> float:
        value = getattr(claim, key)
        if value is None:
            self._missing(_("The claim {name} has no {key}.", name=claim.name, key=key), None)
            return 0.0
        return value

    def _interval(self, value: Any, decimals: int = 2) -> str:
        claim = _claimed(value, "interval")
        return words.interval(self._of(claim, "conf_low"), self._of(claim, "conf_high"), decimals, self.lang)

    def _p(self, value: Any, sign: str = "") -> str:
        plain = _plain(value)
        number = self._of(plain, "p_value") if isinstance(plain, Claim) else self._value(plain)
        text = words.p_value(number, self.lang)
        return f"{sign} {text}" if sign and not text.startswith("<") else text

    def _verdict(self, value: Any, level: float | None = None) -> str:
        claim = _claimed(value, "verdict")
        said = words.verdict(claim, self.lang, level)
        if said is None:
            self._missing(_("Nothing says whether the claim {name} differs from zero.", name=claim.name), None)
        return said or ""

    def _distinguishable(self, value: Any, level: float | None = None) -> bool:
        claim = _claimed(value, "distinguishable")
        if _withheld(value):
            return False
        found = words.side(claim, level)
        if found is None:
            self._missing(_("Nothing says whether the claim {name} differs from zero.", name=claim.name), None)
        return bool(found)

    # --- writing

    def _said(self, value: Any) -> str:
        """A value as the page shows it; a number must have been given its decimals."""
        plain = _plain(value, spoken=True)
        if hasattr(plain, "say"):
            return plain.say(self.lang)
        if isinstance(plain, Mapping) and self.lang in plain:
            return str(plain[self.lang])
        if isinstance(plain, str) or (isinstance(plain, int) and not isinstance(plain, bool)):
            return str(plain)
        name = plain.name if isinstance(plain, Claim) else repr(plain)
        remedy = _("write | number(2), | joined or another filter after it")
        self._missing(_("{value} cannot be written as it is.", value=name), remedy)
        return ""

    @pass_context
    def _written(self, _context: object, value: Any) -> str:
        if isinstance(value, Marked | StrictUndefined):
            return str(value)
        text = " ".join(self._said(value).split("\n"))
        return _SPECIAL.sub(r"\\\1", text) if self._escape else text

    def _missing(self, found: str, remedy: str | None) -> None:
        where = Where(file=self._now[1], line=self._line()) if self._now else None
        self.problems.append(DocumentError(found, remedy=remedy, where=where))

    def _line(self) -> int | None:
        """The line of the template that is being filled now."""
        if self._now is None:
            return None
        template, name = self._now
        frame = sys._getframe(1)
        while frame is not None:
            if frame.f_code.co_filename == name:
                return template.get_corresponding_lineno(frame.f_lineno)
            frame = frame.f_back
        return None

    def _misspelt(self, error: TemplateSyntaxError, source: Source) -> DocumentError:
        message = error.message or ""
        remedy = _(
            "a template is {example}; in a formula write {apart}",
            example='{{ claim("name") | number(2) }}',
            apart="{ {",
        )
        if named := re.match(r"No (?:filter|test) named '(\w+)'", message):
            known = [*self._environment.filters, *self._environment.tests]
            near = difflib.get_close_matches(named[1], known, n=3, cutoff=0.4)
            remedy = _("did you mean {names}?", names=", ".join(near)) if near else remedy
        return DocumentError(
            _("The template is not understood: {reason}.", reason=message.rstrip(".")),
            remedy=remedy,
            where=Where(file=source.name, line=error.lineno),
        )


def placement(id: str) -> Marked:
    """The mark by which an exhibit stands in markdown."""
    return Marked(f'[]{{.exhibit key="{id}"}}')


def together(problems: Iterable[KesosError]) -> None:
    """Raise what was found: one problem as itself, several at once; each said once."""
    unique = list({str(p): p for p in problems}.values())
    if unique:
        raise unique[0] if len(unique) == 1 else Problems(unique)


def _dashed(write: Callable[..., str]) -> Callable[..., str]:
    """The filter, with a dash for a number that is withheld."""
    return lambda value, *more, **named: words.ABSENT if _withheld(value) else write(value, *more, **named)


def _withheld(value: Any) -> bool:
    plain = _plain(value)
    if isinstance(plain, Claim):
        return plain.quality == WITHHELD
    return isinstance(plain, float) and math.isnan(plain)


def _claimed(value: Any, name: str) -> Claim:
    plain = _plain(value)
    if not isinstance(plain, Claim):
        raise TemplateRuntimeError(_("{name} is asked of claims only", name=name))
    return plain


def _plain(value: Any, *, spoken: bool = False) -> Any:
    """What is behind a view; of a fact, its value where a number is wanted."""
    if isinstance(value, ClaimView):
        value._used.add(value._seen.name)
    seen = value._seen if isinstance(value, View) else value
    return seen.value if isinstance(seen, domain.Fact) and not spoken else seen


def _viewed(ask: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args, **named: view(ask(*args, **named))


def _line_of(error: BaseException, name: str) -> int | None:
    """The last line of the template `name` on the way to the error."""
    line, step = None, error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == name:
            line = step.tb_lineno
        step = step.tb_next
    return line
