"""Drop targets: each highlights while something is dragged that it accepts, and says what it would do with it."""

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
"""Describes what a drop would do; "" if it isn't accepted."""


def paths_in(mime: QMimeData) -> list[str]:
    """The paths of the dragged or dropped files; web addresses are skipped."""
    return [url.toLocalFile() for url in mime.urls() if url.isLocalFile()]


class DropTarget(QObject):
    """Makes ``widget`` a drop target, but not for what is dragged from the widget itself.

    ``drop`` handles the drop. Without it the widget handles drops itself, and is only highlighted.
    ``around``: where to draw the ring, if not around the widget.
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
        """What a drop would do; "" if it isn't accepted."""
        return self._sentence(mime)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Highlight on enter, clear on leave, handle the drop."""
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
    """The highlight: strong under the pointer, thin on the other targets."""

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
    """The targets that are highlighted during a drag."""

    def __init__(self) -> None:
        self._lit: list[QWidget] = []
        self._leaving = False

    def enter(self, target: DropTarget, words: str, mime: QMimeData) -> None:
        """The pointer entered ``target``."""
        self.clear()
        window = target.around.window()
        for other in [other for other in _targets if isValid(other)]:
            here = other.around.isVisible() and other.around.window() is window
            if other is target or (here and other.says(mime)):
                self._lit.append(_Ring(other.around, other is target))
        self._lit.append(_plate(target.around, window, words))

    def leave(self) -> None:
        """The pointer left; if it enters another target, ``enter`` follows at once."""
        self._leaving = True
        QTimer.singleShot(0, self._left)

    def _left(self) -> None:
        if self._leaving:
            self.clear()

    def clear(self) -> None:
        """The drag is over."""
        self._leaving = False
        lit, self._lit = self._lit, []
        for widget in lit:
            if isValid(widget):
                widget.hide()
                widget.deleteLater()


def _plate(place: QWidget, window: QWidget, words: str) -> QLabel:
    """Show the sentence in the middle of the target, or as near as it fits into the window."""
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
