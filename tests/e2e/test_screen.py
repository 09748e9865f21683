"""A trip on a real screen: keys of an X server, through the front door, to a file."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.e2e.driving import PATIENCE, made

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
    """A screen of 1920 x 1080 that nobody else uses.

    A server begins anew when its last client leaves, and turns away who comes at that moment: it must not while
    xdotool comes and goes before the program is there (``-noreset``). No key repeats itself (``-r``): on a busy machine
    one may be held for long.
    """
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "1920x1080x24", "-nolisten", "tcp", "-noreset", "-r"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with server:
        assert server.stdout is not None
        number = server.stdout.readline().strip()
        assert number, "Xvfb found no number for its screen"
        yield f":{number}"
        server.terminate()


def test_real_keys_make_a_real_file(qtbot: QtBot, display: str, tmp_path: Path) -> None:
    env = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "TRIPTYCH_HOME": str(tmp_path / "home")}
    env["PYTHONPATH"] = str(ROOT)
    said = tmp_path / "stderr"  # no pipe: nobody reads it while the program runs

    def keys(*words: str, check: bool = True) -> list[str]:
        done = subprocess.run(["xdotool", *words], env=env, capture_output=True, text=True, timeout=60, check=False)
        assert not (check and done.returncode), f"xdotool {words[0]}: {done.stderr}"
        return done.stdout.split()

    def windows() -> list[str]:
        return keys("search", "--onlyvisible", "--name", "^Triptych$", check=False)

    def until(true: Callable[[], object]) -> None:
        """Wait until ``true()`` is, or the program has ended, which it must not."""
        qtbot.waitUntil(lambda: bool(true()) or program.poll() is not None, timeout=PATIENCE)
        assert program.poll() is None, said.read_text("utf-8")

    with (
        said.open("wb") as errors,
        subprocess.Popen([sys.executable, "-c", PROGRAM], env=env, stderr=errors) as program,
    ):
        try:
            until(windows)
            keys("windowfocus", "--sync", windows()[0])
            keys("type", "--delay", "5", "a kite over dark hills")
            keys("key", "ctrl+Return")
            until(lambda: made(tmp_path / "home", ".png"))
            keys("key", "ctrl+q")
            assert program.wait(60) == 0
        finally:
            program.kill()
    (file,) = made(tmp_path / "home", ".png")
    assert file.name.endswith("-a-kite-over-dark-hills.png")
    assert said.read_text("utf-8") == ""
