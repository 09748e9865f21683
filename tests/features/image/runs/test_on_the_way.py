"""What is seen and said while a picture is made: previews that fail, and prompts that are read in part."""

import json
import shutil
from pathlib import Path

import msgspec
import pytest
import torch

from studio.core.errors import StudioError
from studio.features.image.runs.image import generate
from studio.features.image.tasks.image import ImageTask
from studio.ml.load.clip_score import ClipModel
from studio.ml.quiet import quiet
from studio.ml.samplers import schedulers
from tests import tiny_models
from tests.recording import RecordingContext

TASK = ImageTask(prompt="a boat", width=32, height=32, steps=4, seed=7)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    quiet()
    torch.set_num_threads(1)
    return tiny_models.save_stable_diffusion(tmp_path_factory.mktemp("sd") / "model")


def test_a_preview_that_cannot_be_made_ends_no_job(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    good = RecordingContext(address=str(folder))
    context = RecordingContext(address=str(folder), models=good.models)
    generate(TASK, good)

    def fail(*_: object) -> None:
        raise RuntimeError("the shapes don't fit")

    monkeypatch.setattr(schedulers, "clean_latents", fail)
    generate(msgspec.structs.replace(TASK, count=2), context)
    assert not context.previews
    assert [asset.notes["seed"] for asset in context.assets] == [7, 8]
    assert context.assets[0].data == good.assets[0].data
    assert [record.getMessage() for record in caplog.records].count(
        "a preview can't be made, the job goes on: the shapes don't fit"
    ) == 1


def test_what_is_cut_off_the_negative_prompt_and_marks_of_other_programs_are_said(folder: Path) -> None:
    context = RecordingContext(address=str(folder))
    generate(ImageTask(negative="blurry " * 20, prompt="a (red:1.4) boat", width=32, height=32, steps=1), context)
    notes = context.assets[0].notes
    assert (notes["truncated_negative"] > 100, notes["marks"]) == (True, True)
    assert not {"truncated", "unread"} & notes.keys()


def test_what_a_pipeline_raises_is_the_models_fault_and_not_ours(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = RecordingContext(address=str(folder))
    generate(msgspec.structs.replace(TASK, steps=1), context)
    (model,) = context.models.values()

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("The size of tensor a (2) must match the size of tensor b (3).")

    monkeypatch.setattr(model.pipeline.unet, "forward", fail)
    with pytest.raises(StudioError, match=r"couldn't make a picture from this\. Try another size") as caught:
        generate(TASK, context)
    assert caught.value.trouble == "model_unusable"


def test_a_picture_of_another_size_says_its_own(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = RecordingContext(address=str(folder))
    generate(msgspec.structs.replace(TASK, steps=1), context)
    (model,) = context.models.values()
    monkeypatch.setattr(model.pipeline, "vae_scale_factor", model.pipeline.vae_scale_factor * 2)
    generate(TASK, context)
    asset = context.assets[-1]
    assert (asset.width, asset.height) == (16, 16)
    assert (asset.notes["width"], asset.notes["height"], asset.notes["asked_size"]) == (16, 16, [32, 32])


def test_a_match_that_cannot_be_told_loses_no_picture(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> float:
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    named = Path(shutil.copytree(folder, tmp_path / "named"))
    tiny_models.save_clip(named / "clip")
    (named / "triptych.json").write_text(json.dumps({"match": "clip"}), encoding="utf-8")
    monkeypatch.setattr(ClipModel, "score", fail)
    context = RecordingContext(address=str(named))
    generate(msgspec.structs.replace(TASK, steps=1, count=3), context)
    assert len(context.assets) == 3
    assert not any("match" in asset.notes for asset in context.assets)
    assert len([record for record in caplog.records if "no match" in record.getMessage()]) == 1
