"""The script that wrote the panel of the study `perluasan-slrt`, as a module."""

import importlib.util
import sys
from pathlib import Path

SYNTHETIC = Path(__file__).parents[1] / "data" / "synthetic"
_SPEC = importlib.util.spec_from_file_location("susun_perluasan", SYNTHETIC / "susun_perluasan.py")
susun = importlib.util.module_from_spec(_SPEC)
sys.modules[_SPEC.name] = susun  # its dataclass looks itself up there
_SPEC.loader.exec_module(susun)
