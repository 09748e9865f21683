"""A hundred random gestures in a row, over all modes of the Latent room: no exception, nothing in the log."""

import random
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QDrag, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractScrollArea, QApplication, QDialog, QFileDialog, QMenu, QWidget

from tests.e2e.driving import Hands

GESTURES = 100
NONE, CONTROL, SHIFT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)
KEYS = [
    (Qt.Key.Key_Left, NONE), (Qt.Key.Key_Right, SHIFT), (Qt.Key.Key_Up, NONE), (Qt.Key.Key_Down, NONE),
    (Qt.Key.Key_Delete, NONE), (Qt.Key.Key_Return, NONE), (Qt.Key.Key_Space, NONE), (Qt.Key.Key_7, NONE),
    (Qt.Key.Key_Plus, NONE), (Qt.Key.Key_Minus, NONE), (Qt.Key.Key_Z, CONTROL), (Qt.Key.Key_Z, CONTROL | SHIFT),
    (Qt.Key.Key_Escape, NONE),
]  # fmt: skip


@pytest.fixture(autouse=True)
def no_dialogs(monkeypatch: pytest.MonkeyPatch) -> None:
    """What would wait for the person in a loop of its own is dismissed at once."""
    for name in ("getOpenFileName", "getOpenFileNames", "getSaveFileName"):
        monkeypatch.setattr(QFileDialog, name, lambda *_, **__: ("", ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_, **__: "")
    monkeypatch.setattr(QDialog, "exec", lambda _: 0)
    monkeypatch.setattr(QMenu, "exec", lambda *_: None)
    monkeypatch.setattr(QDrag, "exec", lambda *_: Qt.DropAction.IgnoreAction)


def within(panel: QWidget) -> list[QWidget]:
    """What can be clicked or dragged on now."""
    shown = [widget for widget in panel.findChildren(QWidget) if widget.isVisible() and widget.isEnabled()]
    return [widget.viewport() if isinstance(widget, QAbstractScrollArea) else widget for widget in shown]


def gesture(chance: random.Random, panel: Any) -> None:
    """One thing that a person may do, wherever it hits."""
    target = chance.choice(within(panel))
    start, end = (
        QPoint(chance.randrange(max(target.width(), 1)), chance.randrange(max(target.height(), 1))) for _ in range(2)
    )
    kind = chance.choice(("click", "click", "drag", "wheel", "key", "mode"))
    if kind == "click":
        QTest.mouseClick(target, Qt.MouseButton.LeftButton, chance.choice((NONE, NONE, CONTROL, SHIFT)), start)
    elif kind == "drag":
        QTest.mousePress(target, Qt.MouseButton.LeftButton, NONE, start)
        for spot in ((start + end) / 2, end):
            QTest.mouseMove(target, spot)
        QTest.mouseRelease(target, Qt.MouseButton.LeftButton, NONE, end)
    elif kind == "wheel":
        turn = QPoint(0, chance.choice((-240, 240)))
        at = QPointF(start)
        wheel = QWheelEvent(
            at, QPointF(target.mapToGlobal(start)), QPoint(), turn, Qt.MouseButton.NoButton, NONE,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(target, wheel)
    elif kind == "key":
        QTest.keyClick(QApplication.focusWidget() or panel, *chance.choice(KEYS))
    else:
        chips = panel.chips.findChildren(QAbstractButton)
        QTest.mouseClick(chance.choice(chips), Qt.MouseButton.LeftButton)


# Said by the offscreen platform where a key opens a list that drops down.
@pytest.mark.qt_log_ignore("This plugin does not support (raise|grabbing the keyboard)")
@pytest.mark.timeout(400)
def test_a_hundred_gestures_leave_no_trace_in_the_log(hands: Hands) -> None:
    panel, tracker, chance = hands.enter("latent"), hands.studio.tracker, random.Random(1)
    for _ in range(GESTURES):
        gesture(chance, panel)
        QCoreApplication.processEvents()
        for run in tracker.line[1:]:  # one thing at a time is enough
            tracker.remove(run.job.id)
        hands.window.enter("latent")
    panel.stop()
    for run in tracker.line:
        tracker.remove(run.job.id)
    hands.until(lambda: tracker.active is None)
    panel.settings.reset.click()
    hands.until(lambda: panel.frames._busy is None)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert panel.request.task.psi == 0.7
