"""The window's undo history: named steps, each with its undo and redo."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from PySide6.QtCore import QObject, Signal

MOST = 500
"""Most steps that are kept."""


@dataclass(eq=False)
class Step:
    """Something that was done. ``title`` names it as a command: "Delete 3 items".

    ``place``: the only place in the window where it can be undone, "" for everywhere; ``when``: seconds on a monotonic
    clock.
    """

    title: str
    undo: Callable[[], object]
    redo: Callable[[], object] | None = None
    place: str = ""
    when: float = field(default_factory=time.monotonic)


class Notifier(Protocol):
    """Shows short messages to the person."""

    def notify(self, text: str) -> None:
        """Say it."""

    def say_done(self, text: str, step: Step) -> None:
        """Say what was done, with the offer to take it back."""


class Undo(QObject):
    """Steps in the order in which they were done; the last one is undone first, wherever it was done.

    A step whose effect is visible in one place only (a point of the Latent room) names that place: elsewhere it is
    skipped, so that no key changes what isn't visible. Code that does something undoable calls ``push`` afterwards.
    Whatever is pushed during an undo or redo counts as part of it.
    """

    changed = Signal()
    """The next step to undo or redo changed."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._done: list[Step] = []
        self._undone: list[Step] = []
        self.running = False
        """True while a step is taken back or done again."""

    def push(
        self, title: str, undo: Callable[[], object], redo: Callable[[], object] | None = None, place: str = ""
    ) -> Step:
        """Add a step that was just done; ``undo`` reverts it, ``redo`` does it again (None: not possible)."""
        step = Step(title, undo, redo, place)
        self.add(step)
        return step

    def add(self, step: Step) -> None:
        """The same for an existing step."""
        if not self.running:
            self._done = [*self._done[-MOST + 1 :], step]
            self._undone = [old for old in self._undone if old.place != step.place]
            self.changed.emit()

    def can_take_back(self, step: Step) -> bool:
        """Whether it hasn't been undone yet."""
        return step in self._done

    def next_undo(self, place: str = "") -> Step | None:
        """The step that ``undo`` would revert there."""
        return _last(self._done, place)

    def next_redo(self, place: str = "") -> Step | None:
        """The step that ``redo`` would repeat there."""
        return _last(self._undone, place)

    def undo(self, place: str = "") -> Step | None:
        """Undo the last step visible in ``place``. Returns it; None if there is none."""
        step = self.next_undo(place)
        if step is not None:
            self.take_back(step)
        return step

    def redo(self, place: str = "") -> Step | None:
        """Redo the step that was undone last there."""
        step = self.next_redo(place)
        if step is not None:
            self.do_again(step)
        return step

    def take_back(self, step: Step) -> None:
        """Undo this step, whatever was done after it; repeated calls do nothing."""
        if step not in self._done:
            return
        self._done.remove(step)
        step.when = time.monotonic()
        if step.redo is not None:
            self._undone.append(step)
        self._run(step.undo)

    def do_again(self, step: Step) -> None:
        """Redo this step, whatever was undone after it; repeated calls do nothing."""
        if step not in self._undone or step.redo is None:
            return
        self._undone.remove(step)
        step.when = time.monotonic()
        self._done.append(step)
        self._run(step.redo)

    def of_place(self, place: str) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
        """The done steps of that place and its undone ones, each in order."""
        done = tuple(step for step in self._done if step.place == place)
        return done, tuple(step for step in self._undone if step.place == place)

    def put_back(self, done: Sequence[Step], undone: Sequence[Step]) -> None:
        """Add forgotten steps again, each at its time among the others."""
        self._done = sorted([*self._done, *done], key=lambda step: step.when)[-MOST:]
        self._undone = sorted([*self._undone, *undone], key=lambda step: step.when)
        self.changed.emit()

    def forget(self, place: str) -> None:
        """Drop the steps of ``place``: they can't be undone any more."""
        self._done = [step for step in self._done if step.place != place]
        self._undone = [step for step in self._undone if step.place != place]
        self.changed.emit()

    def drop(self, step: Step) -> None:
        """Drop one step: it can't be undone any more, or failed."""
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
