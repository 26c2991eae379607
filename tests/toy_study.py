"""A workspace with small notebooks, and report functions that make bytes without typesetting anything."""

from __future__ import annotations

import ast
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat
import pytest

from kesos_research.errors import RunError
from kesos_research.language import words
from kesos_research.run import Job
from kesos_research.study import Deliverables, NotebookUse, Source, Study

LIGHT = ("ipykernel.ipkernel", "kesos_research.run.kernel")
"""What toy notebooks need preloaded."""

CLAIM = """
from kesos_research.report.exhibit import Claim, Claims
Claims([Claim("{name}", {value}, n=3, unit="poin", method="toy", public=True)])
"""


def notebook(path: Path, *cells: str, parameters: str = 'study = ""') -> Path:
    """A notebook whose first cell declares parameters; cells beginning with `#md` are prose."""
    made = [nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]}, id="p")]
    for n, cell in enumerate(cells):
        new = nbformat.v4.new_markdown_cell if cell.startswith("#md") else nbformat.v4.new_code_cell
        made.append(new(cell.removeprefix("#md").strip(), id=f"c{n}"))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(nbformat.writes(nbformat.v4.new_notebook(cells=made)), encoding="utf-8")
    return path


def toy(root: Path, notebooks: Mapping[str, str] | None = None, **changes: Any) -> Study:
    """A study that uses the notebooks named: `{"main": "", "profil_wilayah": "treated"}`."""
    folder = root / "notebooks" / "studies" / "toy-1"
    folder.mkdir(parents=True, exist_ok=True)
    data = root / "data"
    data.mkdir(exist_ok=True)
    for path, text in (
        (folder / "study.yaml", "id: toy-1\n"),
        (folder / "narrative.id.md", "Prosa.\n"),
        (data / "panel.csv", "wilayah,tahun,p0\n33.14,2010,17.5\n"),
        (data / "codebook.yaml", "columns: []\n"),
    ):
        if not path.exists():
            path.write_text(text, encoding="utf-8", newline="\n")
    uses = notebooks if notebooks is not None else {"main": "", "profil_wilayah": "treated"}
    source = Source.model_construct(
        id="panel", file=data / "panel.csv", codebook=data / "codebook.yaml", flags=None, public=True, synthetic=False
    )
    values = {
        "folder": folder,
        "root": root,
        "id": "toy-1",
        "title": words(id="Judul", en="Title"),
        "date": "2014-11-25",
        "seed": 7,
        "treated": ("33.14", "64.03"),
        "sources": (source,),
        "notebooks": tuple(NotebookUse.model_construct(notebook=n, per=p, parameters={}) for n, p in uses.items()),
        "deliverables": Deliverables(),
        **changes,
    }
    return Study.model_construct(**values)


def toy_notebooks(root: Path) -> None:
    """A main notebook and a profile, each with a claim."""
    notebook(root / "notebooks" / "main.ipynb", CLAIM.format(name="p0.did", value="1.25"))
    notebook(
        root / "notebooks" / "profil_wilayah.ipynb",
        CLAIM.format(name='p0.level." + region + "', value="float(region)"),
        parameters='study = ""\nregion = ""',
    )


class NoKernels(AbstractContextManager):
    """Stands in where a test is not about kernels."""

    def __init__(self, world: object) -> None:
        pass

    def __exit__(self, *error: object) -> None:
        pass

    def stop(self) -> None:
        pass


def execute_here(job: Job, kernels: object, **_: object) -> bytes:
    """The cells of a notebook, run in this process; what the last line of each shows is its output."""
    book = nbformat.read(job.notebook, as_version=4)
    names: dict[str, Any] = {}
    for n, cell in enumerate((c for c in book.cells if c.cell_type == "code"), 1):
        tree = ast.parse(cell.source)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        try:
            exec(compile(tree, job.file, "exec"), names)
            shown = eval(compile(ast.Expression(last.value), job.file, "eval"), names) if last else None
        except Exception as error:
            raise RunError(f"{job.label} stopped in cell {n}: {error}") from error
        if hasattr(shown, "_repr_mimebundle_"):
            cell.outputs = [nbformat.v4.new_output("display_data", shown._repr_mimebundle_())]
        if "parameters" in cell.metadata.get("tags", ()):
            names |= job.parameters
    return nbformat.writes(book).encode()


@dataclass(frozen=True)
class ToyDocument:
    kind: str
    lang: str
    text: str
    claims: tuple[str, ...]
    other_language: str = ""
    remarks: tuple[str, ...] = ()


class ToyReport:
    """Stands in for composing and typesetting; counts what it was asked for."""

    def __init__(self) -> None:
        self.composed: list[tuple[str, str]] = []
        self.rendered: list[str] = []

    def compose(self, study: Study, results: Any, *, kind: str, lang: str, notebook: Path | None = None) -> ToyDocument:
        self.composed.append((kind, lang))
        said = ", ".join(f"{c.name}={c.estimate}" for c in results.claims.values())
        prose = (study.folder / "narrative.id.md").read_text(encoding="utf-8")
        text = f"{kind} {lang} {notebook.name if notebook else ''} {said} {prose}"
        return ToyDocument(kind, lang, text, tuple(results.claims), remarks=(f"{kind} is short",))

    def _render(self, suffix: str):
        def render(document: ToyDocument) -> bytes:
            self.rendered.append(suffix)
            return f"{suffix}: {document}".encode()

        return render

    def annex(self, study: Study, results: Any, lang: str) -> bytes:
        self.rendered.append("xlsx")
        return f"xlsx: {study.id} {lang} {sorted(map(str, results.claims.values()))}".encode()

    def install(self, monkeypatch: pytest.MonkeyPatch) -> ToyReport:
        """Put the stand-ins where the run looks for composing and typesetting."""
        for name, function, does in (
            ("document.compose", "compose", self.compose),
            ("render.typst", "pdf", self._render("pdf")),
            ("render.word", "docx", self._render("docx")),
            ("render.slides", "pptx", self._render("pptx")),
            ("render.page", "html", self._render("html")),
            ("render.annex", "xlsx", self.annex),
        ):
            module = ModuleType(f"kesos_research.report.{name}")
            setattr(module, function, does)
            monkeypatch.setitem(sys.modules, module.__name__, module)
        monkeypatch.setattr("kesos_research.run.kernels.PRELOAD", LIGHT)
        monkeypatch.setattr("kesos_research.run.press.PAYS", 1000)  # another process would not know the stand-ins
        return self

    def without_kernels(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Run cells in this process: a test that is not about kernels need not wait for them."""
        monkeypatch.setattr("kesos_research.run.kernels.Kernels", NoKernels)
        monkeypatch.setattr("kesos_research.run.execute.execute", execute_here)
