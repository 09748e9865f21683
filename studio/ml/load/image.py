"""Picture models: a folder in diffusers format becomes a pipeline, with the facts that a run needs."""

import inspect
import logging
import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from studio.core.abilities import Can
from studio.core.override import override
from studio.families.rules.family import Start
from studio.families.rules.judge import PictureModel
from studio.ml.device import choose
from studio.ml.families.code import code_of
from studio.ml.load.address import resolve
from studio.ml.load.bounds import bounded, strangers
from studio.ml.load.explained import not_loaded
from studio.ml.load.folder import PipelineFolder, incomplete, read_folder
from studio.ml.quiet import quiet
from studio.ml.samplers import schedulers
from studio.ml.samplers.preview import Colours, find_colours

log = logging.getLogger(__name__)

_MISSING = re.compile(r"^(\S+)\s*\|\s*MISSING", re.MULTILINE)
_COLOURED = re.compile(r"\x1b\[[0-9;]*m")


class ImageModel:
    """A loaded pipeline of diffusers, ready to make pictures from words; its facts hold for every run."""

    def __init__(self, pipeline: Any, path: Path, known: PictureModel) -> None:
        self.pipeline = pipeline
        self.path = path
        self.family = known.family
        self.code = code_of(known.family.name)
        """What is computed for this family only."""
        self.begins = not known.refiner
        """False for a refiner, whose pipeline takes a picture each time."""
        self.start: Start = known.pipeline.start
        """What it makes of a start picture."""
        self.can: tuple[Can, ...] = known.can

    @property
    def components(self) -> dict[str, Any]:
        """The parts by name: networks, tokenizers, the scheduler."""
        parts: dict[str, Any] = self.pipeline.components
        return parts

    @cached_property
    def image_to_image(self) -> Any:
        """The pipeline that starts from a picture, of a model that can; it shares every network with ``pipeline``."""
        if not self.begins:
            return self.pipeline
        from diffusers import AutoPipelineForImage2Image

        pipeline = AutoPipelineForImage2Image.from_pipe(self.pipeline)
        pipeline.set_progress_bar_config(disable=True)
        return pipeline

    @cached_property
    def colours(self) -> Colours:
        """How to paint a preview."""
        return find_colours(self.pipeline.vae)

    @property
    def schedulers(self) -> list[str]:
        """The names of the schedulers it can use."""
        return schedulers.names(self.pipeline.scheduler)

    @cached_property
    def multiple(self) -> int:
        """Width and height must be multiples of this."""
        pipeline = self.pipeline
        scale = int(getattr(pipeline, "vae_scale_factor", 8))
        processor = getattr(pipeline, "image_processor", None)
        needs = [scale, int(processor.config.get("vae_scale_factor", 1)) if processor is not None else 1]
        needs.append(self.family.multiple)
        patch = self._network.config.get("patch_size")
        if isinstance(patch, int):
            needs.append(scale * patch)
        return math.lcm(*needs)

    @cached_property
    def token_limit(self) -> int:
        """How many tokens of a prompt the model reads, those included that it adds itself; 0 if nobody says."""
        if self.family.tokens:
            return self.family.tokens
        limit = getattr(self._tokenizer, "model_max_length", 0)
        return limit if limit < 10**6 else 0

    def fit_prompt(self, prompt: str) -> tuple[str, int]:
        """``prompt`` without what the model would not read anyway, and how many tokens that is.

        The pipelines tokenize a prompt several times over and log all that they cut off: a million characters took
        them seconds and megabytes.
        """
        limit, tokenizer = self.token_limit, self._tokenizer
        if not limit or len(prompt) < limit - 2 or not getattr(tokenizer, "is_fast", False):
            return prompt, 0
        encoding = tokenizer(prompt, return_offsets_mapping=True, verbose=False)
        over = len(encoding["input_ids"]) - limit
        if over <= 0:
            return prompt, 0
        # Some tokens more than fit: a word cut in two must not change the tokens that the model does read.
        ends = [end for _, end in encoding["offset_mapping"]]
        return prompt[: max(ends[: limit + 16])], over

    @property
    def _network(self) -> Any:
        """The network that removes the noise."""
        network = getattr(self.pipeline, "unet", None)
        return network if network is not None else self.pipeline.transformer

    @property
    def _tokenizer(self) -> Any:
        """The tokenizer that reads furthest."""
        found = (getattr(self.pipeline, name, None) for name in self.family.tokenizers)
        return next((tokenizer for tokenizer in found if tokenizer is not None), None)


def parameters(pipeline: Any) -> dict[str, inspect.Parameter]:
    """What a call of ``pipeline`` takes."""
    return dict(inspect.signature(type(pipeline).__call__).parameters)


def load_pipeline(address: str) -> ImageModel:
    """The picture model at ``address``, on the chosen device.

    Nothing is downloaded and no program of the model's is run. Raises StudioError "model_missing" or "model_unusable".
    """
    path = resolve(address)
    quiet()
    folder = read_folder(path)
    pipeline = _from_folder(folder)
    pipeline.set_progress_bar_config(disable=True)
    return ImageModel(pipeline.to(choose().device), path, folder.model)


def _from_folder(folder: PipelineFolder) -> Any:
    from diffusers import AutoPipelineForImage2Image, AutoPipelineForText2Image

    with strangers(lambda error: not_loaded(folder.path, error)):
        with _missing_weights() as missing, bounded(folder.path, folder.path.glob("*/*")):
            kind = AutoPipelineForImage2Image if folder.model.refiner else AutoPipelineForText2Image
            pipeline = kind.from_pretrained(
                folder.path,
                **_absent(folder),
                local_files_only=True,
                use_safetensors=True if folder.safetensors_only else None,
                variant=folder.variant,
                dtype=choose().dtype,
            )
    for name, part in pipeline.components.items():
        weights = part.named_parameters() if hasattr(part, "named_parameters") else ()
        missing += [f"{name}.{key}" for key, tensor in weights if tensor.is_meta]
    if missing:
        raise incomplete(folder.path, missing[0])
    return pipeline


def _absent(folder: PipelineFolder) -> dict[str, Any]:
    """What diffusers is told of the parts that aren't there, as far as the pipeline has such: else it asks for them."""
    import diffusers

    takes = inspect.signature(getattr(diffusers, folder.model.class_name).__init__).parameters
    given: dict[str, Any] = dict.fromkeys(folder.absent)
    if "safety_checker" in folder.absent:
        given["requires_safety_checker"] = False  # else it advises against that in the log
    return {name: value for name, value in given.items() if name in takes}


@contextmanager
def _missing_weights() -> Iterator[list[str]]:
    """Yields the list into which go the weights that transformers did not find in a file while it loaded a model.

    It fills them with random numbers and says so in its log only; diffusers leaves them without numbers.
    """
    missing: list[str] = []

    class Listener(logging.Handler):
        @override
        def emit(self, record: logging.LogRecord) -> None:
            missing.extend(_MISSING.findall(_COLOURED.sub("", record.getMessage())))

    logger = logging.getLogger("transformers.modeling_utils")
    listener, level, propagate = Listener(), logger.level, logger.propagate
    logger.addHandler(listener)
    logger.setLevel(logging.WARNING)
    logger.propagate = False
    try:
        yield missing
    finally:
        logger.removeHandler(listener)
        logger.setLevel(level)
        logger.propagate = propagate
