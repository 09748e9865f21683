"""The earlier texts of the Write room, newest first: a few words of each."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem

from studio.app.desk import Item
from studio.core.text import tr
from studio.features.write.about import line_of
from studio.ui.plain import plain

EARLIER = 40
"""How many earlier texts are listed; the Library has them all."""
WIDTH = 212
"""Pixels in which the words are shown: Qt's own guess leaves gaps."""
ITEM = Qt.ItemDataRole.UserRole


class Earlier(QListWidget):
    """Each row holds its library item."""

    def __init__(self) -> None:
        super().__init__()
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrap(True)
        self.setSpacing(2)
        self.setAccessibleName(tr("Earlier texts"))
        self.setToolTip(tr("Earlier texts; Enter opens one"))

    def fill(self, items: Sequence[Item]) -> None:
        """Show these."""
        self.clear()
        for item in items:
            row = QListWidgetItem(line_of(item))
            row.setToolTip(plain(item.prompt[:500]))
            words = QRect(0, 0, WIDTH, 1000), Qt.TextFlag.TextWordWrap, row.text()
            row.setSizeHint(QSize(WIDTH, self.fontMetrics().boundingRect(*words).height() + 8))
            row.setData(ITEM, item)
            self.addItem(row)
