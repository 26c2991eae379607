"""A file as text: what every reader gives and every check takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from kesos_research.errors import Where

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa


@dataclass(frozen=True)
class Cells:
    """Every cell of a file as a string, null where the file holds none.

    Attributes
    ----------
    table
        All columns are strings; one row a row of the file.
    file
        As a person of this workspace writes it.
    first
        Line (of a text) or row (of a sheet) where the first row of data stands.
    lines
        Place of each row, where rows are not one line each; shape (rows,).
    counted
        What a place is: a line of a text file or a row of a sheet.
    sheet
        Name of the sheet, of a workbook.
    labels, value_labels
        Label of each column and of its codes, where the file tells them.
    detected
        What was found out and is shown: delimiter, encoding, sheet.
    """

    table: pa.Table
    file: str
    first: int = 2
    lines: np.ndarray | None = None
    counted: Literal["line", "row"] = "line"
    sheet: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    value_labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    detected: Mapping[str, str] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Rows of data."""
        return self.table.num_rows

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, as the header has them."""
        return tuple(self.table.column_names)

    def place(self, row: int) -> int:
        """Line or row of the file where row `row` of the table (from 0) stands."""
        return self.first + row if self.lines is None else int(self.lines[row])

    def where(self, row: int, column: str | None = None) -> Where:
        """The place of a cell, as an error tells it."""
        place = self.place(row)
        if self.counted == "row":
            return Where(self.file, row=place, column=column)
        return Where(self.file, line=place, column=column)
