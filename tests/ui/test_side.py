"""The column at a room's edge: its content has one width, whether it must be scrolled or not."""

from PySide6.QtWidgets import QScrollArea, QSizePolicy, QWidget
from pytestqt.qtbot import QtBot

from studio.ui.layout import label, side


class Square(QWidget):
    """As a picture: less high where there is less room."""

    def __init__(self) -> None:
        super().__init__()
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return width


def test_a_picture_that_nearly_fits_is_as_wide_with_a_scroll_bar_as_without(qtbot: QtBot) -> None:
    frame, content, _ = side("right", 272)
    qtbot.addWidget(frame)
    square = Square()
    content.addWidget(square)
    content.addWidget(label("Words below the picture that take a line or two.", wrap=True))
    frame.resize(272, 600)
    frame.show()
    scroll = frame.findChildren(QScrollArea)[0]
    bar = scroll.verticalScrollBar()
    scrolled, widths = set(), set()
    for height in range(360, 240, -1):  # Qt went back and forth between both until it crashed
        frame.resize(272, height)
        qtbot.wait(0)
        scrolled.add(bar.maximum() > 0)
        widths.add(square.width())
        assert bar.property("idle") == (bar.maximum() == 0)
    assert scrolled == {True, False}
    assert len(widths) == 1
