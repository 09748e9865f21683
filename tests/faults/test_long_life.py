"""Some hundreds of small jobs in one run: nothing grows. Ten thousand of them are in ``tests/torture``."""

import sys
from pathlib import Path

import pytest

from tests.faults.long_life import check_flat, measure

pytestmark = [
    pytest.mark.timeout(400),
    pytest.mark.skipif(sys.platform != "linux", reason="counts what a process holds as Linux does"),
]


def test_some_hundreds_of_jobs(tmp_path: Path) -> None:
    found = measure(tmp_path, 300)
    check_flat(found)
