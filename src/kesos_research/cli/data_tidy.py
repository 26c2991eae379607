"""`kesos data tidy`: exports, printed tables and logs of services as plain tables, one CSV file each."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from kesos_research.cli import screen
from kesos_research.data.cells import Cells
from kesos_research.data.read import read_bps_table, read_kobo, read_service_log
from kesos_research.data.write.text import cells_bytes
from kesos_research.errors import KesosError, OutputError, Where
from kesos_research.language import _
from kesos_research.run.write import write_whole

LAYOUTS = ("kobo", "bps", "layanan")


def tidy_file(
    file: Path, layout: str, output: Path, *, form: Path | None, codebook: Path | None, sheet: str | None
) -> None:
    """Read a file of a known layout and write its tables into a folder that is not there yet."""
    if layout not in LAYOUTS:
        raise KesosError(
            _("There is no layout {name}.", name=repr(layout)), expected=_("one of {names}", names=", ".join(LAYOUTS))
        )
    if os.path.lexists(output):
        raise OutputError(
            _("There is a file of this name already."),
            remedy=_("name another, or move it away"),
            where=Where(output.as_posix()),
        )
    for name, cells in _tables(file, layout, form, codebook, sheet).items():
        raw, notes = cells_bytes(cells)
        place = output.absolute() / f"{_file_name(name)}.csv"
        write_whole(place, raw, output.absolute().parent)
        screen.done(_("{n} rows are in {file}", n=cells.rows, file=screen.near(place)))
        for key, told in cells.detected.items():
            screen.say(f"  {key}: {told}")
        screen.warn([KesosError(note) for note in notes])


def _tables(
    file: Path, layout: str, form: Path | None, codebook: Path | None, sheet: str | None
) -> Mapping[str, Cells]:
    if layout == "kobo":
        return read_kobo(file, form)
    if layout == "bps":
        return {file.stem: read_bps_table(file, sheet)}
    return {file.stem: _of_log(file, codebook, sheet)}


def _of_log(file: Path, codebook: Path | None, sheet: str | None) -> Cells:
    import pyarrow as pa

    frame = read_service_log(file, codebook=codebook, sheet=sheet)
    frame["tanggal"] = frame["tanggal"].dt.strftime("%Y-%m-%d")
    frame["hari"] = frame["hari"].astype("Int64")
    columns = {
        str(name): pa.array([None if missing else str(v) for v, missing in zip(told, told.isna(), strict=True)])
        for name, told in frame.items()
    }
    return Cells(pa.table({name: column.cast(pa.string()) for name, column in columns.items()}), file.as_posix())


def _file_name(name: str) -> str:
    """The name of a table as a file may be called."""
    return "".join(c if c.isalnum() or c in "-_." else "_" for c in name).strip(".") or "tabel"
