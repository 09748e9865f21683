"""The themes: one set of design tokens each, from which style sheet and palette are made."""

import json
from functools import cache
from string import Template

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontInfo, QPalette
from PySide6.QtWidgets import QApplication

from studio.core.resources import RESOURCES

FOLDER = RESOURCES / "theme"
THEMES = ("dark", "light", "system")
_FONTS = ("font", "small", "tiny", "title", "huge")
_wanted, _now = "dark", "dark"


@cache
def tokens(theme: str) -> dict[str, str]:
    """The colours of ``theme`` ("dark" or "light") by name."""
    colours: dict[str, str] = json.loads((FOLDER / f"{theme}.json").read_text(encoding="utf-8"))
    return colours


@cache
def sizes() -> dict[str, int]:
    """Fonts, radii and gaps in device-independent pixels."""
    numbers: dict[str, int] = json.loads((FOLDER / "sizes.json").read_text(encoding="utf-8"))
    return numbers


def token(name: str) -> QColor:
    """A colour of the current theme."""
    return QColor(tokens(_now)[name])


def theme_in_use() -> str:
    """ "dark" or "light", also while following the system."""
    return _now


def apply_theme(app: QApplication, theme: str) -> None:
    """Use ``theme``, one of ``THEMES``, for the whole program. "system" keeps following the system."""
    global _wanted
    first = app.property("theme") is None
    _wanted = theme
    if first:
        _set_font(app)
        app.setStyle("Fusion")
        app.styleHints().colorSchemeChanged.connect(lambda _: _paint(app))
    _paint(app)


def _paint(app: QApplication) -> None:
    global _now
    dark = _wanted == "dark" or (_wanted == "system" and app.styleHints().colorScheme() != Qt.ColorScheme.Light)
    _now = "dark" if dark else "light"
    app.setProperty("theme", _now)
    app.setPalette(_palette(tokens(_now)))
    app.setStyleSheet(_style_sheet(_now, app.font().pixelSize() - sizes()["font"]))


def _set_font(app: QApplication) -> None:
    """Use the system's font, but never smaller than ours."""
    font = app.font()
    font.setPixelSize(max(sizes()["font"], QFontInfo(font).pixelSize()))
    app.setFont(font)


def _style_sheet(theme: str, larger: int) -> str:
    """``larger``: by how many pixels the system's font is larger than ours."""
    pixels = {name: size + larger if name in _FONTS else size for name, size in sizes().items()}
    text = (FOLDER / "style.qss").read_text(encoding="utf-8")
    return Template(text.partition("*/")[2]).substitute(tokens(theme), folder=FOLDER.as_posix(), **pixels)


def _palette(colours: dict[str, str]) -> QPalette:
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: "panel",
        QPalette.ColorRole.Base: "field",
        QPalette.ColorRole.AlternateBase: "card",
        QPalette.ColorRole.Button: "card",
        QPalette.ColorRole.Text: "text",
        QPalette.ColorRole.WindowText: "text",
        QPalette.ColorRole.ButtonText: "text",
        QPalette.ColorRole.PlaceholderText: "dim",
        QPalette.ColorRole.Highlight: "accent",
        QPalette.ColorRole.HighlightedText: "on_accent",
        QPalette.ColorRole.ToolTipBase: "card",
        QPalette.ColorRole.ToolTipText: "text",
        QPalette.ColorRole.Link: "focus",
    }
    for role, name in roles.items():
        palette.setColor(role, QColor(colours[name]))
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.WindowText, QPalette.ColorRole.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(colours["off"]))
    return palette
