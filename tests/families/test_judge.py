"""One judge: what the Models room says of a folder and what loading it says are the same sentence."""

from collections.abc import Callable
from pathlib import Path

import diffusers
import pytest

from studio.core.errors import StudioError
from studio.families.rules.known import PIPELINES
from studio.families.rules.packing import BEYOND_US
from studio.ml.load.clip_score import load_clip
from studio.ml.load.image import load_pipeline
from studio.ml.load.text import load_language_model
from studio.ml.load.vae import load_autoencoder
from studio.ml.quiet import quiet
from studio.models.inspection import inspect_model
from tests.models.folders import language_model, picture_model, write_json, write_safetensors

quiet()


def sentence(load: Callable[[str], object], folder: Path) -> str:
    with pytest.raises(StudioError) as caught:
        load(str(folder))
    assert caught.value.trouble == "model_unusable"
    return caught.value.message


def test_every_pipeline_is_refused_in_the_same_words_or_listed_and_linked(tmp_path: Path) -> None:
    """Also those that begin with a picture or with a mask: diffusers takes the folders of some for the plain one's."""
    from diffusers.pipelines.auto_pipeline import AUTO_TEXT2IMAGE_PIPELINES_MAPPING, _get_task_class

    folder, usable = picture_model(tmp_path / "model"), set()
    names = [name for name in dir(diffusers) if "Pipeline" in name and not name.startswith(("Auto", "Flax", "Onnx"))]
    for name in names:
        model = inspect_model(picture_model(folder, name))
        if model.usable:
            usable.add(name)
            assert _get_task_class(AUTO_TEXT2IMAGE_PIPELINES_MAPPING, name), name
        else:
            assert sentence(load_pipeline, folder) == model.reason
    assert usable == set(PIPELINES)
    assert {"StableDiffusionInpaintPipeline", "QwenImageInpaintPipeline"} <= usable
    assert not {"ChromaInpaintPipeline", "FluxKontextInpaintPipeline", "Flux2KleinInpaintPipeline"} & usable


@pytest.mark.parametrize(
    ("name", "channels"), [("StableDiffusionInpaintPipeline", 9), ("StableDiffusionXLInpaintPipeline", 9),
                           ("StableDiffusionPipeline", 8), ("StableDiffusionPipeline", 5), ("KolorsPipeline", 6)]
)  # fmt: skip
def test_a_network_that_needs_more_than_words(tmp_path: Path, name: str, channels: int) -> None:
    folder = picture_model(tmp_path / "a", name)
    write_json(folder / "unet" / "config.json", {"in_channels": channels})
    model = inspect_model(folder)
    assert not model.usable
    assert sentence(load_pipeline, folder) == model.reason


@pytest.mark.parametrize("method", sorted(BEYOND_US))
def test_packed_models_are_refused_before_they_are_chosen(tmp_path: Path, method: str) -> None:
    packed = {"quantization_config": {"quant_method": method, "bits": 4}}
    words, pictures = language_model(tmp_path / "words", **packed), picture_model(tmp_path / "pictures")
    write_json(pictures / "unet" / "config.json", packed)
    for folder, load in ((words, load_language_model), (pictures, load_pipeline)):
        model = inspect_model(folder)
        assert f"is quantised with {method}" in model.reason
        assert sentence(load, folder) == model.reason


def test_old_files_of_bitsandbytes_name_no_method(tmp_path: Path) -> None:
    folder = language_model(tmp_path / "a", quantization_config={"load_in_4bit": True})
    assert "is quantised with bitsandbytes" in inspect_model(folder).reason


@pytest.mark.parametrize("method", ["fp8", "mxfp4"])
def test_what_transformers_unpacks_by_itself_is_listed(tmp_path: Path, method: str) -> None:
    assert inspect_model(language_model(tmp_path / "a", quantization_config={"quant_method": method})).usable


@pytest.mark.parametrize(
    "config",
    [
        {"architectures": ["BertForMaskedLM"], "model_type": "bert"},
        {"architectures": None, "model_type": "bert"},
        {"architectures": ["LlamaModel"]},
        {"architectures": ["LlamaForCausalLM"], "model_type": "tomorrow"},
        {"architectures": ["MyForCausalLM"], "auto_map": {"AutoModel": "my.My"}},
        {"architectures": None, "model_type": ""},
    ],
)
def test_language_models(tmp_path: Path, config: dict[str, object]) -> None:
    folder = language_model(tmp_path / "a", **config)
    write_json(folder / "triptych.json", {"kind": "write"})
    model = inspect_model(folder)
    assert not model.usable
    assert sentence(load_language_model, folder) == model.reason


def test_a_language_model_without_its_tokenizer(tmp_path: Path) -> None:
    folder = language_model(tmp_path / "a")
    (folder / "tokenizer.json").unlink()
    assert "has no tokenizer" in inspect_model(folder).reason
    assert sentence(load_language_model, folder) == inspect_model(folder).reason


def test_clips_and_autoencoders(tmp_path: Path) -> None:
    told = {"clip": language_model(tmp_path / "clip", architectures=["CLIPModel"], model_type="clip")}
    told["vae"] = tmp_path / "vae"
    write_json(told["vae"] / "config.json", {"_class_name": "AutoencoderKLWan"})
    write_safetensors(told["vae"] / "model.safetensors")
    write_json(told["vae"] / "triptych.json", {"kind": "vae"})
    for name, load in (("clip", load_clip), ("vae", load_autoencoder)):
        model = inspect_model(told[name])
        assert not model.usable
        assert sentence(load, told[name]) == model.reason
