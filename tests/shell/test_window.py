"""What holds for every room: names, words, keys, and what is found again."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QDesktopServices, QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication, QDialog, QFrame, QPushButton, QStyle, QSystemTrayIcon, QWidget
from pytestqt.qtbot import QtBot

from studio.app.services import Notice
from studio.core.events import Failed, Progress
from studio.core.resources import RESOURCES
from studio.features import FEATURES
from studio.library.paths import find_paths
from studio.shell.start import _open_log
from tests.app.scripted import picture
from tests.opened import drag, drop, in_dialog, press
from tests.shell.conftest import Opened, open_window
from tests.shell.rooms import CONTROL, LEFT, generate, room
from tests.ui.accessible import clipped, lacking


@pytest.mark.parametrize("name", FEATURES)
def test_every_control_says_what_it_is_and_no_word_is_cut_off(opened: Opened, name: str) -> None:
    panel = room(opened, name)
    assert lacking(opened.window) == []
    assert clipped(panel) == []


def test_control_and_a_number_change_rooms(qtbot: QtBot, opened: Opened) -> None:
    for number, name in enumerate(FEATURES, 1):
        qtbot.keyClick(opened.window, Qt.Key(Qt.Key.Key_0 + number), CONTROL)
        assert opened.window.room == name


def test_each_room_finds_its_last_request_again(qtbot: QtBot, qapp: QApplication) -> None:
    with open_window(qtbot) as opened:
        room(opened, "image").prompt.set_text("a blue boat")
        room(opened, "write").prompt.set_text("Once")
        room(opened, "latent").request.go(3.0, 1.0)
    with open_window(qtbot) as opened:
        assert opened.window.room == "latent"
        assert room(opened, "image").prompt.text() == "a blue boat"
        assert room(opened, "write").prompt.text() == "Once"
        assert room(opened, "latent").request.place == (3.0, 1.0)


def side(panel: Any, edge: str) -> QFrame:
    """One of the room's sides."""
    return next(part for part in panel.columns.findChildren(QFrame, "side") if part.property("edge") == edge)


def test_a_side_is_dragged_wider_and_reset_by_a_double_click(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "image")
    left, handle = side(panel, "left"), panel.columns.handle(1)
    usual = left.width()
    drag(qtbot, handle, handle.rect().center(), handle.rect().center() + QPoint(60, 0))
    assert left.width() >= usual + 60  # the mouse is where the gap was, which moves
    assert clipped(panel) == []
    drag(qtbot, handle, handle.rect().center(), handle.rect().center() - QPoint(900, 0))
    assert clipped(panel) == []
    qtbot.mouseDClick(handle, LEFT)
    assert left.width() == usual


def test_the_sides_give_way_in_a_narrow_window_and_come_back(opened: Opened) -> None:
    panel = room(opened, "latent")
    usual = [side(panel, edge).width() for edge in ("left", "right")]
    opened.window.resize(900, 480)
    QApplication.processEvents()
    assert clipped(panel) == []
    export = panel.timeline.export
    assert panel.columns.rect().contains(QRect(export.mapTo(panel.columns, QPoint()), export.size()))
    opened.window.resize(1280, 800)
    QApplication.processEvents()
    assert [side(panel, edge).width() for edge in ("left", "right")] == usual


def test_the_sides_are_put_away_and_found_so_again(qtbot: QtBot, qapp: QApplication) -> None:
    with open_window(qtbot) as opened:
        panel = room(opened, "image")
        qtbot.keyClick(opened.window, Qt.Key.Key_B, CONTROL)
        assert not side(panel, "left").isVisible()
        assert not side(panel, "right").isVisible()
        assert side(room(opened, "latent"), "left").isVisible()
        handle = opened.window.panel().columns.handle(1)
        drag(qtbot, handle, QPoint(), QPoint(50, 0))
        width = side(opened.window.panel(), "left").width()
    with open_window(qtbot) as opened:
        assert side(opened.window.panel(), "left").width() == width
        panel = room(opened, "image")
        assert not side(panel, "left").isVisible()
        qtbot.mouseClick(opened.window._sides, LEFT)
        assert side(panel, "left").isVisible()


