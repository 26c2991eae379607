"""Operational definitions: what each column of a source means, how it is measured, and what it was held to."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from kesos_research.data.codebook import Codebook, Column
from kesos_research.data.rules import wordings
from kesos_research.language import Language, Words, both

COLUMNS = ("kolom", "label", "jenis", "satuan", "satuan_pengamatan", "aturan", "sumber")
"""Columns of the table, called as the codebook's own keys."""


def definitions(codebook: Codebook, lang: Language) -> pd.DataFrame:
    """How is each column of a file defined, in the words of a report?

    Parameters
    ----------
    codebook
        The declaration.
    lang
        The language of the words.

    Returns
    -------
    DataFrame
        One row a column of the file: ``kolom`` (its name), ``label`` (with the question, where one was asked),
        ``jenis`` (kind), ``satuan`` (unit of measure), ``satuan_pengamatan`` (unit of observation), ``aturan`` (what
        was checked, in words) and ``sumber`` (publisher and licence); empty texts where nothing is declared.

    Examples
    --------
    >>> from kesos_research.data.codebook import plain_column
    >>> book = Codebook({"tahun": plain_column("tahun", "tahun")}, "region", ("tahun",))
    >>> definitions(book, "en").loc[0, ["kolom", "jenis", "satuan_pengamatan"]].tolist()
    ['tahun', 'year', 'kabupaten or kota']
    """
    rules = wordings(codebook)
    rows = [
        (
            column.name,
            _label(column, lang),
            kinds()[column.kind][lang],
            column.unit[lang],
            units()[codebook.unit_of_observation][lang],
            "; ".join(dict.fromkeys(rule[lang] for rule in rules[column.name])),
            " · ".join(filter(None, (column.publisher[lang], column.licence))),
        )
        for column in codebook.columns.values()
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype="str")


def headings(lang: Language) -> Mapping[str, str]:
    """What the columns of the table are called on a page."""
    said: dict[str, Words] = {
        "kolom": both("Column"),
        "label": both("Meaning"),
        "jenis": both("Kind"),
        "satuan": both("Unit of measure"),
        "satuan_pengamatan": both("Unit of observation"),
        "aturan": both("Checked rule"),
        "sumber": both("Published by"),
    }
    return {name: words[lang] for name, words in said.items()}


def kinds() -> Mapping[str, Words]:
    """Kinds of columns in a reader's words."""
    return {
        "wilayah": both("region"),
        "tahun": both("year"),
        "angka": both("number"),
        "bilangan": both("whole number"),
        "teks": both("text"),
        "pilihan": both("one choice"),
        "pilihan_ganda": both("several choices"),
        "tanggal": both("date"),
        "nik": both("NIK"),
        "nomor_kk": both("family-card number"),
    }


def units() -> Mapping[str, Words]:
    """Units of observation in a reader's words."""
    return {
        "region": both("kabupaten or kota"),
        "institution": both("institution"),
        "household": both("household"),
        "person": both("person"),
    }


def _label(column: Column, lang: Language) -> str:
    label, question = column.label[lang], column.question[lang]
    return f"{label} (“{question}”)" if question else label
