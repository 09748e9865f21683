"""Folders in diffusers format: what loads, and the sentence for each that can't."""

import json
import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from studio.core.errors import StudioError
from studio.ml.cache import size_of
from studio.ml.load.image import load_pipeline
from studio.ml.quiet import quiet
from tests import tiny_models


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    quiet()
    return tiny_models.save_stable_diffusion(tmp_path_factory.mktemp("whole") / "model")


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    """A copy of a good model, to be broken."""
    return Path(shutil.copytree(whole, tmp_path / "模型 one"))


def edit(file: Path, change: Callable[[dict[str, Any]], object]) -> None:
    data = json.loads(file.read_text(encoding="utf-8"))
    change(data)
    file.write_text(json.dumps(data), encoding="utf-8")


def refusal(folder: Path) -> str:
    with pytest.raises(StudioError) as caught:
        load_pipeline(str(folder))
    assert caught.value.trouble == "model_unusable"
    return caught.value.message


def test_a_good_folder_and_its_facts(folder: Path) -> None:
    model = load_pipeline(str(folder))
    assert model.multiple == 8
    assert model.token_limit == 16
    assert {"DPM++ 2M", "Euler a", "DDIM", "UniPC"} <= set(model.schedulers)
    parts = [*(t for m in ("unet", "vae", "text_encoder") for t in tensors(model, m)), *schedule(model)]
    assert size_of(model) == sum(tensor.nbytes for tensor in parts)


def tensors(model: Any, name: str) -> list[torch.Tensor]:
    part = getattr(model.pipeline, name)
    return [*part.parameters(), *part.buffers()]


def schedule(model: Any) -> list[torch.Tensor]:
    """What the scheduler holds: it is in memory as the networks are."""
    return [value for value in vars(model.pipeline.scheduler).values() if isinstance(value, torch.Tensor)]


def test_facts_of_other_families(tmp_path: Path) -> None:
    quiet()
    flux = load_pipeline(str(tiny_models.save_flux(tmp_path / "flux")))
    assert (flux.multiple, flux.token_limit, flux.schedulers) == (8, 512, ["Flow Euler"])
    assert len(flux.pipeline.components["text_encoder_2"].state_dict()) > 0


def test_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="no longer there") as caught:
        load_pipeline(str(tmp_path / "gone"))
    assert caught.value.trouble == "model_missing"


def test_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "is empty" in refusal(tmp_path / "empty")


def test_a_single_file(tmp_path: Path) -> None:
    file = tmp_path / "model.ckpt"
    file.write_bytes(b"x")
    assert "single file" in refusal(file)


