"""Searches the latent space: inversion of a picture, and dragging."""

import dataclasses
import math
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch
from torch import Tensor

from studio.core.context import Context
from studio.core.errors import StudioError
from studio.core.previews import Previews
from studio.core.text import tr
from studio.core.values import Asset, Result
from studio.features.latent.points.point import LatentPoint
from studio.features.latent.runs.compose import Composer, point_of
from studio.features.latent.runs.latent import grain_and_place, the_generator, truncation_of
from studio.features.latent.tasks.search import DragFacts, DragTask, InvertFacts, InvertTask
from studio.files.atomic import replacing
from studio.files.card import ModelCard, write_card
from studio.files.errors import explained
from studio.ml.dragging import DragConfig, DragState, across, drag
from studio.ml.inversion import Features, InversionConfig, PictureLoss, colours, project, psnr, tune
from studio.ml.latents import Truncation
from studio.ml.load.encoder import load_encoder
from studio.ml.load.gan import save_generator
from studio.ml.memory import with_less
from studio.ml.pictures import cover, read_input_picture, shown, to_assets


def invert(task: InvertTask, context: Context) -> Result:
    """The picture closest to ``task.image``; its notes have its ``point``, and the similarity in dB.

    With ``task.tune`` they also have the address of the tuned ``model``, to which the point then belongs.
    """
    if not task.image:
        raise StudioError(tr("There is no picture to find. Choose one."))
    if task.tune and not task.folder:
        raise StudioError(tr("Choose a folder for the tuned model."))
    if task.tune and Path(task.folder).exists():
        raise StudioError(tr("{path} already exists. Choose a new folder for the tuned model.", path=task.folder))
    picture = read_input_picture(task.image)
    generator = the_generator(context)
    features: Features | None = context.model(task.encoder, load_encoder) if task.encoder else None
    (height, width), device = generator.extent, next(generator.parameters()).device
    pixels = torch.from_numpy(np.asarray(cover(picture, width, height), dtype=np.float32) / 127.5 - 1)
    search = _Search(task, context, generator, PictureLoss(pixels.permute(2, 0, 1).to(device), features))
    w = search.project()
    address = ""
    if task.tune:
        generator = search.tune(w)
        _keep(generator, Path(task.folder), Path(task.image).stem)
        address = str(Path(task.folder))
    point = point_of(w, task.label)
    # Show what the saved point gives: its numbers are rounded.
    w = Composer(generator, Truncation(1.0, 0, device)).styles([point])
    with torch.inference_mode():
        made = generator.synthesis(w, noise=task.noise)
    facts = InvertFacts(psnr=round(psnr(colours(made)[0], search.likeness.target), 2), model=address)
    context.made(to_assets(shown(made), msgspec.structs.replace(facts, point=point))[0])
    return Result(notes=facts.to_notes())


def _keep(generator: Any, folder: Path, picture: str) -> None:
    """Write the tuned model, whole or not at all."""
    card = ModelCard(name=folder.name, kind="latent", summary=tr("Tuned around {picture}.", picture=picture))
    with explained(folder), replacing(folder, folder=True) as part:
        save_generator(generator, part)
        write_card(part, card)


class _Search:
    """One inversion: reports progress to the context, with previews."""

    def __init__(self, task: InvertTask, context: Context, generator: Any, likeness: PictureLoss) -> None:
        self._task, self._context, self._generator = task, context, generator
        self._previews = Previews(context)
        self.likeness = likeness
        self._plan = InversionConfig(task.steps, task.fine, task.starts, task.seed, task.noise, task.label)

    def project(self) -> Tensor:
        """The styles. If memory runs out with several starts, only from the average."""
        watch = partial(self._watch, "Searching", self._task.steps + self._task.fine)
        return with_less(
            lambda: project(self._generator, self.likeness, self._plan, watch),
            self._lessen,
            tr("Close other programs, or choose a smaller model."),
        )

    def tune(self, w: Tensor) -> Any:
        """The tuned copy of the generator."""
        watch = partial(self._watch, "Tuning", self._task.tune)
        return tune(self._generator, w, self.likeness, self._plan, self._task.tune, watch)

    def _lessen(self) -> None:
        self._plan = dataclasses.replace(self._plan, starts=1)
        self._context.free()

    def _watch(self, stage: str, total: int, done: int, picture: Tensor) -> None:
        self._context.progress(done, total, stage)
        self._previews.show(lambda: to_assets(picture[None])[0])
        self._context.yield_to_frames()


def drag_points(task: DragTask, context: Context) -> Result:
    """The picture in which every handle of ``task.pulls`` is at its target, or as close as possible.

    Its notes, like those of the previews, have its ``point``, so that the current state can be kept after a stop. They
    also have the current ``handles``, as fractions of the picture.
    """
    if not task.pulls:
        raise StudioError(tr("There is nothing to drag. Set a handle and its target first."))
    generator = the_generator(context)
    device = next(generator.parameters()).device
    size = across(generator).to(device)
    start = task.point or LatentPoint((task.seed,))
    w = Composer(generator, truncation_of(generator, task)).styles([start])[0].clone()
    places = torch.tensor(task.pulls, device=device).view(-1, 2, 2) * size
    config = DragConfig(
        places[:, 0], places[:, 1], task.layers, _free(task.mask, device), _how(generator, task), task.scales
    )
    state = _drag_points(generator, w, config, task, context)
    facts = _facts(state, start.label, size)
    context.made(to_assets(state.picture[None], facts)[0])
    return Result(notes=DragFacts(distance=facts.distance, arrived=facts.arrived).to_notes())


def _drag_points(generator: Any, w: Tensor, config: DragConfig, task: DragTask, context: Context) -> DragState:
    previews = Previews(context)
    for steps, state in enumerate(drag(generator, w, config)):
        context.progress(steps, task.steps, "Dragging")
        if state.arrived or steps == task.steps:
            break
        previews.show(partial(_seen, state, task, across(generator).to(w.device)))
        context.yield_to_frames()
    return state


def _seen(state: DragState, task: DragTask, size: Tensor) -> Asset:
    return to_assets(state.picture[None], _facts(state, task.point.label if task.point else 0, size))[0]


def _facts(state: DragState, label: int, size: Tensor) -> DragFacts:
    return DragFacts(
        point=point_of(state.w, label),
        handles=tuple((x, y) for x, y in (state.handles / size).tolist()),
        distance=round(state.distance, 2),
        arrived=state.arrived,
    )


def _free(mask: bytes, device: torch.device) -> Tensor | None:
    """The mask as a square of zeros and ones."""
    if not mask:
        return None
    edge = math.isqrt(8 * len(mask))
    if edge * edge != 8 * len(mask):
        raise StudioError(tr("The mask is invalid. Paint it again."))
    bits = np.unpackbits(np.frombuffer(mask, np.uint8)).reshape(edge, edge)
    return torch.from_numpy(bits.astype(np.float32)).to(device)


def _how(generator: Any, task: DragTask) -> dict[str, Any]:
    """Random noise, new for every picture, would hide the motion."""
    how = grain_and_place(generator, task)
    return {**how, "noise": "none"} if task.noise == "random" else how
