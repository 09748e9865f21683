"""The card of directions: PCA, SeFa and the person's own, with a slider each, for the current point."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import msgspec
from PySide6.QtCore import QMimeData, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QVBoxLayout

from studio.app.services import safe_name
from studio.core.override import override
from studio.core.text import tr
from studio.core.values import Asset
from studio.features.latent.points.offsets import find_offset, same_direction, with_offset
from studio.features.latent.points.point import DirectionOffset, LatentPoint
from studio.features.latent.ui.directions.direction_row import STRIP, DirectionDetails, DirectionRow
from studio.features.latent.ui.directions.notebook import Own
from studio.features.latent.ui.directions.notes import Notes
from studio.features.latent.ui.explore.mode import ModeContext
from studio.ui.chips import ChipChoice, Flow, chip
from studio.ui.drops import DropTarget, paths_in
from studio.ui.layout import label

FEW, MOST = 5, 20
"""Directions shown at first, and at most."""
REST_MS = 150
"""Delay after the last change of the point before the strip is redrawn."""
CODES = {"pca": "c", "sefa": "s"}


class DirectionsCard(QFrame):
    """Shows the current point's direction offsets as sliders; each slider drag is an undo step. Accepts dropped
    files."""

    def __init__(self, context: ModeContext) -> None:
        super().__init__()
        self.setObjectName("card")
        DropTarget(
            self, lambda mime: tr("Add these directions") if _are_directions(paths_in(mime)) else "", self._take_files
        )
        self._context, self.notes = context, Notes(context, self)
        self.rows: list[tuple[DirectionOffset, DirectionRow]] = []
        """Each with its direction, in the layers that it begins with."""
        self._open: DirectionRow | None = None
        self._start: LatentPoint | None = None
        self._drawn: object = None
        self.details = DirectionDetails()
        self.details.setParent(self)
        self.kinds = ChipChoice(
            [("pca", tr("PCA")), ("sefa", tr("SeFa")), ("own", tr("Own"))], tr("Directions"), slim=True
        )
        self._make_chips()
        self._lay_out()
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._connect()
        self.kinds.set_value("pca")
        self._fill()

    @override
    def showEvent(self, event: QShowEvent) -> None:
        """Compute the directions once the card is shown."""
        super().showEvent(event)
        self.notes.ask()

    def _take_files(self, mime: QMimeData) -> None:
        for path in paths_in(mime):
            self.notes.take_file(Path(path))

    # -- rows ----------------------------------------------------------------------------------------------------

    def _wanted(self) -> list[DirectionOffset]:
        """The directions to show."""
        kind = self.kinds.value()
        if kind == "own":
            own = [one.move for one in self.notes.book.own] if self.notes.book else []
            used = [*self._strange, *(_at_rest(move) for move in self._moves() if move.kind == "own")]
            self._strange = tuple({move.vector: move for move in used if find_offset(own, move) is None}.values())
            return [*own, *self._strange]
        count = min(MOST if self.more.isChecked() else FEW, self.notes.book.size if self.notes.book else MOST)
        return [DirectionOffset("pca" if kind == "pca" else "sefa", index=index) for index in range(count)]

    def _fill(self) -> None:
        """Make a row for each direction; existing ones are kept."""
        wanted = self._wanted()
        before = self.rows
        self.rows = []
        for move in wanted:
            kept = next((row for old, row in before if same_direction(old, move)), None)
            self.rows.append((move, kept or self._new_row(move)))
        gone = [row for _, row in before if row not in [kept for _, kept in self.rows]]
        if self._open in gone:
            self._close()
        for row in gone:
            row.hide()
            row.deleteLater()
        for place, (_, row) in enumerate(self.rows):
            self._column.insertWidget(place, row)
            row.show()
        own = self.kinds.value() == "own"
        self.more.setVisible(not own)
        for button in (self.sum, self.way, self.load):
            button.setVisible(own)
        self._show()

    def _new_row(self, move: DirectionOffset) -> DirectionRow:
        row = DirectionRow()
        row.moved.connect(lambda amount: self._go(self._current(move), amount))
        row.settled.connect(self._context.state.settle)
        row.opened.connect(lambda on: self._toggled(row, on))
        return row

    def _show(self) -> None:
        """Update the rows to the current point and the notes."""
        for move, row in self.rows:
            current = self._current(move)
            row.show_title(self._title(current))
            row.show_amount(current.amount)
        share = self.notes.share
        self._status.setVisible(0 < share < 1)
        self._status.setText(tr("Computing them… {percent} %", percent=round(100 * share)))
        self._empty.setVisible(self.kinds.value() == "own" and not self.rows)
        self.sum.setEnabled(bool(self._moves()))
        self.reset.setEnabled(bool(self._moves()))
        if (at := self._opened()) is not None:
            book = self.notes.book
            kept = book is not None and at.kind == "own" and any(own.vector == at.vector for own in book.own)
            self.details.show_move(at, self.notes.name_of(at), self._context.frames.bands, at.kind == "own", kept)
            self._look()

    def _title(self, move: DirectionOffset) -> str:
        name, last = self.notes.name_of(move), self._context.frames.layers - 1
        first, end = move.first, last if move.last < 0 else move.last
        if first == 0 and end >= last:
            layers = ""
        elif first == end:
            layers = tr("layer {number}", number=first)
        else:
            layers = tr("layers {first}–{last}", first=first, last=end)
        code = f"{CODES[move.kind]}{move.index}" if move.kind in CODES else name or tr("From a picture")
        quoted = tr("“{name}”", name=name) if name and move.kind in CODES else ""
        return " · ".join(part for part in (code, layers, quoted) if part)

    def _moves(self) -> tuple[DirectionOffset, ...]:
        return self._context.state.point.moves

    def _current(self, move: DirectionOffset) -> DirectionOffset:
        """The point's offset along the direction, or a zero one with the layers chosen for it."""
        return find_offset(self._moves(), move) or find_offset(self._ranges, move) or move

    _ranges: tuple[DirectionOffset, ...] = ()
    """Layer ranges chosen for directions with amount 0."""
    _strange: tuple[DirectionOffset, ...] = ()
    """Directions that came with a point and are not in the notes: they stay while they are tried."""

    def _go(self, move: DirectionOffset, amount: float) -> None:
        self._put(msgspec.structs.replace(move, amount=amount), f"along {move.kind} {move.index} {hash(move.vector)}")

    def _put(self, move: DirectionOffset, gesture: str = "") -> None:
        point = self._context.state.point
        moves = with_offset(point.moves, move)
        self._ranges = (*(old for old in self._ranges if not same_direction(old, move)), _at_rest(move))
        self._context.state.set_point(msgspec.structs.replace(point, moves=moves), gesture)

    # -- the open row --------------------------------------------------------------------------------------------

    def _opened(self) -> DirectionOffset | None:
        """The move of the open row."""
        return next((self._current(move) for move, row in self.rows if row is self._open), None)

    def _toggled(self, row: DirectionRow, on: bool) -> None:
        if not on:
            if row is self._open:
                self._close()
            return
        before, self._open = self._open, row
        if before is not None:
            before.head.setChecked(False)
        self._drawn = None
        row.unfold(self.details)
        self._show()

    def _close(self) -> None:
        self._open = None
        self.details.hide()
        self.details.setParent(self)
        self._context.frames.drop(self.details)

    def _look(self) -> None:
        """Redraw the strip once the point rests, unless it is up to date."""
        if self._base() != self._drawn:
            self._rest.start()

    def _base(self) -> object:
        """Everything the strip depends on."""
        at, point = self._opened(), self._context.state.point
        if at is None:
            return None
        return _at_rest(at), with_offset(point.moves, _at_rest(at)), msgspec.structs.replace(point, moves=())

    def _draw(self) -> None:
        at, point = self._opened(), self._context.state.point
        self._context.frames.drop(self.details)
        if at is None or not self.isVisible():
            return
        base = self._drawn = self._base()

        def show(index: int, asset: Asset) -> None:
            if base == self._drawn:
                self.details.show_picture(index, asset)

        for index, amount in enumerate(STRIP):
            moves = with_offset(point.moves, msgspec.structs.replace(at, amount=amount))
            there = msgspec.structs.replace(point, moves=moves)
            self._context.frames.picture(there, partial(show, index), self.details)

    def _stale(self) -> None:
        self._drawn = None
        self.details.forget()
        if self.isVisible():
            self.notes.ask()
        self._show()

    # -- what can be done ----------------------------------------------------------------------------------------

    def _go_open(self, amount: float) -> None:
        if (at := self._opened()) is not None:
            self._go(at, amount)

    def _rename(self, name: str) -> None:
        if (at := self._opened()) is not None:
            self.notes.rename(at, name)

    def _range(self, first: int, last: int) -> None:
        if (at := self._opened()) is not None:
            self._put(msgspec.structs.replace(at, first=first, last=last, basis=None))
            self._show()

    def _keep(self) -> None:
        if (at := self._opened()) is not None:
            self.notes.keep_move(at, self.notes.name_of(at) or self._next_name())

    def _share(self) -> None:
        if (at := self._opened()) is not None:
            name = safe_name(self.notes.name_of(at))
            path, _ = QFileDialog.getSaveFileName(
                self, tr("Share a direction"), f"{name}.json", tr("Directions (*.json)")
            )
            if path:
                self.notes.share_own(at, Path(path))

    def _delete(self) -> None:
        if (at := self._opened()) is not None:
            self._strange = ()
            self.notes.forget(at)

    def _load(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, tr("Directions"), "", tr("Directions (*.json)"))
        if path:
            self.notes.take_file(Path(path))

    def _keep_sum(self) -> None:
        self.notes.keep_moves(self._moves(), self._next_name())

    def _keep_way(self) -> None:
        """The first press sets the start, the second one the end."""
        start, self._start = self._start, None if self._start is not None else self._context.seen.point
        self._name_way()
        if start is not None:
            self.notes.keep_way(start, self._context.seen.point, self._next_name())

    def _name_way(self) -> None:
        self.way.setText(tr("From here…") if self._start is None else tr("…to here"))

    def _next_name(self) -> str:
        return tr("Direction {number}", number=1 + len(self.notes.book.own if self.notes.book else ()))

    def _added(self, own: Own) -> None:
        """Show the new direction, ready to be named."""
        self.kinds.set_value("own")
        self._fill()
        row = next(row for move, row in self.rows if same_direction(move, own.move))
        row.head.setChecked(True)
        self.details.name.setFocus()
        self.details.name.selectAll()

    def _reset(self) -> None:
        self._ranges = self._strange = ()
        self._context.state.set_point(msgspec.structs.replace(self._context.state.point, moves=()))
        self._fill()

    # -- putting together ----------------------------------------------------------------------------------------

    def _make_chips(self) -> None:
        self.more = chip(tr("More"), tr("Show more, weaker directions"), self._fill, checkable=True)
        self.sum = chip(tr("+ Sliders"), tr("Keep the current sliders as one direction"), self._keep_sum)
        self.way = chip("", tr("Keep the path between two points: press at the first, then at the second"))
        self.way.clicked.connect(self._keep_way)
        self.load = chip(tr("Open…"), tr("Add directions from a file; you can also drop it here"), self._load)
        self.reset = chip(tr("Reset"), tr("Set all directions to zero"), self._reset)
        self._name_way()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(label(tr("Directions"), "dim"), 1)
        head.addWidget(self.kinds)
        self._status = label("", "dim", wrap=True)
        self._empty = label(
            tr(
                "Keep a direction here: one from PCA or SeFa, all sliders combined, or the path from one point to "
                "another."
            ),
            "dim",
            wrap=True,
        )
        self._column = QVBoxLayout()
        self._column.setSpacing(2)
        foot = Flow()
        for button in (self.more, self.sum, self.way, self.load, self.reset):
            foot.addWidget(button)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(12, 10, 12, 12)
        whole.setSpacing(6)
        whole.addLayout(head)
        whole.addWidget(self._status)
        whole.addWidget(self._empty)
        whole.addLayout(self._column)
        whole.addLayout(foot)

    def _connect(self) -> None:
        self.kinds.chosen.connect(lambda _: self._fill())
        self._rest.timeout.connect(self._draw)
        self._context.state.changed.connect(self._state_changed)
        self._context.frames.stale.connect(self._stale)
        self._context.frames.layers_changed.connect(self._layers_changed)
        self._context.models.changed.connect(lambda _: self._model_changed())
        self.notes.changed.connect(self._fill)
        self.notes.added.connect(self._added)
        self.details.chosen.connect(self._go_open)
        self.details.ranged.connect(self._range)
        self.details.named.connect(self._rename)
        self.details.keep_asked.connect(self._keep)
        self.details.share_asked.connect(self._share)
        self.details.drop_asked.connect(self._delete)

    def _state_changed(self) -> None:
        if self.kinds.value() == "own":
            self._fill()
        else:
            self._show()
        if self.isVisible():
            self.notes.ask()

    def _model_changed(self) -> None:
        self._ranges = self._strange = ()
        self._fill()

    def _layers_changed(self) -> None:
        if self.isVisible():
            self.notes.ask()
        self._fill()


def _at_rest(move: DirectionOffset) -> DirectionOffset:
    return msgspec.structs.replace(move, amount=0.0)


def _are_directions(paths: Sequence[str]) -> bool:
    return any(path.lower().endswith(".json") for path in paths)
