"""The notes on the current model's directions: identified by its weights, saved as a file, extended by shared files."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, Signal

from studio.core.errors import StudioError
from studio.core.text import tr
from studio.core.values import Asset
from studio.features.latent.points.point import DirectionOffset, LatentPoint
from studio.features.latent.tasks.questions import DirectionsFacts, DirectionsTask, WayTask
from studio.features.latent.ui.directions.notebook import Notebook, Own, own_of, read_notebook, to_json
from studio.features.latent.ui.explore.mode import ModeContext
from studio.features.latent.ui.explore.state import PLACE

NOWHERE = LatentPoint(layer_weights=(0.0,))
"""A point whose styles are 0 apart from its offsets: a difference to it is exact."""


class Notes(QObject):
    """Requests the model's directions, bit by bit; ``share`` is the fraction that is done.

    ``changed``: the notes or the share changed. ``added`` carries a new direction of the person's own.
    """

    changed = Signal()
    added = Signal(object)

    def __init__(self, context: ModeContext, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._key = ""
        self._of = ("", 0)
        self._file: Path | None = None
        self.share = 0.0
        self.book: Notebook | None = None
        """None until the model has said how large its directions are."""

    def ask(self) -> None:
        """Request what isn't known yet for the current model and the point's class."""
        of = (self._context.models.address(), self._context.state.point.label)
        if of[0] != self._of[0]:
            self._key, self.book, self._file = "", None, None
        if of != self._of:
            self._of, self.share = of, 0.0
            self.changed.emit()
        if of[0] and (self.share < 1 or self.book is None):
            self._context.frames.ask(DirectionsTask(label=of[1]), self._answered, self)

    def _answered(self, asset: Asset) -> None:
        facts = DirectionsFacts.of(asset.notes)
        self.share = facts.share
        if facts.key != self._key and self._context.frames.layers:
            self._key = facts.key
            self._open(Notebook(size=facts.size, layers=self._context.frames.layers))
        self.changed.emit()
        if self.share < 1:
            self.ask()

    # -- names and directions of one's own -----------------------------------------------------------------------

    def name_of(self, move: DirectionOffset) -> str:
        """The person's name for the direction; "" if there is none."""
        if self.book is None:
            return ""
        if move.kind == "own":
            return next((own.name for own in self.book.own if own.vector == move.vector), "")
        return self.book.names.get(f"{move.kind} {move.index}", "")

    def rename(self, move: DirectionOffset, name: str) -> None:
        """Rename the direction."""
        if self.book is None or name == self.name_of(move):
            return
        if move.kind == "own":
            own = [_with_name(one, name) if one.vector == move.vector and name else one for one in self.book.own]
            self._change(own=tuple(own))
        else:
            names = {**self.book.names, f"{move.kind} {move.index}": name}
            self._change(names={key: value for key, value in names.items() if value})

    def keep_move(self, move: DirectionOffset, name: str) -> None:
        """Save a direction with its layers to the person's own."""
        if move.kind == "own":
            self._add(Own(name, move.vector, move.first, move.last))
        else:
            self.keep_moves((msgspec.structs.replace(move, amount=1.0),), name)

    def keep_moves(self, moves: Sequence[DirectionOffset], name: str) -> None:
        """Save the sum of ``moves`` as one direction."""
        label = self._context.state.point.label
        end = msgspec.structs.replace(NOWHERE, label=label, moves=tuple(moves))
        self.keep_way(msgspec.structs.replace(NOWHERE, label=label), end, name)

    def keep_way(self, start: LatentPoint, end: LatentPoint, name: str) -> None:
        """Save the difference from ``start`` to ``end`` as a direction."""
        task = msgspec.structs.replace(self._context.state.task, points=(start, end))

        def take(asset: Asset) -> None:
            if self.book is not None:
                self._add(own_of(name, asset.data, self.book.size))

        self._context.frames.ask(WayTask(of=task), take, self)

    def forget(self, move: DirectionOffset) -> None:
        """Remove one of the person's own directions, and offer to undo that."""
        if self.book is None:
            return
        before, key, name = self.book.own, self._key, self.name_of(move)
        after = tuple(own for own in before if own.vector != move.vector)

        def show(own: tuple[Own, ...]) -> None:
            if key == self._key:
                self._change(own=own)

        show(after)
        services = self._context.services
        step = services.undo.push(tr("Delete a direction"), lambda: show(before), lambda: show(after), PLACE)
        services.say_done(tr("Deleted: {name}", name=name), step)

    def _add(self, own: Own) -> None:
        """Add a direction, unless it is zero or exists already."""
        if self.book is None:
            return
        if not any(own.vector):
            self._context.say(StudioError(tr("There is no path between these points: they are the same.")))
        elif self.name_of(own.move):
            self._context.services.notify(tr("This direction already exists: {name}", name=self.name_of(own.move)))
        else:
            self._change(own=(*self.book.own, own))
            self.added.emit(own)

    # -- files ---------------------------------------------------------------------------------------------------

    def share_own(self, move: DirectionOffset, path: Path) -> None:
        """Write one of the person's own directions to a file."""
        if self.book is not None:
            own = tuple(one for one in self.book.own if one.vector == move.vector)
            data = to_json(Notebook(self.book.size, self.book.layers, own=own))
            words = tr("Shared as {name}", name=path.name)
            self._context.services.write(
                path, data, self._context.say, self, lambda: self._context.services.notify(words)
            )

    def take_file(self, path: Path) -> None:
        """Add the directions of a shared file, and its names for unnamed ones."""
        self._context.services.read(
            lambda: read_notebook(path), lambda found: self._take(path, found), self, self._context.say
        )

    def _take(self, path: Path, found: Notebook) -> None:
        if self.book is None:
            self._context.say(StudioError(tr("The model's directions aren't ready yet. Try again in a moment.")))
            return
        if any(not self.book.fits(own) for own in found.own) or found.size != self.book.size:
            self._context.say(
                StudioError(
                    tr("The directions in {path} are for another kind of model. Choose that model first.", path=path)
                )
            )
            return
        names = {**found.names, **self.book.names}
        if names != self.book.names:
            self._change(names=names)
        for own in found.own:
            self._add(own)

    def _open(self, fresh: Notebook) -> None:
        """Read the model's file, if it has one; an unreadable one is reported, and left alone."""
        self.book, key = fresh, self._key
        file = self._context.services.folder_of("latent") / f"directions-{key}.json"

        def show(found: Notebook | None) -> None:
            if key == self._key:
                self._file = file
                self.book = found if found is not None else fresh
                self.changed.emit()

        self._context.services.read(
            lambda: read_notebook(file) if file.exists() else None, show, self, self._context.say
        )

    def _change(self, **fields: object) -> None:
        assert self.book is not None
        self.book = msgspec.structs.replace(self.book, **fields)
        if self._file is not None:
            self._context.services.write(self._file, to_json(self.book), self._context.say, self)
        self.changed.emit()


def _with_name(own: Own, name: str) -> Own:
    return msgspec.structs.replace(own, name=name)
