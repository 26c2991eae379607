"""Findings as a page that stands alone: no script, no request, every value escaped."""

from __future__ import annotations

from kesos_research.data.findings import Findings
from kesos_research.data.findings_text import summary, verdict
from kesos_research.language import _, current, number

_PAGE = """<!doctype html>
<html lang="{{ lang }}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color: #1b1b1b }
h1 { font-size: 1.3rem }
.scroll { overflow-x: auto }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .4rem .8rem .4rem 0; border-bottom: 1px solid #ccc }
td.n { text-align: right; font-variant-numeric: tabular-nums }
td.w { overflow-wrap: anywhere; min-width: 12rem; white-space: pre-line }
code { font: .9em ui-monospace, monospace; overflow-wrap: anywhere }
</style>
</head>
<body>
<h1>{{ title }}</h1>
<p>{{ summary }}</p>
<p><strong>{{ verdict }}</strong></p>
{% for heading, found in parts if found %}
<h2>{{ heading }}</h2>
<div class="scroll"><table>
<thead><tr>{% for name in heads %}<th scope="col">{{ name }}</th>{% endfor %}</tr></thead>
<tbody>
{% for f in found %}<tr>
<td>{{ place(f) }}</td>
<td>{% for c in f.columns %}<code>{{ c }}</code>{{ ", " if not loop.last }}{% endfor %}</td>
<td class="n">{{ count(f) }}</td>
<td class="w">{{ f.found }}{% if f.expected %}
{{ expected(f.expected) }}{% endif %}</td>
<td class="w">{% for e in f.examples %}<code>{{ e.value }}</code>{{ ", " if not loop.last }}{% endfor %}</td>
<td class="w">{{ f.remedy or "" }}</td>
</tr>
{% endfor %}</tbody>
</table></div>
{% endfor %}</body>
</html>
"""


def as_html(findings: Findings) -> str:
    """Findings as an HTML page in the language in force."""
    from jinja2 import Environment, StrictUndefined

    page = Environment(autoescape=True, undefined=StrictUndefined).from_string(_PAGE)
    return page.render(
        lang=current(),
        title=_("Check of {file}", file=findings.file),
        summary=summary(findings),
        verdict=verdict(findings),
        heads=(_("First place"), _("Column"), _("Count"), _("What is wrong"), _("Examples"), _("What to do")),
        parts=((_("Broken promises"), findings.errors), (_("To be looked at"), findings.warnings)),
        place=lambda f: str(f.where),
        count=lambda f: number(f.count, 0),
        expected=lambda text: _("Expected: {text}", text=text),
    )
