"""The faults that `make assurance` plants can still be planted, and every long run is one that it can run."""

import importlib.util
from pathlib import Path

import pytest

HERE = Path(__file__).parents[1] / "assurance"


def opened(name: str):
    spec = importlib.util.spec_from_file_location(f"assurance_{name}", HERE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules[spec.name] = module  # dataclasses look for it there
    spec.loader.exec_module(module)
    return module


MUTATIONS = opened("mutations")


def test_there_are_faults_in_guard_scan_and_checker():
    files = [fault.file for fault in MUTATIONS.FAULTS]
    assert len(files) >= 10
    assert len({fault.name for fault in MUTATIONS.FAULTS}) == len(files)
    for part in ("disclosure/scan", "data/"):
        assert any(file.startswith(part) for file in files), part
    guard = [f for f in files if f.startswith("disclosure/") and not f.startswith("disclosure/scan")]
    assert len(guard) >= 4


@pytest.mark.parametrize("fault", MUTATIONS.FAULTS, ids=lambda fault: fault.name)
def test_a_fault_can_be_planted(fault):
    assert MUTATIONS.stale(fault) == ""
    assert fault.right != fault.wrong


def test_every_long_run_can_be_run():
    for name in opened("run").modules():
        text = (HERE / f"{name}.py").read_text(encoding="utf-8")
        assert "\ndef run(" in text, name
        assert text.startswith('"""'), name
