"""One control of a form: what all of them share, and the ways in which a wheel or a click must not surprise."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QHBoxLayout, QSlider, QVBoxLayout, QWidget

from studio.core.fields import Field
from studio.core.override import override
from studio.core.text import tr
from studio.ui.layout import label
from studio.ui.plain import plain


class WheelGuard(QObject):
    """Scrolling a form past a control must not change it: the wheel counts only where the keyboard is."""

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leave the wheel to the scroll area around."""
        if isinstance(event, QWheelEvent) and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return False


def guard_wheel(widget: QWidget) -> None:
    """Let ``widget`` take the wheel only while it has the focus, which the wheel doesn't give it."""
    widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    widget.installEventFilter(WheelGuard(widget))


class Control(QWidget):
    """One field. ``changed`` comes when the person changed it, and never from ``set_value``."""

    changed = Signal()

    def __init__(self, field: Field) -> None:
        super().__init__()
        self.field = field
        self.title = tr(field.title)
        self.tip = tr(field.help)

    def value(self) -> object:
        """The value as the task wants it."""
        raise NotImplementedError

    def set_value(self, value: object) -> None:
        """Show ``value``."""
        raise NotImplementedError

    def _name(self, *widgets: QWidget, suffix: str = "") -> None:
        """Give ``widgets`` the field's words."""
        for widget in widgets:
            widget.setToolTip(plain(self.tip))
            widget.setAccessibleName(f"{self.title}{suffix}")
            widget.setAccessibleDescription(self.tip)
            if isinstance(widget, QSlider | QAbstractSpinBox | QComboBox):
                guard_wheel(widget)

    def _stack(self, *rows: QWidget | QHBoxLayout, title: bool = True, gap: int = 4) -> None:
        """Put ``rows`` under each other, below the field's title."""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(gap)
        if title:
            column.addWidget(label(self.title, "dim"))
        for row in rows:
            if isinstance(row, QWidget):
                column.addWidget(row)
            else:
                column.addLayout(row)
