"""A picture with mipmaps, so that downscaling is smooth and fast."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPixmap

from studio.ui.theme import token


class Picture:
    """An image and its halved versions, each made when it is first needed."""

    def __init__(self, pixels: QPixmap) -> None:
        self._levels = [pixels]

    def size(self) -> QSize:
        """In pixels."""
        return self._levels[0].size()

    def small(self, edge: int) -> QPixmap:
        """A version of at most ``edge`` pixels."""
        keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        return self._levels[0].scaled(edge, edge, keep, smooth)

    def paint(self, painter: QPainter, rect: QRectF, seen: QRectF, crisp: bool) -> None:
        """Paint the visible part ``seen`` of the picture, which fills ``rect``; ``crisp`` shows pixels as squares."""
        if seen.isEmpty() or self._levels[0].isNull():
            return
        pixels = self._level(rect.width() * painter.device().devicePixelRatioF())
        across, down = pixels.width() / rect.width(), pixels.height() / rect.height()
        source = QRectF(
            (seen.x() - rect.x()) * across, (seen.y() - rect.y()) * down, seen.width() * across, seen.height() * down
        )
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not crisp)
        painter.drawPixmap(seen, pixels, source)

    def _level(self, width: float) -> QPixmap:
        """The smallest version at least ``width`` wide."""
        at = 0
        while self._levels[at].width() / 2 >= width and min(self._levels[at].width(), self._levels[at].height()) > 1:
            if at + 1 == len(self._levels):
                last = self._levels[at]
                half = QSize(max(last.width() // 2, 1), max(last.height() // 2, 1))
                self._levels.append(
                    last.scaled(half, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)
                )
            at += 1
        return self._levels[at]


def round_corners(painter: QPainter, rect: QRectF, corner: int) -> None:
    """Paint the background over the corners: antialiased, unlike a clip."""
    whole, rounded = QPainterPath(), QPainterPath()
    whole.addRect(rect.adjusted(-1, -1, 1, 1))
    rounded.addRoundedRect(rect, corner, corner)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillPath(whole.subtracted(rounded), token("ground"))
