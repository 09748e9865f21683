"""The trainings that are on disk: what each was asked, how far it is, and how it went."""

from pathlib import Path

import msgspec

from studio.core.errors import StudioError
from studio.features.latent.tasks.train import TrainTask
from studio.features.latent.tasks.trainings import ABOUT, CURVES, Curves, read_curves
from studio.files.reading import load_json

MOST = 500
"""Trainings that are looked for."""


class Kept(msgspec.Struct, frozen=True):
    """A training in its ``folder``."""

    folder: Path
    task: TrainTask
    curves: Curves


def read_trainings(root: Path) -> list[Kept]:
    """All that are kept in ``root``, by name; those that can't be read are left out."""
    try:
        folders = sorted(root.iterdir())[:MOST]
    except OSError:
        return []
    return [kept for folder in folders if (kept := _read(folder)) is not None]


def _read(folder: Path) -> Kept | None:
    try:
        task = TrainTask.from_data(load_json(folder / ABOUT))
    except (OSError, ValueError, TypeError, AttributeError, StudioError):
        return None
    try:
        curves = read_curves(load_json(folder / CURVES))
    except (OSError, ValueError):
        curves = Curves()
    return Kept(folder, task, curves)
