"""Ten thousand small jobs in one run: memory flat within 5 %, no thread, file descriptor or temporary file more."""

from pathlib import Path

import pytest

from tests.faults.long_life import check_flat, measure
from tests.torture.conftest import Tried

pytestmark = pytest.mark.timeout(4 * 3600)


@pytest.mark.parametrize(("models", "jobs"), [("", 10_000), ("real", 1_000)], ids=["10,000 jobs", "1,000 real ones"])
def test_many_jobs(tmp_path: Path, tried: Tried, models: str, jobs: int) -> None:
    found = measure(tmp_path, jobs, models)
    check_flat(found)
    megabytes = {
        "MB of the window after 100": round(found[0][0].memory / 1e6), "in the end": round(found[-1][0].memory / 1e6),
        "MB of the engine after 100": round(found[0][1].memory / 1e6), "in the end ": round(found[-1][1].memory / 1e6),
    }  # fmt: skip
    tried(f"small jobs in one run{', with a bundled model' if models else ''}", {"jobs": jobs, **megabytes})
