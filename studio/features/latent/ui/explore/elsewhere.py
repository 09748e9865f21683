"""Exchange with other rooms: pictures to invert, and sending the current picture."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget

from studio.app.job_handle import JobHandle
from studio.app.services import Item, Parcel
from studio.core.fields import Field, describe
from studio.core.override import override
from studio.core.text import tr
from studio.core.values import Asset, new_id
from studio.features.latent.tasks.search import InvertFacts, InvertTask
from studio.features.latent.ui.explore.mode import ModeContext
from studio.files.names import safe_name
from studio.ui.chips import Flow, chip
from studio.ui.files import FileDrop, choose_picture
from studio.ui.form import Form
from studio.ui.layout import Section, card, label
from studio.ui.pixels import to_pixmap

SETTINGS = ("steps", "fine", "starts", "tune")
FORMING = 128
"""Pixels of the preview during the search."""
AS_FOUND: dict[str, Any] = {"strength": 1.0, "turn": 0.0, "shift_x": 0.0, "shift_y": 0.0, "scales": ()}
"""Settings of the pictures during a search."""
SEE = Field(
    name="see", type="bool", default=False, title="With an encoder",
    help="Also compare with a picture model's encoder, not only by pixels and edges; slower.",
)  # fmt: skip


class InvertCard(FileDrop):
    """Drop a picture here: the search is previewed, and its point becomes the current one."""

    def __init__(self, context: ModeContext) -> None:
        super().__init__()
        self._context = context
        self._run: JobHandle | None = None
        self._found_in = ""
        """The model in which the newest point was found."""
        self._waiting: Asset | None = None
        """Found for a tuned model that the catalogue hasn't seen yet."""
        self.setObjectName("card")
        self.dropped.connect(lambda paths: self.invert(context.services.one_of(paths)))
        self.setToolTip(tr("Drop a picture here to find its point"))
        fields = {field.name: field for field in describe(InvertTask)}
        self.form = Form([*(fields[name] for name in SETTINGS), SEE])
        self.words = label("", "dim", wrap=True)
        self.forming = label("")
        self.forming.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.forming.setAccessibleName(tr("The picture found so far"))
        self.choose = QPushButton(tr("Choose…"))
        self.choose.setToolTip(tr("Choose a picture to find its point"))
        self.choose.setAccessibleName(tr("Choose a picture to invert"))
        self.choose.clicked.connect(self._ask)
        self.halt = QPushButton(tr("■ Stop"))
        self.halt.setToolTip(tr("Stop the search; the current point stays"))
        self.halt.setAccessibleName(tr("Stop the search"))
        self.halt.clicked.connect(self._stop)
        self.section = Section(tr("How to search"), tr("Steps, starting points and tuning"), self.form)
        self.section.set_frame(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 12)
        column.setSpacing(8)
        for part in (
            label(tr("Invert a picture"), "dim"),
            self.words,
            self.forming,
            self.choose,
            self.halt,
            self.section,
        ):
            column.addWidget(part)
        context.services.models_changed.connect(self._models_changed)
        self._show(tr("Drop a picture to find its point."))

    @override
    def drop_sentence(self) -> str:
        """What becomes of a file."""
        return tr("Find this picture's point")

    def invert(self, path: str) -> None:
        """Search the point of the picture at ``path``."""
        task = self._context.state.task
        fields: dict[str, Any] = self.form.values()
        if fields["tune"]:
            name = safe_name(f"{Path(path).stem[:40]} {new_id()[:6]}")
            fields["folder"] = str(self._context.services.library.paths.trained / name)
        fields["noise"] = "none" if task.noise == "none" else "const"
        fields["encoder"] = self._encoder() if fields.pop("see") else ""
        self._context.ask(InvertTask(image=path, label=task.points[0].label, **fields))

    def take(self, task: InvertTask) -> None:
        """Load the settings of an earlier search."""
        self.form.set_values({**msgspec.structs.asdict(task), SEE.name: bool(task.encoder)})

    def follow(self, run: JobHandle) -> None:
        """Show the progress of ``run``; at the end its point becomes the current one."""
        assert isinstance(run.job.task, InvertTask)
        self._run = run
        name = Path(run.job.task.image).name
        run.preview.connect(lambda asset, _: self._show_forming(run, asset))
        run.progress.connect(lambda done, total, stage: self._progress(run, name, done, total, stage))
        for result in (run.made, run.unsaved):
            result.connect(lambda asset, _: self._found(run, asset))
        for end in (run.failed, run.cancelled):
            end.connect(partial(self._gave_up, run))
        self._show(tr("{name} is waiting for its turn.", name=name))

    def _progress(self, run: JobHandle, name: str, done: int, total: int, stage: str) -> None:
        if run is self._run and not run.over:
            share = 100 * done // max(total, 1)
            if stage == "Tuning":
                self._show(tr("Tuning around {name}: {percent} %", name=name, percent=share))
            else:
                self._show(tr("Looking for {name}: {percent} %", name=name, percent=share))

    def forget(self) -> None:
        """Clear the result: it belongs to another model."""
        if self._run is None and self._context.models.address() != self._found_in:
            self._show(tr("Drop a picture to find its point."))

    def _show_forming(self, run: JobHandle, asset: Asset) -> None:
        """Show the preview here, not in the large picture, which shows the current point and can be saved."""
        if run is self._run:
            edge = round(FORMING * self.devicePixelRatioF())
            smooth = Qt.TransformationMode.SmoothTransformation
            pixmap = to_pixmap(asset).scaled(edge, edge, Qt.AspectRatioMode.KeepAspectRatio, smooth)
            pixmap.setDevicePixelRatio(self.devicePixelRatioF())
            self.forming.setPixmap(pixmap)
            self.forming.show()

    def _found(self, run: JobHandle, asset: Asset) -> None:
        if run is self._run:
            self._run = None
            facts = InvertFacts.of(asset.notes)
            self._found_in = facts.model or run.job.model
            decibels = "?" if facts.psnr is None else facts.psnr
            self._show(tr("Found. Similarity to the picture: {decibels} dB.", decibels=decibels))
            self._go_to(asset)

    def _go_to(self, asset: Asset) -> None:
        """Make the found point the current one; a tuned model is scanned for first."""
        facts = InvertFacts.of(asset.notes)
        self._waiting = None
        if facts.model and not self._context.models.choose(facts.model):
            self._waiting = asset
            self._context.services.rescan_models()
        elif facts.point is not None:
            self._context.state.change({"points": (facts.point,), **AS_FOUND})

    def _models_changed(self) -> None:
        waiting = self._waiting
        if waiting is not None and self._context.models.choose(InvertFacts.of(waiting.notes).model):
            self._go_to(waiting)

    def _gave_up(self, run: JobHandle, *_: object) -> None:
        if run is self._run:
            self._run = None
            self._show(tr("Drop a picture to find its point."))

    def _show(self, words: str) -> None:
        self.words.setText(words)
        if self._run is None:
            self.forming.hide()
        self.choose.setVisible(self._run is None)
        self.halt.setVisible(self._run is not None)

    def _stop(self) -> None:
        if self._run is not None:
            self._context.services.tracker.cancel(self._run.job.id)

    def _encoder(self) -> str:
        """The first picture model's address (the bundled one is small); "" if there is none."""
        return next((model.address for model in self._context.services.models(("image>latents",)) if model.usable), "")

    def _ask(self) -> None:
        if path := choose_picture(self, tr("Picture to invert")):
            self.invert(path)


def send_card(context: ModeContext) -> QFrame:
    """Save the current picture, and send its file to another room."""

    def keep(then: Callable[[Item], None]) -> None:
        run = context.ask(context.seen.task)
        if run is not None:
            run.made.connect(lambda _, item: then(item))

    def to_image(item: Item) -> None:
        context.services.send(Parcel(room="image", fields={"image": item.path}))

    def to_library(item: Item) -> None:
        context.services.send(Parcel(room="library", path=item.path))

    row = QWidget()
    flow = Flow(row)
    flow.addWidget(chip(tr("Image"), tr("Keep it, and start from it in Image"), lambda: keep(to_image)))
    flow.addWidget(chip(tr("Library"), tr("Keep it, and show it in the Library"), lambda: keep(to_library)))
    return card(row, title=tr("Send to"))