def test_full_screen_leaves_a_maximised_window_maximised(qtbot: QtBot, opened: Opened) -> None:
    opened.window.showMaximized()
    qtbot.keyClick(opened.window, Qt.Key.Key_F11)
    assert opened.window.isFullScreen()
    qtbot.keyClick(opened.window, Qt.Key.Key_F11)
    assert not opened.window.isFullScreen()
    assert opened.window.isMaximized()


@pytest.mark.parametrize("screen", [QRect(0, 0, 1280, 800), QRect(0, 27, 1366, 741), QRect(1920, 0, 1024, 768)])
def test_the_first_window_lies_with_its_frame_on_the_screen(opened: Opened, screen: QRect) -> None:
    opened.window._begin_on(screen)
    title = opened.window.style().pixelMetric(QStyle.PixelMetric.PM_TitleBarHeight)
    assert screen.contains(opened.window.geometry().adjusted(-1, -title, 1, 1))
    assert opened.window.width() > 0.9 * min(1280, screen.width())


def test_the_title_tells_how_far_the_work_is(qtbot: QtBot, opened: Opened) -> None:
    assert opened.window.windowTitle() == "Triptych"
    panel = room(opened, "image")
    panel.prompt.set_text("a red [*] balloon")
    panel.make()
    job = opened.engine.start()
    opened.engine.push(Progress(job.id, 5, 20, "Step"))
    qtbot.waitUntil(lambda: opened.window.windowTitle() == "25 % · a red [*][*] balloon · Triptych")
    opened.engine.finish(picture())
    qtbot.waitUntil(lambda: opened.window.windowTitle() == "Triptych")


def test_who_works_elsewhere_is_called_once_when_all_is_done(
    qtbot: QtBot, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[QWidget] = []
    said: list[str] = []
    monkeypatch.setattr(QApplication, "alert", called.append)
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: True)
    monkeypatch.setattr(QSystemTrayIcon, "show", lambda tray: None)
    monkeypatch.setattr(QSystemTrayIcon, "showMessage", lambda tray, title, words, sign: said.append(words))
    panel = room(opened, "image")
    generate(qtbot, opened)
    assert called == []  # the person is here
    monkeypatch.setattr(opened.window, "isActiveWindow", lambda: False)
    for _ in range(2):
        panel.make()
    for count in (0, 1):
        with qtbot.waitSignal(panel._services.tracker.kept):
            opened.engine.finish(picture())
        qtbot.waitUntil(lambda count=count: opened.tracker.waiting + (opened.tracker.active is not None) == 1 - count)
    assert called == [opened.window]
    assert said == ["All done."]


def test_the_keys_of_the_picture_work_after_a_click_elsewhere(qtbot: QtBot, opened: Opened) -> None:
    panel = generate(qtbot, opened)
    qtbot.waitUntil(panel.viewer.stage.has_picture)
    qtbot.mouseClick(panel.viewer.full, LEFT)
    assert panel.viewer.stage.zoom() == 1.0
    assert panel.viewer.zoom.text() == "100 %"
    qtbot.keyClick(panel.viewer.full, Qt.Key.Key_0)
    assert panel.viewer.stage.fits()
    assert panel.viewer.zoom.text() == f"{100 * panel.viewer.stage.zoom():.0f} %"
    qtbot.mouseClick(panel.viewer.strip.viewport(), LEFT, pos=QPoint(20, 20))
    qtbot.keyClick(panel.viewer.strip, Qt.Key.Key_1)
    assert panel.viewer.stage.zoom() == 1.0
    qtbot.keyClicks(panel.prompt.edit, "10")
    assert panel.prompt.text().endswith("10")


