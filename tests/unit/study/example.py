"""A workspace to spoil: the main study's own document in a folder of its own."""

from pathlib import Path

from kesos_research.errors import KesosError, Problems
from kesos_research.study import Study, read_study

PROJECT = Path(__file__).parents[3]
DOCUMENT = (PROJECT / "notebooks" / "studies" / "pkst-2013" / "study.yaml").read_text(encoding="utf-8")


def workspace(root: Path, name: str = "pkst-2013") -> Path:
    """The folder of a study in a workspace with empty data files."""
    folder = root / "notebooks" / "studies" / name
    folder.mkdir(parents=True)
    (root / "data").mkdir()
    for file in ("kabupaten_kota.csv", "codebook.yaml", "kabupaten_kota_tanda.csv"):
        (root / "data" / file).touch()
    return folder


def changed(*changes: tuple[str, str], text: str = DOCUMENT) -> str:
    """The document with texts replaced, each where it first stands."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def read(folder: Path, text: str | bytes) -> Study:
    raw = text if isinstance(text, bytes) else text.encode("utf-8")
    (folder / "study.yaml").write_bytes(raw)
    return read_study(folder)


def refused(folder: Path, text: str | bytes) -> list[KesosError]:
    """What is wrong with the document; empty when it is read."""
    try:
        read(folder, text)
    except Problems as several:
        return list(several.problems)
    except KesosError as one:
        return [one]
    return []


def line_of(text: str, piece: str) -> int:
    """The line of a file on which `piece` first stands."""
    return text[: text.index(piece)].count("\n") + 1
