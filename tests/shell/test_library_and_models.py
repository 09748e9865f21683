"""The Library and Models rooms: finding, deleting with a way back, judging folders."""

import json
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.opened import press
from tests.shell.conftest import Opened
from tests.shell.rooms import LEFT, generate, room


def test_the_library_finds_stars_and_deletes_with_a_way_back(
    qtbot: QtBot, opened: Opened, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    generate(qtbot, opened, "a red balloon")
    generate(qtbot, opened, "a teal kite")
    panel = room(opened, "library")
    qtbot.waitUntil(lambda: len(panel.grid.keys()) == 2)
    qtbot.keyClicks(panel.search, "kite")
    qtbot.waitUntil(lambda: len(panel.grid.keys()) == 1)
    panel.grid.select(panel.grid.keys())
    panel._chosen(panel.grid.keys())
    qtbot.mouseClick(panel.star, LEFT)
    qtbot.waitUntil(lambda: [item.starred for item in panel.chosen_items()] == [True])
    path = Path(panel.chosen_items()[0].path)
    qtbot.mouseClick(panel.delete, LEFT)
    qtbot.waitUntil(lambda: panel.grid.keys() == [])
    assert not path.exists()
    press(qtbot, opened.window._toasts, "Undo")
    qtbot.waitUntil(lambda: len(panel.grid.keys()) == 1)
    assert path.exists()
    assert opened.services.library.index.get(panel.grid.keys()[0]).starred


def test_a_folder_of_models_is_added_and_judged(qtbot: QtBot, opened: Opened, tmp_path: Path) -> None:
    broken = tmp_path / "models" / "broken"
    broken.mkdir(parents=True)
    (broken / "config.json").write_text(json.dumps({"architectures": ["LlamaForCausalLM"]}), encoding="utf-8")
    panel = room(opened, "models")
    with qtbot.waitSignal(opened.services.models_changed):
        panel.add_folder(str(tmp_path / "models"))
    found = next(model for model in opened.services.models() if model.name == "broken")
    assert not found.usable
    assert found.reason
    rows = [panel.table.item(row, 0).text() for row in range(panel.table.rowCount())]
    assert "broken" in rows
    panel.table.selectRow(rows.index("broken"))
    with qtbot.waitSignal(opened.services.models_changed):
        qtbot.mouseClick(panel.remove, LEFT)
    assert all(model.bundled for model in opened.services.models())


def test_using_a_model_goes_to_its_room(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "models")
    names = [panel.table.item(row, 0).text() for row in range(panel.table.rowCount())]
    panel.table.selectRow(names.index("Starter Writer"))
    qtbot.mouseClick(panel.use, LEFT)
    assert opened.window.room == "write"


def test_what_was_moved_in_the_file_manager_is_found_when_one_comes_back(
    qtbot: QtBot, opened: Opened, tmp_path: Path
) -> None:
    generate(qtbot, opened, "a red balloon")
    panel = room(opened, "library")
    qtbot.waitUntil(lambda: len(panel.grid.keys()) == 1)
    opened.services.look_again()
    qtbot.waitUntil(lambda: not opened.services._looks)
    (path,) = opened.library.index.paths_of(panel.grid.keys())
    other = QWidget()
    qtbot.addWidget(other)
    other.show()
    other.activateWindow()
    qtbot.waitUntil(other.isActiveWindow)
    Path(path).rename(tmp_path / "away.png")
    opened.window.activateWindow()
    qtbot.waitUntil(lambda: panel.grid.keys() == [])
    deep = opened.library.paths.pictures / "a" / "b"
    deep.mkdir(parents=True)
    (tmp_path / "away.png").rename(deep / "back.png")
    qtbot.mouseClick(panel.filters.again, LEFT)
    qtbot.waitUntil(lambda: len(panel.grid.keys()) == 1)
    qtbot.waitUntil(lambda: "New in the Library: 1. Gone: 0." in opened.window._toasts.messages)
