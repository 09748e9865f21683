"""Other tools' settings as a request: what is taken, what is changed and said so, and what is named as left."""

from typing import Any

import pytest

from studio.core.declare import LAST_SEED
from studio.families.rules.schedulers import BY_CLASS
from studio.features.image.tasks.image import ImageTask
from studio.features.image.ui.taken import Taken, defaults_of, listed, taken_over
from studio.library.metadata.infotext import read_infotext
from studio.library.metadata.others import making_of
from studio.library.metadata.tools.generation import Generation

DIFFUSION, FLOW = BY_CLASS["DDIMScheduler"], BY_CLASS["FlowMatchEulerDiscreteScheduler"]
OWN = {"size": 128, "steps": 12, "guidance": 3.0}
"""What a model says of itself."""


def taken(schedulers: tuple[str, ...] = DIFFUSION, **fields: Any) -> Taken:
    return taken_over(Generation(tool="A tool", **fields), defaults_of(OWN), schedulers)


def of_text(text: str) -> Taken:
    making = making_of(read_infotext(text))
    assert making is not None
    assert making.generation is not None
    return taken_over(making.generation, defaults_of(OWN), DIFFUSION)


def test_what_is_not_mentioned_is_the_models_own() -> None:
    found = taken(prompt="a kite")
    assert ImageTask.from_data(found.fields) == ImageTask(
        prompt="a kite", width=128, height=128, steps=12, guidance=3.0, seed=-1, image="", strength=0.6
    )
    assert (found.named, found.changed, found.left) == (("prompt",), (), ())


def test_all_that_fits_is_taken() -> None:
    found = taken(
        prompt="a kite", negative="fog", steps=33, guidance=6.5, seed=LAST_SEED, width=256, height=192,
        sampler="k_euler_ancestral",
    )  # fmt: skip
    task = ImageTask.from_data(found.fields)
    assert (task.steps, task.guidance, task.seed, task.scheduler) == (33, 6.5, LAST_SEED, "Euler a")
    assert (task.width, task.height, task.negative) == (256, 192, "fog")
    assert found.named == (
        "prompt", "negative prompt", "steps", "guidance", "size", "seed", "scheduler Euler a",
    )  # fmt: skip
    assert (found.changed, found.left) == ((), ())


def test_what_is_out_of_bounds_is_changed_and_said() -> None:
    found = of_text(
        "a kite\nSteps: 200, Sampler: Euler a, CFG scale: 35, Seed: 5, Size: 1028x1024, Denoising strength: 0.02"
    )
    task = ImageTask.from_data(found.fields)
    assert (task.steps, task.guidance, task.strength, task.width, task.height) == (150, 30.0, 0.05, 1024, 1024)
    assert found.changed == (
        "steps 200 → 150", "guidance 35 → 30", "strength 0.02 → 0.05", "size 1028 × 1024 → 1024 × 1024",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "changed"),
    [
        ({"steps": 0}, "steps 0 → 1"),
        ({"steps": 10**29}, f"steps {10**29} → 150"),
        ({"guidance": -1.0}, "guidance -1 → 0"),
        ({"width": 4, "height": 100_000}, "size 4 × 100000 → 16 × 8192"),
        ({"width": 516, "height": 516}, "size 516 × 516 → 512 × 512"),
    ],
)
def test_every_bound(fields: dict[str, Any], changed: str) -> None:
    found = taken(**fields)
    ImageTask.from_data(found.fields)
    assert found.changed == (changed,)


@pytest.mark.parametrize(("seed", "left"), [(LAST_SEED + 1, (f"seed {LAST_SEED + 1}",)), (-5, ("seed -5",)), (-1, ())])
def test_a_seed_that_no_generator_takes_is_named_and_leaves_no_other_behind(seed: int, left: tuple[str, ...]) -> None:
    found = taken(seed=seed)
    assert (found.fields["seed"], found.left) == (-1, left)


def test_an_unknown_sampler_gives_the_models_own_and_is_named() -> None:
    found = taken(sampler="DPM++ SDE", schedule="Karras")
    assert (found.fields["scheduler"], found.left) == ("", ("scheduler DPM++ SDE Karras (the model's own is used)",))
    found = taken(FLOW, sampler="dpmpp_2m", schedule="karras")
    assert (found.fields["scheduler"], found.left) == ("", ("scheduler dpmpp_2m karras (the model's own is used)",))
    found = taken(sampler="euler", schedule="karras")
    assert (found.fields["scheduler"], found.left) == ("Euler", ("schedule Karras",))
    assert taken(FLOW, sampler="euler", schedule="simple").fields["scheduler"] == "Flow Euler"


def test_a_hires_denoising_is_no_strength_and_each_other_thing_is_named() -> None:
    found = of_text(
        "masterpiece, (red kite:1.3), <lora:add_detail:0.8>, embedding:easyneg BREAK sunset\n"
        "Negative prompt: easynegative\n"
        "Steps: 30, Sampler: DPM++ SDE Karras, CFG scale: 7, Seed: 1, Size: 512x768, VAE: bar.safetensors, "
        "Denoising strength: 0.45, Clip skip: 2, Hires upscale: 2, Hires steps: 12, ADetailer model: face_yolov8n.pt, "
        'ControlNet 0: "Module: canny, Model: control_v11p", Lora hashes: "add_detail: 7c6bad76eb54", '
        'TI hashes: "easynegative: c74b4e810b03", Version: v1.6.0'
    )
    assert found.fields["prompt"] == "masterpiece, (red kite:1.3), sunset"
    assert (found.fields["strength"], found.fields["image"]) == (0.6, "")
    for thing in (
        "LoRA add_detail (0.8)", "Embedding easyneg, easynegative", "BREAK", "VAE bar.safetensors",
        "Clip skip 2", "Hires fix upscale 2, steps 12", "Weights in the prompt (red kite:1.3)",
        "ADetailer model face_yolov8n.pt", "ControlNet 0 Module: canny, Model: control_v11p",
        "scheduler DPM++ SDE Karras (the model's own is used)",
    ):  # fmt: skip
        assert thing in found.left
    assert len([thing for thing in found.left if "add_detail" in thing]) == 1


def test_a_picture_that_began_with_another_says_that_it_is_missing() -> None:
    assert taken(start="photo.png", strength=0.4).left == ("start picture photo.png (it is not here)",)
    assert taken(start="?").left == ("start picture",)


def test_a_shape_alone_keeps_the_models_number_of_pixels() -> None:
    found = taken(shape=(2.0, 3.0))
    assert (found.fields["width"], found.fields["height"]) == (104, 160)
    assert found.named == ("shape",)


def test_a_list_without_end_is_told_in_a_few_words() -> None:
    found = taken(others=tuple((f"Thing {number}", "x" * 300) for number in range(10_000)))
    assert listed(found.left).endswith("9975 more")
    assert len(listed(found.left)) < 5_000
