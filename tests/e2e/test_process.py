"""A trip in a process of its own: without a network, in a home whose name is not ASCII, and never any torch in it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.driving import made

pytestmark = pytest.mark.timeout(300)
TOKEN = "hf_DontTellAnybodyThisToken012345"
HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


class Told:
    """What is left of the trip when the program has ended."""

    def __init__(self, folder: Path) -> None:
        self.home, self.asked = folder / "画室 和 café", folder / "asked"
        told = folder / "told.json"
        ways = os.pathsep.join([str(HERE / "nothing_outside"), str(ROOT)])
        env = {**os.environ, "TRIPTYCH_HOME": str(self.home), "PYTHONPATH": ways}
        self.ended = subprocess.run(
            [sys.executable, str(HERE / "once.py")],
            env={**env, "HF_TOKEN": TOKEN, "ASKED": str(self.asked), "TOLD": str(told), "QT_QPA_PLATFORM": "offscreen"},
            cwd=folder,
            capture_output=True,
            check=False,
            text=True,
            timeout=150,
        )
        self.said: dict[str, Any] = json.loads(told.read_text(encoding="utf-8")) if told.exists() else {}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    return Told(tmp_path_factory.mktemp("process"))


def test_a_home_with_other_letters_takes_the_picture(told: Told) -> None:
    assert told.said.get("status") == 0, told.ended.stderr
    assert len(made(told.home, ".png")) == 1, told.ended.stderr


def test_the_windows_process_imports_no_torch(told: Told) -> None:
    assert told.said["forbidden"] == []


def test_nobody_asks_for_the_network(told: Told) -> None:
    assert told.said["status"] == 0
    assert not told.asked.exists(), told.asked.read_text(encoding="utf-8")


def test_nothing_is_printed(told: Told) -> None:
    assert (told.ended.stdout, told.ended.stderr) == ("", "")


def test_the_hubs_token_is_written_down_nowhere(told: Told) -> None:
    """Neither in logs nor in metadata, settings, caches or the index."""
    files = [path for path in told.home.rglob("*") if path.is_file()]
    assert len(files) > 5
    assert [str(path) for path in files if TOKEN.encode() in path.read_bytes()] == []
