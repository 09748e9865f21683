"""Drag: moves parts of the picture to target positions, previewing each step."""

import base64
from collections.abc import Mapping
from functools import partial
from typing import Any

import msgspec
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from studio.app.job_handle import JobHandle
from studio.core.fields import Field, describe
from studio.core.override import override
from studio.core.task import Task
from studio.core.text import tr
from studio.core.values import Asset
from studio.features.latent.points.point import LatentPoint
from studio.features.latent.tasks.look import LookTask
from studio.features.latent.tasks.search import MOST_MASK, DragFacts, DragTask, HandleDrag
from studio.features.latent.ui.explore.mode import Mode, ModeContext
from studio.features.latent.ui.widgets.drag_view import DragView
from studio.ui.chips import ChipChoice, Flow, chip
from studio.ui.form import Form
from studio.ui.layout import card, label
from studio.ui.number import Number

BRUSH = Field(
    name="brush", type="int", default=15, title="Brush", help="How wide the brush is.",
    minimum=2, maximum=60, step=1, unit="%",
)  # fmt: skip
SETTINGS = ("layers", "steps")
LOOK = LookTask.__struct_fields__


class DragMode(Mode):
    """Handles and targets on the picture; the result, or the last preview, becomes the current point."""

    NAME = "drag"
    TITLE = "Drag"
    TIP = "Drag parts of the picture to where they should be"
    TASKS = (DragTask,)

    def __init__(self, context: ModeContext) -> None:
        super().__init__(context)
        self._run: JobHandle | None = None
        self._seen: Asset | None = None
        self._entered = False
        self._start_point = context.state.point
        """Where one was when the drag began: who has gone elsewhere since is not taken away from there."""
        self._known: dict[LatentPoint, tuple[HandleDrag, ...]] = {}
        """The pulls at each point that was dragged from or to: an undo brings them back too."""
        fields = {field.name: field for field in describe(DragTask)}
        self.view, self.form, self.brush = DragView(), Form([fields[name] for name in SETTINGS]), Number(BRUSH)
        self.tool = ChipChoice(
            [("drag", tr("Points")), ("free", tr("Free")), ("fixed", tr("Fixed"))], tr("Tool"),
            tr("Set points, or paint what is free to change and what is fixed"),
        )  # fmt: skip
        self.tool.set_value("drag")
        self.start = chip(tr("▶ Start"), tr("Drag until every handle reaches its target"), self._start)
        self.halt = chip(tr("■ Stop"), tr("Stop, and keep the current result"), self.stop)
        self.add = chip(tr("+ Pair"), tr("Add a handle and its target (Insert)"), self.view.add)
        self.clear = chip(tr("Clear"), tr("Remove all points and the mask"), self._clear)
        self.status = label("", "dim", wrap=True)
        self.left, self.middle = self._lay_out_left(), self.view
        self.tool.chosen.connect(self._use_tool)
        self.brush.changed.connect(self._use_tool)
        self.view.changed.connect(self._changed)
        context.frames.live.connect(self._show_live)
        context.state.changed.connect(self._follow_state)
        self._use_tool()
        self._show_buttons()

    @override
    def enter(self) -> None:
        """Request the current picture at full size."""
        self._entered = True
        self.context.frames.show(self.context.state.task)

    @override
    def leave(self) -> None:
        """Show the current point's picture again instead of a running drag's."""
        self._entered = self.context.seen.held = False
        self.context.frames.show(self.context.state.task)

    @override
    def remember(self) -> dict[str, Any]:
        """Points, mask and settings."""
        mask = base64.b64encode(self.view.free()).decode()
        return {"pulls": [list(drag) for drag in self.view.drags()], "mask": mask, **self.form.values()}

    @override
    def restore(self, kept: Mapping[str, Any]) -> None:
        """Restore what was saved, as far as it is valid."""
        self.form.set_values(kept)
        try:
            self.view.set_drags(msgspec.convert(kept.get("pulls", ()), tuple[HandleDrag, ...]))
            self.view.set_free(msgspec.convert(str(kept.get("mask", ""))[: 2 * MOST_MASK], bytes))
        except (ValueError, OverflowError):  # msgspec's own error is a ValueError, and so is that for a lone surrogate
            return
        self._show_buttons()

    # -- a drag --------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        seen = self.context.seen.task
        look = {name: getattr(seen, name) for name in LOOK}
        point, mask = seen.points[0], self.view.free()
        self.context.state.set_point(point)  # a drag starts from the picture on display, and undo returns there
        self.context.ask(DragTask(pulls=self.view.drags(), point=point, mask=mask, **self.form.values(), **look))

    @override
    def follow(self, run: JobHandle) -> None:
        """Show each step of ``run``; at the end its point becomes the current one."""
        assert isinstance(run.job.task, DragTask)
        self._run, self._seen, self._start_point = run, None, self.context.state.point
        if run.job.task.point is not None:
            self._known[run.job.task.point] = run.job.task.pulls
        self.view.set_drags(run.job.task.pulls)
        run.preview.connect(lambda asset, _: self._step(run, asset))
        for result in (run.made, run.unsaved):
            result.connect(lambda asset, _: self._step(run, asset))
        for end in (run.done, run.failed, run.cancelled):
            end.connect(partial(self._end, run))
        self._show_buttons()

    def stop(self) -> None:
        """Stop dragging; the last preview stays."""
        if self._run is not None:
            self.context.services.tracker.cancel(self._run.job.id)

    def _step(self, run: JobHandle, asset: Asset) -> None:
        if run is not self._run or run.over:
            return
        self._seen = asset
        self.context.seen.held = self._entered
        if self._entered:
            self.context.seen.show(asset, run.job.task)
        self.view.show_asset(asset)
        facts = DragFacts.of(asset.notes)
        self.view.move_handles(facts.handles)
        words = tr("{count} px from the target", count=f"{facts.distance or 0:.1f}")
        self.status.setText(tr("Target reached.") if facts.arrived else words)

    def _end(self, run: JobHandle, *_: object) -> None:
        if run is not self._run:
            return
        self._run, self.context.seen.held = None, False
        point = DragFacts.of(self._seen.notes).point if self._seen is not None else None
        if point is not None:
            self._known[point] = self.view.drags()
        if point is not None and self.context.state.point == self._start_point:
            self.context.state.set_point(point)
        elif point is not None:
            go = partial(self.context.state.set_point, point)
            self.context.services.notify(tr("The drag is finished."), tr("Go there"), go)
        if point is None or self._entered:
            self.context.frames.show(self.context.state.task)
        self._show_buttons()

    @override
    def take(self, task: Task) -> None:
        """Go to where that drag started, with its handles and targets."""
        assert isinstance(task, DragTask)
        start = task.point or LatentPoint((task.seed,))
        self._known[start] = task.pulls
        self.form.set_values(msgspec.structs.asdict(task))
        self.view.set_free(task.mask)
        look = {name: getattr(task, name) for name in LOOK}
        self.context.state.change({"points": (start,), **look})
        self.view.set_drags(task.pulls)
        self._show_buttons()

    # -- what is shown -------------------------------------------------------------------------------------------

    def _show_live(self, asset: Asset, _: float) -> None:
        if self._run is None:
            self.view.show_asset(asset)

    def _follow_state(self) -> None:
        pulls = self._known.get(self.context.state.point)
        if pulls is not None and self._run is None:
            self.view.set_drags(pulls)
            self._show_buttons()

    def _clear(self) -> None:
        self.view.set_drags(())
        self.view.set_free(b"")
        self._changed()

    def _changed(self) -> None:
        self.status.setText("")
        self._show_buttons()

    def _use_tool(self, *_: object) -> None:
        self.view.tool, self.view.brush = self.tool.value(), float(self.brush.value()) / 100
        self.brush.setVisible(self.view.tool != "drag")
        self.view.update()

    def _show_buttons(self) -> None:
        running, pulls = self._run is not None, self.view.drags()
        self.view.lock(running)
        self.start.setEnabled(not running and any(drag[:2] != drag[2:] for drag in pulls))
        self.halt.setEnabled(running)
        self.add.setEnabled(not running)
        self.clear.setEnabled(not running and bool(pulls or self.view.free()))

    def _lay_out_left(self) -> QWidget:
        left = QWidget()
        hint = label(tr("Drag something in the picture to where it should be, then press Start."), "dim", wrap=True)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        rows = (_row(self.start, self.halt), _row(self.add, self.clear))
        column.addWidget(card(hint, self.tool, self.brush, self.form, *rows, self.status, title=tr("Drag")))
        return left


def _row(*buttons: QPushButton) -> QWidget:
    row = QWidget()
    flow = Flow(row)
    for button in buttons:
        flow.addWidget(button)
    return row
