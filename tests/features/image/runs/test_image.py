"""The Image runner on tiny real models."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch
from PIL import Image

from studio.core.errors import Stopped, StudioError
from studio.features.image.runs.image import generate
from studio.features.image.tasks.image import ImageTask
from studio.ml.load.clip_score import ClipModel
from studio.ml.load.image import ImageModel
from studio.ml.pictures import to_pillow
from studio.ml.quiet import quiet
from tests import tiny_models
from tests.configuring import change_config
from tests.recording import RecordingContext

TASK = ImageTask(prompt="a boat", width=32, height=32, steps=4, seed=7)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    quiet()
    torch.set_num_threads(1)  # threads that wait for each other take longest where the work is smallest
    root = tmp_path_factory.mktemp("models")
    return {
        "sd": tiny_models.save_stable_diffusion(root / "sd" / "model"),
        "sdxl": tiny_models.save_stable_diffusion_xl(root / "sdxl" / "model"),
        "flux": tiny_models.save_flux(root / "flux" / "model"),
    }


@pytest.fixture(scope="module")
def models() -> dict[tuple[str, str], object]:
    """Loaded models, kept for the whole file."""
    return {}


@pytest.fixture
def context(folders: dict[str, Path], models: dict[tuple[str, str], object]) -> RecordingContext:
    return RecordingContext(address=str(folders["sd"]), models=models)


def fresh(context: RecordingContext, **changes: Any) -> RecordingContext:
    """A context for another job on the same models."""
    return RecordingContext(address=context.address, models=context.models, **changes)


def with_(**changes: Any) -> ImageTask:
    return msgspec.structs.replace(TASK, **changes)


def model_of(context: RecordingContext) -> ImageModel:
    """The loaded model."""
    generate(with_(steps=1), fresh(context))
    model = next(model for (address, _), model in context.models.items() if address == context.address)
    assert isinstance(model, ImageModel)
    return model


@pytest.mark.parametrize("name", ["sd", "sdxl", "flux"])
def test_makes_a_picture_with_previews_and_progress(
    name: str, folders: dict[str, Path], context: RecordingContext
) -> None:
    context = replace(context, address=str(folders[name]))
    result = generate(with_(negative="blurry"), context)
    (asset,) = context.assets
    assert (asset.kind, asset.width, asset.height, len(asset.data)) == ("pixels", 32, 32, 32 * 32 * 3)
    assert len(set(asset.data)) > 10
    assert asset.notes["seed"] == 7
    assert result.notes["steps"] == 4
    assert context.steps[0] == (0, 0, "Loading")
    assert [step for step in context.steps if step[2] == "Step"] == [(n, 4, "Step") for n in (1, 2, 3, 4)]
    assert [(index, preview.width, preview.height) for index, preview in context.previews] == [(0, 8, 8)] * 4


def test_no_preview_is_computed_unless_wanted(context: RecordingContext) -> None:
    context.previews_wanted = False
    generate(TASK, context)
    assert not context.previews
    assert context.assets


def test_a_seed_gives_the_same_picture_whatever_its_neighbours(context: RecordingContext) -> None:
    alone, many = fresh(context), fresh(context)
    generate(with_(seed=9), alone)
    generate(with_(seed=8, count=3), many)
    assert [asset.notes["seed"] for asset in many.assets] == [8, 9, 10]
    assert [asset.notes["index"] for asset in many.assets] == [0, 1, 2]
    assert many.assets[1].data == alone.assets[0].data
    assert len({asset.data for asset in many.assets}) == 3
    assert many.steps[-1] == (12, 12, "Decoding")


def test_a_seed_is_drawn_and_noted(context: RecordingContext) -> None:
    generate(with_(seed=-1), context)
    again = fresh(context)
    generate(with_(seed=context.assets[0].notes["seed"]), again)
    assert again.assets[0].data == context.assets[0].data


def test_the_seed_after_the_last_is_the_first(context: RecordingContext) -> None:
    generate(with_(seed=2**64 - 1, count=2), context)
    assert [asset.notes["seed"] for asset in context.assets] == [2**64 - 1, 0]


def test_cancel_in_the_middle_decodes_nothing_and_leaves_the_model_good(context: RecordingContext) -> None:
    before, stopped, after = fresh(context), fresh(context, cancel_after=2, cancel_stage="Step"), fresh(context)
    generate(TASK, before)
    vae, decoded = model_of(context).pipeline.vae, []
    hook = vae.post_quant_conv.register_forward_hook(lambda *_: decoded.append(1))
    with pytest.raises(Stopped):
        generate(TASK, stopped)
    hook.remove()
    assert not stopped.assets
    assert not decoded
    generate(TASK, after)
    assert after.assets[0].data == before.assets[0].data


@pytest.mark.parametrize(("name", "read"), [("sd", True), ("flux", False)])
def test_a_negative_prompt_that_is_not_read_is_told(
    name: str, read: bool, folders: dict[str, Path], context: RecordingContext
) -> None:
    context = replace(context, address=str(folders[name]))
    generate(with_(negative="rain"), context)
    assert ("unread" not in context.assets[0].notes) == read


def test_a_stop_does_not_wait_for_the_end_of_a_step(context: RecordingContext) -> None:
    before, after = fresh(context), fresh(context)
    generate(TASK, before)
    unet = model_of(context).pipeline.unet
    ended: list[int] = []
    hooks = [
        unet.conv_in.register_forward_hook(lambda *_: setattr(context, "cancelled", True)),
        unet.register_forward_hook(lambda *_: ended.append(1)),
    ]
    with pytest.raises(Stopped):
        generate(TASK, context)
    for hook in hooks:
        hook.remove()
    assert not ended
    generate(TASK, after)
    assert after.assets[0].data == before.assets[0].data


def test_cancel_in_a_batch_keeps_what_was_made(context: RecordingContext) -> None:
    context.cancel_after, context.cancel_stage = 6, "Step"
    with pytest.raises(Stopped):
        generate(with_(count=3), context)
    assert len(context.assets) == 1


@pytest.mark.parametrize("name", ["sd", "sdxl", "flux"])
def test_starts_from_a_picture(name: str, folders: dict[str, Path], context: RecordingContext, tmp_path: Path) -> None:
    path = tmp_path / "start.png"
    Image.radial_gradient("L").convert("RGB").resize((50, 40)).save(path)
    context = replace(context, address=str(folders[name]))
    near, far = fresh(context), fresh(context)
    generate(with_(image=str(path), strength=0.5), near)
    generate(with_(image=str(path), strength=1.0), far)
    assert (near.assets[0].width, near.assets[0].height) == (32, 32)
    assert near.assets[0].data != far.assets[0].data
    assert near.previews
    assert near.steps[-1][:2] == (2, 2)


def test_a_start_picture_always_leaves_a_step(context: RecordingContext, tmp_path: Path) -> None:
    path = tmp_path / "start.png"
    Image.new("RGB", (32, 32), "red").save(path)
    generate(with_(image=str(path), strength=0.05, steps=2), context)
    assert context.assets[0].notes["steps"] == 20


def test_image_to_image_doubles_no_memory(context: RecordingContext) -> None:
    model = model_of(context)
    assert model.image_to_image.unet is model.pipeline.unet
    assert model.image_to_image.vae is model.pipeline.vae


def test_a_start_picture_that_is_none(context: RecordingContext, tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="is no longer there"):
        generate(with_(image=str(tmp_path / "gone.png")), context)
    assert not context.steps


def test_every_scheduler_offered_works_and_previews(context: RecordingContext) -> None:
    model = model_of(context)
    own = type(model.pipeline.scheduler)
    pictures = {}
    for name in model.schedulers:
        each = fresh(context)
        generate(with_(scheduler=name), each)
        assert each.assets[0].notes["scheduler"] == name
        assert each.previews
        pictures[name] = each.assets[0].data
    assert type(model.pipeline.scheduler) is own
    assert len(set(pictures.values())) > len(pictures) // 2
    assert pictures["Euler"] != pictures["Euler a"]


def test_a_scheduler_that_does_not_fit(context: RecordingContext) -> None:
    with pytest.raises(StudioError, match=r"can't use the scheduler Flow Euler\. It can use: DPM") as caught:
        generate(with_(scheduler="Flow Euler"), context)
    assert caught.value.trouble == "bad_request"


def test_sizes_are_rounded_to_what_the_model_needs(context: RecordingContext) -> None:
    generate(with_(width=45, height=19), context)
    (asset,) = context.assets
    assert (asset.width, asset.height) == (48, 16)
    assert asset.notes["asked_size"] == [45, 19]
    (previewed, *_) = context.previews
    assert (previewed[1].width, previewed[1].height) == (12, 4)


@pytest.mark.parametrize("prompt", ["", "日本語 🌄", "word " * 200_000, "a" * 1_000_000])
def test_any_prompt_works(prompt: str, context: RecordingContext) -> None:
    generate(with_(prompt=prompt, steps=1), context)
    assert ("truncated" in context.assets[0].notes) == (len(prompt) > 100)


def test_what_is_cut_off_is_what_the_model_would_not_have_read(context: RecordingContext) -> None:
    model = model_of(context)
    long = "many words that go on and on for ever" * 5
    shorter, over = model.fit_prompt(long)
    tokenizer = model.pipeline.tokenizer
    assert over == len(tokenizer(long)["input_ids"]) - 16
    assert len(shorter) < len(long)
    assert tokenizer(shorter, truncation=True)["input_ids"] == tokenizer(long, truncation=True)["input_ids"]


def test_a_negative_prompt_and_guidance_count(context: RecordingContext) -> None:
    plain, negative, strong = fresh(context), fresh(context), fresh(context)
    generate(TASK, plain)
    generate(with_(negative="boats"), negative)
    generate(with_(guidance=9), strong)
    assert len({each.assets[0].data for each in (plain, negative, strong)}) == 3


def out_of_memory_at(times: set[int], plain: Any) -> Any:
    """``plain``, but these of its calls (the first is 1) run out of memory."""
    calls = [0]

    def call(*args: Any, **kwargs: Any) -> Any:
        calls[0] += 1
        if calls[0] in times:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return plain(*args, **kwargs)

    return call


def test_out_of_memory_is_tried_once_more_with_less(context: RecordingContext, monkeypatch: pytest.MonkeyPatch) -> None:
    good = fresh(context)
    generate(TASK, good)
    unet = model_of(context).pipeline.unet
    monkeypatch.setattr(unet, "forward", out_of_memory_at({2}, unet.forward))
    generate(TASK, context)
    assert context.freed == 1
    assert context.assets[0].data == good.assets[0].data


def test_out_of_memory_while_decoding_repeats_no_step(
    context: RecordingContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    vae = model_of(context).pipeline.vae
    monkeypatch.setattr(vae, "_decode", out_of_memory_at({1}, vae._decode))
    generate(TASK, context)
    assert context.freed == 1
    assert [step[0] for step in context.steps if step[2] == "Step"] == [1, 2, 3, 4]
    assert context.assets[0].notes["tiled"] is True
    assert vae.use_tiling is False


def test_out_of_memory_twice_ends_with_advice(context: RecordingContext, monkeypatch: pytest.MonkeyPatch) -> None:
    unet = model_of(context).pipeline.unet
    monkeypatch.setattr(unet, "forward", out_of_memory_at({1, 2}, unet.forward))
    with pytest.raises(StudioError, match=r"not enough memory.*Make the picture smaller") as caught:
        generate(TASK, context)
    assert caught.value.trouble == "out_of_memory"


def no_numbers(pixels: torch.Tensor) -> None:
    pixels.mul_(float("nan"))


def black(pixels: torch.Tensor) -> None:
    pixels.fill_(-1)


@pytest.mark.parametrize("spoil", [no_numbers, black])
def test_what_is_no_picture_is_decoded_again_in_float32(
    folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch, spoil: Callable[[torch.Tensor], None]
) -> None:
    change_config(dtype="bfloat16")
    context = RecordingContext(address=str(folders["sd"]))
    vae = model_of(context).pipeline.vae
    plain = vae._decode

    def overflow(z: torch.Tensor, *args: Any, **kwargs: Any) -> Any:
        decoded = plain(z, *args, **kwargs)
        if z.dtype == torch.bfloat16:
            spoil(decoded.sample)
        return decoded

    monkeypatch.setattr(vae, "_decode", overflow)
    generate(TASK, context)
    (asset,) = context.assets
    assert asset.notes["decoded"] == "float32"
    assert "black" not in asset.notes
    assert len(set(asset.data)) > 10
    assert vae.dtype == torch.bfloat16


@pytest.mark.parametrize("dtype", ["bfloat16", "float32"])
@pytest.mark.parametrize("spoil", [no_numbers, black])
def test_a_picture_that_stays_black_is_kept_and_said(
    folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch, spoil: Callable[[torch.Tensor], None], dtype: str
) -> None:
    change_config(dtype=dtype)
    context = RecordingContext(address=str(folders["sd"]))
    vae = model_of(context).pipeline.vae
    plain = vae._decode

    def spoilt(z: torch.Tensor, *args: Any, **kwargs: Any) -> Any:
        decoded = plain(z, *args, **kwargs)
        spoil(decoded.sample)
        return decoded

    monkeypatch.setattr(vae, "_decode", spoilt)
    generate(TASK, context)
    (asset,) = context.assets
    assert asset.notes["black"] is True
    assert ("decoded" in asset.notes) is (dtype == "bfloat16")
    assert set(asset.data) == {0}


def test_latents_that_are_no_numbers_are_said(context: RecordingContext, monkeypatch: pytest.MonkeyPatch) -> None:
    unet = model_of(context).pipeline.unet
    plain = unet.forward
    monkeypatch.setattr(unet, "forward", lambda *args, **kwargs: (plain(*args, **kwargs)[0] * float("nan"),))
    with pytest.raises(StudioError, match="Choose float32 in Settings") as caught:
        generate(TASK, context)
    assert caught.value.trouble == "model_unusable"
    assert not context.assets


def named_match(folders: dict[str, Path], tmp_path: Path, match: str) -> str:
    """A copy of the tiny model whose card names the CLIP model at ``match``."""
    folder = tmp_path / "with match"
    shutil.copytree(folders["sd"], folder)
    (folder / "triptych.json").write_text(json.dumps({"match": match}), encoding="utf-8")
    return str(folder)


def test_each_picture_of_a_batch_tells_how_well_it_fits(folders: dict[str, Path], tmp_path: Path) -> None:
    context = RecordingContext(address=named_match(folders, tmp_path, "clip"))
    tiny_models.save_clip(Path(context.address) / "clip")
    generate(with_(count=2, steps=1), context)
    matches = [asset.notes["match"] for asset in context.assets]
    assert all(-1 <= match <= 1 for match in matches)
    (found,) = (model for model in context.models.values() if isinstance(model, ClipModel))
    assert matches == [round(found.score(to_pillow(asset), TASK.prompt), 3) for asset in context.assets]
    alone, wordless = fresh(context), fresh(context)
    generate(with_(steps=1), alone)
    generate(with_(count=2, steps=1, prompt=" "), wordless)
    assert not any("match" in asset.notes for asset in alone.assets + wordless.assets)


@pytest.mark.parametrize("match", ["/not/there", "was not found", "starter:nothing", "starter:writer"])
def test_a_batch_is_made_without_a_match_that_cannot_be_had(
    folders: dict[str, Path], tmp_path: Path, match: str
) -> None:
    context = RecordingContext(address=named_match(folders, tmp_path, match))
    generate(with_(count=2, steps=1), context)
    assert len(context.assets) == 2
    assert "match" not in context.assets[0].notes
