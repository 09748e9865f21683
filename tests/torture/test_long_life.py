"""Ten thousand small jobs in one run: memory flat within 5 %, no thread, file descriptor or temporary file more."""

from pathlib import Path

import pytest

from tests.faults.long_life import check_flat, filled, measure
from tests.torture.conftest import Tried

pytestmark = pytest.mark.timeout(4 * 3600)


@pytest.mark.parametrize(("models", "jobs"), [("", 10_000), ("real", 1_000)], ids=["10,000 jobs", "1,000 real ones"])
def test_many_jobs(tmp_path: Path, tried: Tried, models: str, jobs: int) -> None:
    found = measure(tmp_path, jobs, models)
    check_flat(found)
    counts = {"jobs": jobs}
    for process, which in enumerate(("window", "engine")):
        for when, held in (("after 100", found[0]), ("once full", filled(found)), ("in the end", found[-1])):
            counts[f"KB of the {which} {when}"] = round(held[process].memory / 1000)
    tried(f"small jobs in one run{', with bundled models' if models else ''}", counts)
