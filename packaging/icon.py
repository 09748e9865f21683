"""Paints the program's icon: a landscape in the three panels of a triptych. ``python packaging/icon.py`` writes it."""

import sys
from pathlib import Path

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QLinearGradient, QPainter, QPainterPath, QPolygonF

EDGE = 256
FILE = Path(__file__).resolve().parents[1] / "resources" / "icon.png"
LEFT = ((26, 70), (78, 52), (78, 204), (26, 186))
MIDDLE = QRectF(88, 44, 80, 168)
RANGES = (("#6c5ce7", ((0, 172), (60, 122), (104, 158), (150, 116), (204, 168), (256, 134))),
          ("#35306b", ((0, 190), (52, 176), (128, 186), (206, 172), (256, 180))))  # fmt: skip


def _polygon(points: tuple[tuple[int, int], ...], mirrored: bool = False) -> QPolygonF:
    return QPolygonF([QPointF(EDGE - x if mirrored else x, y) for x, y in points])


def paint() -> QImage:
    """The icon, ``EDGE`` x ``EDGE``."""
    image = QImage(EDGE, EDGE, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor("#0f1013"))
    painter.drawRoundedRect(QRectF(image.rect()), 56, 56)
    panels = QPainterPath()
    for wing in (_polygon(LEFT), _polygon(LEFT, mirrored=True)):
        panels.addPolygon(wing)
        panels.closeSubpath()
    panels.addRect(MIDDLE)
    painter.setClipPath(panels)
    sky = QLinearGradient(0, 40, 0, 216)
    for place, colour in ((0.0, "#2b2849"), (0.5, "#a99eff"), (0.75, "#f6c9a4")):
        sky.setColorAt(place, QColor(colour))
    painter.fillRect(image.rect(), sky)
    painter.setBrush(QColor("#fff3dc"))
    painter.drawEllipse(QPointF(132, 102), 24, 24)
    for colour, ridge in RANGES:
        painter.setBrush(QColor(colour))
        painter.drawPolygon(_polygon((*ridge, (EDGE, EDGE), (0, EDGE))))
    painter.end()
    return image


if __name__ == "__main__":
    application = QGuiApplication(sys.argv)
    paint().save(str(FILE))
