"""The runners that search the latent space, on the bundled and on a tiny generator."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import torch
from PIL import Image

from studio.core.errors import Stopped, StudioError
from studio.core.resources import starters
from studio.core.values import Asset
from studio.features.latent.points.point import LatentPoint, Scale
from studio.features.latent.runs.latent import render
from studio.features.latent.runs.search import drag_points, invert
from studio.features.latent.tasks.latent import LatentTask
from studio.features.latent.tasks.search import DragTask, InvertTask
from studio.ml.load.gan import load_generator, save_generator
from studio.ml.nets import stylegan3
from studio.ml.pictures import to_pillow
from studio.models.catalogue import inspect_model
from tests.configuring import change_config
from tests.recording import RecordingContext
from tests.tiny_models import save_stable_diffusion


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """More threads only wait for each other with so small a model."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(autouse=True)
def on_the_cpu() -> None:
    change_config(device="cpu")


@pytest.fixture
def context() -> RecordingContext:
    return RecordingContext(address=str(starters() / "latents"))


@pytest.fixture
def lake(context: RecordingContext, tmp_path: Path) -> Path:
    """A picture of the bundled model's own, in a file."""
    file = tmp_path / "湖 lake.png"
    to_pillow(picture_of(context, LatentTask(seeds=(5,)))).save(file)
    return file


def picture_of(context: RecordingContext, task: LatentTask) -> Asset:
    other = RecordingContext(address=context.address, models=context.models)
    render(task, other)
    return other.assets[0]


def point_in(asset: Asset) -> LatentPoint:
    return msgspec.convert(msgspec.json.decode(msgspec.json.encode(asset.notes["point"])), LatentPoint)


def decibels(a: Asset, b: Asset) -> float:
    one, other = (np.frombuffer(asset.data, np.uint8).astype(float) for asset in (a, b))
    return float(10 * np.log10(255**2 / max(np.mean((one - other) ** 2), 1e-9)))


def test_a_picture_becomes_a_point_that_gives_it_again(context: RecordingContext, lake: Path) -> None:
    result = invert(InvertTask(image=str(lake), steps=60, fine=40, starts=2), context)
    (made,) = context.assets
    with Image.open(lake) as image:
        given = Asset(kind="pixels", data=image.tobytes(), width=image.width, height=image.height)
    assert decibels(made, given) >= 30
    assert made.notes["psnr"] == result.notes["psnr"] == pytest.approx(decibels(made, given), abs=0.3)
    again = picture_of(context, LatentTask(points=(point_in(made),), psi=0.2))  # truncation leaves it alone
    assert again.data == made.data
    stages = [step for step in context.steps if step[2] == "Searching"]
    assert [done for done, _, _ in stages] == list(range(100))
    assert {total for _, total, _ in stages} == {100}
    assert len(context.previews) == 100
    assert context.previews[0][1].width == made.width


def test_a_picture_of_any_shape_and_kind_is_cut_to_fit(context: RecordingContext, tmp_path: Path) -> None:
    file = tmp_path / "wide.png"
    Image.new("RGBA", (300, 90), (10, 200, 30, 128)).save(file)
    invert(InvertTask(image=str(file), steps=2, fine=0, starts=1), context)
    assert context.assets[0].width == load_generator(context.address).resolution


def test_tuning_writes_a_model_beside_whose_point_is_nearer(
    context: RecordingContext, lake: Path, tmp_path: Path
) -> None:
    with Image.open(lake) as image:
        image.transpose(Image.Transpose.FLIP_LEFT_RIGHT).rotate(20).save(lake)
    folder = tmp_path / "models" / "my lake"
    plain = InvertTask(image=str(lake), steps=30, fine=30, starts=1)
    invert(plain, context)
    invert(msgspec.structs.replace(plain, tune=30, folder=str(folder)), context)
    before, after = context.assets
    assert after.notes["psnr"] > before.notes["psnr"]
    assert after.notes["model"] == str(folder)
    found = inspect_model(folder)
    assert found.usable, found.reason
    assert (found.can, found.name) == (("latent>image",), "my lake")
    again = picture_of(RecordingContext(address=str(folder)), LatentTask(points=(point_in(after),)))
    assert decibels(again, after) > 40
    assert "Tuning" in {stage for _, _, stage in context.steps}


