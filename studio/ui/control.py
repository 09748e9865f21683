"""The base of all controls of a form, and the guard against accidental scrolling."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QHBoxLayout, QSlider, QVBoxLayout, QWidget

from studio.core.fields import Field
from studio.core.override import override
from studio.core.text import tr
from studio.ui.layout import label
from studio.ui.plain import plain


class WheelGuard(QObject):
    """Scrolling a form must not change a control under the pointer: the wheel works only with keyboard focus."""

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leave the wheel to the enclosing scroll area."""
        if isinstance(event, QWheelEvent) and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return False


def guard_wheel(widget: QWidget) -> None:
    """Let ``widget`` take the wheel only while it has focus, which scrolling doesn't give it."""
    widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    widget.installEventFilter(WheelGuard(widget))


Offer = Callable[[str], Sequence[tuple[str, str]]]
"""Which models may be given as a part ("vae"): their addresses and names."""


class Control(QWidget):
    """A control for one field. ``changed`` is emitted when the person changes it, never by ``set_value``."""

    changed = Signal()

    def __init__(self, field: Field) -> None:
        super().__init__()
        self.field = field
        self.title = tr(field.title)
        self.tip = tr(field.help)

    def value(self) -> object:
        """The value in the field's type."""
        raise NotImplementedError

    def set_value(self, value: object) -> None:
        """Show ``value``."""
        raise NotImplementedError

    def offer_models(self, offer: Offer) -> None:
        """Offer other models for each part that it, or a control inside it, holds."""

    def _name(self, *widgets: QWidget, suffix: str = "") -> None:
        """Set the accessible name and tooltip of ``widgets`` from the field."""
        for widget in widgets:
            widget.setToolTip(plain(self.tip))
            widget.setAccessibleName(f"{self.title}{suffix}")
            widget.setAccessibleDescription(self.tip)
            if isinstance(widget, QSlider | QAbstractSpinBox | QComboBox):
                guard_wheel(widget)

    def _stack(self, *rows: QWidget | QHBoxLayout, title: bool = True, gap: int = 4) -> None:
        """Stack ``rows`` below the field's title."""
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
