"""The earlier texts of the Write room, newest first: a few words of each."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem

from studio.app.services import Item
from studio.core.override import override
from studio.core.text import tr
from studio.features.write.ui.about import line_of
from studio.ui.plain import plain

EARLIER = 40
"""How many earlier texts are listed; the Library has them all."""
AROUND = 12
"""Pixels of a row's width beside its words."""
_ITEM = Qt.ItemDataRole.UserRole


class Earlier(QListWidget):
    """Each row holds its library item; ``opened`` carries that of the row that was clicked, or entered by Enter."""

    opened = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrap(True)
        self.setSpacing(2)
        self.setAccessibleName(tr("Earlier texts"))
        self.setToolTip(tr("Earlier texts; Enter opens one"))
        for entered in (self.itemActivated, self.itemClicked):
            entered.connect(lambda row: self.opened.emit(row.data(_ITEM)))

    def fill(self, items: Sequence[Item]) -> None:
        """Show these."""
        self.clear()
        for item in items:
            row = QListWidgetItem(line_of(item))
            row.setToolTip(plain(item.prompt[:500]))
            row.setData(_ITEM, item)
            self.addItem(row)
        self._fit()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the words anew where the column is another one."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Give each row the height of its words: Qt's own guess leaves gaps."""
        width = self.viewport().width() - AROUND
        for number in range(self.count()):
            row = self.item(number)
            words = QRect(0, 0, width, 1000), Qt.TextFlag.TextWordWrap, row.text()
            row.setSizeHint(QSize(width, self.fontMetrics().boundingRect(*words).height() + 8))
