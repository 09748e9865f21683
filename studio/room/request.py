"""A room's request: the frozen task and the model for it; every change of them is a step of the window's one undo."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec
from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication

from studio.app.undo import Step, Undo
from studio.core.fields import describe
from studio.core.fitting import with_fitting
from studio.core.foreign_paths import kept_here
from studio.core.task import Task
from studio.core.text import tr

AnyTask = TypeVar("AnyTask", bound=Task)
Values = dict[str, Any]
"""A task's fields by their names, and ``MODEL``."""
MODEL = "model"
"""The name of the model's address among a request's values: no task has a field of that name."""
REST_MS = 700
"""A gesture that rests so long is over."""


@dataclass(eq=False)
class Change(Step):
    """A step from one request to another. It holds only what differs: what was changed since stays when it goes."""

    before: Values = field(default_factory=dict)
    after: Values = field(default_factory=dict)


class Past(NamedTuple, Generic[AnyTask]):
    """A task, the steps that led to it, and those that were taken back."""

    task: AnyTask
    done: tuple[Step, ...]
    undone: tuple[Step, ...]


class Request(QObject, Generic[AnyTask]):
    """What a room will be asked for next: always within its bounds, so it can be asked for as it stands.

    Each change is a step of the window's undo that is taken back in its ``room`` only, where one sees it. ``title``
    names all such steps; without one each is named by what it changes.
    """

    changed = Signal()
    """The task, or the model, is another one."""

    def __init__(self, task: AnyTask, undo: Undo, room: str, title: str = "", parent: QObject | None = None) -> None:
        super().__init__(parent)
        assert MODEL not in task.__struct_fields__
        self.task, self.model = task, ""
        self.room = room
        self._undo, self._title = undo, title
        self._gesture = ""
        self._step: Change | None = None
        """The step of the gesture that goes on."""
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._rested)

    # -- changes -------------------------------------------------------------------------------------------------------

    def values(self, names: Iterable[str]) -> Values:
        """The values of these names as they are now."""
        return {name: self.model if name == MODEL else getattr(self.task, name) for name in names}

    def change(self, values: Mapping[str, Any], gesture: str = "", title: str = "") -> Change | None:
        """Give the request other ``values``. What follows with the same ``gesture`` is undone together with it.

        Returns the step, None where nothing has changed. Raises StudioError for a value out of its bounds; then nothing
        has changed.
        """
        new, differing = self._with(values)
        if not differing:
            return None
        before = self.values(differing)
        self._rest.start()
        joined = self._joined(gesture)
        self._become(new)
        if joined is None:  # pushed once it is shown: for a text field that shows it, it came later than its own change
            joined = self._push(before, title or self._title or self._title_of(differing))
        joined.before = {**before, **joined.before}
        self._gesture, self._step = gesture, joined
        if self.values(joined.before) == joined.before:  # it has led back to where it began
            self._undo.drop(joined)
        return joined

    def type_text(self, values: Mapping[str, Any], went_back: bool = False) -> None:
        """Take what is typed into a text field: one step until something else is done, however long one thinks.

        ``went_back``: the field's own undo did it. The steps that these words were go: nothing is undone twice.
        """
        if went_back and self._take_off(values):
            self._become(self._with(values)[0])
        else:
            self.change(values, f"type {' '.join(values)}")
            self._rest.stop()

    def adopt(self, values: Mapping[str, Any]) -> None:
        """Give the request those of ``values`` that fit, without a step: nobody did it, or it is part of another."""
        new, differing = self._with(self.fitting(values))
        if differing:
            self.settle()
            self._become(new)

    def fitting(self, values: Mapping[str, Any]) -> Values:
        """Those of ``values``, which a stranger may have written, that the request can have."""
        wrong = with_fitting(self.task, values)[1]
        named = {*self.task.__struct_fields__, MODEL}.difference(wrong)
        return {name: value for name, value in values.items() if name in named}

    def settle(self) -> None:
        """The gesture is over: what follows is a step of its own."""
        self._gesture, self._step = "", None

    def take_back(self, gesture: str) -> None:
        """Be where the ``gesture`` that goes on now began, as if it had never been."""
        step = self._joined(gesture)
        if step is not None:
            self.settle()
            self._undo.drop(step)
            self._become(step.before)

    # -- the past ------------------------------------------------------------------------------------------------------

    def restart(self, task: AnyTask, model: str | None = None) -> None:
        """Begin with ``task`` and without a past."""
        self._undo.forget(self.room)
        self.settle()
        fields = {name: getattr(task, name) for name in task.__struct_fields__}
        self._become(fields if model is None else {**fields, MODEL: model})

    def every_task(self) -> tuple[AnyTask, ...]:
        """The task, and all that an undo or a redo leads to."""
        done, undone = self._undo.of_place(self.room)
        found = [self.task]
        for steps, values_of in ((done, _before), (undone, _after)):
            task = self.task
            for step in reversed(steps):
                if isinstance(step, Change):
                    task = _replaced(task, values_of(step))
                    found.append(task)
        return tuple(found)

    def past(self) -> Past[AnyTask]:
        """Where one is, and how one came there."""
        return Past(self.task, *self._undo.of_place(self.room))

    def go_back_to(self, past: Past[AnyTask]) -> None:
        """Be where one was then, and able to take the same steps back."""
        self.restart(past.task)
        self._undo.put_back(past.done, past.undone)

    # -- over a restart ------------------------------------------------------------------------------------------------

    def to_data(self) -> dict[str, Any]:
        """What is found again after a restart."""
        return {"task": self.task.to_data(), "model": self.model}

    def from_data(self, kept: Mapping[str, Any]) -> None:
        """Take what ``to_data`` gave, as far as it fits; anybody may have changed it."""
        data, model = kept.get("task"), kept.get("model")
        here = kept_here(type(self.task), data)[0] if isinstance(data, dict) else {}
        task = self._made_whole(with_fitting(type(self.task)(), here)[0])
        self.restart(task, model if isinstance(model, str) else "")

    def _made_whole(self, task: AnyTask) -> AnyTask:
        """A remembered task as the room can have it."""
        return task

    # -- inside --------------------------------------------------------------------------------------------------------

    def _with(self, values: Mapping[str, Any]) -> tuple[Values, list[str]]:
        """``values`` as the task's types have them, and the names of those that are others than now."""
        task = self.task
        fields = {name: value for name, value in values.items() if name != MODEL and getattr(task, name) != value}
        if fields:
            task = type(task).from_values({**msgspec.to_builtins(task), **msgspec.to_builtins(fields)})
        new = {name: values[name] if name == MODEL else getattr(task, name) for name in values}
        now = self.values(new)
        return new, [name for name in new if new[name] != now[name]]

    def _joined(self, gesture: str) -> Change | None:
        """The step that a further change with this ``gesture`` belongs to."""
        goes_on = gesture and gesture == self._gesture and self._undo.next_undo(self.room) is self._step
        return self._step if goes_on else None

    def _take_off(self, values: Mapping[str, Any]) -> bool:
        """Drop the newest steps that changed the same, down to the one that began with ``values``, or to the first of
        them. False where there are none.
        """
        run: list[Change] = []
        for step in reversed(self._undo.of_place(self.room)[0]):
            if not isinstance(step, Change) or step.before.keys() != values.keys():
                break
            run.append(step)
        self.settle()
        for number, step in enumerate(run, 1):
            if number < len(run) or step.before == values:
                self._undo.drop(step)
            if step.before == values:
                break
        return bool(run)

    def _push(self, before: Values, title: str) -> Change:
        def undo() -> None:
            step.after = self.values(step.before)
            self.settle()
            self._become(step.before)

        def redo() -> None:
            self.settle()
            self._become(step.after)

        step = Change(title, undo, redo, self.room, before=before)
        self._undo.add(step)
        return step

    def _title_of(self, names: list[str]) -> str:
        if MODEL in names:
            return tr("Choose a model")
        described = describe(type(self.task))
        if all(field.look == "size" for field in described if field.name in names):
            return tr("Change the size")
        if len(names) > 1:
            return tr("Change the settings")
        title = next(tr(field.title) for field in described if field.name == names[0])
        return tr("Change {setting}", setting=title[:1].lower() + title[1:])

    def _become(self, values: Mapping[str, Any]) -> None:
        self.task = _replaced(self.task, values)
        self.model = values.get(MODEL, self.model)
        self.changed.emit()

    def _rested(self) -> None:
        """Whoever still holds the mouse down goes on with the gesture."""
        if QGuiApplication.mouseButtons() == Qt.MouseButton.NoButton:
            self.settle()
        else:
            self._rest.start()


def _replaced(task: AnyTask, values: Mapping[str, Any]) -> AnyTask:
    return msgspec.structs.replace(task, **{name: value for name, value in values.items() if name != MODEL})


def _before(step: Change) -> Values:
    return step.before


def _after(step: Change) -> Values:
    return step.after
