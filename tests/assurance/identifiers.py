"""Numbers and names of people: none gets out

10,000 numbers in thirty forms go through everything a file meets on its way, and into documents of every kind.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Semaphore

from assurance._clean import artefacts
from assurance._planted import DOCUMENTS, FORMS, Form, found_in, people
from toy_study import notebook, toy
from typer.testing import CliRunner

from kesos_research.cli import build
from kesos_research.data.identity_set import IdentitySet
from kesos_research.disclosure.scan import scan
from kesos_research.disclosure.scan_text import canonical

UNHELD = {
    # a font has no such digits, and the file then does not hold them
    "makalah.pdf": ("fullwidth",),
}
BOOK = """\
satuan_pengamatan: person
kunci: [no]
kolom:
  no: {label: {id: Nomor, en: Number}, jenis: bilangan, peran: note, sensitivitas: terbatas, wajib: ya, unik: ya}
  nik: {label: {id: NIK, en: NIK}, jenis: nik, peran: id, sensitivitas: rahasia, wajib: ya, unik: ya}
  kk: {label: {id: KK, en: Family card}, jenis: nomor_kk, peran: id, sensitivitas: rahasia}
  nama: {label: {id: Nama, en: Name}, jenis: teks, peran: note, sensitivitas: rahasia}
  umur: {label: {id: Umur, en: Age}, jenis: bilangan, rentang: [0, 120], peran: covariate, sensitivitas: terbatas}
