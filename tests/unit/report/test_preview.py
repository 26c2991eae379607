"""What JupyterLab is given is HTML in which every text is text."""

from lxml import html

from kesos_research.language import words
from kesos_research.report.exhibit import Claim, Column, Glance, Table
from kesos_research.report.preview import claims_html, glance_html, table_html

EVIL = '<script>alert("x")</script> & <b>'
BOTH = words(id=EVIL, en=EVIL)


def safe(text: str) -> None:
    tree = html.fragment_fromstring(text)
    assert {e.tag for e in tree.iter()} <= {
        "figure", "figcaption", "table", "thead", "tbody", "tr", "th", "td", "div", "b", "small"
    }  # fmt: skip
    assert EVIL in tree.text_content()


def test_a_table():
    column = Column("x", BOTH, "text", unit=BOTH)
    table = Table("tbl-x", caption=BOTH, note=BOTH, columns=(column,), rows=({"group": BOTH}, {"x": EVIL}, {"x": BOTH}))
    safe(table_html(table, "id"))
    assert table_html(table, "en").count("colspan") == 1


def test_claims():
    shown = claims_html([Claim("p0.did", -0.034, None, -1.9, 2.0, 0.96, 1234, EVIL)], "id")
    safe(shown)
    assert "−0,034" in shown
    assert "[−1,900; 2,000]" in shown
    assert "1.234" in shown
    assert "–" in claims_html([Claim("x", None)], "en")


def test_tiles():
    tile = dict.fromkeys(("label", "value", "unit", "year", "place", "change"), BOTH)
    safe(glance_html(Glance("glance-x", tiles=(tile,)), "en"))
