"""The part of a picture that is used: moved by mouse and keys, and seen."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from studio.ui.crop import Crop
from tests.opened import drag

SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def crop(qtbot: QtBot) -> Crop:
    widget = Crop()
    qtbot.addWidget(widget)
    widget.resize(200, 100)
    image = QImage(200, 100, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    widget.set_picture(image, (400, 200))
    widget.set_shape(64, 64)
    widget.show()
    return widget


def brightness(crop: Crop) -> list[int]:
    """Left of the middle, in it, and right of it."""
    shown = crop.grab().toImage()
    scale = shown.width() / crop.width()
    return [shown.pixelColor(int(x * scale), int(50 * scale)).lightness() for x in (10, 100, 190)]


def test_what_is_cut_away_is_dimmed(crop: Crop) -> None:
    assert crop.cut() == pytest.approx(0.5)
    left, middle, right = brightness(crop)
    assert middle == 255
    assert left == right < 120
    crop.set_shape(128, 64)
    assert crop.cut() == 0
    assert brightness(crop) == [255, 255, 255]


def test_the_mouse_moves_it(crop: Crop, qtbot: QtBot) -> None:
    with qtbot.waitSignal(crop.moved):
        drag(qtbot, crop, QPoint(100, 50), QPoint(125, 60))
    assert crop.place() == (pytest.approx(0.75), 0.5)
    drag(qtbot, crop, QPoint(125, 50), QPoint(400, 50))
    assert crop.place() == (1.0, 0.5)
    assert brightness(crop)[2] == 255
    with qtbot.waitSignal(crop.moved):
        qtbot.mouseClick(crop, Qt.MouseButton.LeftButton, pos=QPoint(20, 50))
    assert crop.place() == (0.0, 0.5)


def test_keys_move_it(crop: Crop, qtbot: QtBot) -> None:
    for key, modifier, x in (
        (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier, 0.55),
        (Qt.Key.Key_Right, SHIFT, 0.56),
        (Qt.Key.Key_Left, Qt.KeyboardModifier.NoModifier, 0.51),
        (Qt.Key.Key_Home, Qt.KeyboardModifier.NoModifier, 0.5),
    ):
        with qtbot.waitSignal(crop.moved):
            qtbot.keyClick(crop, key, modifier)
        assert crop.place()[0] == pytest.approx(x)


def test_nothing_moves_where_nothing_is_cut(crop: Crop, qtbot: QtBot) -> None:
    crop.set_shape(200, 100)
    with qtbot.assertNotEmitted(crop.moved):
        drag(qtbot, crop, QPoint(100, 50), QPoint(150, 50))
        qtbot.keyClick(crop, Qt.Key.Key_Right)
    assert crop.focusPolicy() == Qt.FocusPolicy.NoFocus


def test_a_place_from_elsewhere_stays_within_and_says_nothing(crop: Crop, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(crop.moved):
        crop.set_place((7.0, -1.0))
    assert crop.place() == (1.0, 0.0)
