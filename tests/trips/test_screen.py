"""A trip on a real screen: keys of an X server, through the front door, to a file."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.trips.driving import PATIENCE, made

ROOT = Path(__file__).resolve().parents[2]
NEEDED = ("Xvfb", "xdotool")
missing = [name for name in NEEDED if shutil.which(name) is None]
pytestmark = [
    pytest.mark.xvfb,
    pytest.mark.timeout(300),
    pytest.mark.skipif(bool(missing), reason=f"not installed: {', '.join(missing)}"),
]
PROGRAM = "import sys; from studio.cli import main; sys.exit(main([]))"


@pytest.fixture
def display() -> Iterator[str]:
    """A screen of 1920 x 1080 that nobody else uses."""
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "1920x1080x24", "-nolisten", "tcp"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with server:
        assert server.stdout is not None
        yield f":{server.stdout.readline().strip()}"
        server.terminate()


def test_real_keys_make_a_real_file(qtbot: QtBot, display: str, tmp_path: Path) -> None:
    env = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "TRIPTYCH_HOME": str(tmp_path)}
    env["PYTHONPATH"] = str(ROOT)

    def keys(*words: str) -> str:
        done = subprocess.run(["xdotool", *words], env=env, capture_output=True, text=True, timeout=60, check=False)
        return done.stdout.strip()

    with subprocess.Popen([sys.executable, "-c", PROGRAM], env=env, stderr=subprocess.PIPE, text=True) as program:
        try:
            qtbot.waitUntil(lambda: bool(keys("search", "--onlyvisible", "--name", "^Triptych$")), timeout=PATIENCE)
            window = keys("search", "--onlyvisible", "--name", "^Triptych$").splitlines()[0]
            keys("windowfocus", "--sync", window)
            keys("type", "--delay", "5", "a kite over dark hills")
            keys("key", "ctrl+Return")
            qtbot.waitUntil(lambda: bool(made(tmp_path, "a-kite-over-dark-hills.png")), timeout=PATIENCE)
            keys("key", "ctrl+q")
            assert program.wait(60) == 0
        finally:
            program.kill()
        assert program.stderr is not None
        assert program.stderr.read() == ""
