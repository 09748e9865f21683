"""A picture that forms: its previews on the stage, and what was asked for in place of what is known of another."""

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal

from studio.app.desk import Desk, Item
from studio.app.run import Run
from studio.core.saved import job_to_data
from studio.core.text import tr
from studio.core.values import Asset, Job
from studio.features.image.about import rows_of, rows_of_forming
from studio.features.image.task import ImageTask
from studio.features.started_from import show_rows
from studio.ui.details import Details
from studio.ui.stage import Stage


class Forming(QObject):
    """``job`` is the request whose picture is on the stage and not in the library; None while another is shown."""

    changed = Signal()
    """Another picture forms on the stage now, or the one that did is made and can't be saved."""

    def __init__(self, desk: Desk, stage: Stage) -> None:
        super().__init__(stage)
        self._desk, self._stage = desk, stage
        self.job: Job | None = None
        self._now = ""

    def follow(self, run: Run) -> None:
        """Show what ``run`` previews, and what it made and couldn't be saved."""
        run.preview.connect(lambda asset, _: self._preview(run, asset))
        run.unsaved.connect(lambda asset, _: self._show(run, asset, tr("This picture is not saved yet.")))

    def show_facts(self, details: Details, item: Item | None, others: Iterable[Item]) -> None:
        """Show what is known of ``item`` among ``others``; while another picture forms, what was asked for."""
        if self.job is not None:
            task = job_to_data(self.job)["task"]
            show_rows(self._desk, details, rows_of_forming(task, self._model(self.job.model), self._now), task)
        elif item is not None:
            show_rows(self._desk, details, rows_of(item, others), item.job.get("task", {}))
        else:
            details.set_rows([])

    def _model(self, address: str) -> str:
        return next((model.name for model in self._desk.models("image") if model.address == address), address)

    def _preview(self, run: Run, asset: Asset) -> None:
        task = run.job.task
        if run.state == "running" and isinstance(task, ImageTask):
            self._show(run, asset, tr("This picture is being made."), (task.width, task.height))

    def _show(self, run: Run, asset: Asset, now: str, size: tuple[int, int] | None = None) -> None:
        self._stage.show_asset(asset, size)
        self._stage.set_file("")  # that of the picture that was here
        if self.job is not run.job or now != self._now:
            self.job, self._now = run.job, now
            self.changed.emit()
