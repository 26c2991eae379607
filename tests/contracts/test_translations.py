"""Every text is there in Indonesian, with the same fields, and the compiled catalogue is the written one."""

import re

from contracts.catalogue import MO, compiled, indonesian, template


def fields(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def test_every_text_is_translated():
    catalog = indonesian()
    lacking = [m.id for m in template() if m.id and not (catalog.get(m.id) and catalog.get(m.id).string)]
    assert not lacking, "run `make fix` and translate in kesos.po"


def test_no_text_is_left_over():
    texts = template()
    assert [m.id for m in indonesian() if m.id and m.id not in texts] == []


def test_translations_keep_their_fields():
    wrong = [m.id for m in indonesian() if m.id and m.string and fields(m.id) != fields(m.string)]
    assert wrong == []


def test_the_compiled_catalogue_is_the_written_one():
    assert MO.read_bytes() == compiled(indonesian())
