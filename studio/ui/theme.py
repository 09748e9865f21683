"""The look: one set of tokens for each theme, from which the style sheet and the palette are made."""

import json
from functools import cache
from pathlib import Path
from string import Template

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

FOLDER = Path(__file__).resolve().parents[2] / "resources" / "theme"
THEMES = ("dark", "light", "system")
_now = "dark"


@cache
def tokens(theme: str) -> dict[str, str]:
    """The colours of ``theme`` ("dark" or "light") by name."""
    colours: dict[str, str] = json.loads((FOLDER / f"{theme}.json").read_text(encoding="utf-8"))
    return colours


def token(name: str) -> QColor:
    """A colour of the theme that is in use."""
    return QColor(tokens(_now)[name])


def apply_theme(app: QApplication, theme: str) -> None:
    """Use ``theme``, one of ``THEMES``, for the whole program."""
    global _now
    dark = theme == "dark" or (theme == "system" and app.styleHints().colorScheme() != Qt.ColorScheme.Light)
    _now = "dark" if dark else "light"
    colours = tokens(_now)
    if app.style().objectName().lower() != "fusion":
        app.setStyle("Fusion")
    app.setPalette(_palette(colours))
    app.setStyleSheet(Template((FOLDER / "style.qss").read_text(encoding="utf-8")).substitute(colours))


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
        QPalette.ColorRole.Link: "accent",
    }
    for role, name in roles.items():
        palette.setColor(role, QColor(colours[name]))
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.WindowText, QPalette.ColorRole.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(colours["dim"]))
    return palette
