"""Teach: trains a small GAN on a folder of the person's own pictures, with live samples."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from studio.app.job_handle import JobHandle
from studio.core.errors import StudioError
from studio.core.events import Failed
from studio.core.fields import describe
from studio.core.foreign_paths import kept_here
from studio.core.override import override
from studio.core.task import Task
from studio.core.text import tr
from studio.core.values import Asset, Result
from studio.features.latent.tasks.estimate import estimate
from studio.features.latent.tasks.train import TrainFacts, TrainTask
from studio.features.latent.tasks.trainings import SHEET, Curves, read_curves
from studio.features.latent.ui.explore.mode import Mode, ModeContext
from studio.features.latent.ui.modes.kept_trainings import Kept, read_trainings
from studio.features.latent.ui.widgets.teach_charts import kid_chart, loss_chart
from studio.files.reading import read_json
from studio.room.shown_items import read_picture
from studio.ui.control import guard_wheel
from studio.ui.form import Form
from studio.ui.layout import OneLine, breakable, card, label
from studio.ui.stage import Stage

SURE_SECONDS = 20.0
"""Seconds of training after which its own speed is used for the estimate."""


class TeachMode(Mode):
    """Checks the folder and submits the training; sheet and curves come as previews, and from the disk."""

    NAME = "teach"
    TITLE = "Teach"
    TIP = "Train a small GAN on a folder of your own pictures"
    TASKS = (TrainTask,)
    POINTS = False

    def __init__(self, context: ModeContext) -> None:
        super().__init__(context)
        self._run: JobHandle | None = None
        self._trainings: list[Kept] = []
        self._curves = Curves()
        self._measured: tuple[TrainTask, float, int] | None = None
        """What the estimate was measured for: the request, pictures a second, and how many pictures there are."""
        self._found: list[str] = []
        self._goes_on = False
        """Whether the training begins as soon as its check is done."""
        self._wanted = ""
        """A snapshot that becomes current as soon as the catalogue has it."""
        self._make_controls()
        self._lay_out()
        self.form.changed.connect(self._form_changed)
        self.box.activated.connect(self._choose)
        context.services.models_changed.connect(self._open_wanted)
        self._show_curves(Curves())
        self._show_state()

    # -- the request -----------------------------------------------------------------------------------------------

    def task(self) -> TrainTask:
        """The request in the controls. Raises StudioError for a value out of bounds."""
        return TrainTask.from_values(self.form.values())

    def look(self) -> None:
        """Check the pictures and estimate the time."""
        self._goes_on = False
        self._ask(dry=True)

    def begin(self) -> None:
        """Start, resume or pause. A new training begins with a check and an estimate."""
        if self._run is not None:
            self.context.services.tracker.cancel(self._run.job.id)
        else:
            self._goes_on = self._kept() is None and not self._is_measured()
            self._ask(dry=self._goes_on)

    def _ask(self, dry: bool) -> None:
        try:
            task = self.task()
            task = msgspec.structs.replace(task, name=task.name.strip() or TrainTask().name)
            if not task.folder:
                raise StudioError(tr("Choose a folder with pictures to learn from."))
        except StudioError as error:
            self.context.say(error)
        else:
            self.context.ask(msgspec.structs.replace(task, dry=dry))

    @override
    def follow(self, run: JobHandle) -> None:
        """Show the training's progress."""
        self._run = run
        task = run.job.task
        assert isinstance(task, TrainTask)
        self.take(task)
        if not task.dry and not self._is_measured():
            self._found = []
            self._show_found()
        run.started.connect(self._show_state)
        run.stopping.connect(self._show_state)
        run.progress.connect(lambda *_: self._show_state())
        run.preview.connect(self._previewed)
        run.done.connect(lambda result: self._done(run, result))
        run.cancelled.connect(lambda: self._ended(run))
        run.failed.connect(lambda event: self._failed(run, event))
        self._show_state()

    @override
    def take(self, task: Task) -> None:
        """Show the settings of an earlier training."""
        self.form.set_values(msgspec.structs.asdict(task))
        self._show_found()

    # -- how it goes -----------------------------------------------------------------------------------------------

    def _previewed(self, asset: Asset, _index: int) -> None:
        if asset.kind == "pixels":
            self.stage.show_asset(asset)
        else:
            self._show_curves(read_curves(read_json(asset.data)))

    def _show_curves(self, curves: Curves) -> None:
        if curves.snapshot and curves.snapshot != self._curves.snapshot:
            self.context.services.rescan_models()
        self._curves = curves
        if self._measured is not None and curves.seconds >= SURE_SECONDS:  # its real speed is better than any estimate
            self._measured = (self._measured[0], curves.shown / curves.seconds, self._measured[2])
            self._show_found()
        self.losses.set_lines(
            [[(row[0], row[1]) for row in curves.losses], [(row[0], row[2]) for row in curves.losses]]
        )
        self.kids.set_lines([curves.kids])
        self.open.setEnabled(bool(curves.snapshot))
        self._show_state()

    def _done(self, run: JobHandle, result: Result) -> None:
        facts, task = TrainFacts.of(result.notes), run.job.task
        if isinstance(task, TrainTask) and task.dry:
            self._measured = (task, facts.rate or 0.0, facts.count or 0)
            self._found = list(facts.found)
            self._show_found()
        goes_on = self._goes_on and run is self._run
        self._ended(run)
        if goes_on:
            self._ask(dry=False)

    def _failed(self, run: JobHandle, _event: Failed) -> None:
        self._ended(run)

    def _ended(self, run: JobHandle) -> None:
        if self._run is run:
            self._run, self._goes_on = None, False
        self._read_trainings()
        self._show_state()

    def _show_state(self) -> None:
        """Update the text below the sheet, and the buttons."""
        run = self._run
        checking = run is not None and isinstance(run.job.task, TrainTask) and run.job.task.dry
        going_on = run is None and self._kept() is not None
        words = tr("Resume") if going_on else tr("Start")
        if run is not None:
            words = tr("Stop") if checking else tr("Pause")
        self.start.setText(words)
        self.start.setAccessibleName(words)
        self.start.setEnabled(not self._is_used_up() if run is None else run.state != "stopping")
        self.check.setEnabled(run is None)
        self.form.setEnabled(run is None)
        self.box.setEnabled(run is None)
        parts = [self._stage(run)]
        if self._curves.shown and not checking:
            parts.append(self._curves.in_words())
        self.words.set_words(" · ".join(part for part in parts if part))

    def _stage(self, run: JobHandle | None) -> str:
        if run is None:
            return self._at_rest()
        if run.state == "waiting":
            return tr("Waiting for its turn")
        if run.state == "stopping":
            return tr("Stopping")
        done, total, stage = run.at
        if not stage:
            return ""
        return f"{tr(stage)} {100 * done // total} %" if total else tr(stage)

    def _at_rest(self) -> str:
        if self._kept() is None:
            return tr("Checked. Press Start to begin training.") if self._is_measured() else ""
        if self._is_used_up():
            return tr("Finished; allow more time or pictures to continue")
        return tr("Paused") if self._curves.shown else ""

    def _show_found(self) -> None:
        """Show what the check found; the estimate follows the form as long as it applies to these settings."""
        lines = list(self._found)
        if self._measured is not None and lines:
            _, rate, count = self._measured
            task = self._task_or_none()
            if task is not None and self._is_measured():
                lines += estimate(task, rate, count)
            else:
                lines.append(tr("The settings have changed: check again for an estimate."))
        self.found.setText(breakable("\n".join(lines)))
        self._found_card.setVisible(bool(lines))

    def _is_measured(self) -> bool:
        """Whether the estimate applies to the current settings."""
        task = self._task_or_none()
        return task is not None and self._measured is not None and _speed(task) == _speed(self._measured[0])

    def _is_used_up(self) -> bool:
        """Whether the shown training has used all the time and pictures of the current settings."""
        task = self._task_or_none()
        return self._kept() is not None and task is not None and self._curves.used_up(task)

    def _task_or_none(self) -> TrainTask | None:
        try:
            return self.task()
        except StudioError:
            return None

    def _form_changed(self) -> None:
        self._show_found()
        self._show_state()

    # -- earlier ones ------------------------------------------------------------------------------------------------

    @override
    def enter(self) -> None:
        """List the existing trainings."""
        self._read_trainings()

    def _read_trainings(self) -> None:
        root = self.context.services.library.paths.trained
        self.context.services.read(lambda: read_trainings(root), self._list, self.middle)

    def _list(self, found: list[Kept]) -> None:
        self._trainings = found
        self.box.clear()
        self.box.addItem(tr("New training run"), "")
        for kept in found:
            self.box.addItem(kept.task.name, kept.task.name)
        current = self._kept()
        self.box.setCurrentIndex(self.box.findData(current.task.name) if current else 0)
        if current is not None and self._run is None:
            self._show_kept(current)
        self._show_state()

    def _kept(self) -> Kept | None:
        """The training with the form's name, if there is one."""
        name = str(self.form.values().get("name", ""))
        return next((kept for kept in self._trainings if kept.task.name == name), None)

    def _choose(self, row: int) -> None:
        kept = self._trainings[row - 1] if row > 0 else None
        self._found, self._measured = [], None
        if kept is not None:
            self.take(kept.task)
            self._show_kept(kept)
            return
        self.form.set_values({"name": self._new_name()})
        self.stage.clear()
        self._show_found()
        self._show_curves(Curves())

    def _new_name(self) -> str:
        taken = {kept.task.name for kept in self._trainings}
        first = TrainTask().name
        return next(name for number in range(1, len(taken) + 2) if (name := _numbered(first, number)) not in taken)

    def _show_kept(self, kept: Kept) -> None:
        self._show_curves(kept.curves)
        path = str(kept.folder / SHEET)

        def show(image: Any) -> None:
            if not image.isNull() and self._kept() == kept:
                self.stage.show_image(image)

        self.context.services.read(lambda: read_picture(path), show, self.middle)

    # -- the explorer ------------------------------------------------------------------------------------------------

    def open_newest(self) -> None:
        """Make the newest snapshot the room's model, and switch to the map."""
        self._wanted = self._curves.snapshot
        self._open_wanted()
        if self._wanted:
            self.context.services.rescan_models()

    def _open_wanted(self) -> None:
        if self._wanted and self.context.models.choose(self._wanted):
            self._wanted = ""
            self.context.enter("map")

    # -- kept, and put together --------------------------------------------------------------------------------------

    @override
    def remember(self) -> dict[str, Any]:
        """The form."""
        return {"task": self.form.values()}

    @override
    def restore(self, kept: Mapping[str, Any]) -> None:
        """Restore the form, whichever version kept it: forms don't say."""
        task = kept.get("task")
        self.form.set_values(kept_here(TrainTask, TrainTask.upgrade(task, 1))[0] if isinstance(task, dict) else {})

    def _make_controls(self) -> None:
        self.form = Form(describe(TrainTask))
        self.box = QComboBox()
        self.box.setToolTip(tr("A new training run, or an earlier one to continue"))
        self.box.setAccessibleName(tr("Training"))
        guard_wheel(self.box)
        self.box.addItem(tr("New training run"), "")
        self.check = QPushButton(tr("Check the pictures"))
        self.check.setToolTip(tr("Check the folder and estimate how long training takes; nothing is trained yet"))
        self.check.setAccessibleName(self.check.text())
        self.check.clicked.connect(self.look)
        self.start = QPushButton()
        self.start.setProperty("role", "primary")
        self.start.setToolTip(tr("Check the pictures, then train; pause at any time and continue later"))
        self.start.setCursor(Qt.CursorShape.PointingHandCursor)
        self.start.clicked.connect(self.begin)
        self.open = QPushButton(tr("Open in the explorer"))
        self.open.setToolTip(tr("Explore the newest snapshot while the training continues"))
        self.open.setAccessibleName(self.open.text())
        self.open.clicked.connect(self.open_newest)
        self.found, self.words = label("", wrap=True), OneLine()
        self.stage = Stage(tr("What it makes from the same seeds, minute by minute"))
        self.stage.take_drops(self.drop_sentence)
        self.stage.dropped.connect(self.drop)
        self.stage.set_empty(
            "latent",
            tr("Teach it your pictures"),
            tr(
                "Drop a folder of pictures that have something in common: a few hundred teach it a little, a few "
                "thousand a lot. A new sheet of samples appears here every minute."
            ),
        )
        self.losses, self.kids = loss_chart(), kid_chart()

    @override
    def drop_sentence(self) -> str:
        """No drops while training."""
        return tr("Train on the pictures in this folder") if self._run is None else tr("It is already training")

    @override
    def drop(self, paths: Sequence[str]) -> bool:
        """Check the folder."""
        if self._run is None:
            self.form.set_values({"folder": self.context.services.one_of(paths)})
            self._form_changed()
            self.look()
        return True

    def _lay_out(self) -> None:
        self.left, self.middle = QWidget(), QWidget()
        column = QVBoxLayout(self.left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(card(self.box, self.form))
        column.addWidget(self.check)
        column.addWidget(self.start)
        note = tr(
            "While it trains, other requests wait, but you can keep exploring. Pause lets them go first; Resume "
            "continues where it stopped, even after a crash."
        )
        column.addWidget(label(note, "dim", wrap=True))
        middle = QVBoxLayout(self.middle)
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(10)
        self._found_card = card(self.found)
        self._found_card.hide()
        middle.addWidget(self._found_card)
        middle.addWidget(self.stage, 3)
        row = QHBoxLayout()
        row.addWidget(self.words, 1)
        row.addWidget(self.open)
        middle.addLayout(row)
        charts = QHBoxLayout()
        charts.setSpacing(10)
        charts.addWidget(self.losses)
        charts.addWidget(self.kids)
        middle.addLayout(charts, 2)


def _speed(task: TrainTask) -> tuple[object, ...]:
    """The settings that determine the time of a step."""
    return task.folder, task.resolution, task.loss, task.width, task.batch, task.augment


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name} {number}"
