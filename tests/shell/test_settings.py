"""The settings, by mouse and keyboard: what holds at once, what is on the disk, and what a new start does with it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QLocale, QPoint, Qt
from PySide6.QtGui import QColor, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QComboBox, QDialogButtonBox, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from studio.core.text import load_catalogue
from studio.library.settings import Settings
from studio.shell import start
from studio.ui.theme import apply_theme, theme_in_use, tokens
from tests.opened import in_dialog
from tests.shell.conftest import Opened, open_window
from tests.shell.rooms import CONTROL, LEFT, room

CHOSEN = {"theme": "light", "language": "zh_CN", "device": "cpu", "dtype": "bfloat16", "memory_mb": 4096}
START = """
import json
from PySide6.QtGui import QColorSpace
from PySide6.QtWidgets import QApplication, QToolButton
from studio.shell import start
from studio.ui.theme import theme_in_use
app = QApplication([])
told, make_engine = [], start.make_engine
start.make_engine = lambda kind, config: (told.append(config), make_engine(kind, config))[1]
studio = start.Studio(app)
told = [told[0].language, told[0].device, told[0].dtype, told[0].memory_mb]
words = [button.text() for button in studio.window.findChildren(QToolButton) if button.text()]
studio.window.winId()
colours = studio.window.windowHandle().requestedFormat().colorSpace() == QColorSpace(QColorSpace.NamedColorSpace.SRgb)
print(json.dumps([theme_in_use(), told, words, colours]))
studio.window.close()
studio.close()
"""


def in_settings(qtbot: QtBot, opened: Opened, use: Any) -> None:
    in_dialog(lambda: qtbot.keyClick(opened.window, Qt.Key.Key_Comma, CONTROL), use)


def choose(qtbot: QtBot, box: QComboBox, value: str) -> None:
    """Go to ``value`` by arrow keys, as one does without the mouse."""
    qtbot.keyClick(box, Qt.Key.Key_Home)
    while box.currentData() != value:
        before = box.currentIndex()
        qtbot.keyClick(box, Qt.Key.Key_Down)
        assert box.currentIndex() > before, f"{value} isn't offered"


def choose_all(qtbot: QtBot, dialog: Any) -> None:
    for box, name in (
        (dialog.theme, "theme"), (dialog.language, "language"), (dialog.device, "device"), (dialog.dtype, "dtype")
    ):  # fmt: skip
        choose(qtbot, box, str(CHOSEN[name]))
    dialog.memory.setFocus()
    dialog.memory.selectAll()
    qtbot.keyClicks(dialog.memory, str(CHOSEN["memory_mb"]))


def on_disk(home: Path) -> dict[str, Any]:
    """The settings as they stand in the one file below ``home``."""
    files = list(home.rglob("settings.json"))
    assert len(files) == 1
    (file,) = files
    kept: dict[str, Any] = json.loads(file.read_bytes())
    return {name: kept[name] for name in CHOSEN}


def ground(window: QWidget) -> QColor:
    """What one sees in the rail, left of its buttons."""
    return window.grab().toImage().pixelColor(QPoint(2, 400))


def ink(button: QToolButton) -> QColor:
    """The strongest colour of a button's icon."""
    picture = button.icon().pixmap(32, 32).toImage()
    every = [picture.pixelColor(x, y) for x in range(32) for y in range(32)]
    return max(every, key=lambda colour: colour.alpha())


def test_the_light_theme_holds_at_once_for_all_that_is_seen(qtbot: QtBot, qapp: QApplication, opened: Opened) -> None:
    settings = next(b for b in opened.window.findChildren(QToolButton) if b.text() == "Settings")
    dark = (ground(opened.window).name(), ink(settings).name(), qapp.styleSheet())
    assert dark[:2] == (tokens("dark")["rail"], tokens("dark")["text"])
    try:
        in_dialog(lambda: qtbot.mouseClick(settings, LEFT), lambda dialog: choose(qtbot, dialog.theme, "light"))
        assert theme_in_use() == "light"
        assert ground(opened.window).name() == tokens("light")["rail"]
        assert ink(settings).name() == tokens("light")["text"]
        assert qapp.palette().color(QPalette.ColorRole.Window).name() == tokens("light")["panel"]
        assert qapp.styleSheet() != dark[2]
    finally:
        apply_theme(qapp, "dark")
    assert ground(opened.window).name() == dark[0]


