"""The one undo of the window: what was done, by name, and how each is taken back and done again."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from PySide6.QtCore import QObject, Signal

MOST = 500
"""Steps that can be undone."""


@dataclass(eq=False)
class Step:
    """Something that was done. ``title`` says what, as a command: "Delete 3 things".

    ``place``: the only place of the window where it is taken back, "" for everywhere; ``when``: seconds, on a clock
    that only goes forward.
    """

    title: str
    undo: Callable[[], object]
    redo: Callable[[], object] | None = None
    place: str = ""
    when: float = field(default_factory=time.monotonic)


class Voice(Protocol):
    """Says a short word to the person."""

    def notify(self, text: str) -> None:
        """Say it."""

    def say_done(self, text: str, step: Step) -> None:
        """Say what was done, with the offer to take it back."""


class Undo(QObject):
    """Steps in the order in which they were done; the last one is taken back first, wherever it was done.

    A step whose effect can be seen in one place only (a point of the Latent room) names that place: elsewhere it is
    passed over, so that no key changes what one doesn't look at. Whoever does something that can be taken back calls
    ``push`` once it is done. What is pushed while a step is taken back or done again is part of that step.
    """

    changed = Signal()
    """Another step comes next."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._done: list[Step] = []
        self._undone: list[Step] = []
        self.running = False
        """True while a step is taken back or done again."""

    def push(
        self, title: str, undo: Callable[[], object], redo: Callable[[], object] | None = None, place: str = ""
    ) -> Step:
        """``title`` was done just now; ``undo`` takes it back, ``redo`` does it again (None: that can't be done)."""
        step = Step(title, undo, redo, place)
        self.add(step)
        return step

    def add(self, step: Step) -> None:
        """The same with a step that is known already."""
        if not self.running:
            self._done = [*self._done[-MOST + 1 :], step]
            self._undone = [old for old in self._undone if old.place != step.place]
            self.changed.emit()

    def can_take_back(self, step: Step) -> bool:
        """Whether it wasn't taken back already."""
        return step in self._done

    def next_undo(self, place: str = "") -> Step | None:
        """The step that ``undo`` would take back there."""
        return _last(self._done, place)

    def next_redo(self, place: str = "") -> Step | None:
        """The step that ``redo`` would do again there."""
        return _last(self._undone, place)

    def undo(self, place: str = "") -> Step | None:
        """Take the last step back that can be seen in ``place``. Returns it; None when there is none."""
        step = self.next_undo(place)
        if step is not None:
            self.take_back(step)
        return step

    def redo(self, place: str = "") -> Step | None:
        """Do the step again that was taken back last there."""
        step = self.next_redo(place)
        if step is not None:
            self.do_again(step)
        return step

    def take_back(self, step: Step) -> None:
        """Take this one back, whatever was done after it; once only, however often it is asked."""
        if step not in self._done:
            return
        self._done.remove(step)
        step.when = time.monotonic()
        if step.redo is not None:
            self._undone.append(step)
        self._run(step.undo)

    def do_again(self, step: Step) -> None:
        """Do this one again, whatever was taken back after it; once only."""
        if step not in self._undone or step.redo is None:
            return
        self._undone.remove(step)
        step.when = time.monotonic()
        self._done.append(step)
        self._run(step.redo)

    def of_place(self, place: str) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
        """The steps that were done there, and those of them that were taken back; each in its order."""
        done = tuple(step for step in self._done if step.place == place)
        return done, tuple(step for step in self._undone if step.place == place)

    def put_back(self, done: Sequence[Step], undone: Sequence[Step]) -> None:
        """Take steps in again that were forgotten, each at its time among the others."""
        self._done = sorted([*self._done, *done], key=lambda step: step.when)[-MOST:]
        self._undone = sorted([*self._undone, *undone], key=lambda step: step.when)
        self.changed.emit()

    def forget(self, place: str) -> None:
        """Drop the steps of ``place``: there is no way back to before them."""
        self._done = [step for step in self._done if step.place != place]
        self._undone = [step for step in self._undone if step.place != place]
        self.changed.emit()

    def drop(self, step: Step) -> None:
        """Drop one step: it can't be taken back any more, or was refused."""
        self._done = [old for old in self._done if old is not step]
        self._undone = [old for old in self._undone if old is not step]
        self.changed.emit()

    def _run(self, work: Callable[[], object]) -> None:
        self.running = True
        try:
            work()
        finally:
            self.running = False
        self.changed.emit()


def _last(steps: list[Step], place: str) -> Step | None:
    return next((step for step in reversed(steps) if step.place in ("", place)), None)
