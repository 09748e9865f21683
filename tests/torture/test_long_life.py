"""Ten thousand small jobs in one run: memory flat within 5 %, no thread, file descriptor or temporary file more."""

from pathlib import Path

import pytest

from tests.faults.long_life import check_flat, filled, measure
from tests.torture.conftest import Tried

pytestmark = pytest.mark.timeout(4 * 3600)


WHAT = {
    "small jobs in one run": (10_000, "", ""),
    "small jobs in one run, with bundled models": (1_000, "real", ""),
    "steps over the map of the Latent room, every tenth kept": (5_000, "real", "latent"),
}


@pytest.mark.parametrize("what", WHAT)
def test_many_jobs(tmp_path: Path, tried: Tried, what: str) -> None:
    jobs, models, room = WHAT[what]
    found = measure(tmp_path, jobs, models, room)
    check_flat(found)
    counts = {"jobs": jobs}
    for process, which in enumerate(("window", "engine")):
        for when, held in (("after 100", found[0]), ("once full", filled(found)), ("in the end", found[-1])):
            counts[f"KB of the {which} {when}"] = round(held[process].memory / 1000)
    tried(what, counts)
