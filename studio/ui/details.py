"""Details: what is known about the selected item, as names and values that can be copied."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage, QKeyEvent, QKeySequence, QPixmap
from PySide6.QtWidgets import QLabel, QMenu, QVBoxLayout, QWidget

from studio.core.override import override
from studio.core.text import tr
from studio.ui.layout import breakable, card, empty, label
from studio.ui.plain import plain

PICTURE = 96
"""Pixels of a thumbnail's longest edge."""
LONGEST = 2000
"""Characters of one value; longer ones are cut."""


class Details(QWidget):
    """A card of rows, replaced by ``set_rows``."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self._rows = QVBoxLayout()
        self._rows.setSpacing(2)
        self._card = card(self._rows)
        self._none = label(tr("Nothing is selected."), "dim")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(label(title, "title"))
        column.addWidget(self._none)
        column.addWidget(self._card)
        self.set_rows([])

    def set_rows(self, rows: Sequence[tuple[str, str]]) -> None:
        """Show names and values; empty values are left out. ``rows`` keeps exactly what was given."""
        self.rows = rows
        empty(self._rows)
        shown = [(name, value) for name, value in rows if value]
        for number, (name, value) in enumerate(shown):
            head = label(name, "dim", wrap=True)
            head.setContentsMargins(0, 6 if number else 0, 0, 0)
            self._rows.addWidget(head)
            self._rows.addWidget(_Value(name, value))
        self._card.setVisible(bool(shown))
        self._none.setVisible(not shown)

    def put_picture(self, name: str, image: QImage) -> None:
        """Show a small ``image`` under the value called ``name``."""
        at = next((at for at in range(self._rows.count()) if self._is_of(at, name)), None)
        if at is None:
            return
        ratio = self.devicePixelRatioF()
        keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        small = QPixmap.fromImage(image).scaled(round(PICTURE * ratio), round(PICTURE * ratio), keep, smooth)
        small.setDevicePixelRatio(ratio)
        shown = label("")
        shown.setPixmap(small)
        shown.setAccessibleName(tr("{name}, thumbnail", name=name))
        shown.setContentsMargins(0, 4, 0, 2)
        self._rows.insertWidget(at + 1, shown)

    def _is_of(self, at: int, name: str) -> bool:
        item = self._rows.itemAt(at)
        value = item.widget() if item is not None else None
        return isinstance(value, _Value) and value.name == name


class _Value(QLabel):
    """Text that wraps anywhere, and is copied unchanged."""

    def __init__(self, name: str, value: str) -> None:
        super().__init__(breakable(value[:LONGEST]))
        self.name, self._value = name, value
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setMinimumWidth(1)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setAccessibleName(f"{name}: {value[:200]}")
        self.setToolTip(plain(tr("{name}: select to copy a part, Ctrl+C copies", name=name)))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+C copies what is selected, or all."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    def copy(self) -> None:
        """Copy what is selected, or all."""
        part = self.selectedText().replace("\u2029", "\n").replace("\u200b", "")
        QGuiApplication.clipboard().setText(part or self._value)

    def _menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.addAction(tr("Copy"), self.copy)
        menu.popup(self.mapToGlobal(at))
        menu.aboutToHide.connect(menu.deleteLater)
