"""What was made, as a person changes it: starred, deleted, brought back; every change is a step of the one undo."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from studio.app.errands import Errands
from studio.app.trash import Thrown, Trashed, bring_back, throw_away
from studio.app.undo import Undo
from studio.core.errors import StudioError
from studio.core.text import tr
from studio.library.called import Called
from studio.library.index import Item, Query
from studio.library.library import Library
from studio.library.trash import Moved

MOST_SAID = 2
"""Sentences about things that stayed; of a drive that is away all would say the same."""
Say = Callable[[str, str, Callable[[], None] | None], None]
"""Says a short word to the person, with at most one thing to do about it."""


class Gallery(QObject):
    """Works beside the window, with the names of items: there may be 100,000 of them."""

    changed = Signal()

    def __init__(
        self, library: Library, errands: Errands, long: Errands, undo: Undo, say: Say, parent: QObject
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._library, self._errands, self._long, self._undo, self._say = library, errands, long, undo, say

    def star(self, names: Sequence[str], on: bool | None = None) -> None:
        """Give the items a star, or take it away; None: away where all have one, else to all."""

        def work() -> tuple[list[str], bool]:
            starred = self._library.index.starred(names)
            wanted = on if on is not None else len(starred) < len(names)
            others = [name for name in names if (name in starred) != wanted]
            self._library.star(others, wanted)
            return others, wanted

        def show(done: tuple[list[str], bool]) -> None:
            others, wanted = done
            self.changed.emit()
            if others:
                given = _counted(others, tr("Give a star"), "Give {count} stars")
                taken = _counted(others, tr("Take a star away"), "Take {count} stars away")
                undo, redo = partial(self._star, others, not wanted), partial(self._star, others, wanted)
                self._undo.push(given if wanted else taken, undo, redo)

        self._errands.do(work, show, self._fail, self)

    def delete(self, names: Sequence[str]) -> None:
        """Move the items into the library's trash, and offer to take that back."""

        def show(moved: Moved) -> None:
            self._settle(moved)
            if moved.done:
                title = _counted(moved.done, tr("Delete a thing"), "Delete {count} things")
                done = [item.id for item in moved.done]
                step = self._undo.push(title, partial(self._restore, done), partial(self._put, done))
                one = tr("Moved to the trash: {name}", name=Path(moved.done[0].origin).name)
                words = _counted(done, one, "{count} things moved to the trash")
                self._say(words, tr("Undo"), partial(self._undo.take_back, step))

        self._errands.do(lambda: self._library.trash.put(self._called(names)), show, self._fail, self)

    def restore(self, names: Sequence[str]) -> None:
        """Take the items out of the library's trash again."""

        def show(moved: Moved) -> None:
            self._settle(moved)
            if moved.done:
                done = [item.id for item in moved.done]
                title = _counted(done, tr("Restore a thing"), "Restore {count} things")
                self._undo.push(title, partial(self._put, done), partial(self._restore, done))

        self._errands.do(lambda: self._library.trash.restore(self._called(names)), show, self._fail, self)

    def empty_trash(self, names: Sequence[str] | None = None) -> None:
        """Move the files of items (None: of all that were deleted) from the library's trash to the system's."""

        def work() -> Thrown:
            gone = self._library.index.names(Query(deleted=True)) if names is None else names
            return self._throw_away(self._called(gone))

        def show(thrown: Thrown) -> None:
            self._settle(thrown)
            gone = thrown.done
            if gone:
                title = _counted(gone, tr("Delete a thing for good"), "Delete {count} things for good")
                one = tr("Moved to the system's trash: {name}", name=Path(gone[0].item.origin).name)
                words = _counted(gone, one, "{count} things moved to the system's trash")
                step = self._undo.push(title, lambda: self._bring_back(gone), lambda: self._throw_again(gone))
                self._say(words, tr("Undo"), partial(self._undo.take_back, step))

        self._long.do(work, show, self._fail, self)

    def _called(self, names: Sequence[str]) -> Called:
        return Called(self._library.index, names)

    # -- back and forth ------------------------------------------------------------------------------------------

    def _star(self, names: Sequence[str], on: bool) -> None:
        self._errands.do(lambda: self._library.star(names, on), lambda _: self.changed.emit(), self._fail, self)

    def _put(self, names: Sequence[str]) -> None:
        self._errands.do(lambda: self._library.trash.put(self._called(names)), self._settle, self._fail, self)

    def _restore(self, names: Sequence[str]) -> None:
        self._errands.do(lambda: self._library.trash.restore(self._called(names)), self._settle, self._fail, self)

    def _throw_away(self, items: Sequence[Item]) -> Thrown:
        thrown = throw_away(self._library.index, items)
        self._library.trash.tidy()
        return thrown

    def _throw_again(self, gone: list[Trashed]) -> None:
        def show(thrown: Thrown) -> None:
            gone[:] = thrown.done
            self._settle(thrown)

        self._long.do(lambda: self._throw_away([one.item for one in gone]), show, self._fail, self)

    def _bring_back(self, gone: Sequence[Trashed]) -> None:
        self._long.do(lambda: bring_back(self._library.index, gone), self._settle, self._fail, self)

    def _settle(self, moved: Moved | Thrown) -> None:
        for sentence in moved.refused[:MOST_SAID]:
            self._say(sentence, "", None)
        if len(moved.refused) > MOST_SAID:
            self._say(tr("and {count} more", count=len(moved.refused) - MOST_SAID), "", None)
        if moved.done:
            self.changed.emit()

    def _fail(self, error: StudioError) -> None:
        self._say(error.message, "", None)


def _counted(things: Sequence[object], one: str, many: str) -> str:
    return one if len(things) == 1 else tr(many, count=len(things))
