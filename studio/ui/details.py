"""Details: what is known of the chosen thing, as names and values that can be copied."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.ui.layout import card, label


class Details(QWidget):
    """A card of rows, renewed by ``set_rows``."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self._rows = QVBoxLayout()
        self._rows.setSpacing(3)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(label(title, "title"))
        self._card = card(self._rows)
        column.addWidget(self._card)
        self._card.hide()

    def set_rows(self, rows: Sequence[tuple[str, str]]) -> None:
        """Show names and values; an empty value is left out."""
        self._card.setVisible(bool(rows))
        while (old := self._rows.takeAt(0)) is not None:
            if (widget := old.widget()) is not None:
                widget.hide()  # it would be painted until it is really gone
                widget.deleteLater()
        for name, value in rows:
            if value:
                words = label(value[:600], wrap=True)
                words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                words.setAccessibleName(f"{name}: {value[:200]}")
                words.setToolTip(value[:2000])
                self._rows.addWidget(label(name, "dim"))
                self._rows.addWidget(words)