def test_a_picture_models_encoder_compares_too(context: RecordingContext, lake: Path, tmp_path: Path) -> None:
    task = InvertTask(image=str(lake), steps=20, fine=0, starts=1)
    painter = save_stable_diffusion(tmp_path / "painter")
    for encoder in ("", "starter:scenes", str(painter)):
        invert(msgspec.structs.replace(task, encoder=encoder), context)
    plain, bundled, tiny = (point_in(asset) for asset in context.assets)
    assert len({plain.styles, bundled.styles, tiny.styles}) == 3


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "no picture"),
        ({"image": "/nowhere/at/all.png"}, "no longer there"),
        ({"tune": 5}, "folder"),
        ({"tune": 5, "folder": str(starters() / "latents")}, "already exists"),
        ({"encoder": "starter:latents"}, "to compare pictures with"),
    ],
)
def test_what_cant_be_searched_is_said(
    context: RecordingContext, lake: Path, fields: dict[str, Any], sentence: str
) -> None:
    whole = {"image": str(lake), "steps": 1, "fine": 0, **fields} if fields else {}
    with pytest.raises(StudioError, match=sentence):
        invert(InvertTask(**whole), context)


@pytest.mark.parametrize("stage", ["Searching", "Tuning"])
def test_a_search_stops_at_once(lake: Path, tmp_path: Path, stage: str) -> None:
    context = RecordingContext(address=str(starters() / "latents"), cancel_stage=stage, cancel_after=3)
    task = InvertTask(image=str(lake), steps=4, fine=4, starts=1, tune=9, folder=str(tmp_path / "tuned"))
    with pytest.raises(Stopped):
        invert(task, context)
    assert [done for done, _, name in context.steps if name == stage] == [0, 1, 2]
    assert context.assets == []
    assert not (tmp_path / "tuned").exists()


PULLS = ((0.48, 0.31, 0.36, 0.36),)


def test_a_drag_ends_where_it_was_asked_to_and_is_a_point(context: RecordingContext) -> None:
    result = drag_points(DragTask(seed=9, pulls=PULLS), context)
    (made,) = context.assets
    assert result.notes["arrived"]
    assert made.notes["distance"] <= 2
    ((x, y),) = made.notes["handles"]
    assert abs(x - 0.36) * made.width <= 2
    assert abs(y - 0.36) * made.width <= 2
    again = picture_of(context, LatentTask(points=(point_in(made),)))
    assert decibels(again, made) > 45
    first = context.previews[0][1]
    assert first.data == picture_of(context, LatentTask(seeds=(9,))).data
    assert first.notes["handles"] == [pytest.approx(PULLS[0][:2], abs=0.02)]


def test_who_stops_a_drag_keeps_what_was_seen_last(context: RecordingContext) -> None:
    context.cancel_stage, context.cancel_after = "Dragging", 5
    with pytest.raises(Stopped):
        drag_points(DragTask(seed=9, pulls=PULLS), context)
    assert context.assets == []
    last = context.previews[-1][1]
    again = picture_of(context, LatentTask(points=(point_in(last),)))
    assert decibels(again, last) > 45
    assert point_in(last).styles != point_in(context.previews[0][1]).styles


def test_a_turned_picture_is_pulled_at_as_it_is_seen(tmp_path: Path) -> None:
    torch.manual_seed(0)
    config = stylegan3.Config(z_dim=8, w_dim=8, resolution=32, channels=(16,) * 6)
    save_generator(stylegan3.Generator(config), tmp_path / "turning")
    context = RecordingContext(address=str(tmp_path / "turning"))
    look = {"turn": 30.0, "shift_x": 0.2, "scales": (Scale("L2_52_16", 3, 0.0),)}
    drag_points(DragTask(pulls=PULLS, steps=1, **look), context)
    assert context.previews[0][1].data == picture_of(context, LatentTask(**look)).data
    assert context.previews[0][1].data != picture_of(context, LatentTask()).data


def test_a_drag_gives_up_after_its_steps(context: RecordingContext) -> None:
    result = drag_points(DragTask(seed=9, pulls=PULLS, steps=2), context)
    assert not result.notes["arrived"]
    assert [done for done, _, stage in context.steps if stage == "Dragging"] == [0, 1, 2]


def test_a_drag_begins_at_any_point_and_heeds_its_mask(context: RecordingContext) -> None:
    drag_points(DragTask(seed=9, pulls=PULLS, steps=3), context)
    begun = point_in(context.assets[-1])
    for mask in (b"", b"\x00" * 8, b"\xff" * 8):
        drag_points(DragTask(point=begun, pulls=PULLS, steps=3, mask=mask), context)
    _, free, held, all_free = context.assets
    assert point_in(free).styles == point_in(all_free).styles
    assert point_in(free).styles != point_in(held).styles
    with pytest.raises(StudioError, match="mask"):
        drag_points(DragTask(pulls=PULLS, mask=b"\x00" * 9), context)
    with pytest.raises(StudioError, match="handle"):
        drag_points(DragTask(), context)
