"""Write the committed official figures from a folder with the raw compilation.

    python data/susun.py FOLDER

FOLDER holds three files of the compilation: `district_panel.csv`, `district_panel_flags.csv` and
`district_panel_sources.csv`. Beside this script are written `kabupaten_kota.csv`, `kabupaten_kota_tanda.csv` and
`kabupaten_kota_sumber.csv`. No value is changed, rounded or typed on the way: every number is copied as text, columns
get the names used here, and rows are put in order. To the flags of the compilation come those of two rules of ours, see
`flags_by_rule`. Same input, same bytes.
"""

from __future__ import annotations

import argparse
import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
REGISTER = HERE.parent / "src" / "kesos_research" / "domain" / "wilayah.csv"
INDICATORS = (
    "p0",
    "p1",
    "p2",
    "garis_kemiskinan",
    "tpt",
    "rls",
    "hls",
    "uhh",
    "pengeluaran_riil",
    "ipm",
    "pdrb_kapita",
)
DAPOER = "World Bank, INDO-DAPOER (CC BY 4.0)"
QUARCS = "quarcs-lab/indonesia514 (MIT)"
BPS = "BPS, kutip sumber"
PRESS = "BPS, dikutip berita"

# id of a source in the compilation: explanation (Indonesian, English), licence
SOURCES = {
    "BPS_B-1852_2023_via_berita.bonebolangokab.go.id": (
        "Surat BPS B-1852 tahun 2023, dikutip situs berita Pemerintah Kabupaten Bone Bolango",
        "BPS letter B-1852 of 2023, quoted on the news site of the Bone Bolango district government",
        PRESS,
    ),
    "BPS_Berau_via_berauterkini.co.id_2025-08-05": (
        "BPS Kabupaten Berau, dikutip berauterkini.co.id, 5 Agustus 2025",
        "BPS Berau, quoted by berauterkini.co.id, 5 August 2025",
        PRESS,
    ),
    "BPS_Berau_via_berauterkini.co.id_p133260": (
        "BPS Kabupaten Berau, dikutip berauterkini.co.id, artikel 133260",
        "BPS Berau, quoted by berauterkini.co.id, article 133260",
        PRESS,
    ),
    "BPS_HDI_components_2018_2021_ordermapped": (
        "BPS, komponen indeks pembangunan manusia 2018–2021; baris dipadankan menurut urutan wilayah",
        "BPS, components of the human development index 2018–2021; rows matched by the order of the regions",
        BPS,
    ),
    "BPS_Jateng_2020_2024": (
        "BPS Provinsi Jawa Tengah, tabel 2020–2024",
        "BPS Jawa Tengah, tables 2020–2024",
        BPS,
    ),
    "BPS_Jateng_IPM_2020_2024": (
        "BPS Provinsi Jawa Tengah, tabel indeks pembangunan manusia 2020–2024",
        "BPS Jawa Tengah, tables of the human development index 2020–2024",
        BPS,
    ),
    "BPS_Sragen_via_solo.tribunnews.com_2023-10-20": (
        "BPS Kabupaten Sragen, dikutip solo.tribunnews.com, 20 Oktober 2023",
        "BPS Sragen, quoted by solo.tribunnews.com, 20 October 2023",
        PRESS,
    ),
    "BPS_release_ppid.bps.go.id_7504_2025-09-10": (
        "BPS Kabupaten Bone Bolango, rilis 10 September 2025",
        "BPS Bone Bolango, release of 10 September 2025",
        BPS,
    ),
    "BPS_via_Kaggle_ermila_2021": (
        "BPS 2021, himpunan data oleh ermila di Kaggle",
        "BPS 2021, data set compiled by ermila on Kaggle",
        BPS,
    ),
    "BPS_via_databoks_0ad319f4859e433": (
        "BPS, dikutip Databoks (artikel 0ad319f4859e433)",
        "BPS, quoted by Databoks (article 0ad319f4859e433)",
        PRESS,
    ),
    "BPS_via_lavinianataniela05_2022": (
        "BPS 2022, himpunan data oleh lavinianataniela05",
        "BPS 2022, data set compiled by lavinianataniela05",
        BPS,
    ),
    "BPS_webtable_P1P2_2015_2023": (
        "BPS, tabel P1 dan P2 menurut kabupaten/kota 2015–2023",
        "BPS, tables of P1 and P2 by kabupaten/kota 2015–2023",
        BPS,
    ),
    "BRS_02/09/7504/Th.V_via_berita.bonebolangokab.go.id": (
        "BPS Kabupaten Bone Bolango, Berita Resmi Statistik 02/09/7504/Th. V, dikutip situs pemerintah kabupaten",
        "BPS Bone Bolango, official release 02/09/7504/Th. V, quoted on the site of the district government",
        PRESS,
    ),
    "OpenDataJabar_BPS_2010_2024": (
        "BPS melalui Open Data Jabar 2010–2024",
        "BPS through Open Data Jabar 2010–2024",
        BPS,
    ),
    "OpenDataJabar_BPS_2020_2023": (
        "BPS melalui Open Data Jabar 2020–2023",
        "BPS through Open Data Jabar 2020–2023",
        BPS,
    ),
    "Payakumbuh_Dalam_Angka_2025_via_salingkaluak.com": (
        "BPS, Kota Payakumbuh Dalam Angka 2025, dikutip salingkaluak.com",
        "BPS, Payakumbuh in Figures 2025, quoted by salingkaluak.com",
        PRESS,
    ),
    "QuaRCS_indonesia514": (
        "BPS melalui quarcs-lab/indonesia514",
        "BPS through quarcs-lab/indonesia514",
        QUARCS,
    ),
    "QuaRCS_mys_2010_2018": (
        "BPS melalui QuaRCS-lab, rata-rata lama sekolah 2010–2018",
        "BPS through QuaRCS-lab, mean years of schooling 2010–2018",
        BPS,
    ),
    "QuaRCS_okun_2008_2020": (
        "BPS Sakernas melalui QuaRCS-lab, pengangguran 2008–2020",
        "BPS Sakernas through QuaRCS-lab, unemployment 2008–2020",
        BPS,
    ),
    "WB_INDO-DAPOER_2000_2014": (
        "BPS Susenas melalui World Bank, INDO-DAPOER, seri 2000–2014",
        "BPS Susenas through World Bank, INDO-DAPOER, series 2000–2014",
        DAPOER,
    ),
    "WB_INDO-DAPOER_2014_2020": (
        "BPS Susenas melalui World Bank, INDO-DAPOER, seri 2014–2020",
        "BPS Susenas through World Bank, INDO-DAPOER, series 2014–2020",
        DAPOER,
    ),
}
RULE = "aturan di data/README.md"


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a raw file, every cell as text."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a CSV file: UTF-8, commas, line feeds."""
    text = io.StringIO(newline="")
    out = csv.writer(text, lineterminator="\n")
    out.writerow(header)
    out.writerows(rows)
    path.write_bytes(text.getvalue().encode("utf-8"))


