"""Pixels of assets as Qt has them."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPixmap

from studio.core.values import Asset


def to_qimage(asset: Asset) -> QImage:
    """A ``pixels`` asset as an image of its own (the bytes are copied: the asset may go away)."""
    return QImage(asset.data, asset.width, asset.height, 3 * asset.width, QImage.Format.Format_RGB888).copy()


def to_pixmap(asset: Asset, edge: int = 0) -> QPixmap:
    """The same as a pixmap, within ``edge`` x ``edge`` when that is not 0."""
    pixmap = QPixmap.fromImage(to_qimage(asset))
    if not edge:
        return pixmap
    keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    return pixmap.scaled(edge, edge, keep, smooth)