"""


def planted(n: int, seed: int) -> dict[str, tuple[int, Counter[str]]]:
    """Per kind of file: how many numbers were put in, and which forms of them were not found."""
    numbers = people(n, seed) + people(n // 5, seed + 1, family=True)
    known = IdentitySet.of({"nik": numbers[:n], "nomor_kk": numbers[n:]})
    told: dict[str, tuple[int, Counter[str]]] = {}
    share = len(numbers) // len(DOCUMENTS) + 1
    for i, (name, document) in enumerate(DOCUMENTS.items()):
        forms = [form for form in FORMS if form not in UNHELD.get(name, ())]
        own = [(forms[j % len(forms)], x) for j, x in enumerate(numbers[i * share : (i + 1) * share])]
        random.Random(seed + i).shuffle(own)  # so that each form meets each place in a document
        raw = document([FORMS[form](x) for form, x in own])
        found = found_in(raw, name, known)
        told[name] = len(own), Counter(form for form, x in own if x not in found)
    return told


def alarms(n: int, seed: int) -> tuple[int, int]:
    """Of `n` clean files, how many are taken for others: beside a set of identifiers, and without one."""
    known = IdentitySet.of({"nik": people(20_000, seed)})
    files = artefacts(n, seed)
    beside, alone = (sum(not scan(raw, name, k).clean for name, raw in files) for k in (known, None))
    return beside, alone


# --- the way of a file


def said_of(rows: Sequence[tuple[str, str]], folder: Path) -> Iterator[tuple[str, str]]:
    """Everything that is said and written of a file with identifiers: what, and its text."""
    lines = [f'{i},"{a}","{b}",Siti Nurlela,{20 + i % 60}' for i, (a, b) in enumerate(rows, 1)]
    (folder / "kotor.csv").write_text("\n".join(["no,nik,kk,nama,umur", *lines, ""]), encoding="utf-8")
    (folder / "sobek.csv").write_text("no,nik,kk\n" + ",".join(x for row in rows for x in row), encoding="utf-8")
    (folder / "kepala.csv").write_text(",".join(a for a, _b in rows[:40]) + "\n1\n", encoding="utf-8")
    (folder / "codebook.yaml").write_text(BOOK, encoding="utf-8")
    (folder / "salah.yaml").write_text(BOOK.replace("kunci: [no]", f"kunci: ['{rows[0][0]}']"), encoding="utf-8")
    kunci = folder.parent / "kunci" / "a.key"
    commands = [
        *(("check", f, "--codebook", "codebook.yaml", "--format", k) for f in _FILES for k in ("text", "json", "html")),
        *(("describe", f) for f in _FILES),
        ("check", "kotor.csv", "--codebook", "salah.yaml"),
        ("check", f"{rows[0][0]}.csv", "--codebook", "codebook.yaml"),
        ("key", str(kunci)),
        ("pseudonymise", "kotor.csv", "--codebook", "codebook.yaml", "--key", str(kunci)),
        ("synthesize", "--codebook", "codebook.yaml", "-n", "50", "--seed", "1", "--output", "sintetis.csv"),
    ]
    with contextlib.chdir(folder):
        for command in commands:
            answer = CliRunner().invoke(build(), ["data", *command])
            assert answer.exit_code in (0, 2), (command, answer.output)
            yield " ".join(command[:2]), answer.output


_FILES = ("kotor.csv", "sobek.csv", "kepala.csv")


def leaks(form: str, n: int, seed: int) -> dict[str, int]:
    """Numbers and names that what is said of a file with `form` of them still holds, by command."""
    write: Form = FORMS[form]
    niks, cards = people(n, seed), people(n, seed, family=True)
    rows = [(write(a).replace('"', '""'), write(b).replace('"', '""')) for a, b in zip(niks, cards, strict=True)]
    digits = {*niks, *cards}
    told: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as above:
        folder = Path(above) / "kerja"
        folder.mkdir()
        for command, text in said_of(rows, folder):
            plain = "".join(c for c in canonical(text) if c.isdecimal())
            left = sum(x in plain for x in digits) + text.count("Nurlela") * ("describe" not in command)
            if left:
                told[command] = left
        for made in folder.glob("*.samaran.*"):
            if found := found_in(made.read_bytes(), made.name, IdentitySet.of({"nik": niks, "kk": cards})):
                told[made.name] = len(found)
    return told


def pseudonyms(n: int, seed: int) -> int:
    """A clean file with `n` people is pseudonymised; how many identifiers are left."""
    niks, cards = people(n, seed), people(n, seed, family=True)
    with tempfile.TemporaryDirectory() as above, contextlib.chdir(above):
        folder = Path(above) / "kerja"
        folder.mkdir()
        os.chdir(folder)
        lines = [f"{i},{a},{b},Siti Nurlela,{20 + i % 60}" for i, (a, b) in enumerate(zip(niks, cards, strict=True), 1)]
        Path("bersih.csv").write_text("\n".join(["no,nik,kk,nama,umur", *lines, ""]), encoding="utf-8")
        Path("codebook.yaml").write_text(BOOK, encoding="utf-8")
        for command in (["key", "../kunci/a.key"], ["pseudonymise", "bersih.csv", "--key", "../kunci/a.key"]):
            answer = CliRunner().invoke(build(), ["data", *command])
            assert answer.exit_code == 0, answer.output
        raw = Path("bersih.samaran.csv").read_bytes()
        assert raw.count(b"\n") == n + 1
        return len(found_in(raw, "a.csv", IdentitySet.of({"nik": niks, "kk": cards, "nama": ["Siti Nurlela"]})))


# --- a study with rows of people


def shown_by_a_notebook(texts: Sequence[str]) -> list[str]:
    """What a run keeps of a notebook that shows the rows it read: nothing, or the texts that slipped through."""
    from kesos_research.run.batch import executed
    from kesos_research.run.cache import Cache
    from kesos_research.run.jobs import jobs
    from kesos_research.run.kernel import World

    kept = []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "data").mkdir()
        (root / "data" / "codebook.yaml").write_text(BOOK, encoding="utf-8")
        names = ("Siti Nurlela", "Yosef Boli", "I Made Sudana", "Tiurma Sihombing", "Abdul Gani", "Daeng Ngalle")
        rows = "".join(f"{i},{x},,{names[i % 6 - 1]},40\n" for i, x in enumerate(people(len(texts), 77), 1))
        (root / "data" / "panel.csv").write_text("no,nik,kk,nama,umur\n" + rows, encoding="utf-8")
        for i, text in enumerate(texts):
            notebook(root / "notebooks" / f"n{i}.ipynb", text)
        study = toy(root, {f"n{i}": "" for i in range(len(texts))})
        private = study.sources[0].model_copy(update={"public": False})
        study = study.model_copy(update={"sources": (private,)})
        world = World(7, "2024-01-01", "en", "en")
        for job, came in executed(jobs(study), study, Cache(root / "cache", study), {}, world, lanes=Semaphore(2)):
            if isinstance(came, Path):
                kept.append(job.name)
            elif any(x in str(came) for x in people(len(texts), 77)):
                kept.append(f"{job.name}: its error")
    return kept


SHOWS = (
    "import pandas as pd\nrows = pd.read_csv('../data/panel.csv', dtype=str)\nrows",
    "import pandas as pd\nrows = pd.read_csv('../data/panel.csv', dtype=str)\nprint(rows['nik'].iloc[0])",
    "import pandas as pd\nrows = pd.read_csv('../data/panel.csv')\nprint(rows['nik'])",
    "rows = open('../data/panel.csv').read()\nraise ValueError(rows.split(',')[5])",
    "import json\nprint(json.dumps(open('../data/panel.csv').read().split(',')))",
    "import base64\nprint(base64.b64encode(open('../data/panel.csv', 'rb').read()).decode())",
    "import pandas as pd\nrows = pd.read_csv('../data/panel.csv', dtype=str)\n{'name': rows['nama'].iloc[0]}",
)


def run() -> dict[str, object]:
    """The long run."""
    told = planted(10_000, seed=2024)
    n, lost = sum(k for k, _miss in told.values()), sum((miss for _k, miss in told.values()), Counter())
    print(
        f"planted {n} numbers in {len(FORMS)} forms into {len(told)} kinds of files: {sum(lost.values())} missed",
        flush=True,
    )
    assert not lost, {name: miss for name, (_k, miss) in told.items() if miss}
    with_set, without = alarms(4_000, seed=7)
    print(f"4,000 clean files: {with_set} false alarms, {without} where nothing is known", flush=True)
    assert with_set <= 4, with_set
    assert without <= 4, without
    left = {form: found for i, form in enumerate(FORMS) if (found := leaks(form, 60, seed=100 + i))}
    print(
        f"what is said of files with identifiers in {len(FORMS)} forms: {sum(map(len, left.values()))} leaks",
        flush=True,
    )
    assert not left, json.dumps(left, indent=1)
    assert pseudonyms(10_000, seed=5) == 0
    kept = shown_by_a_notebook(SHOWS)
    print(f"{len(SHOWS)} notebooks that show rows of people: {len(kept)} kept", flush=True)
    assert not kept, kept
    return {
        "numbers planted": f"{n:,}",
        "forms they are written in": len(FORMS),
        "kinds of files": len(told),
        "missed": sum(lost.values()),
        "false alarms in 4,000 clean files, beside the study's identifiers": with_set,
        "the same where nothing is known": without,
        "left in reports, errors and drafts of codebooks": 0,
        "left in 10,000 pseudonymised rows": 0,
        "notebooks kept that show rows of people": f"{len(kept)} of {len(SHOWS)}",
    }


if __name__ == "__main__":
    print(io.StringIO(json.dumps(run(), indent=1)).read())
