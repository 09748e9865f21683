"""Walks through the latent space: videos, and single frames."""

from collections.abc import Sequence
from itertools import pairwise
from weakref import WeakKeyDictionary

import msgspec
import numpy as np
import torch
from PIL import Image
from torch import Tensor

from studio.core.context import Context
from studio.core.errors import StudioError
from studio.core.text import tr
from studio.core.values import Asset, Result
from studio.features.latent.points.point import LatentPoint
from studio.features.latent.points.timing import Curve, durations_of, even_out, frames_of, places, segments_of
from studio.features.latent.runs.compose import Composer, point_of
from studio.features.latent.runs.latent import Maker, the_generator, truncation_of
from studio.features.latent.runs.shooting import render_video, resume_folder
from studio.features.latent.tasks.latent import WalkFacts, WalkTask
from studio.ml.nets.generator import Generator
from studio.ml.pictures import to_pillow
from studio.ml.video_file import write_video

MOST_STEPS, FEWEST_STEPS, ALL_STEPS = 16, 6, 256
"""Steps at which a segment's change is measured: most, fewest, and for all segments together."""
EYE = 48
"""Edge of the small pictures that are compared, in pixels."""
AT_KEY = 1e-6
"""Positions this close to a keyframe count as the keyframe."""
REMEMBERED = 4
_measured: WeakKeyDictionary[Generator, dict[WalkTask, list[Curve]]] = WeakKeyDictionary()
"""Cached curves of recent walks: playing a walk requests it frame by frame."""


def walk(task: WalkTask, context: Context) -> Result:
    """A video through ``task.keys``, or else ``task.seeds``; with ``task.at`` only these frames, as pictures.

    In a loop the frame after the last would be the first; else the first and the last frame are keyframes. An
    unfinished video is resumed, see ``write_video``.
    """
    blends = task.keys or tuple(LatentPoint(seeds=(seed,)) for seed in task.seeds)
    if len(blends) < 2:
        raise StudioError(tr("A walk needs at least two keyframes. Add another."))
    generator = the_generator(context)
    route = Route(task, blends, generator)
    durations, curves = durations_of(task, len(blends)), list[Curve]()
    if task.even:
        curves = route.curves(context)
        durations = even_out(durations, curves)
    total = frames_of(task, len(blends))
    way = places(durations, total, task.loop, task.easing, curves)
    if task.at:
        return _single(task.at, way, durations, route, context)
    height, width = (_even(side * task.size / generator.resolution) if task.size else side for side in generator.extent)
    kept = resume_folder(task, generator)
    with write_video(task.format, width, height, task.rate, total, task.loop, kept) as reel:
        clip = render_video(
            reel, total, (width, height), lambda done: route.frames(way[done : done + route.most], context), context
        )
    context.made(clip)
    return Result(notes=clip.notes)


def _even(side: float) -> int:
    return max(2, 2 * round(side / 2))


def _single(
    at: Sequence[int], way: Sequence[float], durations: Sequence[float], route: "Route", context: Context
) -> Result:
    """The frames with the numbers ``at``, each with its position and point."""
    for index, asked in enumerate(at):
        number = min(asked, len(way) - 1)
        (picture,) = route.frames(way[number : number + 1], context)
        place = way[number]
        facts = WalkFacts(index=index, frame=number, place=place, durations=tuple(durations), point=route.point(place))
        context.made(msgspec.structs.replace(picture, notes=facts.to_notes()))
    return Result()


class Route:
    """The path through the keyframes ``keys``, with ``generator``."""

    def __init__(self, task: WalkTask, keys: Sequence[LatentPoint], generator: Generator) -> None:
        self._task, self._keys, self._generator = task, keys, generator
        self._composer = Composer(generator, truncation_of(generator, task))
        self._maker = Maker(generator, task)

    @property
    def most(self) -> int:
        """The number of frames made at a time."""
        return self._maker.size

    def frames(self, way: Sequence[float], context: Context) -> list[Asset]:
        """Pictures at the positions ``way``, or at the first of them if memory runs out."""
        return self._maker.make(self.styles(way), context)

    def styles(self, way: Sequence[float]) -> Tensor:
        """Styles at the positions ``way``; after the last keyframe comes the first."""
        keys = self._keys
        legs = [min(int(place), len(keys) - 1) for place in way]
        return torch.cat(
            [
                self._composer.between(
                    keys[leg],
                    keys[(leg + 1) % len(keys)],
                    [place - leg for place, own in zip(way, legs, strict=True) if own == leg],
                    self._task.space,
                    self._task.path,
                )
                for leg in sorted(set(legs))
            ]
        )

    def point(self, place: float) -> LatentPoint:
        """The point at ``place``: the keyframe itself, seeds and weights if the path is in z, else styles."""
        leg = min(int(place), len(self._keys) - 1)
        start, end, share = self._keys[leg], self._keys[(leg + 1) % len(self._keys)], place - leg
        if share < AT_KEY:
            return start
        if self._task.space == "z" and (found := self._composer.mixed_point(start, end, share, self._task.path)):
            return found
        return point_of(self.styles([place])[0], start.label)

    def curves(self, context: Context) -> list[Curve]:
        """The perceived change of the picture along each segment, measured on small pictures."""
        known = _measured.setdefault(self._generator, {})
        fields = {"at": (), "format": "mp4", "rate": 30, "size": 0, "easing": "steady", "durations": (), "seconds": 8.0}
        key = msgspec.structs.replace(self._task, keys=tuple(self._keys), seeds=(), **fields)
        if key not in known:
            curves = self._measure(context)
            while len(known) >= REMEMBERED:
                del known[next(iter(known))]
            known[key] = curves
        return known[key]

    def _measure(self, context: Context) -> list[Curve]:
        legs = segments_of(len(self._keys), self._task.loop)
        steps = min(max(ALL_STEPS // legs, FEWEST_STEPS), MOST_STEPS)
        noise = "none" if self._task.noise == "random" else self._task.noise
        still = Maker(self._generator, msgspec.structs.replace(self._task, noise=noise))
        way = [leg + step / steps for leg in range(legs) for step in range(steps)] + [float(legs)]
        if self._task.loop:
            way[-1] = 0.0
        seen: list[np.ndarray] = []
        while len(seen) < len(way):
            context.progress(len(seen), len(way), "Measuring")
            pictures = still.make(self.styles(way[len(seen) : len(seen) + still.size]), context)
            seen += [_as_seen(picture) for picture in pictures]
            context.yield_to_frames()
        changes = [float(np.abs(after - before).mean()) for before, after in pairwise(seen)]
        return [
            [0.0, *np.cumsum(changes[leg * steps : (leg + 1) * steps], dtype=float).tolist()] for leg in range(legs)
        ]


def _as_seen(picture: Asset) -> np.ndarray:
    small = to_pillow(picture).convert("RGB").resize((EYE, EYE), Image.Resampling.BOX)
    return np.asarray(small, np.float32)
