"""The program is killed at random moments, and nothing is lost. ``tests/torture`` does it three hundred times."""

from pathlib import Path

import pytest

from tests.faults.sudden_death import ask_it_to_end, kill_the_engine, kill_the_program

pytestmark = pytest.mark.timeout(400)


def test_the_whole_program(tmp_path: Path) -> None:
    tried = kill_the_program(tmp_path / "studio", kills=10, seed=1)
    assert tried["killed at work"] + tried["killed in its start"] == 10


def test_the_engines_child(tmp_path: Path) -> None:
    tried = kill_the_engine(tmp_path / "studio", kills=10, seed=2)
    assert tried["engine killed"] == 10
    assert tried["jobs interrupted"]


def test_the_end_is_asked_for(tmp_path: Path) -> None:
    tried = ask_it_to_end(tmp_path / "studio", times=5, seed=3)
    assert tried["window closed, all saved"]
