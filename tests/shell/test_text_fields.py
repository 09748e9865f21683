"""No word is cut off: in every room and dialog, at every size and scale, in every language."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from studio.core.text import load_catalogue, tr
from studio.features import FEATURES
from tests.opened import CONTROL, LEFT, in_dialog, open_window
from tests.shell.cut_off import LANGUAGES, cut_off_in_the_rooms, speak
from tests.shell.rooms import generate
from tests.ui.accessible import clipped, lacking

ROOT = Path(__file__).resolve().parents[2]
NOTHING: dict[str, list[str]] = {name: [] for name in FEATURES}
SIZES = {"1280x800": (1280, 800), "1920x1080": (1920, 1080), "1920x1080 at 200 %": (960, 540)}


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    speak(request.param, tmp_path)
    yield request.param
    load_catalogue(None)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_in_the_rooms(qtbot: QtBot, language: str, size: tuple[int, int]) -> None:
    assert cut_off_in_the_rooms(qtbot, size) == NOTHING


def test_in_the_dialogs(qtbot: QtBot, language: str) -> None:
    found: dict[str, list[str]] = {}

    def look(dialog: QDialog) -> None:
        found[type(dialog).__name__] = [*clipped(dialog), *lacking(dialog)]

    with open_window(qtbot) as opened:
        panel = generate(qtbot, opened, "a red balloon")
        in_dialog(lambda: qtbot.keyClick(opened.window, Qt.Key.Key_Comma, CONTROL), look)
        in_dialog(lambda: qtbot.mouseClick(panel.viewer.export, LEFT), look)
        save = next(one for one in panel.presets.menu.actions() if one.text() == tr("Save as…"))
        in_dialog(save.trigger, look)
        for prompt in ("runs", "waits"):
            panel.prompt.set_text(prompt)
            panel.make()
        qtbot.mouseClick(opened.window._bar.queue, LEFT)
        popup = opened.window._queue
        assert popup.isVisible()
        found["queue"] = [*clipped(popup), *lacking(popup)]
        waiting = popup._rows[opened.tracker.line[-1].job.id]
        in_dialog(lambda: qtbot.mouseClick(waiting._edit, LEFT), look)
    assert found == {"SettingsDialog": [], "ExportDialog": [], "NameDialog": [], "queue": [], "EditDialog": []}


def test_at_twice_the_size(tmp_path: Path) -> None:
    """Qt takes its scale at the start of a process."""
    again = [sys.executable, "-m", "tests.shell.twice", str(tmp_path)]
    twice = {**os.environ, "QT_SCALE_FACTOR": "2"}
    ran = subprocess.run(again, cwd=ROOT, env=twice, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == dict.fromkeys(LANGUAGES, NOTHING)
