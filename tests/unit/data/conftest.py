"""A small workspace with a table of regions by year, its codebook and its flags, to be damaged on purpose."""

from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest

from kesos_research.language import use

CODEBOOK = """\
sumber: sumber.csv
satuan_pengamatan: region
kunci: [wilayah, tahun]
urutan: [p1, p0]
kolom:
  wilayah: {label: {id: Wilayah, en: Region}, jenis: wilayah, peran: id, sensitivitas: publik}
  tahun: {label: {id: Tahun, en: Year}, jenis: tahun, rentang: [2000, 2025], peran: period, sensitivitas: publik}
  p0:
    label: {id: P0, en: P0}
    jenis: angka
    rentang: [0, 100]
    peran: outcome
    sensitivitas: publik
    tahun: [2010, 2014]
  p1: {label: {id: P1, en: P1}, jenis: angka, rentang: [0, 100], peran: outcome, sensitivitas: publik}
"""
# 33.14 is treated; 32.10 and 33.01 are clean; 64.03 lacks a year; 73.03 has a break; 2012 is excluded for everybody
TABLE = """\
wilayah,tahun,p0,p1
33.14,2010,10.5,1.5
33.14,2011,10.0,1.4
33.14,2012,9.9,
33.14,2013,9.0,
33.14,2014,8.0,
32.10,2010,11.0,
32.10,2011,10.8,
32.10,2012,10.7,
32.10,2013,10.6,
32.10,2014,10.5,
33.01,2010,30.0,
33.01,2011,29.0,
33.01,2012,28.5,
33.01,2013,28.0,
33.01,2014,27.0,
64.03,2010,5.0,
64.03,2011,,
64.03,2012,5.1,
64.03,2013,5.2,
64.03,2014,5.3,
73.03,2010,9.0,
73.03,2011,9.1,
73.03,2012,9.1,
73.03,2013,18.0,
73.03,2014,18.1,
"""
FLAGS = """\
wilayah,tahun,indikator,tanda,guna,sumber
33.14,2012,p0,interpolated,exclude,x
32.10,2012,p0,interpolated,exclude,x
33.01,2012,p0,interpolated,exclude,x
64.03,2012,p0,interpolated,exclude,x
73.03,2012,p0,interpolated,exclude,x
73.03,2013,p0,level_break,break,x
33.14,2014,p0,press_release,note,x
"""
SOURCES = """\
indikator,sumber,tahun_awal,tahun_akhir,baris,keterangan_id,keterangan_en,lisensi
p0,x,2010,2014,24,BPS,BPS,BPS
"""


@dataclass
class Workspace:
    """Files of a study, written where a test says."""

    root: Path
    treated: tuple[str, ...] = ("33.14",)
    programme: str = "PKST"
    texts: dict[str, str | bytes] = field(
        default_factory=lambda: {
            "tabel.csv": TABLE,
            "buku.yaml": CODEBOOK,
            "tanda.csv": FLAGS,
            "sumber.csv": SOURCES,
        }
    )

    def change(self, name: str, old: str, new: str) -> None:
        text = self.texts[name]
        assert isinstance(text, str)
        assert old in text
        self.texts[name] = text.replace(old, new, 1)

    @property
    def study(self) -> SimpleNamespace:
        """What reading needs to know of a study; files are written when it is asked for."""
        data, folder = self.root / "data", self.root / "notebooks" / "studies" / "coba"
        for place in (data, folder):
            place.mkdir(parents=True, exist_ok=True)
        for name, text in self.texts.items():
            place = folder if name == "bukti.csv" else data
            (place / name).write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
        source = SimpleNamespace(
            id="coba", file=data / "tabel.csv", codebook=data / "buku.yaml", flags=data / "tanda.csv"
        )
        return SimpleNamespace(
            root=self.root, folder=folder, sources=(source,), treated=self.treated, programme=self.programme
        )


@pytest.fixture
def workspace(tmp_path):
    with use("en"):
        yield Workspace(tmp_path)
