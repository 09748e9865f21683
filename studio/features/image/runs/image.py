"""Makes pictures from words, or from a picture and words, with any pipeline of diffusers."""

import copy
import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import msgspec
import torch
from PIL import Image

from studio.core.abilities import why_unable
from studio.core.context import Context
from studio.core.crop import share_cut
from studio.core.declare import LAST_SEED
from studio.core.errors import StudioError
from studio.core.previews import Previews
from studio.core.prompt_marks import has_marks
from studio.core.text import tr
from studio.core.values import Asset, Result
from studio.features.image.tasks.image import ImageFacts, ImageTask
from studio.ml.load.bounds import strangers
from studio.ml.load.clip_score import ClipModel, clip_model_for, load_clip
from studio.ml.load.image import ImageModel, load_pipeline, parameters
from studio.ml.load.vae import Autoencoder, load_part
from studio.ml.memory import with_less
from studio.ml.pictures import cover, of_area, read_input_picture, to_assets, to_pillow
from studio.ml.samplers import decode, schedulers
from studio.ml.stopping import stoppable

log = logging.getLogger(__name__)


def generate(task: ImageTask, context: Context) -> Result:
    """Make ``task.count`` pictures, each handed over as soon as it is decoded.

    Raises StudioError for a start picture, a scheduler or a model that can't be used, and when memory does not suffice.
    """
    start = read_input_picture(task.image) if task.image else None
    context.progress(0, 0, "Loading")
    model = context.model("", load_pipeline)
    work = _Work(task, context, model, start)
    # One at a time, never as a batch: the kernels' rounding depends on the batch's size, and a seed must give the same
    # picture whatever its neighbours; each is on disk as early as can be, and a stop loses one at most.
    for index in range(task.count):
        work.make(index)
    return Result(notes=work.facts.to_notes())


