"""Pixels of assets as Qt has them."""

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColorSpace, QIcon, QImage, QPixmap, QSurfaceFormat

from studio.core.values import Asset


def tell_colours() -> None:
    """Have every window say that its pixels are sRGB, before there is one.

    macOS and Wayland then show them by the screen's own profile. Elsewhere Qt (6.11) neither passes that on nor tells
    the profile, and the screen shows the pixels as they are.
    """
    surface = QSurfaceFormat.defaultFormat()
    surface.setColorSpace(QColorSpace(QColorSpace.NamedColorSpace.SRgb))
    QSurfaceFormat.setDefaultFormat(surface)


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


def inside(place: QRectF, picture: QPixmap) -> QRectF:
    """Where in ``place`` the whole picture is as large as it can be, in its middle; all of it where there is none."""
    if picture.isNull():
        return place
    size = QSizeF(picture.size()).scaled(place.size(), Qt.AspectRatioMode.KeepAspectRatio)
    found = QRectF(QPointF(), size)
    found.moveCenter(place.center())
    return found


def as_icon(pixmap: QPixmap) -> QIcon:
    """The picture for a list: Qt would tint the chosen one with the colour of the selection."""
    picture = QIcon(pixmap)
    picture.addPixmap(pixmap, QIcon.Mode.Selected)
    return picture


def _borrowed(asset: Asset) -> QImage:
    """An image on the asset's own bytes: to be used before the asset goes."""
    kind = QImage.Format.Format_RGBA8888 if asset.mode == "RGBA" else QImage.Format.Format_RGB888
    return QImage(asset.data, asset.width, asset.height, len(asset.mode) * asset.width, kind)
