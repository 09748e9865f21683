"""Pictures between pictures, on the bundled autoencoder and a tiny AutoencoderKL."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import AutoencoderKL
from PIL import Image

from studio.core.errors import StudioError
from studio.core.values import Asset
from studio.features.latent.runs.vae import mix, shares, walk
from studio.features.latent.tasks.vae import VaeFilmTask, VaeTask
from studio.ml.load.vae import load_autoencoder
from tests.configuring import change_config
from tests.features.latent.runs.seen import frames_of, pixels, same
from tests.recording import RecordingContext


@pytest.fixture
def context(one_thread: None) -> RecordingContext:
    change_config(device="cpu")
    return RecordingContext(address="starter:scenes")


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    """Plain pictures by their colours."""
    colours = {"red": (200, 40, 40), "blue": (40, 60, 200), "dark": (30, 30, 30), "light": (220, 220, 220)}
    for name, colour in colours.items():
        Image.new("RGB", (96, 64), colour).save(tmp_path / f"{name}.png")
    return {name: str(tmp_path / f"{name}.png") for name in colours}


def picture(context: RecordingContext, **fields: Any) -> np.ndarray:
    context.assets.clear()
    mix(VaeTask(size=64, **fields), context)
    (asset,) = context.assets
    return pixels(asset)


@pytest.fixture
def posters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Two of what the bundled autoencoder has learned to keep."""
    monkeypatch.syspath_prepend(Path(__file__).parents[4] / "packaging" / "starters")
    import scenes

    for seed in (1, 2):
        Image.fromarray(scenes.draw(seed)[0]).save(tmp_path / f"{seed}.png")
    return [str(tmp_path / f"{seed}.png") for seed in (1, 2)]


@pytest.mark.parametrize("path", ["spherical", "linear"])
def test_the_ends_are_the_pictures(context: RecordingContext, posters: list[str], path: str) -> None:
    ends = [picture(context, first=posters[0], second=posters[1], share=share, path=path) for share in (0, 1)]
    own, other = (small(file) for file in posters)
    assert np.abs(own - other).mean() > 40
    for found, wanted in zip(ends, (own, other), strict=True):
        assert np.abs(found - wanted).mean() < 20


@pytest.mark.parametrize("path", ["spherical", "linear"])
def test_strange_pictures_keep_to_their_end(context: RecordingContext, files: dict[str, str], path: str) -> None:
    """It has never seen plain colours: they come out with a tint, but as themselves."""
    ends = [picture(context, first=files["red"], second=files["blue"], share=share, path=path) for share in (0, 1)]
    plain = [small(files[name]) for name in ("red", "blue")]
    for found, own, other in zip(ends, plain, reversed(plain), strict=True):
        assert np.abs(found - own).mean() < np.abs(found - other).mean() / 3


def small(path: str) -> np.ndarray:
    with Image.open(path) as image:
        return np.array(image.resize((64, 64))).astype(int)


def test_half_way_is_between(context: RecordingContext, files: dict[str, str]) -> None:
    first, middle, last = (
        picture(context, first=files["dark"], second=files["light"], share=share, path="linear").mean()
        for share in (0, 0.5, 1)
    )
    assert first + 20 < middle < last - 20


def test_between_equal_pictures_nothing_moves(context: RecordingContext, files: dict[str, str]) -> None:
    alone = picture(context, first=files["red"])
    for path in ("spherical", "linear"):
        assert same(picture(context, first=files["red"], second=files["red"], share=0.3, path=path), alone)


def test_an_attribute_is_added_and_taken_away(context: RecordingContext, files: dict[str, str]) -> None:
    sets: dict[str, Any] = {"first": files["red"], "more": (files["light"],), "less": (files["dark"],)}
    less, plain, more = (picture(context, amount=amount, **sets).mean() for amount in (-0.5, 0.0, 0.5))
    assert less + 10 < plain < more - 10


def test_the_mean_of_several_counts(context: RecordingContext, files: dict[str, str]) -> None:
    both: dict[str, Any] = {"first": files["red"], "amount": 1.0}
    found = picture(context, more=(files["light"], files["dark"]), less=(files["dark"], files["light"]), **both)
    assert same(found, picture(context, first=files["red"]))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "no picture to start"),
        ({"first": "red", "amount": 1.0}, "pictures without it"),
        ({"first": "gone"}, "no longer there"),
    ],
)
def test_what_can_not_be_mixed(
    context: RecordingContext, files: dict[str, str], fields: dict[str, Any], words: str
) -> None:
    named = {**files, "gone": "/nowhere/gone.png"}
    with pytest.raises(StudioError, match=words):
        mix(VaeTask(**{**fields, **({"first": named[fields["first"]]} if "first" in fields else {})}), context)


