"""Changes to library items (star, delete, restore), each of them an undo step."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from studio.app.background_tasks import BackgroundTasks
from studio.app.trash import Thrown, Trashed, bring_back, throw_away
from studio.app.undo import Notifier, Step, Undo
from studio.core.errors import StudioError
from studio.core.text import tr, tr_count
from studio.library.index import Item, Query
from studio.library.lazy_items import LazyItems
from studio.library.library import Library
from studio.library.trash import Moved

Done = TypeVar("Done")
MOST_SAID = 2
"""Error messages shown at most; for a disconnected drive all would be the same."""


class Gallery(QObject):
    """Works in the background, on names of items: there may be 100,000 of them."""

    changed = Signal()

    def __init__(
        self, library: Library, background_tasks: BackgroundTasks, long: BackgroundTasks, undo: Undo,
        notifier: Notifier, parent: QObject,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._library, self._background_tasks, self._long, self._undo, self._notifier = (
            library,
            background_tasks,
            long,
            undo,
            notifier,
        )

    def star(self, names: Sequence[str], on: bool | None = None) -> None:
        """Star or unstar the items; None: unstar if all have a star, else star all."""
        others: list[str] = []
        wanted = [bool(on)]

        def work() -> None:
            starred = self._library.index.starred(names)
            wanted[0] = on if on is not None else len(starred) < len(names)
            others[:] = [name for name in names if (name in starred) != wanted[0]]
            self._library.star(others, wanted[0])

        def title(_: None) -> str:
            self.changed.emit()
            given = tr_count(len(others), "Star an item", "Star {count} items")
            taken = tr_count(len(others), "Unstar an item", "Unstar {count} items")
            return "" if not others else given if wanted[0] else taken

        undo, redo = lambda: self._star(others, not wanted[0]), lambda: self._star(others, wanted[0])
        step = Step(tr("Star or unstar"), undo, redo)
        self._do(self._background_tasks, names, work, step, title)

    def delete(self, names: Sequence[str]) -> None:
        """Move the items into the library's trash, and offer to undo that."""
        done: list[str] = []

        def work() -> Moved:
            moved = self._library.trash.put(self._called(names))
            done[:] = [item.id for item in moved.done]
            return moved

        def title(moved: Moved) -> str:
            self._settle(moved)
            if self._undo.can_take_back(step) and done:
                name = Path(moved.done[0].origin).name
                words = tr_count(len(done), "Moved to the trash: {name}", "{count} items moved to the trash", name=name)
                self._notifier.say_done(words, step)
            return tr_count(len(done), "Delete an item", "Delete {count} items") if done else ""

        step = Step(tr("Delete"), lambda: self._restore(done), lambda: self._put(done))
        self._do(self._background_tasks, names, work, step, title)

    def restore(self, names: Sequence[str]) -> None:
        """Restore the items from the library's trash."""
        done: list[str] = []

        def work() -> Moved:
            moved = self._library.trash.restore(self._called(names))
            done[:] = [item.id for item in moved.done]
            return moved

        def title(moved: Moved) -> str:
            self._settle(moved)
            return tr_count(len(done), "Restore an item", "Restore {count} items") if done else ""

        step = Step(tr("Restore"), lambda: self._put(done), lambda: self._restore(done))
        self._do(self._background_tasks, names, work, step, title)

    def empty_trash(self, names: Sequence[str] | None = None) -> None:
        """Move the files of items (None: of all deleted ones) from the library's trash to the system's."""
        gone: list[Trashed] = []

        def work() -> Thrown:
            found = self._library.index.names(Query(deleted=True)) if names is None else names
            thrown = self._throw_away(item for item in self._called(found) if item.deleted)
            gone[:] = thrown.done
            return thrown

        def title(thrown: Thrown) -> str:
            self._settle(thrown)
            if self._undo.can_take_back(step) and gone:
                name = Path(gone[0].item.origin).name
                words = tr_count(
                    len(gone),
                    "Moved to the system's trash: {name}",
                    "{count} items moved to the system's trash",
                    name=name,
                )
                self._notifier.say_done(words, step)
            return tr_count(len(gone), "Delete an item permanently", "Delete {count} items permanently") if gone else ""

        step = Step(tr("Delete permanently"), lambda: self._bring_back(gone), lambda: self._throw_again(gone))
        self._do(self._long, ["all"] if names is None else names, work, step, title)

    def _do(
        self, thread: BackgroundTasks, names: Sequence[str], work: Callable[[], Done], step: Step,
        title: Callable[[Done], str],
    ) -> None:  # fmt: skip
        """Run ``work`` in ``thread``. Its undo runs there too, so always after it, however soon it is requested.

        ``title`` names what was done once that is known; "" if nothing was, and then there is no step.
        """

        def show(done: Done) -> None:
            step.title = title(done)
            if step.title:
                self._undo.changed.emit()
            else:
                self._undo.drop(step)

        def fail(error: StudioError) -> None:
            self._undo.drop(step)
            self._fail(error)

        if names:
            self._undo.add(step)
            thread.do(work, show, fail, self)

    def _called(self, names: Sequence[str]) -> LazyItems:
        return LazyItems(self._library.index, names)

    # -- back and forth ------------------------------------------------------------------------------------------

    def _star(self, names: Sequence[str], on: bool) -> None:
        self._background_tasks.do(
            lambda: self._library.star(names, on), lambda _: self.changed.emit(), self._fail, self
        )

    def _put(self, names: Sequence[str]) -> None:
        self._background_tasks.do(lambda: self._library.trash.put(self._called(names)), self._settle, self._fail, self)

    def _restore(self, names: Sequence[str]) -> None:
        self._background_tasks.do(
            lambda: self._library.trash.restore(self._called(names)), self._settle, self._fail, self
        )

    def _throw_away(self, items: Iterable[Item]) -> Thrown:
        thrown = throw_away(self._library.index, items)
        self._library.trash.tidy()
        return thrown

    def _throw_again(self, gone: list[Trashed]) -> None:
        def work() -> Thrown:
            thrown = self._throw_away([one.item for one in gone])
            gone[:] = thrown.done
            return thrown

        self._long.do(work, self._settle, self._fail, self)

    def _bring_back(self, gone: Sequence[Trashed]) -> None:
        self._long.do(lambda: bring_back(self._library.index, gone), self._settle, self._fail, self)

    def _settle(self, moved: Moved | Thrown) -> None:
        for sentence in moved.refused[:MOST_SAID]:
            self._notifier.notify(sentence)
        if len(moved.refused) > MOST_SAID:
            self._notifier.notify(tr("and {count} more", count=len(moved.refused) - MOST_SAID))
        self.changed.emit()

    def _fail(self, error: StudioError) -> None:
        self._notifier.notify(error.message)
