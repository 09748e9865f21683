"""Looking through folders: what is found, each once, and plain files only."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from studio.core.abilities import PICTURES
from studio.families.rules.installed import causal_models, writing_kinds
from studio.models.catalogue import Model, ModelCatalogue
from studio.models.others import what_part
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


def scan(*folders: Path) -> list[Model]:
    return ModelCatalogue(Path("/nowhere"), [str(folder) for folder in folders]).scan()


def test_the_folder_itself_and_levels_below(place: Path) -> None:
    assert [model.path for model in scan(language_model(place / "a"))] == [str(place / "a")]
    language_model(place / "b" / "c" / "d")
    language_model(place / "b" / "c" / "e" / "too" / "deep")
    picture_model(place / ".hidden")
    assert [Path(model.path).name for model in scan(place)] == ["a", "d"]


def test_a_folder_of_the_hubs_cache(place: Path) -> None:
    language_model(place / "hub" / "models--some--tiny-writer" / "snapshots" / "0123abcd")
    (model,) = scan(place / "hub")
    assert (model.name, model.usable) == ("tiny-writer", True)


def test_a_folder_of_another_program(place: Path) -> None:
    """Each file in it is named for what it is; the parts of models in folders are not listed."""
    models = place / "ComfyUI" / "models"
    lora = {"lora_unet_down_blocks_0.lora_up.weight": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}
    write_safetensors(models / "loras" / "own" / "detail.safetensors", lora, body=4)
    torch.save({"params_ema": {"body.0.rdb1.conv1.weight": torch.ones(1)}}, models / "4x.pth")
    (models / "put_models_here.txt").write_text("")
    picture_model(models / "diffusers" / "sd")
    found = {model.name: model for model in scan(place / "ComfyUI")}
    assert {name: (model.can, model.usable) for name, model in found.items()} == {
        "detail": ((), False),
        "4x": ((), False),
        "sd": (PICTURES, True),
    }
    assert next(iter(found)) == "sd"  # first what can be used
    assert found["detail"].reason == "detail.safetensors is a LoRA. Triptych can't use it yet."
    assert found["4x"].architecture == "an upscaler (ESRGAN)"


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"_class_name": "ControlNetModel"}, "a ControlNet (ControlNetModel)"),
        ({"_class_name": "FluxTransformer2DModel"}, "a transformer without the other parts"),
        ({"_class_name": "UNet2DConditionModel"}, "a UNet without the other parts"),
        ({"_class_name": "AutoencoderDC"}, "a VAE (AutoencoderDC)"),
        ({"architectures": ["CLIPVisionModelWithProjection"]}, "an image encoder"),
        ({"architectures": ["SiglipVisionModel"]}, "an image encoder"),
        ({"architectures": ["T5EncoderModel"]}, "a text encoder"),
        ({"architectures": ["CLIPTextModel"]}, "a text encoder"),
        ({"architectures": ["WhisperForConditionalGeneration"]}, "an audio model"),
        ({"model_type": "clip_vision_model"}, "an image encoder"),
        ({"model_type": "siglip"}, "a CLIP model"),
    ],
)
def test_a_folder_that_is_no_model_of_a_room_is_named_for_what_it_is(
    place: Path, config: dict[str, object], words: str
) -> None:
    folder = place / "part"
    write_json(folder / "config.json", config)
    write_safetensors(folder / "model.safetensors")
    (model,) = scan(place)
    assert (model.part, model.usable) == ("", False)
    assert words in model.reason


def test_a_file_that_is_called_as_all_are_has_its_folders_name(place: Path) -> None:
    header = {"a.lora_A.weight": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}
    write_safetensors(place / "watercolour" / "pytorch_lora_weights.safetensors", header, body=4)
    (model,) = scan(place)
    assert (model.name, model.architecture) == ("watercolour", "a LoRA")


def test_no_model_that_writes_is_taken_for_something_else() -> None:
    for name in causal_models():
        assert what_part({"architectures": [name]}) is None
    for kind in writing_kinds():
        assert what_part({"model_type": kind}) is None


def test_parts_of_a_model_are_no_models(place: Path) -> None:
    assert len(scan(picture_model(place / "a"))) == len(scan(place)) == 1


def test_a_link_to_what_lies_above_lists_nothing_twice(place: Path) -> None:
    language_model(place / "a" / "writer")
    network_pickle(place / "a" / "cats.pkl")
    (place / "a" / "round").symlink_to(place, target_is_directory=True)
    (place / "again").symlink_to(place / "a" / "writer", target_is_directory=True)
    (place / "dogs.pkl").symlink_to(place / "a" / "cats.pkl")
    (place.parent / "other name").symlink_to(place, target_is_directory=True)
    assert sorted(model.name for model in scan(place, place.parent / "other name")) == ["cats", "writer"]


def test_a_large_folder_is_looked_at_as_a_whole(place: Path) -> None:
    for number in range(600):
        (place / f"{number:03}.txt").write_bytes(b"")
    language_model(place / "last")
    assert [model.name for model in scan(place)] == ["last"]


def test_what_is_more_than_is_looked_at_is_said(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.models.scan.MOST_MODELS", 3)
    for number in range(5):
        network_pickle(place / f"{number}.pkl")
    said, *found = scan(place)
    assert [model.name for model in found] == ["0", "1", "2"]
    assert (said.path, said.usable) == (str(place), False)
    assert "contains more than Triptych scans" in said.reason


def test_pipes_and_devices_are_no_files(place: Path) -> None:
    """Opening one would wait for ever."""
    pictures, words, faces = picture_model(place / "a"), language_model(place / "b"), generator(place / "c")
    for path in (
        pictures / "unet" / "diffusion_pytorch_model.safetensors",
        pictures / "README.md",
        words / "model.safetensors",
        words / "triptych.json",
        faces / "generator.safetensors",
    ):
        path.unlink(missing_ok=True)
        os.mkfifo(path)
    for name in ("x.safetensors", "x.pkl", "x.pt", "x.gguf", "model_index.json", "README.md", "config.json"):
        os.mkfifo(place / name)
    (place / "zero.safetensors").symlink_to("/dev/zero")
    found = scan(place)
    assert {model.name for model in found} == {"a", "b", "c"}
    assert not any(model.usable for model in found)


def test_folders_in_each_other_give_each_model_once(place: Path) -> None:
    language_model(place / "a")
    assert len(scan(place, place / "a", place)) == 1


def test_added_folders_without_a_model(place: Path) -> None:
    (place / "empty").mkdir()
    (place / "single").mkdir()
    write_safetensors(place / "single" / "checkpoint.safetensors")
    missing, empty, single = scan(place / "gone", place / "empty", place / "single")
    (file,) = scan(place / "single" / "checkpoint.safetensors")
    assert "was not found" in missing.reason
    assert "no model that Triptych recognises" in empty.reason
    assert single.name == "checkpoint"
    assert (
        single.reason == file.reason == ("checkpoint.safetensors contains something that Triptych doesn't recognise.")
    )
    assert not any(model.usable for model in (missing, empty, single, file))


def test_a_folder_that_may_not_be_looked_into_hides_no_other(place: Path, forbid: Callable[[Path], None]) -> None:
    generator(place / "faces")
    (place / "lost+found").mkdir()
    forbid(place / "lost+found")
    assert [model.name for model in scan(place)] == ["faces"]
