"""Three hundred deaths of the program, three hundred of its engine, and a hundred ends asked for, at random moments."""

from pathlib import Path

import pytest

from tests.faults.sudden_death import ask_it_to_end, kill_the_engine, kill_the_program
from tests.torture.conftest import Tried

pytestmark = pytest.mark.timeout(3600)


@pytest.mark.parametrize("seed", range(12))
def test_the_whole_program(tmp_path: Path, tried: Tried, seed: int) -> None:
    tried("the whole program killed (SIGKILL)", kill_the_program(tmp_path / "studio", kills=25, seed=seed))


@pytest.mark.parametrize("seed", range(4))
def test_the_engines_child(tmp_path: Path, tried: Tried, seed: int) -> None:
    tried("the engine's child killed (SIGKILL)", kill_the_engine(tmp_path / "studio", kills=75, seed=seed))


@pytest.mark.parametrize("seed", range(4))
def test_the_end_is_asked_for(tmp_path: Path, tried: Tried, seed: int) -> None:
    tried("the program asked to end (SIGTERM)", ask_it_to_end(tmp_path / "studio", times=25, seed=seed))
