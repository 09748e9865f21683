"""Presets: saved, applied, renamed, deleted, given to others; each of these taken back."""

import json
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from studio.features.image.tasks.image import ImageTask
from studio.room.presets import Holds, to_json
from tests.opened import CONTROL, LEFT, Opened, in_dialog, open_window, room

HOLDS = Holds(ImageTask(), prompts=True)
PHOTO = "/home/me/photo.png"
OWN = {
    "prompt": "a kite",
    "negative": "fog",
    "steps": 33,
    "scheduler": "Heun",
    "seed": 7,
    "image": PHOTO,
}


def action(panel: Any, *words: str) -> QAction:
    """The entry of the menu, or of a menu inside it, that is called so."""
    menu = panel.presets.menu
    for inner in words[:-1]:
        menu = next(one.menu() for one in menu.actions() if one.text() == inner)
    return next(one for one in menu.actions() if one.text() == words[-1])


def save(qtbot: QtBot, panel: Any, name: str, prompts: bool = False) -> None:
    """Save the settings by the menu and its dialog."""
    known = len(panel.presets.names)

    def use(dialog: Any) -> None:
        qtbot.keyClicks(dialog.name, name)
        if prompts:
            qtbot.mouseClick(dialog.prompts, LEFT, pos=QPoint(8, dialog.prompts.height() // 2))
        qtbot.keyClick(dialog.name, Qt.Key.Key_Return)

    in_dialog(action(panel, "Save as…").trigger, use)
    panel.window().activateWindow()  # offscreen nobody does that when a dialog closes
    qtbot.waitUntil(lambda: len(panel.presets.names) > known)


def prepared(opened: Opened) -> Any:
    panel = room(opened, "image")
    panel.request.change(OWN)
    return panel


def test_a_preset_holds_the_settings_and_the_model_and_no_result(qtbot: QtBot, opened: Opened, home: Path) -> None:
    panel = prepared(opened)
    save(qtbot, panel, "Slow & fine")
    data = json.loads((home / "data" / "image" / "presets" / "Slow & fine.json").read_text())
    assert data["model"] == "Starter Scenes"
    assert data["task"].keys() == {
        "version", "width", "height", "steps", "guidance", "scheduler", "count", "strength"
    }  # fmt: skip
    panel.request.change({"steps": 5, "scheduler": "", "prompt": "a boat", "seed": 9})
    before = panel.task()
    action(panel, "Slow && fine").trigger()
    qtbot.waitUntil(lambda: panel.task().steps == 33)
    task = panel.task()
    assert (task.scheduler, task.prompt, task.negative, task.seed, task.image) == (
        "Heun",
        "a boat",
        "fog",
        9,
        PHOTO,
    )
    qtbot.keyClick(opened.window, Qt.Key.Key_Z, CONTROL)
    assert panel.task() == before


def test_the_prompts_go_with_it_where_that_is_wanted(qtbot: QtBot, opened: Opened) -> None:
    panel = prepared(opened)
    save(qtbot, panel, "Kites", prompts=True)
    panel.request.change({"prompt": "", "negative": ""})
    action(panel, "Kites").trigger()
    qtbot.waitUntil(lambda: panel.prompt.text() == "a kite")
    assert panel.negative.text() == "fog"


def test_presets_are_there_after_a_restart(qtbot: QtBot, home: Path) -> None:
    with open_window(qtbot) as opened:
        save(qtbot, prepared(opened), "Mine")
    with open_window(qtbot) as opened:
        panel = room(opened, "image")
        qtbot.waitUntil(lambda: panel.presets.names == ["Mine"])
        action(panel, "Mine")


def test_they_are_renamed_and_deleted_and_both_is_taken_back(qtbot: QtBot, opened: Opened) -> None:
    panel = prepared(opened)
    names = lambda: panel.presets.names  # noqa: E731  asked again and again
    save(qtbot, panel, "one")
    save(qtbot, panel, "two")

    def rename(dialog: Any) -> None:
        dialog.name.selectAll()
        qtbot.keyClicks(dialog.name, "Two")
        qtbot.keyClick(dialog.name, Qt.Key.Key_Return)

    in_dialog(action(panel, "Rename", "two").trigger, rename)
    opened.window.activateWindow()
    qtbot.waitUntil(lambda: names() == ["one", "Two"])
    action(panel, "Delete", "one").trigger()
    qtbot.waitUntil(lambda: names() == ["Two"])
    for expected in (["one", "Two"], ["one", "two"], ["one"]):
        qtbot.keyClick(opened.window, Qt.Key.Key_Z, CONTROL)
        qtbot.waitUntil(lambda expected=expected: names() == expected)
    for expected in (["one", "two"], ["one", "Two"], ["Two"]):
        qtbot.keyClick(opened.window, Qt.Key.Key_Y, CONTROL)
        qtbot.waitUntil(lambda expected=expected: names() == expected)


def test_one_that_is_replaced_comes_back(qtbot: QtBot, opened: Opened) -> None:
    panel = prepared(opened)
    save(qtbot, panel, "Mine")
    panel.request.change({"steps": 5})
    panel.presets.save("Mine", with_prompts=False)
    qtbot.waitUntil(lambda: opened.window._toasts.messages.count("Saved as the preset Mine") == 1)
    qtbot.waitUntil(lambda: opened.services.undo.next_undo("image").title == "Save a preset")
    qtbot.keyClick(opened.window, Qt.Key.Key_Z, CONTROL)
    action(panel, "Mine").trigger()
    qtbot.waitUntil(lambda: panel.task().steps == 33)


def test_one_is_given_to_another_person(
    qtbot: QtBot, opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = prepared(opened)
    save(qtbot, panel, "Mine")
    file = tmp_path / "for you.json"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(file), ""))
    action(panel, "Export", "Mine").trigger()
    qtbot.waitUntil(file.exists)
    assert "/home/me" not in file.read_text()
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([str(file)], ""))
    action(panel, "Import…").trigger()
    qtbot.waitUntil(lambda: panel.presets.names == ["for you", "Mine"])
    action(panel, "Import…").trigger()
    qtbot.waitUntil(lambda: panel.presets.names == ["for you", "for you 2", "Mine"])


