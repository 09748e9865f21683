"""The matrix of layers and sources: the mark in each row selects the layer's source."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.core.override import override
from studio.core.text import tr
from studio.ui.theme import token

ROW, DOT = 24, 7


class LayerMatrix(QWidget):
    """Click or drag over rows to move their marks to that column; arrow keys change row and mark."""

    changed = Signal()

    def __init__(self, head: int, column: int) -> None:
        super().__init__()
        self._head, self._column = head, column
        self._rows: list[int] = []
        self._columns, self._current = 1, 0
        self._bands: tuple[int, ...] = ()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Layers and their sources"))
        self.setToolTip(tr("Click or drag to take layers from that source; the arrow keys work too"))

    def rows(self) -> list[int]:
        """The source's index for each layer."""
        return list(self._rows)

    def show_rows(self, rows: Sequence[int], columns: int, bands: tuple[int, ...]) -> None:
        """Show these marks for ``columns`` sources; ``bands``: the ends of coarse, middle and fine layers."""
        self._rows, self._columns, self._bands = list(rows), max(columns, 1), bands
        self._current = min(self._current, max(len(rows) - 1, 0))
        self.setFixedHeight(max(ROW * len(rows), ROW))
        self.updateGeometry()
        self.update()

    @override
    def sizeHint(self) -> QSize:
        """All columns."""
        return QSize(self._head + self._column * self._columns, ROW * max(len(self._rows), 1))

    def spot(self, row: int, column: int) -> QPointF:
        """The centre of a mark."""
        return QPointF(self._head + (column + 0.5) * self._column, (row + 0.5) * ROW)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint rows, bands and marks."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        names = dict(zip((0, *self._bands[:-1]), (tr("Coarse"), tr("Middle"), tr("Fine")), strict=False))
        for row, chosen in enumerate(self._rows):
            if row in self._bands[:-1]:
                painter.setPen(QPen(token("line"), 1))
                painter.drawLine(0, row * ROW, self.width(), row * ROW)
            if row == self._current and self.hasFocus():
                painter.setPen(QPen(token("focus"), 1))
                painter.drawRoundedRect(QRectF(1, row * ROW + 1, self.width() - 2, ROW - 2), 6, 6)
            painter.setPen(token("dim"))
            words = QRectF(6, row * ROW, self._head - 10, ROW)
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, names.get(row, ""))
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, str(row))
            for column in range(self._columns):
                mark = column == chosen
                painter.setPen(QPen(token("accent" if mark else "edge"), 1.5))
                painter.setBrush(token("accent") if mark else Qt.BrushStyle.NoBrush)
                painter.drawEllipse(self.spot(row, column), DOT, DOT)
            painter.setBrush(Qt.BrushStyle.NoBrush)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Move the mark to the mouse."""
        self.setFocus()
        self._mark(event.position())

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Continue over other rows."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._mark(event.position())

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down change the layer, left and right move the mark."""
        downs, rights = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}, {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if not self._rows or event.key() not in {*downs, *rights}:
            super().keyPressEvent(event)
            return
        self._current = min(max(self._current + downs.get(Qt.Key(event.key()), 0), 0), len(self._rows) - 1)
        self._put(self._current, self._rows[self._current] + rights.get(Qt.Key(event.key()), 0))

    def _mark(self, at: QPointF) -> None:
        if self._rows and at.x() >= self._head:
            self._current = min(max(int(at.y() // ROW), 0), len(self._rows) - 1)
            self._put(self._current, int((at.x() - self._head) // self._column))

    def _put(self, row: int, column: int) -> None:
        if 0 <= column < self._columns and self._rows[row] != column:
            self._rows[row] = column
            self.changed.emit()
        self.update()
