"""What holds for every figure: real text in one language, the house's type and colours, nothing over anything else."""

import json
import re
from itertools import combinations

import matplotlib as mpl
import pytest
import typst
from lxml import etree
from unit.report_figure.every import FIGURES, made

from kesos_research.report import style
from kesos_research.report.figure._type import width

PT = 72 / 25.4
COLOURS = {v.lower() for k, v in vars(style).items() if k.isupper() and isinstance(v, str) and v.startswith("#")}
COLOURS |= {c.lower() for c in style.CLASSES}


def drawings(name: str) -> dict[tuple[str, str], str]:
    figure = made(name)
    every = {("paper", k): v for k, v in figure.svg.items()} | {("slide", k): v for k, v in figure.slide_svg.items()}
    return {k: v for k, v in every.items() if v}


def root(svg: str) -> etree._Element:
    return etree.fromstring(svg.encode())


def texts(svg: str) -> list[etree._Element]:
    return list(root(svg).iter("{*}text"))


def boxes(svg: str) -> list[tuple[str, float, float, float, float]]:
    """Each text with the box its capitals and descenders fill, in points; widths as typst measures them."""
    found = []
    for t in texts(svg):
        css = t.get("style", "")
        size = float(re.search(r"font-size: ([\d.]+)px", css)[1])
        wide = width(t.text, bold="font-weight: 700" in css) * size
        x, y = float(t.get("x")), float(t.get("y"))
        left = x - wide * {"start": 0.0, "middle": 0.5, "end": 1.0}[re.search(r"text-anchor: (\w+)", css)[1]]
        found.append((t.text, left, y - 0.64 * size, left + wide, y + 0.2 * size))
    return found


each = pytest.mark.parametrize("name", FIGURES)


@each
def test_it_is_drawn_at_its_printed_size_in_eight_point_type(name):
    mm = {"column": 84, "page": 174}[made(name).width] if name != "locator" else 60
    for (medium, _), svg in drawings(name).items():
        drawn = root(svg)
        if medium == "slide":
            assert (drawn.get("width"), float(drawn.get("height")[:-2]) <= 110) == ("230mm", True)
        else:
            assert drawn.get("width") == f"{mm}mm"
        sizes = {re.search(r"font-size: ([\d.]+)px", t.get("style"))[1] for t in texts(svg)}
        assert sizes == {"16" if medium == "slide" else "8"}
        assert float(drawn.get("viewBox").split()[2]) == pytest.approx(float(drawn.get("width")[:-2]) * PT, abs=0.01)


@each
def test_no_text_lies_over_another_or_outside(name):
    for key, svg in drawings(name).items():
        _, _, wide, high = map(float, root(svg).get("viewBox").split())
        placed = boxes(svg)
        slack = 0.75  # points: side bearings
        outside = [b for b in placed if b[1] < -slack or b[3] > wide + slack or b[2] < -slack or b[4] > high + slack]
        assert not outside, key
        over = [
            (a[0], b[0])
            for a, b in combinations(placed, 2)
            if min(a[3], b[3]) - max(a[1], b[1]) > slack and min(a[4], b[4]) - max(a[2], b[2]) > slack
        ]
        assert not over, key


@each
def test_numbers_are_written_as_the_language_writes_them(name):
    for (_, lang), svg in drawings(name).items():
        said = " ".join(t.text for t in texts(svg))
        wrong = r"\d\.\d{1,2}\b(?![.\d])" if lang == "id" else r"\d,\d{1,2}\b(?![,\d])"
        assert not re.findall(wrong, said)
        assert "-" not in re.sub(r"[A-Za-z]-[A-Za-z]", "", said), "a true minus sign, an en dash"


@each
def test_the_languages_differ_and_show_the_same_marks(name):
    for medium in ("paper", "slide"):
        both = [svg for (m, _), svg in drawings(name).items() if m == medium]
        if both and name not in ("locator",):
            assert both[0] != both[1]
            marks = [len(list(root(svg).iter("{*}use"))) for svg in both]
            assert marks[0] == marks[1]


@each
def test_colours_come_from_the_style(name):
    for svg in drawings(name).values():
        assert {c.lower() for c in re.findall(r"#[0-9a-fA-F]{6}\b", svg)} <= COLOURS


@each
def test_it_is_small_has_no_clock_and_no_stray_ids(name):
    for svg in drawings(name).values():
        assert len(svg.encode()) <= 200_000
        assert "metadata" not in svg
        assert not re.search(r"20\d\d-\d\d-\d\d|Matplotlib", svg)
        ids = re.findall(r' id="([^"]+)"', svg)
        assert len(ids) == len(set(ids))
        assert all(i.startswith(f"{made(name).id}-") for i in ids)
        assert set(re.findall(r"#(fig-[\w-]+)", svg)) <= set(ids)


@each
def test_the_same_bytes_twice_whatever_the_session_has_set(name):
    ours = {
        "font.size": 30,
        "lines.linewidth": 9,
        "axes.unicode_minus": False,
        "svg.fonttype": "path",
        "text.usetex": True,
    }
    first = made(name)
    with mpl.rc_context(ours):
        before = dict(mpl.rcParams)
        second = FIGURES[name]()
        assert dict(mpl.rcParams) == before, "the session's settings are left as they were"
    assert (second.svg, second.slide_svg) == (first.svg, first.slide_svg)


@each
def test_what_is_drawn_goes_to_the_annex_as_plain_data(name):
    rows = made(name).data
    assert rows
    assert json.loads(json.dumps(list(rows), allow_nan=False)) == list(rows)


@each
def test_typst_sets_it(name):
    for svg in drawings(name).values():
        page = b'#set page(width: auto, height: auto)\n#image(bytes(sys.inputs.svg), format: "svg")'
        _, warnings = typst.compile_with_warnings(page, format="pdf", sys_inputs={"svg": svg})
        assert warnings == []


@each
def test_source_and_publicity_come_from_the_rule(name):
    figure = made(name)
    assert figure.public
    assert figure.source["en"] == "BPS, own computation"
    assert figure.alt["id"] == "Uraian gambar."
