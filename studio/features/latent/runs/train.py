"""Trains a small GAN on a folder of pictures: with a check first, previews, and stop and resume at any time."""

import json
from functools import partial
from pathlib import Path

import torch

from studio.core.context import Context
from studio.core.engine_config import configured
from studio.core.errors import Stopped, StudioError
from studio.core.fields import describe
from studio.core.previews import Previews
from studio.core.text import tr
from studio.core.values import Asset, Result
from studio.features.latent.tasks.estimate import estimate
from studio.features.latent.tasks.train import TrainFacts, TrainTask
from studio.features.latent.tasks.trainings import ABOUT
from studio.files.atomic import replacing
from studio.files.names import safe_name
from studio.files.reading import load_json
from studio.ml import device
from studio.ml.training.folder import Pictures, read_folder
from studio.ml.training.saved import explain_write_errors
from studio.ml.training.trainer import TrainingConfig
from studio.ml.training.training import STATE, Training, contact_sheet, measure

SHEET, CURVES = 0, 1
"""Indices of the previews: the sheet of samples, and the curves."""
FIXED = ("resolution", "loss", "width", "batch", "gamma", "augment", "mirror", "seed")
"""Settings that can't change during a training."""


def train(task: TrainTask, context: Context) -> Result:
    """Train until time or pictures are used up. When stopped, it saves everything to resume with the same task.

    Its previews are the sheet of the fixed seeds, and the curves so far as ``points`` (see ``Training.curves``).
    ``task.dry``: only check the pictures, preview some of them, and measure. Raises StudioError.
    """
    place = None if task.dry else _place(task)
    pictures = _pictures(task, context)
    where = torch.device(device.choose().device)
    if place is None:
        return _check(task, pictures, where, context)
    with explain_write_errors(place):
        place.mkdir(parents=True, exist_ok=True)
    context.progress(0, 0, "Loading")
    training = Training(_config(task), pictures, place, task.name, where)
    if training.shown and _ended(task, training):
        raise StudioError(tr("{name} has used all its time and pictures. Allow more to continue.", name=task.name))
    _write_about(task, place)
    try:
        _go_on(task, training, context)
    except Stopped:
        if training.shown:
            training.write_snapshot()  # for small networks: an instant
        training.keep()
        raise
    sheet = training.look()
    training.write_snapshot()
    training.keep()
    context.preview(sheet, SHEET)
    context.preview(_points(training), CURVES)
    context.made(sheet)
    return Result(notes=TrainFacts(trained=training.snapshot, shown=training.shown).to_notes())


def _go_on(task: TrainTask, training: Training, context: Context) -> None:
    previews = Previews(context)
    if training.shown:  # show the last sheet at once
        previews.show_always(partial(_points, training), CURVES)
    while not _ended(task, training):
        context.progress(*_progress(task, training), "Training")
        training.step()
        noted = training.note()
        if training.due():
            previews.show_always(training.look, SHEET)
            if training.wants_snapshot():
                training.write_snapshot()
            training.keep()
            noted = True
        if noted:
            previews.show_always(partial(_points, training), CURVES)
        context.yield_to_frames()


def _ended(task: TrainTask, training: Training) -> bool:
    enough = bool(task.thousands) and training.shown >= task.thousands * 1000
    return enough or (bool(task.minutes) and training.seconds >= task.minutes * 60)


def _progress(task: TrainTask, training: Training) -> tuple[int, int]:
    """In seconds or in pictures, whichever ends first; an unlimited training has no total."""
    ways = [(training.seconds, task.minutes * 60), (training.shown, task.thousands * 1000)]
    done, total = max((way for way in ways if way[1]), key=lambda way: way[0] / way[1], default=(0.0, 0))
    return min(int(done), total), total


def _pictures(task: TrainTask, context: Context) -> Pictures:
    def report(done: int, files: int) -> None:
        context.progress(done, files, "Checking pictures")
        context.yield_to_frames(often=True)

    return read_folder(task.folder, int(task.resolution), report)


def _check(task: TrainTask, pictures: Pictures, where: torch.device, context: Context) -> Result:
    Previews(context).show_always(partial(contact_sheet, pictures), SHEET)
    context.progress(0, 0, "Measuring")
    rate = measure(_config(task), pictures, where)
    facts = TrainFacts(
        count=len(pictures),
        rate=rate,
        found=tuple(pictures.findings()),
        estimate=tuple(estimate(task, rate, len(pictures))),
    )
    return Result(notes=facts.to_notes())


def _config(task: TrainTask) -> TrainingConfig:
    return TrainingConfig(
        resolution=int(task.resolution),
        loss=task.loss,
        width=task.width,
        batch=task.batch,
        gamma=task.gamma,
        augment=task.augment,
        mirror=task.mirror,
        seed=task.seed,
    )


def _points(training: Training) -> Asset:
    return Asset(kind="points", format="json", data=json.dumps(training.curves()).encode())


# -- its folder ----------------------------------------------------------------------------------------------------


def _place(task: TrainTask) -> Path:
    """The training's own folder. Raises StudioError if that name is taken by one with other settings."""
    root = configured().trained
    if not root:
        raise StudioError(tr("The folder for trained models is not configured."))
    place = Path(root) / safe_name(task.name)
    if (place / STATE).exists():
        other = _differences(task, place / ABOUT)
        if other:
            raise StudioError(
                tr(
                    "A training named {name} already exists, with a different {what}. Choose another name, or use "
                    "the same settings to continue it.",
                    name=task.name,
                    what=", ".join(other),
                )
            )
    return place


def _differences(task: TrainTask, about: Path) -> list[str]:
    """Titles of the fixed settings in which the training at ``about`` differs."""
    try:
        before = TrainTask.from_data(load_json(about))
    except (OSError, ValueError, TypeError, AttributeError, StudioError):
        return []  # the saved state itself tells whether it fits
    fixed = [field for field in describe(TrainTask) if field.name in FIXED]
    return [tr(field.title) for field in fixed if getattr(task, field.name) != getattr(before, field.name)]


def _write_about(task: TrainTask, place: Path) -> None:
    with explain_write_errors(place), replacing(place / ABOUT) as part:
        part.write_text(json.dumps(task.to_data(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
