"""The theme: words that can be read, tokens that agree, a switch that reaches every widget."""

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.ui.icons import icon
from studio.ui.layout import label
from studio.ui.theme import THEMES, apply_theme, sizes, theme_in_use, token, tokens

GROUNDS = ("ground", "rail", "panel", "card", "field", "hover")
AA, AA_LARGE = 4.5, 3.0


def luminance(colour: QColor) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF())


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(QColor(one)), luminance(QColor(other))), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("words", ["text", "dim", "danger", "ok", "warn"])
def test_words_can_be_read_on_every_ground(theme: str, words: str) -> None:
    colours = tokens(theme)
    for ground in GROUNDS:
        assert contrast(colours[words], colours[ground]) >= AA, (words, ground)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_words_on_colour_can_be_read(theme: str) -> None:
    colours = tokens(theme)
    assert contrast(colours["on_accent"], colours["accent"]) >= AA
    assert contrast(colours["on_accent"], colours["accent_hover"]) >= AA_LARGE
    assert contrast(colours["text"], colours["accent_soft"]) >= AA
    assert contrast(colours["text"], colours["danger_soft"]) >= AA
    assert contrast(colours["panel"], colours["text"]) >= AA


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_focus_and_edges_of_controls_can_be_seen(theme: str) -> None:
    colours = tokens(theme)
    for ground in ("ground", "panel", "card", "field"):
        assert contrast(colours["focus"], colours[ground]) >= AA_LARGE, ground
        assert contrast(colours["edge"], colours[ground]) >= AA_LARGE, ground


def test_both_themes_have_the_same_tokens() -> None:
    assert tokens("dark").keys() == tokens("light").keys()


def test_a_switch_reaches_palette_tokens_icons_and_widgets(qapp: QApplication, qtbot: QtBot) -> None:
    words, drawn = label("x"), icon("star")
    qtbot.addWidget(words)
    seen = {}
    for theme in ("dark", "light"):
        apply_theme(qapp, theme)
        words.ensurePolished()
        picture = drawn.pixmap(32, 32).toImage()
        colours = [picture.pixelColor(x, y) for x in range(32) for y in range(32)]
        strongest = max(colours, key=lambda colour: colour.alpha())
        seen[theme] = (token("text").name(), qapp.palette().color(QPalette.ColorRole.Text).name(), strongest.name())
        assert theme_in_use() == theme
        assert len(set(seen[theme])) == 1
    assert seen["dark"] != seen["light"]


def test_system_follows_the_system(qapp: QApplication) -> None:
    assert "system" in THEMES
    apply_theme(qapp, "system")
    assert theme_in_use() in ("dark", "light")


def test_the_font_is_never_smaller_than_ours(qapp: QApplication) -> None:
    assert qapp.font().pixelSize() >= sizes()["font"]


def test_every_icon_is_drawn(qapp: QApplication) -> None:
    from studio.ui.icons import GLYPHS

    for name in GLYPHS:
        picture = icon(name).pixmap(24, 24).toImage()
        assert any(picture.pixelColor(x, y).alpha() > 128 for x in range(24) for y in range(24)), name


def test_icons_are_sharp_on_a_fine_screen(qapp: QApplication) -> None:
    pixmap = icon("star").pixmap(QSize(20, 20), 2.0)
    assert (pixmap.width(), pixmap.devicePixelRatio()) == (40, 2.0)