def test_a_folder_of_something_else(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_bytes(b"x")
    assert "has no model_index.json" in refusal(tmp_path)


def test_a_language_model(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"architectures": ["Qwen3ForCausalLM"]}', encoding="utf-8")
    assert "is a language model. Use it in the Write room." in refusal(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"_class_name": null}'])
def test_an_index_that_is_none(text: str, folder: Path) -> None:
    (folder / "model_index.json").write_text(text, encoding="utf-8")
    assert "model_index.json" in refusal(folder)


def test_a_pipeline_class_of_the_models_own(folder: Path) -> None:
    edit(folder / "model_index.json", lambda data: data.update(_class_name=["pipeline", "MyPipeline"]))
    (folder / "pipeline.py").write_text("raise SystemExit", encoding="utf-8")
    assert "includes its own code" in refusal(folder)


@pytest.mark.parametrize("library", ["my_unet", "os", "subprocess", "../unet"])
def test_a_component_class_of_the_models_own(library: str, folder: Path) -> None:
    edit(folder / "model_index.json", lambda data: data.update(unet=[library, "Popen"]))
    (folder / "unet" / "my_unet.py").write_text("raise SystemExit", encoding="utf-8")
    assert "never runs" in refusal(folder)


def test_a_pipeline_that_this_diffusers_does_not_know(folder: Path) -> None:
    edit(folder / "model_index.json", lambda data: data.update(_class_name="TomorrowPipeline"))
    assert "TomorrowPipeline, which Triptych can't use to make pictures from text" in refusal(folder)


def test_a_pipeline_for_something_else(folder: Path) -> None:
    edit(folder / "model_index.json", lambda data: data.update(_class_name="StableAudioPipeline"))
    assert "generates audio" in refusal(folder)
    edit(folder / "model_index.json", lambda data: data.update(_class_name="ShapEPipeline"))
    assert "ShapEPipeline, which Triptych can't use to make pictures from text" in refusal(folder)


def test_a_missing_component(folder: Path) -> None:
    shutil.rmtree(folder / "vae")
    assert "its folder vae is missing" in refusal(folder)


def test_missing_weights(folder: Path) -> None:
    (folder / "unet" / "diffusion_pytorch_model.safetensors").unlink()
    assert "There are no weights in" in refusal(folder)


def test_a_missing_shard(folder: Path) -> None:
    index = {"weight_map": {"a": "diffusion_pytorch_model-00002-of-00002.safetensors"}}
    (folder / "unet" / "diffusion_pytorch_model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")
    assert "00002-of-00002.safetensors is missing" in refusal(folder)


@pytest.mark.parametrize("part", ["unet/diffusion_pytorch_model", "text_encoder/model", "vae/diffusion_pytorch_model"])
@pytest.mark.parametrize("keep", [0, 4, 0.5, 0.999])
def test_a_cut_off_file(part: str, keep: float, folder: Path) -> None:
    file = folder / f"{part}.safetensors"
    data = file.read_bytes()
    file.write_bytes(data[: int(keep if keep >= 1 else keep * len(data))])
    message = refusal(folder)
    assert str(file) in message
    assert "damaged or incomplete" in message


@pytest.mark.parametrize("part", ["unet/diffusion_pytorch_model", "text_encoder/model", "vae/diffusion_pytorch_model"])
def test_a_weight_that_is_missing(part: str, folder: Path) -> None:
    file = folder / f"{part}.safetensors"
    weights = load_file(file)
    name = next(name for name in weights if name.endswith("norm2.weight"))
    del weights[name]
    save_file(weights, file, metadata={"format": "pt"})
    message = refusal(folder)
    assert name in message
    assert "is incomplete" in message


def test_a_weight_of_another_shape(folder: Path) -> None:
    edit(folder / "unet" / "config.json", lambda data: data.update(block_out_channels=[16, 16]))
    assert "don't have the sizes" in refusal(folder)


@pytest.mark.parametrize("part", ["unet/config.json", "tokenizer/tokenizer.json", "scheduler/scheduler_config.json"])
def test_a_setting_that_is_not_json(part: str, folder: Path) -> None:
    (folder / part).write_text("{", encoding="utf-8")
    assert str(folder) in refusal(folder)


def as_pickle(folder: Path, weights: object) -> None:
    safe = folder / "unet" / "diffusion_pytorch_model.safetensors"
    torch.save(load_file(safe) if weights is None else weights, safe.with_suffix(".bin"))
    safe.unlink()


def test_pickled_weights_that_are_only_numbers(folder: Path) -> None:
    as_pickle(folder, None)
    assert load_pipeline(str(folder)).pipeline.unet.dtype.is_floating_point


class Evil:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("form", ["zip", "bare"])
def test_a_pickle_that_is_a_program_is_not_run(form: str, folder: Path, tmp_path: Path) -> None:
    as_pickle(folder, {"weight": Evil(tmp_path / "was run")})
    if form == "bare":
        file = folder / "unet" / "diffusion_pytorch_model.bin"
        file.write_bytes(pickle.dumps({"weight": Evil(tmp_path / "was run")}))
    assert str(folder) in refusal(folder)
    assert not (tmp_path / "was run").exists()


def test_weights_of_a_variant_only(folder: Path) -> None:
    for file in folder.glob("*/*.safetensors"):
        file.rename(file.with_suffix(".fp16.safetensors"))
    assert load_pipeline(str(folder)).pipeline.unet.conv_in.weight.isfinite().all()


def test_a_model_for_filling_in(folder: Path) -> None:
    edit(folder / "unet" / "config.json", lambda data: data.update(in_channels=9))
    file = folder / "unet" / "diffusion_pytorch_model.safetensors"
    weights = load_file(file)
    weights["conv_in.weight"] = torch.zeros(8, 9, 3, 3)
    save_file(weights, file, metadata={"format": "pt"})
    assert "needs a mask" in refusal(folder)


def test_a_part_that_a_pipeline_works_without_may_be_missing(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    named = {"safety_checker": ["stable_diffusion", "StableDiffusionSafetyChecker"],
             "feature_extractor": ["transformers", "CLIPImageProcessor"], "requires_safety_checker": True}  # fmt: skip
    edit(folder / "model_index.json", lambda data: data.update(named))
    assert load_pipeline(str(folder)).pipeline.safety_checker is None
    assert not caplog.records


def test_stable_diffusion_3_saved_without_t5(tmp_path: Path) -> None:
    model = load_pipeline(str(tiny_models.save_stable_diffusion_3(tmp_path / "model")))
    assert model.pipeline.text_encoder_3 is None


def test_a_needed_part_that_was_saved_as_none(folder: Path) -> None:
    edit(folder / "model_index.json", lambda data: data.update(text_encoder=[None, None]))
    assert "was saved without its part text_encoder" in refusal(folder)


def test_nothing_is_printed(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    load_pipeline(str(folder))
    assert capfd.readouterr() == ("", "")


def test_a_pipe_is_no_model(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "model")
    assert "is not a file" in refusal(tmp_path / "model")


@pytest.mark.parametrize("part", ["model_index.json", "unet/config.json", "unet/diffusion_pytorch_model.safetensors"])
def test_a_pipe_in_a_folder_is_no_part(part: str, folder: Path) -> None:
    (folder / part).unlink()
    os.mkfifo(folder / part)
    assert str(folder) in refusal(folder)
