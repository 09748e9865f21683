"""The walk: keyframes in a row, played as a loop and exported as a film."""

from typing import Any

import msgspec
from PySide6.QtCore import QModelIndex, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QIcon, QKeyEvent, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QListView, QListWidget, QListWidgetItem, QVBoxLayout

from studio.core.fields import describe
from studio.core.text import tr
from studio.features.latent.point import Blend
from studio.features.latent.seed_map import MIME
from studio.features.latent.space import between
from studio.features.latent.task import WalkTask
from studio.ui.chips import Flow, chip
from studio.ui.form import Form
from studio.ui.layout import OneLine, Section, label

FRAME_MS = 33
BLEND = Qt.ItemDataRole.UserRole
EDGE = 52


class _Keys(QListWidget):
    """Keyframes can be moved by mouse and keyboard, and deleted with the Delete key; seeds can be dropped."""

    dropped = Signal(object)
    """A seed."""

    def __init__(self) -> None:
        super().__init__()
        self.setFlow(QListView.Flow.LeftToRight)  # in a list, not as icons: those a drag only puts elsewhere
        self.setDragDropMode(QListView.DragDropMode.InternalMove)
        self.setIconSize(QSize(EDGE, EDGE))
        self.setFixedHeight(EDGE + 30)
        self.setAccessibleName(tr("Keyframes"))
        self.setToolTip(tr("Drop seeds of the map here; drag or Alt and arrow keys move a keyframe, Delete removes it"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete removes; Alt with an arrow moves."""
        steps: dict[int, int] = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            for item in self.selectedItems():
                self.takeItem(self.row(item))
        elif event.modifiers() & Qt.KeyboardModifier.AltModifier and event.key() in steps:
            self._move(steps[event.key()])
        else:
            super().keyPressEvent(event)

    def _move(self, step: int) -> None:
        row = self.currentRow()
        if row >= 0 and 0 <= row + step < self.count():
            self.insertItem(row + step, self.takeItem(row))
            self.setCurrentRow(row + step)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take seeds, and one's own keyframes."""
        if event.mimeData().hasFormat(MIME):
            event.acceptProposedAction()
        else:
            super().dragEnterEvent(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """The same while it moves."""
        if event.mimeData().hasFormat(MIME):
            event.acceptProposedAction()
        else:
            super().dragMoveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """A seed becomes a keyframe."""
        if event.mimeData().hasFormat(MIME):
            event.acceptProposedAction()
            self.dropped.emit(int(bytes(event.mimeData().data(MIME).data()).decode()))
        else:
            super().dropEvent(event)


class Timeline(QFrame):
    """``at``: the point that is played now. ``exported``: the person wants the walk as a film.

    ``seed_dropped`` carries a seed.
    """

    at = Signal(object)
    add_asked = Signal()
    seed_dropped = Signal(object)
    exported = Signal()
    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("card")
        self.keys = _Keys()
        self.keys.dropped.connect(self.seed_dropped)
        own = {"seconds", "rate", "size", "loop", "format", "space", "path", "easing", "even"}
        self.form = Form([field for field in describe(WalkTask) if field.name in own])
        self.form.changed.connect(self._changed)
        self._facts = OneLine()
        self.add = chip(tr("+ Add"), tr("Add the current point as a keyframe"), self.add_asked.emit)
        self.play = chip(tr("▶ Play"), tr("Play the walk"), self._toggle, checkable=True)
        self.export = chip(tr("Export"), tr("Make a film of the walk"), self.exported.emit)
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self._tick)
        self._place = 0.0
        head = QHBoxLayout()
        head.addWidget(label(tr("Walk"), "title"))
        head.addWidget(self._facts, 1)
        buttons = Flow()
        for button in (self.add, self.play, self.export):
            buttons.addWidget(button)
        head.addLayout(buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self.keys)
        column.addWidget(Section(tr("Duration · rate · size · format"), tr("How the film shall be"), self.form))
        model = self.keys.model()
        for signal in (model.rowsInserted, model.rowsRemoved, model.rowsMoved):
            signal.connect(self._keys_changed)
        self._changed()

    def blends(self) -> tuple[Blend, ...]:
        """The keyframes in order."""
        return tuple(self.keys.item(row).data(BLEND) for row in range(self.keys.count()))

    def add_key(self, blend: Blend, picture: QPixmap | None) -> None:
        """Put a keyframe at the end."""
        item = QListWidgetItem(QIcon(picture or QPixmap()), "" if picture else str(blend.seeds[0]))
        item.setData(BLEND, blend)
        item.setToolTip(tr("Keyframe at seed {seed}", seed=blend.seeds[0]))
        item.setSizeHint(QSize(EDGE + 8, EDGE + 8))
        self.keys.addItem(item)

    def set_picture(self, seed: int, picture: QPixmap) -> None:
        """The picture of a seed has come: keyframes of it that lack one get it."""
        for row in range(self.keys.count()):
            item = self.keys.item(row)
            if item.icon().isNull() and item.data(BLEND).seeds == (seed,):
                item.setIcon(QIcon(picture))
                item.setText("")

    def to_data(self) -> dict[str, Any]:
        """What is found again after a restart."""
        return {**self.form.values(), "keys": msgspec.to_builtins(self.blends())}

    def from_data(self, data: dict[str, Any]) -> None:
        """Show what ``to_data`` kept."""
        self.form.set_values(data)
        try:
            keys = msgspec.convert(data.get("keys", ()), tuple[Blend, ...])
        except (ValueError, OverflowError):  # msgspec's own is a ValueError, and so is half of a surrogate pair
            return
        self.keys.clear()
        for key in keys:
            self.add_key(key, None)

    def stop(self) -> None:
        """Play no more."""
        self._timer.stop()
        self.play.setChecked(False)
        self.play.setText(tr("▶ Play"))

    @property
    def playing(self) -> bool:
        """True while it plays."""
        return self._timer.isActive()

    def _toggle(self) -> None:
        if self._timer.isActive() or self.keys.count() < 2:
            self.stop()
        else:
            self.play.setChecked(True)
            self.play.setText(tr("■ Stop"))
            self._timer.start()

    def _tick(self) -> None:
        """A step on, as long as the walk's own length says; not looping, it ends at the last keyframe."""
        keys = self.blends()
        if len(keys) < 2:
            self.stop()
            return
        values = self.form.values()
        legs = len(keys) if values["loop"] else len(keys) - 1
        self._place += legs * FRAME_MS / 1000 / values["seconds"]
        if self._place >= legs:
            self._place = 0.0
            if not values["loop"]:
                self.stop()
                return
        leg = int(self._place)
        self.at.emit(between(keys[leg], keys[(leg + 1) % len(keys)], self._place - leg))

    def _keys_changed(self, *_: QModelIndex | int) -> None:
        self._changed()

    def _changed(self) -> None:
        count, values = self.keys.count(), self.form.values()
        loop = tr("loop") if values["loop"] else tr("once")
        self._facts.set_words(
            tr(
                "{count} keyframes · {seconds} s {loop} · {rate} fps",
                count=count,
                seconds=values["seconds"],
                loop=loop,
                rate=values["rate"],
            )
            if count
            else tr("Add two points or more")
        )
        for button in (self.play, self.export):
            button.setEnabled(count >= 2)
        self.changed.emit()
