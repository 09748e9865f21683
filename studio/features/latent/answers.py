"""Answers to what the Latent room asks about its model: directions, ways between points, activations."""

import torch

from studio.core.context import Context
from studio.core.errors import StudioError
from studio.core.text import tr
from studio.core.values import Asset, Result
from studio.features.latent.compose import Composer
from studio.features.latent.questions import ActivationsTask, DirectionsTask, WayTask
from studio.features.latent.run import Maker, look_of, the_generator
from studio.ml.activations import pictured, watched
from studio.ml.directions import directions_of
from studio.ml.latents import bands
from studio.ml.pictures import to_assets

SLICE = 0.03
"""Seconds of gathering: a live frame waits no longer for that."""
SHOWN = 20
"""Directions that are told about."""
TILE, LARGE = 64, 512
"""Most pixels of a channel among the others, and alone."""


def directions(task: DirectionsTask, context: Context) -> Result:
    """A bit more of the model's directions."""
    generator = the_generator(context)
    known = directions_of(generator, task.label)
    known.advance(SLICE)
    _, middle, fine = bands(generator.num_ws, generator.resolution)
    notes = {
        "share": known.share,
        "key": known.key,
        "layers": generator.num_ws,
        "size": generator.w_dim,
        "bands": [middle.start, fine.start],
        "pca": known.pca.sigma[:SHOWN].tolist() if known.share == 1 else [],
    }
    context.made(Asset(kind="points", notes=notes))
    return Result()


def way(task: WayTask, context: Context) -> Result:
    """The styles of the second point minus those of the first."""
    if len(task.of.points) != 2:
        raise StudioError(tr("A way needs two points."))
    generator = the_generator(context)
    first, second = Composer(generator, look_of(generator, task.of)).styles(task.of.points)
    data = (second - first).to("cpu", torch.float32).numpy().astype("<f4").tobytes()
    context.made(Asset(kind="points", data=data, format="f4"))
    return Result()


def activations(task: ActivationsTask, context: Context) -> Result:
    """Pictures of a layer's channels."""
    if not task.of.points:
        raise StudioError(tr("There is no point whose layers could be shown."))
    generator = the_generator(context)
    w = Composer(generator, look_of(generator, task.of)).styles(task.of.points[:1])
    with watched(generator, task.layer) as seen:
        Maker(generator, task.of.noise, task.of.scales).make(w, context)
    small = pictured(seen.channels, TILE)
    tower = small.permute(1, 0, 2, 3).flatten(1, 2)[None]  # [1, 3, C * h, w]
    notes = {"layers": [list(layer) for layer in seen.layers], "layer": seen.number, "tile": small.shape[2]}
    context.made(to_assets(tower, notes)[0])
    if 0 <= task.channel < len(seen.channels):
        context.made(to_assets(pictured(seen.channels[task.channel][None], LARGE))[0])
    return Result()
