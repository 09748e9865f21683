"""The family tree: generations in rows, with lines to the current member's ancestors."""

from functools import partial

from PySide6.QtCore import QObject, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from studio.core.override import override
from studio.core.text import tr
from studio.core.values import Asset
from studio.features.latent.points.family import Family
from studio.features.latent.ui.widgets.picture_provider import PictureProvider
from studio.ui.pixels import inside, to_pixmap
from studio.ui.theme import token

TILE, GAP, BETWEEN = 40, 6, 26


class FamilyTree(QWidget):
    """Click or use the arrow keys to select a member."""

    chosen = Signal(int)

    def __init__(self, provider: PictureProvider) -> None:
        super().__init__()
        self._provider = provider
        self._family, self._current = Family(), -1
        self._pictures: dict[int, QPixmap] = {}
        self._asker = QObject(self)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Family tree"))
        self.setToolTip(tr("Click a member to go there and see its ancestors; the arrow keys work too"))
        provider.stale.connect(self._ask)

    def show_family(self, family: Family, current: int = -1) -> None:
        """Show a family and select one member."""
        if family is not self._family:
            kept = family.members[: len(self._family.members)] == self._family.members
            self._pictures = self._pictures if kept else {}
            self._family = family
            if self.isVisible():
                self._ask(missing_only=True)
        self._current = current
        self.setFixedSize(self.sizeHint())
        self.update()

    @override
    def showEvent(self, event: object) -> None:
        """Request pictures when the tree is shown."""
        self._ask(missing_only=True)

    @override
    def sizeHint(self) -> QSize:
        """All rows."""
        longest = max((len(row) for row in self._family.rows), default=1)
        return QSize(longest * (TILE + GAP) + GAP, len(self._family.rows) * (TILE + BETWEEN) + GAP)

    def place(self, number: int) -> QRectF:
        """The rectangle of a member."""
        row = next(at for at, numbers in enumerate(self._family.rows) if number in numbers)
        column = self._family.rows[row].index(number)
        return QRectF(GAP + column * (TILE + GAP), GAP + row * (TILE + BETWEEN), TILE, TILE)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint lines, then members."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        line = self._family.ancestors_of(self._current) | {self._current} if self._current >= 0 else set()
        painter.setPen(QPen(token("accent"), 1.5))
        for number in line:
            for parent in self._family.parents_of(number):
                start, end = self.place(parent), self.place(number)
                painter.drawLine(QPointF(start.center().x(), start.bottom()), QPointF(end.center().x(), end.top()))
        for number in range(len(self._family.members)):
            self._paint_member(painter, number, number in line)

    def _paint_member(self, painter: QPainter, number: int, marked: bool) -> None:
        place, shape = self.place(number), QPainterPath()
        shape.addRoundedRect(place, 6, 6)
        painter.fillPath(shape, token("card"))
        if number in self._pictures:
            painter.setClipPath(shape)
            painter.setOpacity(1.0 if marked or self._current < 0 else 0.55)
            picture = self._pictures[number]
            painter.drawPixmap(inside(place, picture), picture, QRectF(picture.rect()))
            painter.setOpacity(1.0)
            painter.setClipping(False)
        if marked:
            painter.setPen(QPen(token("accent"), 3 if number == self._current else 1.5))
            painter.drawRoundedRect(place, 6, 6)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select the member under the mouse."""
        self.setFocus()
        for number in range(len(self._family.members)):
            if self.place(number).contains(event.position()):
                self.chosen.emit(number)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The next member in the row, or in the row above or below."""
        rows = self._family.rows
        ways = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0)}
        if event.key() not in ways or not rows:
            super().keyPressEvent(event)
            return
        down, right = ways[Qt.Key(event.key())]
        row = next((at for at, numbers in enumerate(rows) if self._current in numbers), 0)
        column = rows[row].index(self._current) if self._current in rows[row] else 0
        row = min(max(row + down, 0), len(rows) - 1)
        self.chosen.emit(rows[row][min(max(column + right, 0), len(rows[row]) - 1)])

    def _ask(self, missing_only: bool = False) -> None:
        self._provider.drop(self._asker)
        if not self.isVisible():
            return
        for number, point in enumerate(self._family.members):
            if not missing_only or number not in self._pictures:
                self._provider.picture(point, partial(self._came, number), self._asker)

    def _came(self, number: int, asset: Asset) -> None:
        self._pictures[number] = to_pixmap(asset, TILE * 2)
        self.update()