def test_a_film_goes_there_and_back(context: RecordingContext, files: dict[str, str]) -> None:
    fields: dict[str, Any] = {"first": files["dark"], "second": files["light"], "size": 64, "format": "png"}
    walk(VaeFilmTask(seconds=1.0, rate=8, **fields), context)
    clip: Asset = context.assets[0]
    frames = frames_of(clip)
    light = [frame.mean() for frame in frames]
    assert (len(frames), frames[0].shape) == (8, (64, 64, 3))
    assert light[0] == min(light)
    assert same(frames[4], picture(context, first=files["light"]))
    assert all(same(frames[step], frames[-step]) for step in (1, 2, 3))
    assert shares(4, loop=True) == [0, 0.5, 1, 0.5]
    assert shares(3, loop=False) == [0, 0.5, 1]
    with pytest.raises(StudioError, match="two pictures"):
        walk(VaeFilmTask(first=files["dark"]), context)


@pytest.mark.parametrize("form", ["mp4", "webm"])
def test_a_film_has_the_frames_rate_and_size_asked_for(
    form: str, context: RecordingContext, files: dict[str, str]
) -> None:
    walk(VaeFilmTask(first=files["dark"], second=files["light"], size=64, seconds=1.0, rate=10, format=form), context)
    (clip,) = context.assets
    assert (clip.format, clip.width, clip.height, clip.notes) == (form, 64, 64, {"frames": 10, "rate": 10})
    assert len(frames_of(clip)) == 10


# --- loading


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    vae = AutoencoderKL(block_out_channels=(8,), norm_num_groups=4, latent_channels=4, sample_size=32)
    vae.save_pretrained(tmp_path / "kl")
    return tmp_path / "kl"


def test_an_autoencoder_of_its_own(folder: Path, context: RecordingContext, files: dict[str, str]) -> None:
    found = load_autoencoder(str(folder))
    latents = found.encode(torch.zeros(1, 3, 64, 64))
    assert latents.shape == (1, 4, 64, 64)
    assert torch.equal(latents, found.vae.encode(torch.zeros(1, 3, 64, 64)).latent_dist.mean)
    assert found.decode(latents).shape == (1, 3, 64, 64)
    context.address = str(folder)
    assert picture(context, first=files["red"], second=files["blue"]).shape == (64, 64, 3)


def test_what_is_no_autoencoder_has_its_sentence(folder: Path, tmp_path: Path) -> None:
    config = folder / "config.json"
    whole = json.loads(config.read_text(encoding="utf-8"))

    def refused(words: str) -> None:
        with pytest.raises(StudioError, match=words) as caught:
            load_autoencoder(str(folder))
        assert caught.value.trouble == "model_unusable"

    for name in ("UNet2DModel", "os.system", 5, None, ["AutoencoderKL"]):
        config.write_text(json.dumps({**whole, "_class_name": name}), encoding="utf-8")
        refused("walking between pictures works")
    config.write_text(json.dumps({**whole, "block_out_channels": [8, 16]}), encoding="utf-8")
    refused("kl")
    config.write_text(json.dumps({**whole, "layers_per_block": 10**9}), encoding="utf-8")
    refused("no model has that many|far larger")
    config.write_text(json.dumps({**whole, "block_out_channels": [4_000]}), encoding="utf-8")
    refused("far larger")
    config.write_text("{", encoding="utf-8")
    refused("read")
    config.write_text(json.dumps(whole), encoding="utf-8")
    (weights,) = folder.glob("*.safetensors")
    weights.write_bytes(weights.read_bytes()[:500])
    refused("damaged|cut off")
    weights.unlink()
    refused("no weights")
    (folder / "diffusion_pytorch_model.bin").write_bytes(b"\x80\x02cos\nsystem\nX\x04\x00\x00\x00true\x85R.")
    refused("more than numbers|can't be loaded")
    config.unlink()
    refused("no autoencoder")