@dataclass
class _Work:
    """One job: what is the same for all its pictures."""

    task: ImageTask
    context: Context
    model: ImageModel
    start: Image.Image | None
    facts: ImageFacts = field(init=False)
    """Of the job, which each picture has too."""

    def __post_init__(self) -> None:
        task, model = self.task, self.model
        self.previews = Previews(self.context)
        self.first_seed = task.seed if task.seed >= 0 else secrets.randbelow(2**32)
        self.width, self.height = (
            max(1, round(edge / model.multiple)) * model.multiple for edge in (task.width, task.height)
        )
        if why := why_unable(model.path.name, model.can, task.needed()):
            raise StudioError(why)
        self.pipeline = model.image_to_image if self.start is not None else model.pipeline
        self.other = self._find_other()
        self.vae = self.other.vae if self.other is not None else self.pipeline.vae
        self.colours = self.other.colours if self.other is not None else None
        replaces = self.start is not None and model.start == "strength"
        # Of fewer steps than this, none would be left after the share that the start picture replaces.
        self.steps = max(task.steps, -int(-1 // task.strength)) if replaces else task.steps
        self.prompt, cut = model.fit_prompt(task.prompt)
        self.negative, cut_negative = model.fit_prompt(task.negative)
        self.scheduler = schedulers.make(model.pipeline.scheduler, task.scheduler)
        name = schedulers.name_of(self.scheduler)
        unread = bool(task.negative) and not model.family.negative
        share = share_cut(self.start.size, (self.width, self.height)) if self.start is not None and replaces else 0
        self.facts = ImageFacts(
            width=self.width,
            height=self.height,
            steps=self.steps,
            scheduler=name,
            asked_size=self._asked((self.width, self.height)),
            cut_away=round(100 * share),
            truncated=cut,
            marks=has_marks(task.prompt) or has_marks(task.negative),
            no_prompt=not task.prompt.strip(),
            reference=self.start is not None and not replaces,
            unread="negative" if unread else "",
            truncated_negative=0 if unread else cut_negative,
        )
        self.match = self._find_match()

    def make(self, index: int) -> None:
        """Picture number ``index``, from noise to the context."""
        seed = (self.first_seed + index) % (LAST_SEED + 1)
        decoded = decode.Decoded()
        advice = tr("Make the picture smaller, choose a smaller model, or close other programs.")
        pixels, withheld = with_less(partial(self._call, index, seed, decoded), self._lessen, advice)
        (asset,) = to_assets(pixels * 2 - 1)
        facts = msgspec.structs.replace(
            self.facts,
            seed=seed,
            index=index,
            width=asset.width,
            height=asset.height,
            asked_size=self._asked((asset.width, asset.height)),
            tiled=decoded.tiled,
            decoded="float32" if decoded.in_float32 else "",
            black=decoded.black,
            withheld=withheld,
            match=self._match_of(asset) if self.match is not None else None,
        )
        self.context.made(msgspec.structs.replace(asset, notes=facts.to_notes()))

    def _asked(self, made: tuple[int, int]) -> tuple[int, int] | None:
        """The size that was asked for, where another one is ``made``."""
        asked = (self.task.width, self.task.height)
        return asked if asked != made else None

    def _match_of(self, asset: Asset) -> float | None:
        """How well the picture fits its prompt; None where that can't be told: the picture is kept all the same."""
        assert self.match is not None
        try:
            return round(self.match.score(to_pillow(asset), self.task.prompt), 3)
        except Exception as error:
            log.warning("no match can be told: %s", error, exc_info=True)
            self.match = None
            return None

    def _find_other(self) -> Autoencoder | None:
        """The autoencoder that the request gives to the model; None for the model's own. Raises StudioError."""
        address = next((part.path for part in self.task.parts if part.path), "")
        if not address:
            return None
        found, own = self.context.model(address, load_part), self.model.pipeline.vae
        if _shape_of(found.vae) != _shape_of(own):
            raise StudioError(
                tr(
                    "{path} is no autoencoder for {model}: its latents have another shape.",
                    path=address,
                    model=self.model.path.name,
                ),
                "model_unusable",
            )
        return found

    def _find_match(self) -> ClipModel | None:
        """The CLIP model that tells how well each picture of a batch fits its prompt, where the model names one."""
        address = clip_model_for(self.model.path) if self.task.count > 1 and self.task.prompt.strip() else ""
        try:
            return self.context.model(address, load_clip) if address else None
        except StudioError as error:  # the pictures are wanted all the same
            log.info("no match is told: %s", error)
            return None

    def _call(self, index: int, seed: int, decoded: decode.Decoded) -> tuple[torch.Tensor, bool]:
        """(pixels [1, 3, H, W] in [0, 1], whether the model's own safety checker painted them black)."""
        pipeline = self.pipeline
        # A fresh one for each picture: a stop in the middle leaves nothing behind in the model's own.
        scheduler = copy.deepcopy(self.scheduler)
        with (
            _exchanged(pipeline, scheduler=scheduler, vae=self.vae),
            schedulers.watched(scheduler) as latest,
            decode.careful(self.vae, self._free_others, decoded),
            stoppable(pipeline.components.values(), partial(self.context.yield_to_frames, often=True)),
        ):
            watcher = _Watcher(self, index, latest)
            with strangers(self._explain):
                made = pipeline(**self._arguments(seed), callback_on_step_end=watcher)
        return made.images, any(getattr(made, "nsfw_content_detected", None) or [])

    def _explain(self, error: BaseException) -> StudioError:
        """What a pipeline raises comes of parts that don't fit together, or of settings that they can't do."""
        log.warning("%s could make no picture", self.model.path, exc_info=error)
        sentence = tr(
            "The model {path} couldn't make a picture from this. Try another size, other settings or another model.",
            path=self.model.path,
        )
        return StudioError(sentence, "model_unusable")

    def _arguments(self, seed: int) -> dict[str, Any]:
        """The call's arguments, as far as the pipeline takes them."""
        task, model, takes = self.task, self.model, parameters(self.pipeline)
        given: dict[str, Any] = {
            "prompt": self.prompt,
            "width": self.width,
            "height": self.height,
            "num_inference_steps": self.steps,
            model.family.guidance_by: task.guidance,
            "generator": torch.Generator("cpu").manual_seed(seed),
            "output_type": "pt",
        }
        if self.start is not None and model.start == "strength":
            part = cover(self.start, self.width, self.height, (task.crop_x, task.crop_y))
            given |= {"image": part, "strength": task.strength}
        elif self.start is not None:
            given["image"] = of_area(self.start, self.width * self.height)
        given |= {**model.family.call, **model.code.call(self.width, self.height)}
        if model.family.guidance_by == "true_cfg_scale":
            given["negative_prompt"] = self.negative or " "
        elif task.negative and model.family.negative:
            given["negative_prompt"] = self.negative
        return {name: value for name, value in given.items() if name in takes}

    def _lessen(self) -> None:
        self._free_others()
        decode.tile(self.vae)

    def _free_others(self) -> None:
        """Let all other models go. The pool takes this one back, since it is still in use."""
        self.context.free()
        self.context.model("", load_pipeline)
        for part in self.task.parts:
            if part.path:
                self.context.model(part.path, load_part)


@contextmanager
def _exchanged(pipeline: Any, **parts: Any) -> Iterator[None]:
    """Within it ``pipeline`` works with these parts; its own come back, whatever happens."""
    own = {name: getattr(pipeline, name) for name in parts}
    try:
        for name, part in parts.items():
            setattr(pipeline, name, part)
        yield
    finally:
        for name, part in own.items():
            setattr(pipeline, name, part)


def _shape_of(vae: Any) -> tuple[object, int]:
    """What of its latents the other parts of a pipeline rely on: channels, and how much it shrinks pictures."""
    return vae.config.get("latent_channels"), len(vae.config.get("block_out_channels") or ())


class _Watcher:
    """Called by the pipeline after each step: progress and preview."""

    def __init__(self, work: _Work, index: int, latest: Any) -> None:
        self.work, self.index, self.latest = work, index, latest

    def __call__(self, pipeline: Any, step: int, timestep: Any, values: dict[str, Any]) -> dict[str, Any]:
        del timestep
        work, each = self.work, getattr(pipeline, "num_timesteps", 0) or len(pipeline.scheduler.timesteps)
        work.context.progress(self.index * each + step + 1, work.task.count * each, "Step")
        work.previews.show(partial(self._preview, pipeline), self.index)
        if step + 1 == each:
            work.context.progress(self.index * each + step + 1, work.task.count * each, "Decoding")
        work.context.yield_to_frames()
        return values

    def _preview(self, pipeline: Any) -> Asset | None:
        work, step = self.work, self.latest()
        if step is None:
            return None
        latents = schedulers.clean_latents(pipeline.scheduler, step)
        if latents.ndim == 3 and work.model.code.unpack is not None:
            latents = work.model.code.unpack(pipeline, latents, work.width, work.height)
        if latents.ndim == 5:
            latents = latents[:, :, 0]
        colours = work.colours or work.model.colours
        if latents.ndim != 4 or latents.shape[1] != len(colours.matrix) - 1:
            return None
        return to_assets(colours.paint(latents))[0]
