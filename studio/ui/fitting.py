"""Text in a small rectangle: in a smaller font if it is too long, and cut only if that isn't enough."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter

SMALLEST = 8
"""The smallest legible font, in pixels."""
MARGIN = 3


def draw_within(painter: QPainter, rect: QRectF, words: str) -> None:
    """Draw ``words`` in the middle of ``rect``, never beyond it."""
    room = rect.adjusted(MARGIN, 0, -MARGIN, 0)
    before, font = painter.font(), _fitting(painter.font(), words, room.width())
    painter.setFont(font)
    shown = QFontMetricsF(font).elidedText(words, Qt.TextElideMode.ElideMiddle, room.width())
    painter.drawText(room, Qt.AlignmentFlag.AlignCenter, shown)
    painter.setFont(before)


def _fitting(font: QFont, words: str, width: float) -> QFont:
    """``font``, reduced until ``words`` are at most ``width`` wide."""
    found = QFont(font)
    while found.pixelSize() > SMALLEST and QFontMetricsF(found).horizontalAdvance(words) > width:
        found.setPixelSize(found.pixelSize() - 1)
    return found