def test_esc_loses_nothing_not_even_what_is_being_typed(
    qtbot: QtBot, qapp: QApplication, opened: Opened, home: Path
) -> None:
    def use(dialog: Any) -> None:
        choose_all(qtbot, dialog)
        qtbot.keyClick(dialog.memory, Qt.Key.Key_Escape)
        assert not dialog.isVisible()

    in_settings(qtbot, opened, use)
    apply_theme(qapp, "dark")
    qtbot.waitUntil(lambda: on_disk(home) == CHOSEN)


def test_the_engine_is_told_at_once_of_what_concerns_it(qtbot: QtBot, qapp: QApplication, opened: Opened) -> None:
    in_settings(qtbot, opened, lambda dialog: choose_all(qtbot, dialog))
    apply_theme(qapp, "dark")
    told = [(config.device, config.dtype, config.memory_mb) for config in opened.engine.configs]
    assert told[-1] == ("cpu", "bfloat16", 4096)
    assert len(told) == len(set(told)), "told of a change that doesn't concern it"


def test_what_was_chosen_is_shown_again_after_a_restart(qtbot: QtBot, qapp: QApplication) -> None:
    shown: list[dict[str, Any]] = []

    def look(dialog: Any) -> None:
        boxes = {name: getattr(dialog, name).currentData() for name in ("theme", "language", "device", "dtype")}
        shown.append({**boxes, "memory_mb": dialog.memory.value()})
        qtbot.mouseClick(dialog.findChild(QDialogButtonBox).buttons()[0], LEFT)
        assert not dialog.isVisible()

    def use(dialog: Any) -> None:
        choose_all(qtbot, dialog)
        look(dialog)

    for what in (use, look):
        with open_window(qtbot) as opened:
            in_settings(qtbot, opened, what)
    apply_theme(qapp, "dark")
    assert shown == [CHOSEN, CHOSEN]


def test_a_new_start_uses_them(home: Path) -> None:
    (home / "data").mkdir(exist_ok=True)
    (home / "data" / "settings.json").write_text(json.dumps({"version": 1, **CHOSEN}), encoding="utf-8")
    env = {name: value for name, value in os.environ.items() if not name.startswith("TRIPTYCH_")}
    env["TRIPTYCH_HOME"], root = str(home), Path(__file__).resolve().parents[2]
    ran = subprocess.run([sys.executable, "-c", START], env=env, cwd=root, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    theme, told, words, colours = json.loads(ran.stdout)
    assert theme == "light"
    assert colours, "the window doesn't say that its pixels are sRGB"
    assert told == ["zh_CN", "cpu", "bfloat16", 4096]
    assert "设置" in words
    assert "Settings" not in words


def test_settings_that_the_disk_refuses_hold_until_the_end_and_that_is_said(
    qtbot: QtBot, opened: Opened, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    room(opened, "image")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        in_settings(qtbot, opened, lambda dialog: choose(qtbot, dialog.device, "cpu"))
        qtbot.waitUntil(lambda: any("disk is full" in words for words in opened.window._toasts.messages))
    assert opened.services.settings.device == "cpu"


@pytest.mark.parametrize(
    ("system", "language", "completed"), [("en_US", "en", True), ("zh_CN", "zh_CN", True), ("ja_JP", "en", False)]
)
def test_chinese_in_any_window_has_the_systems_font_for_it(
    qapp: QApplication, home: Path, monkeypatch: pytest.MonkeyPatch, system: str, language: str, completed: bool
) -> None:
    before = qapp.font()
    monkeypatch.setattr(QLocale, "system", lambda: QLocale(system))
    monkeypatch.setattr(QFontDatabase, "hasFamily", lambda name: name == "PingFang SC")
    monkeypatch.setattr(start, "_speak", lambda app, language: None)  # Qt's own words would stay
    try:
        start._prepare(qapp, Settings(language=language))
        assert ("PingFang SC" in qapp.font().families()) == completed
        assert qapp.font().families()[0] != "PingFang SC"
    finally:
        qapp.setFont(before)
        load_catalogue(None)
