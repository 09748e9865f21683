"""Icons by the studio's own names: glyphs of QtAwesome's Phosphor font, in the colours of the theme.

QtAwesome itself is not imported: loading its dozen fonts takes longer than all of Qt's start; one font takes 10 ms.
"""

import importlib.util
import json
from functools import cache
from pathlib import Path

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QIconEngine, QPainter, QPixmap

from studio.core.errors import StudioError
from studio.core.override import override
from studio.core.text import tr
from studio.ui.theme import token

GLYPHS = {
    "add": "plus",
    "back": "arrow-left",
    "cancel": "prohibit",
    "check": "check",
    "clip": "film-strip",
    "close": "x",
    "closed": "caret-right",
    "compare": "columns",
    "copy": "copy",
    "dice": "dice-five",
    "down": "arrow-down",
    "edit": "pencil-simple",
    "export": "export",
    "fit": "corners-out",
    "folder": "folder-open",
    "forward": "arrow-right",
    "image": "image",
    "info": "info",
    "latent": "planet",
    "library": "squares-four",
    "lock": "lock-simple",
    "map": "map-trifold",
    "menu": "dots-three",
    "models": "cube",
    "open": "caret-down",
    "pause": "pause",
    "play": "play",
    "redo": "arrow-clockwise",
    "remove": "minus",
    "retry": "arrow-clockwise",
    "search": "magnifying-glass",
    "send": "paper-plane-tilt",
    "settings": "gear-six",
    "sides": "layout",
    "star": "star",
    "starred": "star-fill",
    "stop": "stop",
    "swap": "arrows-left-right",
    "text": "text-align-left",
    "trash": "trash",
    "undo": "arrow-counter-clockwise",
    "unlock": "lock-simple-open",
    "up": "arrow-up",
    "vary": "shuffle",
    "walk": "path",
    "warning": "warning",
    "write": "pen-nib",
}


def icon(name: str, colour: str = "text") -> QIcon:
    """The icon called ``name``. It is painted in the theme's ``colour``, so it follows a change of theme."""
    return QIcon(_Glyph(GLYPHS[name], colour))


class _Glyph(QIconEngine):
    """Draws one character of the icon font, sharp at every size and scale."""

    def __init__(self, glyph: str, colour: str) -> None:
        super().__init__()
        self._glyph, self._colour = glyph, colour

    @override
    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        """Qt's."""
        colour = QColor(token("dim" if mode == QIcon.Mode.Disabled else self._colour))
        if mode == QIcon.Mode.Disabled:
            colour.setAlphaF(0.5)
        font = QFont(_family())
        font.setPixelSize(max(min(rect.width(), rect.height()), 1))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        painter.setFont(font)
        painter.setPen(colour)
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, _character(self._glyph))
        painter.restore()

    @override
    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """Qt's."""
        pixmap = QPixmap(size)
        if size.isEmpty():  # of a widget without a size yet
            return pixmap
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(QPoint(), size), mode, state)
        painter.end()
        return pixmap

    @override
    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float) -> QPixmap:
        """Qt's: ``size`` does not depend on the device, ``scale`` is the device's."""
        pixmap = self.pixmap(size * scale, mode, state)
        pixmap.setDevicePixelRatio(scale)
        return pixmap

    @override
    def clone(self) -> QIconEngine:
        """Qt's."""
        return _Glyph(self._glyph, self._colour)


def _font_file(ending: str) -> Path:
    found = importlib.util.find_spec("qtawesome")
    folder = Path(found.origin).parent / "fonts" if found and found.origin else Path()
    files = sorted(folder.glob(f"phosphor-*{ending}"))
    if not files:
        raise StudioError(tr("The icon font is missing in {folder}: reinstall QtAwesome.", folder=folder), "internal")
    return files[-1]


@cache
def _family() -> str:
    number = QFontDatabase.addApplicationFont(str(_font_file(".ttf")))
    return QFontDatabase.applicationFontFamilies(number)[0]


@cache
def _character(glyph: str) -> str:
    return chr(int(_charmap()[glyph], 16))


@cache
def _charmap() -> dict[str, str]:
    charmap: dict[str, str] = json.loads(_font_file(".json").read_text(encoding="utf-8"))
    return charmap
