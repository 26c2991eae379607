"""What holds for all tests."""

import sys

# numba asks for the package of this name and would find our folder `tests/coverage` in its stead
sys.modules.setdefault("coverage", None)  # type: ignore[arg-type]