def test_it_is_said_where_no_program_opens_a_file(
    qtbot: QtBot, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: False)
    item = generate(qtbot, opened).current
    library = room(opened, "library")
    qtbot.waitUntil(lambda: bool(library.grid.keys()))
    library._open(item.id)
    assert opened.window._toasts.messages[-1] == f"No program on this computer can open {item.path}"
    press(qtbot, opened.window, "Copy the path")
    assert QGuiApplication.clipboard().text() == item.path


def test_a_banner_goes_with_its_cause(qtbot: QtBot, opened: Opened, tmp_path: Path) -> None:
    panel = room(opened, "image")
    odd = tmp_path / "odd.png"
    odd.write_bytes(b"no picture")
    drop(panel.viewer.stage, odd)
    qtbot.waitUntil(lambda: "odd.png" in panel.banner.message)
    qtbot.mouseClick(panel.form.control("steps").slider, LEFT)  # the person goes on
    assert panel.banner.message == ""
    panel.make()
    run = panel.handle
    with qtbot.waitSignal(run.failed):
        opened.engine.push(Failed(run.job.id, "internal", "It broke."))
    assert panel.banner.message == "It broke."
    opened.tracker.remove(run.job.id)  # dismissed in the queue
    assert panel.banner.message == ""


def test_buttons_carry_no_stock_icons_and_the_window_has_its_own(qtbot: QtBot, opened: Opened) -> None:
    panel = generate(qtbot, opened)
    icons: list[bool] = []

    def look(dialog: QDialog) -> None:
        icons.extend(button.icon().isNull() for button in dialog.findChildren(QPushButton))

    in_dialog(lambda: qtbot.mouseClick(panel.viewer.export, LEFT), look)
    assert icons
    assert all(icons)
    assert not QIcon(str(RESOURCES / "icon.png")).pixmap(64, 64).isNull()


def test_a_log_that_cannot_be_written_is_said_and_keeps_nobody_out(qtbot: QtBot, opened: Opened, home: Path) -> None:
    (home / "logs").write_bytes(b"a file")
    file, said = _open_log(find_paths())
    assert file == ""
    assert said.startswith("There is no log this time: ")
    heard: list[Notice] = []
    opened.services.noticed.connect(heard.append)
    qtbot.keyClick(opened.window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert [notice.text for notice in heard] == ["There is no log: it couldn't be written when Triptych started."]


def test_a_toast_covers_neither_the_strip_nor_the_buttons_below_a_picture(qtbot: QtBot, opened: Opened) -> None:
    for number in range(3):
        panel = generate(qtbot, opened, f"a red balloon over the long rolling hills number {number}")
    qtbot.mouseClick(panel.viewer.delete, LEFT)
    qtbot.waitUntil(lambda: bool(opened.window._toasts.messages))
    toasts = opened.window._toasts
    for part in (panel.viewer.strip, panel.viewer.delete, panel.viewer.fit, panel.generate):
        assert not toasts.geometry().intersects(QRect(part.mapTo(opened.window, QPoint()), part.size()))


def test_the_queues_button_stays_where_it_is(qtbot: QtBot, opened: Opened) -> None:
    """What was under the mouse a moment ago must not become Cancel."""
    panel, bar = room(opened, "image"), opened.window._bar
    before = QRect(bar.queue.mapTo(opened.window, QPoint()), bar.queue.size())
    panel.make()
    job = opened.engine.start()
    opened.engine.push(Progress(job.id, 5, 20, "Step"))
    qtbot.waitUntil(bar.stop.isVisible)
    QApplication.processEvents()
    assert QRect(bar.queue.mapTo(opened.window, QPoint()), bar.queue.size()) == before
    qtbot.mouseClick(bar.stop, LEFT)
    assert opened.window._toasts.messages[-1].startswith("Stopped: ")


def test_hidden_sides_are_told_of(qtbot: QtBot, opened: Opened) -> None:
    room(opened, "image")
    qtbot.keyClick(opened.window, Qt.Key.Key_B, CONTROL)
    room(opened, "write")
    panel = room(opened, "image")
    press(qtbot, opened.window._toasts, "Show them")
    assert side(panel, "left").isVisible()
