"""Pictures of a GAN's latent space, and films of walks through it."""

from collections.abc import Sequence

import msgspec
import torch
from PIL import Image

from studio.core.context import Context
from studio.core.errors import StudioError
from studio.core.text import tr
from studio.core.values import Asset, Result
from studio.features.latent.task import Blend, LatentTask, WalkTask
from studio.ml import device
from studio.ml.clip import film
from studio.ml.latents import Look, Sample, latent, mixed, slerp, styles
from studio.ml.load.address import resolve
from studio.ml.load.gan import load_generator
from studio.ml.memory import with_less
from studio.ml.nets.stylegan2 import Generator
from studio.ml.pictures import to_assets, to_pillow

MOST = 8
PIXELS = 8 * 256 * 256
"""At most so many pictures, and so many pixels of them, are made at a time: enough to be fast, few enough to stop."""

Point = tuple[Sample, Sample, Sample]
"""The samples z that give the coarse, the middle and the fine styles."""


def render(task: LatentTask, context: Context) -> Result:
    """One picture for each of ``task.points``, or else for each of ``task.seeds``.

    The task's own coarse, middle and fine seeds count wherever a point names none.
    """
    blends = task.points or tuple(Blend(seeds=(seed,)) for seed in task.seeds)
    if not blends:
        raise StudioError(tr("There is no seed to make a picture of. Give at least one."))
    generator = _generator(context)
    slots = (task.coarse, task.middle, task.fine)
    points = [_point(blend, slots, generator.z_dim) for blend in blends]
    maker = _Maker(generator, task.psi, task.cutoff, task.noise)
    done = 0
    while done < len(points):
        context.progress(done, len(points), "Picture")
        for asset in maker.make(points[done : done + maker.size], context):
            context.made(_noted(asset, blends[done], done))
            done += 1
    return Result(notes={"pictures": done})


def walk(task: WalkTask, context: Context) -> Result:
    """A film through ``task.keys``, or else ``task.seeds``, along arcs in z, where each frame is a likely sample.

    In a loop the frame after the last would be the first; else the first and the last frame are keyframes.
    """
    blends = task.keys or tuple(Blend(seeds=(seed,)) for seed in task.seeds)
    if len(blends) < 2:
        raise StudioError(tr("A walk needs at least two keyframes. Add another one."))
    generator = _generator(context)
    keys = [_point(blend, (-1, -1, -1), generator.z_dim) for blend in blends]
    total = max(2, round(task.seconds * task.rate))
    way = places(len(keys), total, task.loop)
    maker = _Maker(generator, task.psi, task.cutoff, task.noise)
    size = task.size or generator.resolution
    with film(task.format, size, size, task.rate, total, task.loop) as reel:
        done = 0
        while done < total:
            context.progress(done, total, "Frame")
            points = [_between(keys, place, task.loop) for place in way[done : done + maker.size]]
            frames = maker.make(points, context)
            if context.wants_preview():
                context.preview(frames[-1])
            for frame in frames:
                reel.add(_scaled(to_pillow(frame), size))
                context.check()
            done += len(frames)
        context.progress(total, total, "Frame")
        clip = reel.finish()
    context.made(clip)
    return Result(notes=clip.notes)


def places(keys: int, frames: int, loop: bool) -> list[float]:
    """Where each frame lies between the keyframes: 1.5 is half-way from the second to the third."""
    if loop:
        return [frame * keys / frames for frame in range(frames)]
    return [frame * (keys - 1) / (frames - 1) for frame in range(frames)]


class _Maker:
    """Makes pictures of points, at most ``size`` at a time."""

    def __init__(self, generator: Generator, psi: float, cutoff: int, noise: str) -> None:
        self._generator = generator
        self._noise = noise
        self._look = Look(psi, cutoff, next(generator.parameters()).device)
        self.size = max(1, min(MOST, PIXELS // generator.resolution**2))

    def make(self, points: Sequence[Point], context: Context) -> list[Asset]:
        """Pictures of ``points``, or of the first of them where memory is short."""

        def work() -> list[Asset]:
            with torch.inference_mode():
                w = styles(self._generator, points[: self.size], self._look)
                pictures = self._generator.synthesis(w, noise=self._noise)
                return to_assets(pictures[:, :3].expand(-1, 3, -1, -1))

        def lessen() -> None:
            self.size = 1
            context.free()

        return with_less(work, lessen, tr("Close other programs, or choose a smaller model."))


def _generator(context: Context) -> Generator:
    context.progress(0, 0, "Loading")
    generator = context.model("", _load)
    context.check()
    return generator


def _load(address: str) -> Generator:
    return load_generator(resolve(address), device.choose().device)


def _point(blend: Blend, slots: tuple[int, int, int], size: int) -> Point:
    if len(blend.seeds) != len(blend.weights) or not blend.seeds:
        raise StudioError(tr("A point needs at least one seed, and as many weights as seeds."))
    own = (blend.coarse, blend.middle, blend.fine)
    taken = [mine if mine >= 0 else given for mine, given in zip(own, slots, strict=True)]
    if bad := [seed for seed in (*blend.seeds, *taken) if not -1 <= seed < 2**32]:
        raise StudioError(tr("{seed} is no seed: seeds are whole numbers from 0 to 4294967295.", seed=bad[0]))
    z = mixed(blend.seeds, blend.weights, size)
    coarse, middle, fine = (latent(seed, size) if seed >= 0 else z for seed in taken)
    return coarse, middle, fine


def _between(keys: Sequence[Point], place: float, loop: bool) -> Point:
    start = min(int(place), len(keys) - 1)
    end = (start + 1) % len(keys) if loop else min(start + 1, len(keys) - 1)
    made: dict[tuple[int, int], Sample] = {}
    for a, b in zip(keys[start], keys[end], strict=True):
        if (id(a), id(b)) not in made:
            made[id(a), id(b)] = slerp(a, b, place - start)
    coarse, middle, fine = (made[id(a), id(b)] for a, b in zip(keys[start], keys[end], strict=True))
    return coarse, middle, fine


def _noted(asset: Asset, blend: Blend, index: int) -> Asset:
    """``asset`` with what it is: its seed, of several the one that counts most."""
    seed = max(zip(blend.weights, blend.seeds, strict=True), key=lambda pair: pair[0])[1]
    return msgspec.structs.replace(asset, notes={"seed": seed, "index": index})


def _scaled(picture: Image.Image, size: int) -> Image.Image:
    return picture if picture.width == size else picture.resize((size, size), Image.Resampling.LANCZOS)
