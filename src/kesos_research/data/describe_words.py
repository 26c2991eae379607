"""What the name of a column says of it: who can be named by it, and which part it plays in a survey."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from kesos_research.data.codebook import Unit

_SECRET = (
    "nama|name|nm|alamat|address|jalan|jln|telepon|telp|tlp|hp|phone|handphone|wa|whatsapp|email|surel|ktp|nik|kk|nokk"
    "|noktp|paspor|passport|rekening|norek|bpjs|npwp|ibu|ayah|wali|gps|lat|lon|long|latitude|longitude|lintang|bujur"
    "|koordinat|geopoint|foto|photo|tandatangan|signature|responden|respondent|pewawancara|enumerator|petugas|username"
    "|deviceid|imei"
)
_NUMBER = "id|no|nomor|kode|nourut|urut|uuid|key|index|idruta|idrt|idart|idbdt|iddtks|idkeluarga"
_ROLES = {
    "weight": "bobot|penimbang|weight|weind|wert|fwt|wt|timbangan",
    "strata": "strata|stratum",
    "cluster": "psu|klaster|cluster|nks|bloksensus|ea",
    "fpc": "fpc",
}
_UNITS: dict[Unit, str] = {
    "person": "nik|ktp|art|idart|individu|person|responden|umur|usia|age|jk|kelamin|sex",
    "household": "ruta|rt|idruta|rumahtangga|keluarga|kk|nokk|household|hh|jmlart",
    "institution": "lembaga|lks|lksa|puskesos|instansi|panti|institution|yayasan",
}
_JOINED = ("no", "id", "jml", "blok", "rumah")


def parts(name: str) -> list[str]:
    """The words of a column's name, and those that are often written as one.

    Examples
    --------
    >>> parts("NamaKRT_2"), parts("no_kk")
    (['nama', 'krt', '2'], ['no', 'kk', 'nokk'])
    """
    small = [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)]
    return [*small, *(a + b for a, b in pairwise(small) if a in _JOINED)]


def _among(words: Iterable[str], known: str) -> Iterator[str]:
    return (word for word in words if re.fullmatch(known, word))


def says(name: str, known: str) -> bool:
    """Whether one of the words in `known`, parted by ``|``, is in the name."""
    return any(_among(parts(name), known))


def secret(*names: str) -> bool:
    """Whether a column so called, or so labelled, may name a person or say where one lives."""
    return any(says(name, _SECRET) for name in names)


def numbers_rows(name: str) -> bool:
    """Whether a column so called tells rows apart."""
    return says(name, _NUMBER)


def role(name: str) -> str | None:
    """The part in a survey's design that a column so called plays."""
    return next((role for role, known in _ROLES.items() if says(name, known)), None)


def unit(names: Iterable[str]) -> Unit:
    """What a row is, by the names of all columns; a household where nothing says otherwise."""
    words = {word for name in names for word in parts(name)}
    for found, known in _UNITS.items():
        if any(_among(words, known)):
            return found
    return "household"
