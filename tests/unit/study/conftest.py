from pathlib import Path

import pytest
from unit.study.example import workspace


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a study, without its document."""
    return workspace(tmp_path)
