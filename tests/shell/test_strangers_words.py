"""Strangers' words in the whole window: a model's class, a prompt, a file's name that look like HTML are only shown."""

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QLabel, QTableView, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from studio.core.events import Failed
from studio.features import FEATURES
from tests.features.write.ui.test_room import write
from tests.opened import Opened, in_dialog
from tests.shell.rooms import LEFT, generate, room

TRAP = "<img src='file:///nowhere/trap.png'> & <b>bold</b>"


def strangers_model(home: Path) -> Path:
    """A folder whose pipeline's class and whose name are traps."""
    folder = home / "models" / TRAP.replace("/", "∕")
    folder.mkdir(parents=True)
    (folder / "model_index.json").write_text(f'{{"_class_name": "{TRAP}"}}', encoding="utf-8")
    return folder


def html_in(widget: QWidget) -> list[str]:
    """Every label that could take words for HTML, and every tooltip that shows a stranger's words as such."""
    found = []
    for part in [widget, *widget.findChildren(QWidget)]:
        if isinstance(part, QLabel) and part.textFormat() != Qt.TextFormat.PlainText and "<" in part.text():
            found.append(f"label: {part.text()}")
        if "<img" in part.toolTip() or "<b>" in part.toolTip():
            found.append(f"{type(part).__name__}: {part.toolTip()}")
    for view in widget.findChildren(QAbstractItemView):
        model = view.model()
        columns = model.columnCount() if isinstance(view, QTableView) else 1
        tips = [
            str(model.index(row, column).data(Qt.ItemDataRole.ToolTipRole) or "")
            for row in range(model.rowCount())
            for column in range(columns)
        ]
        found += [f"{type(view).__name__}: {tip}" for tip in tips if "<img" in tip]
    return found


def hover(widget: QWidget, spot: QPoint) -> str:
    """Rest the mouse on ``spot`` and return what the tooltip says, without its marks."""
    QApplication.sendEvent(widget, QHelpEvent(QEvent.Type.ToolTip, spot, widget.mapToGlobal(spot)))
    return QToolTip.text()


def test_no_widget_of_any_room_takes_them_for_html(qtbot: QtBot, opened: Opened, home: Path) -> None:
    folder = strangers_model(home)
    with qtbot.waitSignal(opened.services.models_changed):
        opened.services.set_model_folders([str(folder.parent)])
    generate(qtbot, opened, TRAP, scheduler=TRAP)
    write(qtbot, opened, TRAP, TRAP)
    found = []
    for name in FEATURES:
        panel = room(opened, name)
        panel.layout().activate()
        found += [f"{name}: {one}" for one in html_in(opened.window)]
    assert found == []


@pytest.mark.qt_log_ignore("This plugin does not support raise")
def test_the_models_room_shows_a_class_as_it_is_written(qtbot: QtBot, opened: Opened, home: Path) -> None:
    folder = strangers_model(home)
    panel = room(opened, "models")
    with qtbot.waitSignal(opened.services.models_changed):
        opened.services.set_model_folders([str(folder.parent)])
    row = next(at for at in range(panel.table.rowCount()) if panel.table.item(at, 0).text() == folder.name)
    cell = panel.table.visualItemRect(panel.table.item(row, 0)).center()
    assert "<img" not in hover(panel.table.viewport(), cell)
    assert "&lt;img" in hover(panel.table.viewport(), cell)


def test_the_queue_its_editor_and_a_failure_show_them(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "image")
    for _ in range(2):
        panel.prompt.set_text(TRAP)
        panel.make()
    opened.window._queue.open()
    popup = opened.window._queue
    waiting = popup._rows[opened.tracker.line[1].job.id]
    found = html_in(popup)
    in_dialog(lambda: qtbot.mouseClick(waiting._edit, LEFT), lambda dialog: found.extend(html_in(dialog)))
    run = opened.tracker.active
    assert run is not None
    with qtbot.waitSignal(run.failed):
        opened.engine.push(Failed(run.job.id, "internal", TRAP, TRAP))
    assert TRAP in [row._state.text() for row in popup._rows.values()]
    assert [*found, *html_in(opened.window)] == []


def test_a_toast_shows_them(opened: Opened) -> None:
    opened.services.notify(TRAP, TRAP, lambda: None)
    assert opened.window._toasts.messages == [TRAP]
    assert html_in(opened.window) == []
