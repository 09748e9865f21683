"""The catalogue: what is found, what it is, and why something can't be used."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from studio.core.abilities import PICTURES
from studio.core.resources import starters
from studio.models.catalogue import Model, ModelCatalogue, inspect_model
from tests.models.folders import (
    generator,
    language_model,
    network_pickle,
    picture_model,
    write_json,
    write_safetensors,
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = tmp_path / "models 猫"
    folder.mkdir()
    return folder


def scan(*folders: Path, starters: Path = Path("/nowhere")) -> list[Model]:
    return ModelCatalogue(starters, [str(folder) for folder in folders]).scan()


def test_each_kind(place: Path) -> None:
    picture_model(place / "pictures")
    language_model(place / "words")
    generator(place / "faces")
    generator(place / "cars", "stylegan3")
    network_pickle(place / "cats.pkl")
    torch.save({"g_ema": {"to_rgb1.conv.weight": torch.ones(2)}}, place / "dogs.pt")
    torch.save({"layer.weight": torch.ones(2)}, place / "other.pt")  # most .pt files are none of ours
    found = {model.name: model for model in scan(place)}
    assert {name: (model.family, model.architecture, model.can) for name, model in found.items()} == {
        "pictures": ("sd15", "StableDiffusionPipeline", ("text>image", "image>image")),
        "words": ("causal_lm", "LlamaForCausalLM", ("text>text",)),
        "faces": ("stylegan2", "StyleGAN2", ("latent>image",)),
        "cars": ("stylegan3", "StyleGAN3", ("latent>image",)),
        "cats": ("stylegan2", "StyleGAN2", ("latent>image",)),
        "dogs": ("stylegan2", "StyleGAN2", ("latent>image",)),
    }
    for model in found.values():
        assert (model.part, model.usable) == ("whole", True)
        assert model.address == model.path
        assert Path(model.address).is_absolute()
        assert model.bytes > 0
        assert (model.reason, model.bundled) == ("", False)


@pytest.mark.parametrize("name", ["AutoencoderKL", "AutoencoderTiny"])
def test_an_autoencoder_of_its_own(place: Path, name: str) -> None:
    shutil.copytree(picture_model(place / "pipeline") / "unet", place / "own")
    write_json(place / "own" / "config.json", {"_class_name": name})
    (model,) = scan(place / "own")
    assert (model.part, model.can, model.architecture) == ("vae", ("image>latents",), name)
    assert model.usable
    for weights in (place / "own").glob("*.safetensors"):
        weights.write_bytes(weights.read_bytes()[:20])
    (model,) = scan(place / "own")
    assert (model.part, model.can, model.usable) == ("vae", ("image>latents",), False)
    write_json(place / "own" / "config.json", {"_class_name": "UNet2DModel"})
    (model,) = scan(place / "own")
    assert (model.part, model.can, model.usable) == ("", (), False)


def test_cards_and_licences(place: Path) -> None:
    folder = generator(place / "a")
    write_json(
        folder / "triptych.json", {"name": "Faces", "kind": "latent", "licence": "MIT", "size": 64, "summary": "s"}
    )
    model = inspect_model(folder, bundled=True)
    assert (model.address, model.name, model.licence, model.summary) == ("starter:a", "Faces", "MIT", "s")
    assert (model.defaults, model.bundled) == ({"size": 64}, True)


@pytest.mark.parametrize(
    ("card", "licence"),
    [
        ("---\nlicense: apache-2.0\ntags:\n- x\n---\n# Model", "apache-2.0"),
        ("---\r\ntags: [a]\r\nlicense: 'mit'\r\n---\r\n", "mit"),
        ("---\nlicense: other\nlicense_name: llama3\n---\n", "llama3"),
        ("---\nlicense: other\n---\n", "other"),
        ("---\nlanguage: en\n---\nlicense: mit", ""),
        ("license: mit", ""),
        ("", ""),
        ("---\n" + "x" * 100_000, ""),
    ],
)
def test_licences_of_model_cards(place: Path, card: str, licence: str) -> None:
    folder = language_model(place / "a")
    (folder / "README.md").write_bytes(card.encode())
    assert inspect_model(folder).licence == licence


def remove(name: str) -> Callable[[Path], object]:
    def do(folder: Path) -> None:
        path = folder / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    return do


def put(name: str, content: bytes) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes(content)


def cut(name: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:-4])


WEIGHTS = "unet/diffusion_pytorch_model.safetensors"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (remove(WEIGHTS), "contains no weights"),
        (cut(WEIGHTS), "incomplete: 4 bytes are missing"),
        (put(WEIGHTS, b"<html>Not found</html>"), "safetensors file"),
        (remove("unet"), "lacks its part unet"),
        (put("unet/diffusers.py", b"import os"), "needs code that comes with the model"),
        (put("model_index.json", b"{"), "can't be read"),
        (put("model_index.json", b"{}"), "doesn't say which pipeline the model is for"),
        (put("model_index.json", b'{"_class_name": ["mine", "Pipeline"]}'), "includes its own code"),
        (put("model_index.json", b'{"_class_name": "WanPipeline"}'), "makes videos"),
        (put("model_index.json", b'{"_class_name": "StableAudioPipeline"}'), "generates audio"),
        (put("model_index.json", b'{"_class_name": "QwenImageEditPipeline"}'), "edits pictures by instruction"),
        (
            put("model_index.json", b'{"_class_name": "ShapEPipeline"}'),
            "ShapEPipeline, which Triptych can't use to make pictures",
        ),
        (put("model_index.json", b'{"_class_name": "StableDiffusionControlNetPipeline"}'), "second picture"),
        (put("triptych.json", b"{"), "can't be read"),
        (put("triptych.json", b'{"kind": "sound"}'), "doesn't contain what it should"),
    ],
)
def test_picture_models_that_can_not_be_used(place: Path, change: Callable[[Path], object], words: str) -> None:
    folder = picture_model(place / "a")
    assert inspect_model(folder).usable
    change(folder)
    model = inspect_model(folder)
    assert not model.usable
    assert words in model.reason
    assert str(folder) in model.reason
    assert (model.can[:2], model.name) == (PICTURES, "a")


@pytest.mark.parametrize(
    "part", [{"unet": ["mine", "Net"]}, {"unet": ["os", "system"]}, {"../unet": ["diffusers", "X"]}, {"unet": [3, "X"]}]
)
def test_parts_that_are_programs(place: Path, part: dict[str, object]) -> None:
    model = inspect_model(picture_model(place / "a", **part))
    assert "needs code that comes with the model" in model.reason


def test_parts_that_diffusers_keeps_in_its_pipelines(place: Path) -> None:
    folder = picture_model(place / "a", safety_checker=["stable_diffusion", "StableDiffusionSafetyChecker"])
    (folder / "safety_checker").mkdir()
    assert inspect_model(folder).usable
    (folder / "safety_checker" / "config.json").write_text("{}", encoding="utf-8")
    assert "safety_checker contains no weights" in inspect_model(folder).reason


@pytest.mark.parametrize(
    ("part", "library", "kind"),
    [
        ("safety_checker", "stable_diffusion", "StableDiffusionSafetyChecker"),
        ("feature_extractor", "transformers", "CLIPImageProcessor"),
        ("image_encoder", "transformers", "CLIPVisionModelWithProjection"),
    ],
)
def test_parts_that_a_pipeline_works_without_may_be_left_out(place: Path, part: str, library: str, kind: str) -> None:
    assert inspect_model(picture_model(place / "a", **{part: [library, kind]})).usable


def test_a_part_that_was_saved_as_none(place: Path) -> None:
    assert inspect_model(picture_model(place / "a", "StableDiffusion3Pipeline", text_encoder_3=[None, None])).usable
    model = inspect_model(picture_model(place / "b", text_encoder=[None, None]))
    assert "was saved without its part text_encoder, which it needs" in model.reason


@pytest.mark.parametrize(
    ("name", "channels", "words"),
    [
        ("StableDiffusionPipeline", 9, "needs a mask"),
        ("StableDiffusionXLInpaintPipeline", 9, "needs a mask"),
        ("StableDiffusionInpaintPipeline", 4, ""),
        ("StableDiffusionPipeline", 8, "edits pictures by instruction"),
        ("StableDiffusionPipeline", 5, "depth map"),
        ("StableDiffusionUpscalePipeline", 7, "upscales pictures"),
        ("FluxFillPipeline", 4, "needs a mask"),
    ],
)
def test_a_model_that_needs_more_than_words_says_what(place: Path, name: str, channels: int, words: str) -> None:
    folder = picture_model(place / "a", name)
    write_json(folder / "unet" / "config.json", {"in_channels": channels, "out_channels": 4})
    model = inspect_model(folder)
    assert words in model.reason
    assert model.usable is (not words)


def test_a_refiner_improves_pictures_and_begins_none(place: Path) -> None:
    told = picture_model(place / "told", "StableDiffusionXLImg2ImgPipeline", requires_aesthetics_score=True)
    seen = picture_model(place / "seen", "StableDiffusionXLPipeline", tokenizer=[None, None])
    numbers = {"addition_time_embed_dim": 256, "projection_class_embeddings_input_dim": 2560}
    write_json(seen / "unet" / "config.json", numbers)
    write_json(seen / "text_encoder_2" / "config.json", {"projection_dim": 1280})
    base = picture_model(place / "base", "StableDiffusionXLImg2ImgPipeline")
    write_json(base / "unet" / "config.json", {**numbers, "projection_class_embeddings_input_dim": 2816})
    write_json(base / "text_encoder_2" / "config.json", {"projection_dim": 1280})
    assert [(model.usable, model.begins) for model in map(inspect_model, (told, seen, base))] == [
        (True, False),
        (True, False),
        (True, True),
    ]


def test_pipelines_that_begin_with_a_picture_make_them_from_words_too(place: Path) -> None:
    assert inspect_model(picture_model(place / "a", "StableDiffusionXLImg2ImgPipeline")).usable


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (remove("model.safetensors"), "contains no weights"),
        (cut("model.safetensors"), "incomplete"),
        (lambda folder: (folder / "model.safetensors").rename(folder / "model.gguf"), "contains a GGUF"),
        (put("config.json", b"[]"), "contains no model settings"),
        (put("config.json", b"{}"), "doesn't say what it is"),
        (put("config.json", b'{"architectures": 3}'), "doesn't say what it is"),
        (put("config.json", b'{"model_type": "new-kind"}'), "unknown type: new-kind"),
        (put("config.json", b'{"architectures": ["BertForMaskedLM"]}'), "writes text (BertForMaskedLM)"),
        (
            put("config.json", b'{"architectures": ["MyForCausalLM"], "auto_map": {"AutoModel": "my.My"}}'),
            "includes its own code",
        ),
    ],
)
def test_language_models_that_can_not_be_used(place: Path, change: Callable[[Path], object], words: str) -> None:
    folder = language_model(place / "a")
    assert inspect_model(folder).usable
    change(folder)
    model = inspect_model(folder)
    assert not model.usable
    assert words in model.reason


def test_models_that_transformers_knows_by_now_need_no_program(place: Path) -> None:
    folder = language_model(place / "a", architectures=["Phi3ForCausalLM"], auto_map={"AutoModel": "x.Y"})
    assert inspect_model(folder).usable


def test_shards(place: Path) -> None:
    folder = language_model(place / "a")
    (folder / "model.safetensors").unlink()
    names = [f"model-0000{number}-of-00002.safetensors" for number in (1, 2)]
    for name in names:
        write_safetensors(folder / name)
    write_json(folder / "model.safetensors.index.json", {"weight_map": dict(zip("xy", names, strict=True))})
    assert inspect_model(folder).usable
    (folder / names[1]).unlink()
    assert f"{names[1]} is missing" in inspect_model(folder).reason


def test_pickled_weights_are_left_to_the_loader(place: Path) -> None:
    folder = language_model(place / "a")
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    assert inspect_model(folder).usable


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (remove("generator.safetensors"), "generator.safetensors is missing"),
        (remove("generator.json"), "generator.json is missing"),
        (cut("generator.safetensors"), "incomplete"),
        (put("generator.json", b'{"architecture": "stylegan9"}'), "stylegan9; StyleGAN2 and StyleGAN3"),
        (put("generator.json", b'{"architecture": [1]}'), "?; StyleGAN2 and StyleGAN3"),
    ],
)
def test_generators_that_can_not_be_used(place: Path, change: Callable[[Path], object], words: str) -> None:
    folder = generator(place / "a")
    change(folder)
    model = inspect_model(folder)
    assert (model.can, model.usable) == (("latent>image",), False)
    assert words in model.reason


def test_pickles_that_are_none(place: Path) -> None:
    (place / "data.pkl").write_bytes(b"\x80\x04N.")
    (model,) = scan(place)
    assert (model.name, model.can, model.usable) == ("data", ("latent>image",), False)


def test_checkpoints_that_can_not_be_used_say_why(place: Path) -> None:
    big = {"shared.weight": torch.ones(2), "blocks.0.0.conv1.weight": torch.ones(2)}
    torch.save({**big, "ema.to_rgb1.conv.weight": torch.ones(2)}, place / "a.pt")
    torch.save({"layer.weight": torch.ones(2)}, place / "b.pt")
    found = {Path(model.path).name: model for model in scan(place, place / "b.pt")}
    assert (found["a.pt"].can, found["a.pt"].usable) == (("latent>image",), False)
    assert "is a BigGAN, which Triptych can't use" in found["a.pt"].reason
    assert "contains something that Triptych doesn't recognise" in found["b.pt"].reason  # chosen by name


def test_a_model_of_which_a_part_may_not_be_looked_into(place: Path, forbid: Callable[[Path], None]) -> None:
    picture_model(place / "pictures")
    generator(place / "faces")
    forbid(place / "pictures" / "unet")
    faces, pictures = scan(place)
    assert faces.usable
    assert "can't be read: Permission denied." in pictures.reason


def test_a_clip_model_ranks_pictures(place: Path) -> None:
    language_model(place / "clip", architectures=["CLIPModel"], model_type="clip")
    write_json(place / "clip" / "preprocessor_config.json", {})
    language_model(place / "told", architectures=["LlamaForCausalLM"])
    write_json(place / "told" / "triptych.json", {"kind": "match"})
    clip, told = scan(place)
    assert (clip.can, clip.architecture, clip.reason) == (("text+image>score",), "CLIPModel", "")
    assert not told.usable
    assert "is not a CLIP model" in told.reason


@pytest.mark.parametrize("name", ["gone", "empty", "networks"])
def test_looking_at_what_is_no_model(place: Path, name: str) -> None:
    (place / "empty").mkdir()
    network_pickle(place / "networks" / "a.pkl")
    model = inspect_model(place / name)
    assert not model.usable
    assert model.reason


def test_the_bundled_ones_are_sound() -> None:
    models = ModelCatalogue(starters()).scan()
    assert [(model.address, model.can) for model in models] == [
        ("starter:latents", ("latent>image",)),
        ("starter:match", ("text+image>score",)),
        ("starter:scenes", ("text>image", "image>image", "image>latents")),
        ("starter:writer", ("text>text",)),
    ]
    for model in models:
        assert model.usable, model.reason
        assert model.bundled
        assert model.address == f"starter:{Path(model.path).name}"
        assert model.licence
        assert model.name.startswith("Starter")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")
@pytest.mark.parametrize("name", ["pipe.pkl", "pipe.safetensors", "pipe"])
def test_a_pipe_is_called_one(place: Path, name: str) -> None:
    os.mkfifo(place / name)
    model = inspect_model(place / name)
    assert not model.usable
    assert model.reason == f"{place / name} is not a file, but a device or a pipe."
