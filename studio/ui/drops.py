"""Places to drop on: each shows itself while something is dragged that it takes, and says what it would do with it."""

from collections.abc import Callable
from weakref import WeakSet

from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, QRectF, Qt, QTimer
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QWidget
from shiboken6 import isValid

from studio.core.override import override
from studio.ui.layout import label
from studio.ui.theme import token

CORNER, WIDEST, GAP = 10, 340, 12
Sentence = Callable[[QMimeData], str]
"""What becomes of what is dragged; "" where it isn't taken."""


def paths_in(mime: QMimeData) -> list[str]:
    """The paths of the files that are dragged or dropped; addresses of the web are none."""
    return [url.toLocalFile() for url in mime.urls() if url.isLocalFile()]


class DropTarget(QObject):
    """Makes ``widget`` such a place; what is dragged from the widget itself is none of its affair.

    ``drop`` takes what is dropped. Without it the widget goes on to take things in its own way, and is only shown.
    ``around``: where the ring is, if not on the widget.
    """

    def __init__(
        self, widget: QWidget, sentence: Sentence, drop: Callable[[QMimeData], object] | None = None,
        around: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(widget)
        self._widget, self._sentence, self._drop, self.around = widget, sentence, drop, around or widget
        if drop is not None:
            widget.setAcceptDrops(True)
        widget.installEventFilter(self)
        _targets.add(self)

    def says(self, mime: QMimeData) -> str:
        """What it would do; "" where it takes nothing of this."""
        return self._sentence(mime)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Light up, go out, take."""
        if event.type() == QEvent.Type.DragLeave:
            _shown.leave()
        elif isinstance(event, QDragEnterEvent | QDragMoveEvent | QDropEvent):
            words = "" if event.source() is self._widget else self.says(event.mimeData())
            if event.type() == QEvent.Type.Drop:
                _shown.clear()
            elif event.type() == QEvent.Type.DragEnter and words:
                _shown.enter(self, words, event.mimeData())
            if self._drop is not None and words:
                event.acceptProposedAction()
                if event.type() == QEvent.Type.Drop:
                    self._drop(event.mimeData())
                return True
        return False


class _Ring(QWidget):
    """Lies over a place: strong where one is, thin where one could go."""

    def __init__(self, around: QWidget, strong: bool) -> None:
        super().__init__(around)
        self._strong = strong
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setGeometry(around.rect())
        self.raise_()
        self.show()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        """The ring."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        style = Qt.PenStyle.SolidLine if self._strong else Qt.PenStyle.DashLine
        painter.setPen(QPen(token("accent"), 3 if self._strong else 1.5, style))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(2, 2, -2, -2), CORNER, CORNER)


class _Shown:
    """What is lit while something is dragged."""

    def __init__(self) -> None:
        self._lit: list[QWidget] = []
        self._leaving = False

    def enter(self, target: DropTarget, words: str, mime: QMimeData) -> None:
        """``target`` is under the mouse."""
        self.clear()
        window = target.around.window()
        for other in [other for other in _targets if isValid(other)]:
            here = other.around.isVisible() and other.around.window() is window
            if other is target or (here and other.says(mime)):
                self._lit.append(_Ring(other.around, other is target))
        self._lit.append(_plate(target.around, window, words))

    def leave(self) -> None:
        """The mouse is elsewhere; if that is a target too, it is told right after this."""
        self._leaving = True
        QTimer.singleShot(0, self._left)

    def _left(self) -> None:
        if self._leaving:
            self.clear()

    def clear(self) -> None:
        """Nothing is dragged here any more."""
        self._leaving = False
        lit, self._lit = self._lit, []
        for widget in lit:
            if isValid(widget):
                widget.hide()
                widget.deleteLater()


def _plate(place: QWidget, window: QWidget, words: str) -> QLabel:
    """The sentence, in the middle of its place, or as near as the window has room for it."""
    plate = label(words)
    plate.setParent(window)
    plate.setObjectName("drop")
    plate.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    plate.setWordWrap(plate.sizeHint().width() > WIDEST)
    plate.setMaximumWidth(WIDEST)
    plate.adjustSize()
    middle = place.mapTo(window, place.rect().center()) - QPoint(plate.width() // 2, plate.height() // 2)
    x = min(max(middle.x(), GAP), max(window.width() - plate.width() - GAP, GAP))
    y = min(max(middle.y(), GAP), max(window.height() - plate.height() - GAP, GAP))
    plate.move(x, y)
    plate.raise_()
    plate.show()
    return plate


_targets: WeakSet[DropTarget] = WeakSet()
_shown = _Shown()
