"""Pixels of assets and files as Qt has them."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QImageReader, QPixmap

from studio.core.values import Asset


def to_qimage(asset: Asset) -> QImage:
    """A ``pixels`` asset as an image of its own (the bytes are copied: the asset may go away)."""
    return _borrowed(asset).copy()


def to_pixmap(asset: Asset, edge: int = 0) -> QPixmap:
    """The same as a pixmap, within ``edge`` x ``edge`` when that is not 0. The bytes are copied once."""
    pixmap = QPixmap.fromImage(_borrowed(asset))
    if not edge:
        return pixmap
    keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    return pixmap.scaled(edge, edge, keep, smooth)


def read_picture(path: str, edge: int = 0) -> QImage:
    """The picture in a file, upright, within ``edge`` x ``edge`` when that is not 0; null when it can't be read.

    A JPEG is shrunk while it is decoded, so that a large photo costs little.
    """
    reader = QImageReader(path)
    reader.setAutoTransform(True)
    size = reader.size()
    if edge and size.isValid() and max(size.width(), size.height()) > edge:
        reader.setScaledSize(size.scaled(QSize(edge, edge), Qt.AspectRatioMode.KeepAspectRatio))
    return reader.read()


def _borrowed(asset: Asset) -> QImage:
    """An image on the asset's own bytes: to be used before the asset goes."""
    return QImage(asset.data, asset.width, asset.height, 3 * asset.width, QImage.Format.Format_RGB888)
