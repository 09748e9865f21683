"""What only some models have, in the window on a scripted engine: classes, turning and shifting, the grain."""

from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from studio.core.events import Done, Made, Started
from studio.core.values import Result
from studio.features.latent.tasks.latent import LatentTask
from tests.app.scripted import picture
from tests.shell.conftest import Opened
from tests.shell.rooms import LEFT, room
from tests.ui.accessible import lacking

CONTROL, NONE = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier


def shown(qtbot: QtBot, opened: Opened, panel: Any, **notes: Any) -> LatentTask:
    """Answer frame jobs until the live one, whose model has what ``notes`` say."""
    panel.frames.show(panel.request.task)
    while True:
        job, busy = opened.engine.jobs[-1], panel.frames._busy
        task = job.task
        live = isinstance(task, LatentTask) and task == panel.request.task
        made = [Made(job.id, picture(index=0, **notes))] if live else []
        opened.engine.push(Started(job.id), *made, Done(job.id, Result()))
        qtbot.waitUntil(lambda busy=busy: panel.frames._busy is not busy)
        if live:
            return task


def drag(widget: QWidget, way: QPoint, keys: Qt.KeyboardModifier = NONE) -> None:
    start = widget.rect().center()
    QTest.mousePress(widget, LEFT, keys, start)
    QApplication.processEvents()
    move = _move(widget, start + way, keys)
    QApplication.sendEvent(widget, move)
    QTest.mouseRelease(widget, LEFT, keys, start + way)


def _move(widget: QWidget, spot: QPoint, keys: Qt.KeyboardModifier) -> QMouseEvent:
    at = QPointF(spot)
    return QMouseEvent(QEvent.Type.MouseMove, at, widget.mapToGlobal(at), LEFT, LEFT, keys)


def turn_wheel(widget: QWidget, notches: int, keys: Qt.KeyboardModifier) -> None:
    spot = QPointF(widget.rect().center())
    wheel = QWheelEvent(
        spot, widget.mapToGlobal(spot), QPoint(), QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton, keys, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(widget, wheel)


def test_a_plain_model_shows_none_of_it_and_ctrl_only_wanders(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "latent")
    shown(qtbot, opened, panel, classes=0, turns=False)
    assert not panel.settings.of_model.isVisible()
    drag(panel.view.wander, QPoint(50, 0), CONTROL)
    turn_wheel(panel.view.wander, 2, CONTROL)
    assert (panel.request.task.shift_x, panel.request.task.turn) == (0, 0)


def test_a_picture_is_shifted_and_turned_on_itself(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "latent")
    shown(qtbot, opened, panel, classes=0, turns=True)
    assert panel.settings.of_model.isVisible()
    assert not panel.settings.of_model.label.isVisible()
    edge = panel.view.wander._edge()
    drag(panel.view.wander, QPoint(round(edge / 4), -round(edge / 2)), CONTROL)
    task = panel.request.task
    assert task.shift_x == pytest.approx(0.25, abs=0.01)
    assert task.shift_y == pytest.approx(-0.5, abs=0.01)
    turn_wheel(panel.view.wander, 2, CONTROL)
    assert panel.request.task.turn == 6
    assert panel.settings.of_model.boxes["turn"].value() == 6
    place = panel.request.task.points
    drag(panel.view.wander, QPoint(40, 0))
    assert panel.request.task.points != place
    opened.services.undo.undo("latent")
    opened.services.undo.undo("latent")
    assert (panel.request.task.shift_x, panel.request.task.turn) == (0, 0)


def test_numbers_do_the_same_by_keyboard(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "latent")
    shown(qtbot, opened, panel, classes=0, turns=True)
    for name, value in (("turn", "-15"), ("shift_x", "0.5"), ("shift_y", "1.25")):
        box = panel.settings.of_model.boxes[name]
        box.selectAll()
        qtbot.keyClicks(box, value)
        qtbot.keyClick(box, Qt.Key.Key_Return)
    sent = shown(qtbot, opened, panel)
    assert (sent.turn, sent.shift_x, sent.shift_y) == (-15, 0.5, 1.25)
    assert panel.timeline.walk(panel.request.task).turn == -15
    qtbot.mouseClick(panel.settings.of_model.level, LEFT)
    assert (panel.request.task.turn, panel.request.task.shift_x, panel.request.task.shift_y) == (0, 0, 0)
    assert lacking(panel.settings.of_model) == []


def test_a_class_is_chosen(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "latent")
    shown(qtbot, opened, panel, classes=10, turns=False)
    box = panel.settings.of_model.label
    assert box.isVisible()
    assert not panel.settings.of_model.boxes["turn"].isVisible()
    assert box.maximum() == 9
    qtbot.keyClick(box, Qt.Key.Key_Up)
    qtbot.keyClick(box, Qt.Key.Key_Up)
    assert panel.request.point.label == 2
    assert shown(qtbot, opened, panel).points[0].label == 2
    opened.services.undo.undo("latent")
    assert box.value() == 0


def test_a_class_that_another_model_lacks_can_be_chosen_away(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "latent")
    panel.settings.of_model._label(7)
    assert panel.settings.of_model.label.isVisible()
    assert panel.settings.of_model.label.value() == 7


def test_the_grain_is_a_slider(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "latent")
    box = panel.settings.form.control("strength").box
    box.selectAll()
    qtbot.keyClicks(box, "0.5")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert shown(qtbot, opened, panel).strength == 0.5
    assert panel.timeline.walk(panel.request.task).strength == 0.5
