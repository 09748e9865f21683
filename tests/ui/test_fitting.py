"""Words in small places."""

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from studio.ui.fitting import draw_within


@pytest.mark.parametrize("words", ["7", "4294967295", "很长的名字" * 8])
@pytest.mark.parametrize("edge", [42, 64])
def test_words_stay_in_their_place(qtbot: QtBot, words: str, edge: int) -> None:
    image = QImage(200, 100, QImage.Format.Format_Grayscale8)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    font = painter.font()
    font.setPixelSize(13)
    painter.setFont(font)
    place = QRectF(60, 20, edge, edge)
    draw_within(painter, place, words)
    assert painter.font().pixelSize() == 13
    painter.end()
    inked = [(x, y) for y in range(100) for x in range(200) if image.pixelColor(x, y).red() < 250]
    assert inked
    assert all(place.contains(x, y) for x, y in inked)
