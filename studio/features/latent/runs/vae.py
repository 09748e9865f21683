"""Interpolates pictures in an autoencoder's latent space, with attributes, as pictures and videos."""

from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from weakref import WeakKeyDictionary

import numpy as np
import torch
from torch import Tensor

from studio.core.context import Context
from studio.core.errors import StudioError
from studio.core.text import tr
from studio.core.values import Asset, Result
from studio.features.latent.runs.compose import rotate
from studio.features.latent.runs.shooting import render_video, resume_folder
from studio.features.latent.tasks.vae import VaeFilmTask, VaeTask
from studio.ml.load.vae import Autoencoder, load_autoencoder
from studio.ml.memory import with_less
from studio.ml.pictures import cover, read_input_picture, to_assets
from studio.ml.samplers.decode import tile
from studio.ml.video_file import write_video

KEPT = 64
_Known = OrderedDict[tuple[str, int, int], Tensor]
_known: WeakKeyDictionary[Autoencoder, _Known] = WeakKeyDictionary()
"""Cached latents by path, time and size: a moving slider needs the same ones again."""


def mix(task: VaeTask, context: Context) -> Result:
    """The picture at ``task.share`` of the path, with ``task.amount`` of the attribute."""
    space = Space(task, context)
    (asset,) = space.pictures([task.share])
    context.made(asset)
    return Result()


def walk(task: VaeFilmTask, context: Context) -> Result:
    """A video from the first picture to the second; in a loop the frame after the last would be the first."""
    if not task.first or not task.second:
        raise StudioError(tr("A video needs two pictures to move between. Choose both."))
    space = Space(task, context)
    total = max(2, round(task.seconds * task.rate))
    way = shares(total, task.loop)
    kept = resume_folder(task, space.model.vae, (task.first, task.second, *task.more, *task.less))
    with write_video(task.format, task.size, task.size, task.rate, total, task.loop, kept) as reel:
        clip = render_video(
            reel, total, (task.size, task.size), lambda done: space.pictures(way[done : done + 1]), context
        )
    context.made(clip)
    return Result(notes=clip.notes)


def shares(frames: int, loop: bool) -> list[float]:
    """The position of each frame on the path: there, and in a loop back."""
    if loop:
        return [1 - abs(1 - 2 * frame / frames) for frame in range(frames)]
    return [frame / (frames - 1) for frame in range(frames)]


class Space:
    """Computes ``task`` with the job's autoencoder."""

    def __init__(self, task: VaeTask, context: Context) -> None:
        given = [path for path in (task.first, task.second) if path]
        if not given:
            raise StudioError(tr("There is no picture to start from. Choose one."))
        context.progress(0, 0, "Loading")
        self.model: Autoencoder = context.model("", load_autoencoder)
        self._task, self._context = task, context
        self._first, self._last = self._latent(given[0]), self._latent(given[-1])
        self._way = self._attribute()

    def pictures(self, way: Sequence[float]) -> list[Asset]:
        """Pictures at each share of the way."""
        dims = (0, 1, 2)
        spherical = self._task.path == "spherical"
        latents = [
            (rotate(self._first, self._last, share, dims) if spherical else self._first.lerp(self._last, share))
            + self._way
            for share in way
        ]
        return with_less(
            lambda: to_assets(self.model.decode(torch.stack(latents))[:, :3]),
            self._lessen,
            tr("Choose a smaller size, or close other programs."),
        )

    def _attribute(self) -> Tensor:
        """The attribute's direction: the mean of the pictures with it minus the mean of those without."""
        task = self._task
        if not task.amount:
            return torch.zeros_like(self._first)
        if not task.more or not task.less:
            raise StudioError(
                tr("An attribute needs pictures with it and pictures without it. Drop some in both places.")
            )
        have, lack = (torch.stack([self._latent(path) for path in paths]).mean(0) for paths in (task.more, task.less))
        return task.amount * (have - lack)

    def _latent(self, path: str) -> Tensor:
        """The latents [C, h, w] of the picture at ``path``, cropped to a square of the task's size."""
        self._context.yield_to_frames()
        known = _known.setdefault(self.model, OrderedDict())
        file = Path(path)
        key = (path, file.stat().st_mtime_ns if file.exists() else 0, self._task.size)
        if key not in known:
            picture = cover(read_input_picture(path), self._task.size, self._task.size)
            numbers = torch.from_numpy(np.array(picture, np.float32)).permute(2, 0, 1)[None] / 127.5 - 1
            known[key] = with_less(
                lambda: self.model.encode(numbers)[0],
                self._lessen,
                tr("Choose a smaller size, or close other programs."),
            )
            while len(known) > KEPT:
                known.popitem(last=False)
        known.move_to_end(key)
        return known[key]

    def _lessen(self) -> None:
        self._context.free()
        tile(self.model.vae)
