"""The stage: zoom, place, comparison, previews, drops and what is dragged out."""

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDrag, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.core.values import Asset
from studio.ui.empty import EmptyState
from studio.ui.stage import Stage
from studio.ui.theme import token
from tests.opened import drop
from tests.ui.accessible import clipped, lacking

RED, BLUE = QColor("#d02020"), QColor("#2020d0")


def plain(colour: QColor, width: int = 100, height: int = 50) -> QImage:
    image = QImage(width, height, QImage.Format.Format_RGB888)
    image.fill(colour)
    return image


@pytest.fixture
def stage(qtbot: QtBot) -> Stage:
    stage = Stage()
    qtbot.addWidget(stage)
    stage.resize(432, 332)
    stage.show()
    stage.setFocus()
    return stage


def at(stage: Stage, x: int, y: int) -> QColor:
    shot = stage.grab().toImage()
    return shot.pixelColor(x, y)


def turn_wheel(stage: Stage, spot: QPointF, up: int = 120) -> None:
    wheel = QWheelEvent(
        spot, stage.mapToGlobal(spot), QPoint(), QPoint(0, up), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(stage, wheel)


def test_a_picture_is_fitted_into_the_stage(stage: Stage) -> None:
    stage.show_image(plain(RED))
    assert stage.fits()
    assert stage.zoom() == pytest.approx(4.0)
    assert at(stage, 216, 166) == RED
    assert at(stage, 216, 40) == token("ground")


def test_an_asset_is_shown_with_its_own_colours(stage: Stage) -> None:
    stage.show_asset(Asset(kind="pixels", data=bytes((208, 32, 32)) * 3 * 5, width=3, height=5))
    assert at(stage, 216, 166) == RED


def test_a_preview_fills_the_place_of_the_picture_to_come(stage: Stage) -> None:
    stage.show_image(plain(RED, 800, 400))
    stage.set_zoom(0.25)
    zoom = stage.zoom()
    stage.show_image(plain(BLUE, 8, 4), size=(800, 400))
    assert stage.zoom() == zoom
    assert at(stage, 216 - 90, 166) == BLUE
    stage.show_image(plain(RED, 64, 64))
    assert stage.fits()


def test_keys_zoom(stage: Stage, qtbot: QtBot) -> None:
    stage.show_image(plain(RED, 1000, 1000))
    fitting = stage.zoom()
    qtbot.keyClick(stage, Qt.Key.Key_Plus)
    assert stage.zoom() > fitting
    qtbot.keyClick(stage, Qt.Key.Key_Minus)
    assert stage.zoom() == pytest.approx(fitting)
    qtbot.keyClick(stage, Qt.Key.Key_1)
    assert stage.zoom() == 1.0
    qtbot.keyClick(stage, Qt.Key.Key_0)
    assert stage.fits()


def test_the_wheel_keeps_still_what_is_under_the_cursor(stage: Stage) -> None:
    image = plain(RED, 400, 300)
    for x in range(300, 400):
        for y in range(200, 300):
            image.setPixelColor(x, y, BLUE)
    stage.show_image(image)
    spot = QPointF(216 + 130, 166 + 90)
    assert at(stage, round(spot.x()), round(spot.y())) == BLUE
    for _ in range(12):
        turn_wheel(stage, spot)
    assert stage.zoom() > 8
    assert at(stage, round(spot.x()), round(spot.y())) == BLUE
    turn_wheel(stage, spot, -120)
    assert at(stage, round(spot.x()), round(spot.y())) == BLUE


def test_zoom_stays_in_bounds(stage: Stage) -> None:
    stage.show_image(plain(RED))
    stage.set_zoom(1e9)
    assert stage.zoom() == 64
    stage.set_zoom(0)
    assert stage.zoom() == 0.02


def test_pixels_are_squares_when_zoomed_in_and_smooth_while_fitting(stage: Stage) -> None:
    image = plain(RED, 2, 2)
    image.setPixelColor(1, 0, BLUE)
    image.setPixelColor(1, 1, BLUE)

    def colours() -> set[str]:
        shot = stage.grab().toImage()
        return {shot.pixelColor(x, 166).name() for x in range(200, 233)}

    stage.show_image(image)
    assert len(colours()) > 2
    stage.set_zoom(64)
    assert colours() == {RED.name(), BLUE.name()}


def test_shrinking_is_smooth(stage: Stage) -> None:
    lines = bytes((0, 0, 0, 255, 255, 255)) * 1000 * 1000
    stage.show_asset(Asset(kind="pixels", data=lines, width=2000, height=1000))
    grey = at(stage, 216, 166)
    assert 100 < grey.red() < 156


def test_a_zoomed_picture_is_moved_by_mouse_and_keys_but_not_out_of_sight(stage: Stage, qtbot: QtBot) -> None:
    image = plain(RED, 1000, 1000)
    for x in range(500, 1000):
        for y in range(1000):
            image.setPixelColor(x, y, BLUE)
    stage.show_image(image)
    stage.set_zoom(1.0)
    assert at(stage, 200, 166) == RED
    qtbot.mousePress(stage, Qt.MouseButton.LeftButton, pos=QPoint(300, 100))
    qtbot.mouseMove(stage, QPoint(200, 100))
    qtbot.mouseRelease(stage, Qt.MouseButton.LeftButton, pos=QPoint(200, 100))
    assert at(stage, 200, 166) == BLUE
    for _ in range(60):
        qtbot.keyClick(stage, Qt.Key.Key_Left)
    assert at(stage, 1, 166) == RED
    assert at(stage, 431, 166) == RED


def test_a_double_click_goes_between_fit_and_every_pixel(stage: Stage, qtbot: QtBot) -> None:
    stage.show_image(plain(RED, 1000, 1000))
    qtbot.mouseDClick(stage, Qt.MouseButton.LeftButton)
    assert stage.zoom() == 1.0
    qtbot.mouseDClick(stage, Qt.MouseButton.LeftButton)
    assert stage.fits()


def test_the_divider_is_moved_by_mouse_and_keys(stage: Stage, qtbot: QtBot) -> None:
    stage.compare(plain(RED), plain(BLUE), ("#1", "#2"))
    assert stage.comparing()
    assert (at(stage, 100, 120), at(stage, 330, 120)) == (RED, BLUE)
    qtbot.mousePress(stage, Qt.MouseButton.LeftButton, pos=QPoint(216, 166))
    qtbot.mouseMove(stage, QPoint(60, 166))
    qtbot.mouseRelease(stage, Qt.MouseButton.LeftButton, pos=QPoint(60, 166))
    assert at(stage, 100, 120) == BLUE
    for _ in range(60):
        qtbot.keyClick(stage, Qt.Key.Key_Right)
    assert at(stage, 330, 120) == RED
    stage.show_image(plain(RED))
    assert not stage.comparing()


def test_two_sizes_are_compared_at_the_same_size(stage: Stage) -> None:
    stage.compare(plain(RED, 100, 50), plain(BLUE, 400, 200))
    assert (at(stage, 100, 166), at(stage, 330, 250)) == (RED, BLUE)


def test_an_empty_stage_says_what_to_do(stage: Stage, qtbot: QtBot) -> None:
    asked: list[int] = []
    stage.set_empty(
        "image", "No picture yet", "Describe one on the left and press Generate.", "Try", lambda: asked.append(1)
    )
    empty = stage.findChild(EmptyState)
    assert empty.isVisible()
    assert clipped(stage) == []
    assert lacking(stage) == []
    assert empty.button is not None
    qtbot.mouseClick(empty.button, Qt.MouseButton.LeftButton)
    assert asked == [1]
    stage.show_image(plain(RED))
    assert not empty.isVisible()
    assert stage.has_picture()
    stage.clear()
    assert empty.isVisible()
    assert not stage.has_picture()


def test_keys_and_wheel_do_nothing_without_a_picture(stage: Stage, qtbot: QtBot) -> None:
    for key in (Qt.Key.Key_Plus, Qt.Key.Key_1, Qt.Key.Key_Left):
        qtbot.keyClick(stage, key)
    turn_wheel(stage, QPointF(10, 10))
    assert at(stage, 216, 166) == token("ground")


def test_dropped_files_are_handed_on(stage: Stage, qtbot: QtBot) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile("/tmp/a b.png"), QUrl("https://example.org/x.png")])
    stage.take_drops(lambda: "Take it")
    with qtbot.waitSignal(stage.dropped) as signal:
        drop(stage, mime=mime)
    assert signal.args == [["/tmp/a b.png"]]


def test_a_fitted_picture_is_dragged_out_as_its_file(
    stage: Stage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    dragged: list[str] = []

    def drag(self: QDrag, actions: Qt.DropAction) -> Qt.DropAction:
        dragged.extend(url.toLocalFile() for url in self.mimeData().urls())
        return actions

    monkeypatch.setattr(QDrag, "exec", drag)
    stage.show_image(plain(RED))
    for path in ("", "/tmp/文 1.png"):
        stage.set_file(path)
        qtbot.mousePress(stage, Qt.MouseButton.LeftButton, pos=QPoint(200, 150))
        qtbot.mouseMove(stage, QPoint(260, 150))
        qtbot.mouseRelease(stage, Qt.MouseButton.LeftButton, pos=QPoint(260, 150))
    assert dragged == ["/tmp/文 1.png"]


def test_a_stage_that_grows_keeps_fitting(stage: Stage, qtbot: QtBot) -> None:
    stage.show_image(plain(RED))
    stage.resize(832, 632)
    assert stage.zoom() == pytest.approx(8.0)