def panel(rows: list[dict[str, str]]) -> list[list[str]]:
    """Region, year, then the indicators."""
    rows = sorted(rows, key=lambda r: (r["kemendagri_code"], r["year"]))
    return [[r["kemendagri_code"], r["year"], *(r[i] for i in INDICATORS)] for r in rows]


def flags(rows: list[dict[str, str]], values: list[dict[str, str]]) -> list[list[str]]:
    """Which value carries which flag, and what to do with it."""
    told = [[r["kemendagri_code"], r["year"], r["indicator"], r["flag"], r["use"], _source(r["source"])] for r in rows]
    return sorted([*told, *flags_by_rule(told, values)], key=lambda r: (INDICATORS.index(r[2]), r[0], r[1], r[3]))


def flags_by_rule(told: list[list[str]], values: list[dict[str, str]]) -> list[list[str]]:
    """What the compilation does not flag and cannot be used.

    An unemployment rate that seven or more regions of one of the 34 provinces share to the last digit is the value of
    the province filled in. Where P1 does not fit P0, P2 of the same row, from the same table, does not either.
    """
    province = {r["kode"]: r["kode_bps_34"][:2] for r in read(REGISTER)}
    alike = defaultdict(list)
    for r in values:
        if r["tpt"]:
            alike[province[r["kemendagri_code"]], r["year"], r["tpt"]].append(r["kemendagri_code"])
    filled = [
        [c, year, "tpt", "province_value"] for (_p, year, _v), codes in alike.items() if len(codes) > 6 for c in codes
    ]
    implausible = {(r[0], r[1]) for r in told if r[2:4] == ["p1", "implausible_p1_p0_ratio"]}
    severity = [
        [r["kemendagri_code"], r["year"], "p2", "implausible_p1_p0_ratio"]
        for r in values
        if r["p2"] and (r["kemendagri_code"], r["year"]) in implausible
    ]
    return [[*flag, "exclude", RULE] for flag in filled + severity]


def sources(rows: list[dict[str, str]]) -> list[list[str]]:
    """Where the values of each indicator come from, with the explanation of each source."""
    found = [
        [r["indicator"], r["source"], r["first_year"], r["last_year"], r["rows"], *SOURCES[r["source"]]] for r in rows
    ]
    return sorted(found, key=lambda r: (INDICATORS.index(r[0]), r[2], r[1]))


def _source(name: str) -> str:
    return RULE if name.startswith("rule in ") else name


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the committed official figures from the raw compilation.")
    parser.add_argument("folder", type=Path, help="folder with the raw compilation")
    raw = parser.parse_args().folder
    values = read(raw / "district_panel.csv")
    write(HERE / "kabupaten_kota.csv", ("wilayah", "tahun", *INDICATORS), panel(values))
    write(
        HERE / "kabupaten_kota_tanda.csv",
        ("wilayah", "tahun", "indikator", "tanda", "guna", "sumber"),
        flags(read(raw / "district_panel_flags.csv"), values),
    )
    write(
        HERE / "kabupaten_kota_sumber.csv",
        ("indikator", "sumber", "tahun_awal", "tahun_akhir", "baris", "keterangan_id", "keterangan_en", "lisensi"),
        sources(read(raw / "district_panel_sources.csv")),
    )


if __name__ == "__main__":
    main()
