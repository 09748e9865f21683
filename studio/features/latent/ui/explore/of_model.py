"""Controls that only some models have: classes, rotation and shift."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.core.fields import describe
from studio.core.text import tr
from studio.features.latent.tasks.latent import LatentTask
from studio.features.latent.ui.explore.frames import Frames
from studio.features.latent.ui.explore.state import LatentState
from studio.features.latent.ui.widgets.wander import Wander
from studio.ui.chips import chip
from studio.ui.layout import label
from studio.ui.number import NumberBox
from studio.ui.plain import plain

PLACING = ("turn", "shift_x", "shift_y")


Change = Callable[[Mapping[str, Any], str], None]


class OfModel(QWidget):
    """Shown only if the model supports them; the picture can also be rotated and shifted directly on ``picture``.

    Everything goes through ``change`` of the state: fields, and the name of the gesture.
    """

    def __init__(self, state: LatentState, frames: Frames, picture: Wander, change: Change) -> None:
        super().__init__()
        self._state, self._frames, self._picture, self._change = state, frames, picture, change
        fields = {field.name: field for field in describe(LatentTask)}
        self.label = NumberBox(0, 0, 1, whole=True)
        self.label.setFixedWidth(72)
        self.label.setAccessibleName(tr("Class"))
        self.boxes: dict[str, NumberBox] = {}
        for name in PLACING:
            field = fields[name]
            box = NumberBox(field.minimum or 0, field.maximum or 0, field.step or 0.01, whole=False, unit=field.unit)
            box.setFixedWidth(64)
            box.setAccessibleName(tr(field.title))
            box.setToolTip(plain(tr(field.help)))
            box.valueChanged.connect(lambda value, name=name: self._place(**{name: value}))
            self.boxes[name] = box
        self.level = chip(tr("Level"), tr("Reset rotation and shift"), self._level)
        self.label.valueChanged.connect(lambda value: self._label(int(value)))
        self._classes = _row(label(tr("Class"), "dim"), None, self.label)
        self._turn = _row(label(tr("Rotate"), "dim"), None, self.boxes["turn"], self.level)
        self._shift_row = _row(label(tr("Shift"), "dim"), None, self.boxes["shift_x"], self.boxes["shift_y"])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for row in (self._classes, self._turn, self._shift_row):
            column.addWidget(row)
        picture.shifted.connect(self._shift)
        picture.turned.connect(lambda degrees: self._place(turn=self._state.task.turn + degrees))
        state.changed.connect(self._show)
        frames.model_changed.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        """Adapt to another model's classes and abilities."""
        classes, turns = self._frames.classes, self._frames.turns
        self._picture.set_turns(turns)
        most = max(classes - 1, round(self.label.value()))
        self.label.blockSignals(True)
        self.label.setRange(0, most)
        self.label.blockSignals(False)
        self.label.setToolTip(plain(tr("Which of the model's classes to show, 0 to {last}", last=max(classes - 1, 0))))
        self._classes.setVisible(most > 0)
        for row in (self._turn, self._shift_row):
            row.setVisible(turns)
        self.setVisible(most > 0 or turns)

    def _show(self) -> None:
        task = self._state.task
        if task.points[0].label > self.label.maximum():
            self._fit_to(task.points[0].label)
        self.label.show_number(task.points[0].label)
        for name, box in self.boxes.items():
            box.show_number(getattr(task, name))

    def _fit_to(self, label_: int) -> None:
        """Keep a class that the model doesn't have visible, so that it can be changed."""
        self.label.blockSignals(True)
        self.label.setMaximum(label_)
        self.label.blockSignals(False)
        self._classes.show()
        self.show()

    def _label(self, number: int) -> None:
        point = msgspec.structs.replace(self._state.point, label=number)
        self._change({"points": (point,)}, "class")

    def _shift(self, x: float, y: float) -> None:
        task = self._state.task
        self._place(shift_x=task.shift_x + x, shift_y=task.shift_y + y)

    def _place(self, **fields: float) -> None:
        """Clamp to the fields' bounds."""
        boxes = self.boxes
        within = {name: min(max(value, boxes[name].minimum()), boxes[name].maximum()) for name, value in fields.items()}
        self._change({name: round(value, 4) for name, value in within.items()}, "place")

    def _level(self) -> None:
        self._place(**dict.fromkeys(PLACING, 0.0))


def _row(*parts: QWidget | None) -> QWidget:
    """``parts`` side by side; None is a stretch."""
    row = QWidget()
    line = QHBoxLayout(row)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(6)
    for part in parts:
        if part is None:
            line.addStretch(1)
        else:
            line.addWidget(part)
    return row