GOOD = json.loads(to_json(HOLDS, ImageTask(), "A model", with_prompts=False))
BAD = {
    "no JSON": (b"{", "is no preset"),
    "another thing": (b'{"steps": 3}', "is no preset"),
    "a later release": (json.dumps({**GOOD, "triptych_preset": 2}), "newer Triptych"),
    "a later task": (json.dumps({**GOOD, "task": {"version": 99}}), "newer Triptych"),
    "another room": (json.dumps({**GOOD, "kind": "write"}), "is a preset of another room"),
    "out of bounds": (json.dumps({**GOOD, "task": {"steps": 1000}}), "Steps must be at most 150"),
    "of another kind": (json.dumps({**GOOD, "task": {"steps": "many"}}), "Steps has the wrong type"),
}


@pytest.mark.parametrize(("content", "sentence"), BAD.values(), ids=BAD)
def test_a_file_that_is_none_is_said_and_changes_nothing(
    qtbot: QtBot, opened: Opened, tmp_path: Path, content: bytes | str, sentence: str
) -> None:
    panel = room(opened, "image")
    file = tmp_path / "odd.json"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    panel.presets.take_files([file])
    qtbot.waitUntil(lambda: sentence in panel.banner.message)
    assert "odd.json" in panel.banner.message
    assert panel.presets.names == []


def test_what_a_preset_cant_say_is_not_taken(qtbot: QtBot, opened: Opened, tmp_path: Path) -> None:
    panel = prepared(opened)
    file = tmp_path / "theirs.json"
    theirs = {"steps": 3, "seed": 1, "image": "//attacker.example/share/x.png", "crop_x": 0.1, "unheard": True}
    file.write_text(json.dumps({**GOOD, "model": "nowhere", "task": theirs}))
    panel.presets.take_files([file])
    qtbot.waitUntil(lambda: panel.presets.names == ["theirs"])
    action(panel, "theirs").trigger()
    qtbot.waitUntil(lambda: panel.task().steps == 3)
    assert (panel.task().seed, panel.task().image) == (7, PHOTO)
    assert any("nowhere" in words for words in opened.window._toasts.messages)


def test_a_preset_that_was_deleted_by_hand_is_said(qtbot: QtBot, opened: Opened, home: Path) -> None:
    panel = prepared(opened)
    save(qtbot, panel, "Mine")
    (home / "data" / "image" / "presets" / "Mine.json").unlink()
    action(panel, "Mine").trigger()
    qtbot.waitUntil(lambda: "is not there any more" in panel.banner.message)
