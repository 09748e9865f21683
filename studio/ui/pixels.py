"""Conversion of assets to Qt's images."""

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColorSpace, QIcon, QImage, QPixmap, QSurfaceFormat

from studio.core.values import Asset


def tell_colours() -> None:
    """Make every window declare that its pixels are sRGB; call it before the first one exists.

    macOS and Wayland then convert to the screen's own profile. Elsewhere Qt (6.11) neither passes that on nor exposes
    the profile, and pixels are shown unconverted.
    """
    surface = QSurfaceFormat.defaultFormat()
    surface.setColorSpace(QColorSpace(QColorSpace.NamedColorSpace.SRgb))
    QSurfaceFormat.setDefaultFormat(surface)


def to_qimage(asset: Asset) -> QImage:
    """A ``pixels`` asset as an image with its own copy of the bytes: the asset may go away."""
    return _borrow(asset).copy()


def to_pixmap(asset: Asset, edge: int = 0) -> QPixmap:
    """The same as a pixmap, within ``edge`` x ``edge`` when that is not 0. The bytes are copied once."""
    pixmap = QPixmap.fromImage(_borrow(asset))
    if not edge:
        return pixmap
    keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    return pixmap.scaled(edge, edge, keep, smooth)


def inside(place: QRectF, picture: QPixmap) -> QRectF:
    """The largest centred rectangle in ``place`` with the picture's aspect ratio; ``place`` itself without a
    picture."""
    if picture.isNull():
        return place
    size = QSizeF(picture.size()).scaled(place.size(), Qt.AspectRatioMode.KeepAspectRatio)
    found = QRectF(QPointF(), size)
    found.moveCenter(place.center())
    return found


def as_icon(pixmap: QPixmap) -> QIcon:
    """The picture as an icon for lists: Qt would tint the selected one with the selection colour."""
    picture = QIcon(pixmap)
    picture.addPixmap(pixmap, QIcon.Mode.Selected)
    return picture


def _borrow(asset: Asset) -> QImage:
    """An image that borrows the asset's bytes: valid only while the asset lives."""
    kind = QImage.Format.Format_RGBA8888 if asset.mode == "RGBA" else QImage.Format.Format_RGB888
    return QImage(asset.data, asset.width, asset.height, len(asset.mode) * asset.width, kind)
