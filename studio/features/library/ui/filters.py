"""What is looked for in the Library room: words, kind, time, star, and whether in the trash."""

import time
from collections.abc import Mapping

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QLineEdit, QWidget

from studio.app.services import Query
from studio.core.override import override
from studio.core.text import tr
from studio.ui.chips import ChipChoice, chip
from studio.ui.layout import clearable, tool

DAY = 86_400
_SPANS = (("", "Any time", 0), ("day", "Today", 1), ("week", "Last 7 days", 7), ("month", "Last 30 days", 30))
_KINDS = (("", "All"), ("image", "Pictures"), ("text", "Texts"), ("clip", "Videos"))
_EMPTY = {"image": "There are no pictures yet.", "text": "There are no texts yet.", "clip": "There are no videos yet."}
NARROW = 760
"""Pixels."""
PAUSE_MS = 200
"""What is typed is looked for once it rests."""


class Filters(QWidget):
    """One row of them. ``changed``: something else is looked for; ``trash_opened``: what was deleted, or no more."""

    changed = Signal()
    trash_opened = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Search in prompts"))
        clearable(self.search)
        self.search.setAccessibleName(tr("Search"))
        self.search.setToolTip(tr("Finds prompts that contain every word"))
        self.kind = ChipChoice([(value, tr(words)) for value, words in _KINDS], tr("Kind"))
        self.kind.set_value("")
        self.span = QComboBox()
        for value, words, _ in _SPANS:
            self.span.addItem(tr(words), value)
        self.span.setAccessibleName(tr("When"))
        self.span.setToolTip(tr("When it was made"))
        self.starred = chip(tr("Starred"), tr("Only starred items"), checkable=True)
        self.trash = chip(tr("Trash"), tr("Deleted items, until you empty the trash"), checkable=True)
        self.again = tool("retry", tr("Scan again: find files added, moved or removed by hand"))
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._rows = QGridLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(8)
        self._rows.setColumnStretch(0, 1)
        self._lay_out(narrow=False)
        self.search.textChanged.connect(lambda _: self._pause.start())
        self._pause.timeout.connect(self.changed)
        self.kind.chosen.connect(lambda _: self.changed.emit())
        self.span.activated.connect(lambda _: self.changed.emit())
        self.starred.clicked.connect(lambda _: self.changed.emit())
        self.trash.clicked.connect(self.open_trash)

    def _lay_out(self, narrow: bool) -> None:
        """All in one row, or the words above the others."""
        self._narrow = narrow
        others = (self.kind, self.span, self.starred, self.trash)
        row, left = int(narrow), 0 if narrow else 1
        self._rows.addWidget(self.search, 0, 0, 1, len(others) if narrow else 1)
        for column, widget in enumerate(others, left):
            self._rows.addWidget(widget, row, column, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        self._rows.addWidget(self.again, 0, len(others) + left, Qt.AlignmentFlag.AlignVCenter)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Two rows where one would leave no room for words."""
        super().resizeEvent(event)
        if (narrow := event.size().width() < NARROW) != self._narrow:
            self._lay_out(narrow)

    def query(self) -> Query:
        """What they say."""
        kind = self.kind.value()
        days = next(days for name, _, days in _SPANS if name == (self.span.currentData() or ""))
        return Query(
            text=self.search.text(),
            kinds=(kind,) if kind else (),  # type: ignore[arg-type]  # the chips hold item kinds
            since=time.time() - days * DAY if days else None,
            starred=self.starred.isChecked(),
            deleted=self.trash.isChecked(),
        )

    def open_trash(self, on: bool) -> None:
        """Look in the trash, or no more."""
        self.trash.setChecked(on)
        self.trash_opened.emit(on)
        self.changed.emit()

    def clear(self) -> bool:
        """Look for everything, there where one looks. False when nothing was left out."""
        if self.query() == Query(deleted=self.trash.isChecked()):
            return False
        self.search.clear()
        self.kind.set_value("")
        self.span.setCurrentIndex(0)
        self.starred.setChecked(False)
        self.changed.emit()
        return True

    def to_data(self) -> dict[str, object]:
        """What is found again after a restart, which begins outside of the trash."""
        return {"text": self.search.text(), "kind": self.kind.value(), "starred": self.starred.isChecked()}

    def from_data(self, kept: Mapping[str, object]) -> None:
        """Show what ``to_data`` kept."""
        self.search.setText(str(kept.get("text", "")))
        self.kind.set_value(str(kept.get("kind", "")))
        self.starred.setChecked(bool(kept.get("starred", False)))


def why_nothing(query: Query) -> tuple[str, str]:
    """A title and a sentence for where nothing is found: which of the filters it was."""
    words, timed = query.text.strip(), query.since is not None
    filters = sum((bool(words), query.starred, bool(query.kinds), timed))
    if query.deleted and not filters:
        return tr("The trash is empty"), tr("Deleted items stay here, and can be restored until you empty the trash.")
    if not filters:
        return tr("Nothing left here"), tr("Everything you made is in the trash, and can be restored from there.")
    if query.deleted or filters > 1:
        why = tr("Nothing matches all the filters: words, star, kind and time. Remove one of them.")
    elif words:
        why = tr("No prompt contains these words. Try fewer.")
    elif query.starred:
        why = tr("Nothing is starred yet. Select an item and press S to star it.")
    elif query.kinds:
        why = tr(_EMPTY[query.kinds[0]])
    else:
        why = tr("Nothing was made in this period. Choose a longer one.")
    return tr("Nothing found"), why
