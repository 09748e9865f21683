"""Pictures of a GAN's latent space."""

import math
from typing import Any

import msgspec
import torch
from torch import Tensor

from studio.core.context import Context
from studio.core.errors import StudioError
from studio.core.text import tr
from studio.core.values import Asset, Result
from studio.features.latent.points.point import LatentPoint
from studio.features.latent.runs.compose import Composer
from studio.features.latent.tasks.latent import LatentFacts, LatentTask
from studio.features.latent.tasks.look import LookTask
from studio.ml import device
from studio.ml.activations import scale_channels
from studio.ml.latents import Truncation, bands
from studio.ml.load.address import resolve
from studio.ml.load.gan import load_generator
from studio.ml.memory import with_less
from studio.ml.nets.generator import Generator
from studio.ml.pictures import shown, to_assets

MOST = 8
PIXELS = 8 * 256 * 256
"""Most pictures, and pixels of them, made at a time: enough to be fast, few enough to stop."""


def render(task: LatentTask, context: Context) -> Result:
    """One picture per point of ``task.points``, or else per seed of ``task.seeds``.

    The task's own coarse, middle and fine seeds apply to points without their own.
    """
    blends = task.points or tuple(LatentPoint(seeds=(seed,)) for seed in task.seeds)
    if not blends:
        raise StudioError(tr("There is no seed to make a picture from. Give at least one."))
    generator = the_generator(context)
    composer = Composer(generator, truncation_of(generator, task), (task.coarse, task.middle, task.fine))
    maker = Maker(generator, task)
    done = 0
    while done < len(blends):
        context.progress(done, len(blends), "Picture")
        for asset in maker.make(composer.styles(blends[done : done + maker.size]), context):
            context.made(_with_notes(asset, _with_slots(blends[done], task), done, generator))
            done += 1
        context.yield_to_frames()
    return Result(notes=LatentFacts(pictures=done).to_notes())


def truncation_of(generator: Generator, task: LookTask) -> Truncation:
    """The truncation settings of ``task``."""
    return Truncation(task.psi, task.cutoff, next(generator.parameters()).device)


def grain_and_place(generator: Generator, task: LookTask) -> dict[str, Any]:
    """The arguments of the synthesis for ``task``."""
    how: dict[str, Any] = {"noise": task.noise, "strength": task.strength}
    if generator.turns and (task.turn or task.shift_x or task.shift_y):
        how["transform"] = torch.tensor(transform_matrix(task.turn, task.shift_x, task.shift_y))
    return how


class Maker:
    """Makes pictures of styles, at most ``size`` at a time, with the task's noise, transform and channel scales."""

    def __init__(self, generator: Generator, task: LookTask) -> None:
        self._generator, self._scales = generator, task.scales
        self._noise_seed = task.noise_seed if task.noise == "random" else -1
        self._how = grain_and_place(generator, task)
        self.size = max(1, min(MOST, PIXELS // math.prod(generator.extent)))

    def make(self, w: Tensor, context: Context) -> list[Asset]:
        """Pictures of the styles ``w`` [N, num_ws, w_dim], or of the first ones if memory runs out."""

        def work() -> list[Asset]:
            if self._noise_seed >= 0:
                torch.manual_seed(self._noise_seed)
            with torch.inference_mode(), scale_channels(self._generator, self._scales):
                pictures = self._generator.synthesis(w[: self.size], **self._how)
                return to_assets(shown(pictures))

        def lessen() -> None:
            self.size = 1
            context.free()

        return with_less(work, lessen, tr("Close other programs, or choose a smaller model."))


def transform_matrix(turn: float, x: float, y: float) -> list[list[float]]:
    """The matrix that rotates by ``turn`` degrees, clockwise since y goes down, and then shifts."""
    angle = math.radians(turn)
    return [[math.cos(angle), -math.sin(angle), x], [math.sin(angle), math.cos(angle), y], [0.0, 0.0, 1.0]]


def the_generator(context: Context) -> Generator:
    """The job's model. Raises StudioError if it is not a generator."""
    context.progress(0, 0, "Loading")
    generator = context.model("", _load)
    context.check()
    return generator


def _load(address: str) -> Generator:
    return load_generator(resolve(address), device.choose().device)


def _with_slots(blend: LatentPoint, task: LatentTask) -> LatentPoint:
    """``blend`` with the task's coarse, middle and fine seeds where it has none."""
    own = {name: getattr(task, name) for name in ("coarse", "middle", "fine") if getattr(blend, name) < 0}
    return msgspec.structs.replace(blend, **own)


def _with_notes(asset: Asset, blend: LatentPoint, index: int, generator: Generator) -> Asset:
    """``asset`` with notes: its seed, if a single one gives it, and facts about the model."""
    ends = [band.stop for band in bands(generator.num_ws, generator.resolution)]
    facts = LatentFacts(
        index=index, layers=tuple(ends), classes=generator.c_dim, turns=generator.turns, seed=blend.seed
    )
    return msgspec.structs.replace(asset, notes=facts.to_notes())
