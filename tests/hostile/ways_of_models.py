"""The ways in which the studio opens a model, for ``opener.py``."""

from collections.abc import Callable
from pathlib import Path

from diffusers import AutoPipelineForText2Image, StableDiffusionPipeline  # noqa: F401  imports don't count
from transformers import AutoModelForCausalLM, AutoTokenizer, CLIPTextModel, LlamaForCausalLM  # noqa: F401

from studio.features.write.runs.write import write
from studio.features.write.tasks.write import WriteTask
from studio.ml.load.clip_score import load_clip
from studio.ml.load.encoder import load_encoder
from studio.ml.load.gan import load_generator
from studio.ml.load.image import load_pipeline
from studio.ml.load.vae import load_autoencoder
from studio.models.catalogue import ModelCatalogue, inspect_model
from studio.models.own_settings import own_settings, schedulers_of
from studio.models.tokens import count_tokens
from tests.recording import RecordingContext


def _judge(path: Path) -> str:
    found = ModelCatalogue(path.parent / "nothing", [str(path)]).scan()
    inspect_model(path)
    schedulers_of(path)
    own_settings(path, "StableDiffusionPipeline")
    return "\n".join(model.reason for model in found)


def _latent(path: Path) -> str:
    return str(load_generator(path).resolution)


def _image(path: Path) -> str:
    return type(load_pipeline(str(path)).pipeline).__name__


def _write(path: Path, mode: str = "draft") -> str:
    task = WriteTask(prompt="the cat " * 50, mode=mode, length=2, seed=1)  # type: ignore[arg-type]
    return str(write(task, RecordingContext(address=str(path))))


WAYS: dict[str, Callable[[Path], str]] = {
    "judge": _judge,
    "latent": _latent,
    "image": _image,
    "write": _write,
    "chat": lambda path: _write(path, "chat"),
    "count": lambda path: str(count_tokens(inspect_model(path), "the cat")),
    "vae": lambda path: type(load_autoencoder(str(path)).vae).__name__,
    "encoder": lambda path: type(load_encoder(str(path))).__name__,
    "match": lambda path: type(load_clip(str(path)).model).__name__,
}
