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

from studio.core.text import TRANSLATIONS, load_catalogue
from studio.features import FEATURES
from tests.features.write.ui.test_room import write
from tests.opened import CONTROL, LEFT, Opened, in_dialog, open_window
from tests.shell.rooms import generate, room
from tests.ui.accessible import clipped, lacking

SIZES = {"1280x800": (1280, 800), "1920x1080": (1920, 1080), "1920x1080 at 200 %": (960, 540)}


@pytest.fixture(params=["en", "zh_CN", "long"])
def language(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """English, Chinese, and words that are nearly half as long again, as German or Finnish have them."""
    path: Path | None = TRANSLATIONS / f"{request.param}.json"
    if request.param == "long":
        path = tmp_path / "long.json"
        sentences = json.loads((TRANSLATIONS / "zh_CN.json").read_text(encoding="utf-8"))
        path.write_text(json.dumps({words: longer(words) for words in sentences}), encoding="utf-8")
    load_catalogue(None if request.param == "en" else path)
    yield request.param
    load_catalogue(None)


def longer(words: str) -> str:
    """The same with its last word longer by four tenths of all."""
    return words + "n" * round(0.4 * len(words)) if words[-1:].isalpha() else words


def chat_twice(qtbot: QtBot, opened: Opened) -> None:
    """Fill Write with messages and with answers side by side."""
    qtbot.mouseClick(room(opened, "write").mode.button("chat"), LEFT)
    write(qtbot, opened, "Who lives in the lighthouse at the end of the long road to the sea?", "A keeper.")
    write(qtbot, opened, "And what does the keeper collect there, evening after evening?", "Moons.", "Storms.")


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_in_the_rooms(qtbot: QtBot, language: str, size: tuple[int, int]) -> None:
    with open_window(qtbot) as opened:
        opened.window.resize(*size)
        assert (opened.window.width(), opened.window.height()) == size
        generate(qtbot, opened, "a red balloon")
        chat_twice(qtbot, opened)
        found = {}
        for name in FEATURES:
            room(opened, name)
            found[name] = clipped(opened.window)
        assert found == {name: [] for name in FEATURES}


def test_in_the_dialogs(qtbot: QtBot, language: str) -> None:
    found: dict[str, list[str]] = {}

    def look(dialog: QDialog) -> None:
        found[type(dialog).__name__] = [*clipped(dialog), *lacking(dialog)]

    with open_window(qtbot) as opened:
        panel = generate(qtbot, opened, "a red balloon")
        in_dialog(lambda: qtbot.keyClick(opened.window, Qt.Key.Key_Comma, CONTROL), look)
        in_dialog(lambda: qtbot.mouseClick(panel.export, LEFT), look)
        for prompt in ("runs", "waits"):
            panel.prompt.set_text(prompt)
            panel.make()
        qtbot.mouseClick(opened.window._bar.queue, LEFT)
        popup = opened.window._queue
        assert popup.isVisible()
        found["queue"] = [*clipped(popup), *lacking(popup)]
        waiting = popup._rows[opened.tracker.line[-1].job.id]
        in_dialog(lambda: qtbot.mouseClick(waiting._edit, LEFT), look)
    assert found == {"SettingsDialog": [], "ExportDialog": [], "queue": [], "EditDialog": []}


def test_at_twice_the_size() -> None:
    """Qt takes its scale at the start of a process."""
    again = [sys.executable, "-m", "pytest", __file__, "-q", "-p", "no:cacheprovider", "-k", "1280x800"]
    ran = subprocess.run(again, env={**os.environ, "QT_SCALE_FACTOR": "2"}, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout
