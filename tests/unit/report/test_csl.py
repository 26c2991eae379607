"""APA 7 in both languages, as pandoc's citeproc writes it."""

import subprocess

import pytest
from documents.compose_sample import BIB

from kesos_research.errors import DocumentError
from kesos_research.language import Language
from kesos_research.report.csl import style
from kesos_research.report.document.pandoc import parsed, program

TEXT = "[@abadie2010], [@abadie2003, {p} 3], @abadie2003, [@coady2004], [@kbr2014], [@bps]"


def said(tmp_path, lang: Language) -> str:
    (tmp_path / "s.csl").write_bytes(style("apa", lang))
    (tmp_path / "r.bib").write_text(BIB, encoding="utf-8")
    command = [
        program(),
        "-f",
        "markdown",
        "-t",
        "plain",
        "--wrap=none",
        "--citeproc",
        "--csl",
        str(tmp_path / "s.csl"),
    ]
    command += ["--bibliography", str(tmp_path / "r.bib"), "-M", f"lang={lang}"]
    text = TEXT.format(p="hlm." if lang == "id" else "p.")
    return subprocess.run(command, input=text.encode(), capture_output=True, check=True).stdout.decode()


def test_indonesian(tmp_path):
    text = said(tmp_path, "id").replace("\N{NO-BREAK SPACE}", " ")
    for part in (
        "(Abadie dkk., 2010)",
        "(Abadie dan Gardeazabal, 2003, hlm. 3)",
        "Badan Pusat Statistik, t.t.",
        "Diamond, A., dan Hainmueller, J. (2010)",
        "(edisi ke-2)",
        "(2014, 3 Mei)",
        "Diakses 5 April 2021, dari",
    ):
        assert part in text
    assert "&" not in text
    assert "et al" not in text


def test_english_is_apa_as_it_is(tmp_path):
    text = said(tmp_path, "en").replace("\N{NO-BREAK SPACE}", " ")
    for part in (
        "(Abadie et al., 2010)",
        "(Abadie & Gardeazabal, 2003, p. 3)",
        "n.d.",
        "Diamond, A., & Hainmueller, J. (2010)",
        "(2nd ed.)",
        "(2014, May 3)",
        "Retrieved April 5, 2021, from",
    ):
        assert part in text


def test_an_unknown_style():
    with pytest.raises(DocumentError, match="apaa"):
        style("apaa", "id")


def test_indonesian_titles_are_not_written_as_english_ones(tmp_path):
    law = "@legislation{law, langid = {indonesian}, title = {Undang-Undang tentang Statistik}, year = {1997}}"
    (tmp_path / "references.bib").write_text(law, encoding="utf-8")
    tree, _ = parsed("[@law]", lang="en", bibliography=tmp_path / "references.bib", citation_style="apa")
    told = " ".join(part["c"] for part in _strings(tree))
    assert "Undang-Undang tentang Statistik" in told


def _strings(tree):
    """Every word of pandoc's tree."""
    for node in tree if isinstance(tree, list) else tree.values() if isinstance(tree, dict) else ():
        if isinstance(node, dict) and node.get("t") == "Str":
            yield node
        else:
            yield from _strings(node)
