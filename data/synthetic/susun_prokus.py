"""Write the synthetic families of the study `prokus`, and their truth.

    python data/synthetic/susun_prokus.py

No row is about a family or a place that exists: 20 districts of the example register, 200 villages, three populations.
Same seed, same rows. Beside this script are written `prokus_sintetis.parquet` (a row a family) and
`kebenaran_prokus_sintetis.csv` (what is true of the law they were drawn from).
"""

from __future__ import annotations

from pathlib import Path

from kesos_research.data.synthesize_programme import programme_truth, prokus_like

HERE = Path(__file__).resolve().parent
SEED = 20210405


def main() -> None:
    families = prokus_like(seed=SEED).families
    families.to_parquet(HERE / "prokus_sintetis.parquet", index=False, compression="zstd")
    programme_truth().to_csv(
        HERE / "kebenaran_prokus_sintetis.csv", index=False, float_format="%.6g", lineterminator="\n"
    )


if __name__ == "__main__":
    main()
