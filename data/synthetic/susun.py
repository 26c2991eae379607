"""Write the synthetic survey of the studies `peta-kemiskinan` and `ketepatan-sasaran`, and its truth.

    python data/synthetic/susun.py

No row is about a person or a place that exists: 48 districts of the example register, 9,600 households. Same seed, same
rows. Beside this script are written `survei_sintetis.parquet` (a row a household), `kabupaten_sintetis.csv` (covariates
of each district, as a register would give them) and `kebenaran_sintetis.csv` (what is true of the population).
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from kesos_research.data.synthesize_survey import write_survey

HERE = Path(__file__).resolve().parent
SEED, HOUSEHOLDS, DISTRICTS = 20260405, 9_600, 48
COVARIATES = ["kab", "nama", "ruta", "penduduk", "cahaya_malam", "lama_sekolah"]


def main() -> None:
    truth = write_survey(
        HERE / "survei_sintetis.parquet",
        level="household",
        seed=SEED,
        n_households=HOUSEHOLDS,
        n_districts=DISTRICTS,
    )
    districts = (
        truth.districts.astype({"kab": str})
        .round({"ruta": 0, "penduduk": 0})
        .astype({"ruta": "int64", "penduduk": "int64"})
    )
    districts[COVARIATES].to_csv(HERE / "kabupaten_sintetis.csv", index=False, float_format="%.6g", lineterminator="\n")
    true = districts.drop(columns=[c for c in COVARIATES if c != "kab"])
    national = truth.national.to_frame().T.assign(kab="nasional")
    true = pd.concat([true.astype({"kab": str}), national[[c for c in true if c in national]]], ignore_index=True)
    true.to_csv(HERE / "kebenaran_sintetis.csv", index=False, float_format="%.8g", lineterminator="\n")


if __name__ == "__main__":
    main()
