"""Answers the Latent room's questions about its model: directions, differences of points, activations."""

import torch

from studio.core.context import Context
from studio.core.errors import StudioError
from studio.core.text import tr
from studio.core.values import Asset, Result
from studio.features.latent.runs.compose import Composer
from studio.features.latent.runs.latent import Maker, the_generator, truncation_of
from studio.features.latent.tasks.questions import (
    ActivationsFacts,
    ActivationsTask,
    DirectionsFacts,
    DirectionsTask,
    WayTask,
)
from studio.ml.activations import draw_activations, record_activations
from studio.ml.directions import directions_of
from studio.ml.pictures import to_assets

SLICE = 0.03
"""Seconds of gathering per job: a live frame waits at most this long."""
SHOWN = 20
"""Directions that are returned."""
TILES, LARGE = (128, 64), 512
"""Most pixels of a channel: as a tile (among few or many), and alone."""
FEW = 64


def directions(task: DirectionsTask, context: Context) -> Result:
    """Gather a bit more of the model's directions."""
    generator = the_generator(context)
    known = directions_of(generator, task.label)
    known.advance(SLICE)
    facts = DirectionsFacts(
        share=1.0 if known.done else min(known.share, 0.99),
        key=known.key,
        size=generator.w_dim,
        pca=tuple(known.pca.sigma[:SHOWN].tolist()) if known.done else (),
    )
    context.made(Asset(kind="points", notes=facts.to_notes()))
    return Result()


def way(task: WayTask, context: Context) -> Result:
    """The styles of the second point minus those of the first."""
    if len(task.of.points) != 2:
        raise StudioError(tr("A path needs two points."))
    generator = the_generator(context)
    first, second = Composer(generator, truncation_of(generator, task.of)).styles(task.of.points)
    data = (second - first).to("cpu", torch.float32).numpy().astype("<f4").tobytes()
    context.made(Asset(kind="points", data=data, format="f4"))
    return Result()


def activations(task: ActivationsTask, context: Context) -> Result:
    """Pictures of a layer's channels."""
    if not task.of.points:
        raise StudioError(tr("There is no point to show the layers of."))
    generator = the_generator(context)
    w = Composer(generator, truncation_of(generator, task.of)).styles(task.of.points[:1])
    with record_activations(generator, task.layer) as seen:
        Maker(generator, task.of).make(w, context)
    small = draw_activations(seen.channels, TILES[len(seen.channels) > FEW])
    tower = small.permute(1, 0, 2, 3).flatten(1, 2)[None]  # [1, 3, C * h, w]
    facts = ActivationsFacts(
        inside=tuple((one.name, one.channels, one.height, one.width) for one in seen.layers),
        layer=seen.number,
        tile=small.shape[2],
    )
    context.made(to_assets(tower, facts)[0])
    if 0 <= task.channel < len(seen.channels):
        context.made(
            to_assets(draw_activations(seen.channels[task.channel][None], LARGE), ActivationsFacts(index=1))[0]
        )
    return Result()
