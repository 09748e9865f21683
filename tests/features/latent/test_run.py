"""The Latent runner on a tiny real generator: seeds, blends, style mixing, and walks in all three formats."""

import io
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import torch
from PIL import Image

from studio.core.errors import Stopped, StudioError
from studio.core.values import Asset, Result
from studio.features.latent import run
from studio.features.latent.point import Blend
from studio.features.latent.run import places, render, walk
from studio.features.latent.task import LatentTask, WalkTask
from studio.ml.latents import bands, latent
from studio.ml.load.gan import load_generator, save_generator
from studio.ml.nets.stylegan2 import Config, Generator
from tests.recording import RecordingContext

SIZE = 64


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """More threads only wait for each other with so small a model."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("latents") / "tiny"
    torch.manual_seed(0)
    generator = Generator(Config(z_dim=16, w_dim=16, resolution=SIZE, channels=(8, 8, 8, 8, 8), mapping_layers=2))
    for layer in generator.modules():
        if hasattr(layer, "noise_strength"):
            layer.noise_strength.data.fill_(0.1)
    generator.mapping.w_avg.copy_(torch.randn(16))
    save_generator(generator, folder)
    return folder


@pytest.fixture(scope="module")
def generator(folder: Path) -> Generator:
    return load_generator(folder)


@pytest.fixture(autouse=True)
def on_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIPTYCH_DEVICE", "cpu")


@pytest.fixture
def context(folder: Path) -> RecordingContext:
    return RecordingContext(address=str(folder))


def pictures(context: RecordingContext, **changes: Any) -> list[np.ndarray]:
    context.assets.clear()
    render(LatentTask(**changes), context)
    return [pixels(asset) for asset in context.assets]


def pixels(asset: Asset) -> np.ndarray:
    return np.frombuffer(asset.data, np.uint8).reshape(asset.height, asset.width, 3).astype(int)


def same(a: np.ndarray, b: np.ndarray) -> bool:
    """Alike up to rounding: batches of other sizes add up in another order."""
    return int(np.abs(a - b).max()) <= 1


def test_each_seed_gives_its_picture(context: RecordingContext, generator: Generator) -> None:
    result = render(LatentTask(seeds=tuple(range(10)), psi=0.5), context)
    assert result == Result(notes={"pictures": 10})
    assert [asset.notes for asset in context.assets] == [
        {"seed": k, "index": k, "layers": [3, 7, 10]} for k in range(10)
    ]
    assert all((asset.width, asset.height, asset.kind) == (SIZE, SIZE, "pixels") for asset in context.assets)
    z = torch.from_numpy(np.random.RandomState(7).randn(1, 16)).float()
    expected = generator.synthesis(generator.mapping(z, psi=0.5))[0]
    shown = (expected.clamp(-1, 1) * 127.5 + 127.5).round().permute(1, 2, 0).numpy()
    assert same(pixels(context.assets[7]), shown)


def test_truncation_draws_towards_the_average(context: RecordingContext) -> None:
    first, second = pictures(context, seeds=(1, 2), psi=0)
    assert same(first, second)
    first, second = pictures(context, seeds=(1, 2), psi=1)
    assert not same(first, second)


def test_a_cutoff_of_0_is_none(context: RecordingContext) -> None:
    (whole,) = pictures(context, seeds=(1,), psi=0.3, cutoff=0)
    (all_layers,) = pictures(context, seeds=(1,), psi=0.3, cutoff=64)
    (some,) = pictures(context, seeds=(1,), psi=0.3, cutoff=2)
    assert same(whole, all_layers)
    assert not same(whole, some)


def test_noise(context: RecordingContext) -> None:
    (const,), (again,) = pictures(context, noise="const"), pictures(context, noise="const")
    (random,), (other,) = pictures(context, noise="random"), pictures(context, noise="random")
    (none,) = pictures(context, noise="none")
    assert same(const, again)
    assert not same(random, other)
    assert not same(const, none)


def test_a_point_of_one_seed_is_that_seed(context: RecordingContext) -> None:
    (seed,) = pictures(context, seeds=(3,))
    for point in (Blend((3,)), Blend((3, 9), (1.0, 0.0)), Blend((3,), (0.2,)), Blend((3, 3), (0.5, 0.5))):
        assert same(pictures(context, points=(point,))[0], seed)


def test_a_point_lies_between_its_seeds(context: RecordingContext) -> None:
    (middle,) = pictures(context, points=(Blend((3, 9), (0.5, 0.5)),))
    (nearly,) = pictures(context, points=(Blend((3, 9), (0.999, 0.001)),))
    three, nine = pictures(context, seeds=(3, 9))
    assert not same(middle, three)
    assert not same(middle, nine)
    assert np.abs(nearly - three).mean() < np.abs(nearly - nine).mean()
    assert context.assets[0].notes["seed"] == 3


def test_weights_of_0_are_all_alike(context: RecordingContext) -> None:
    (zero,) = pictures(context, points=(Blend((3, 9), (0.0, 0.0)),))
    (even,) = pictures(context, points=(Blend((3, 9), (0.5, 0.5)),))
    assert same(zero, even)


def test_styles_are_mixed_by_layers(context: RecordingContext, generator: Generator) -> None:
    (mixed,) = pictures(context, seeds=(1,), coarse=2, middle=3, fine=4, psi=0.7)
    z = torch.from_numpy(np.stack([latent(seed, 16) for seed in (2, 3, 4)])).float()
    w = generator.mapping(z, psi=0.7)
    joined = torch.cat([w[:1, 0:3], w[1:2, 3:7], w[2:, 7:]], dim=1)
    shown = (generator.synthesis(joined)[0].clamp(-1, 1) * 127.5 + 127.5).round().permute(1, 2, 0).numpy()
    assert same(mixed, shown)


def test_mixing_a_seed_with_itself_changes_nothing(context: RecordingContext) -> None:
    (plain,) = pictures(context, seeds=(1,))
    (mixed,) = pictures(context, seeds=(1,), coarse=1, middle=1, fine=1)
    assert same(plain, mixed)


def test_a_points_own_seed_goes_before_the_tasks(context: RecordingContext) -> None:
    (own,) = pictures(context, points=(Blend((1,), coarse=5),), coarse=6)
    (given,) = pictures(context, seeds=(1,), coarse=5)
    assert same(own, given)


@pytest.mark.parametrize(
    ("layers", "resolution", "ends"),
    [(10, 64, (3, 7)), (18, 1024, (3, 7)), (8, 32, (3, 5)), (6, 16, (2, 4)), (16, 1024, (5, 11))],
)
def test_layers_of_each_band(layers: int, resolution: int, ends: tuple[int, int]) -> None:
    coarse, middle, fine = bands(layers, resolution)
    assert (coarse.start, coarse.stop, middle.stop, fine.stop) == (0, *ends, layers)
    assert (middle.start, fine.start) == ends


def test_without_enough_memory_the_pictures_come_one_by_one(
    context: RecordingContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = pictures(context, seeds=(1, 2, 3))
    loaded = context.model("", run._load)
    whole, sizes = loaded.synthesis.forward, []

    def scarce(w: torch.Tensor, **given: Any) -> torch.Tensor:
        sizes.append(len(w))
        if len(w) > 1:
            raise torch.OutOfMemoryError
        return whole(w, **given)

    monkeypatch.setattr(loaded.synthesis, "forward", scarce)
    found = pictures(context, seeds=(1, 2, 3))
    assert all(same(a, b) for a, b in zip(found, expected, strict=True))
    assert sizes == [3, 1, 1, 1]


@pytest.mark.parametrize(
    ("task", "words"),
    [
        (LatentTask(seeds=()), "no seed"),
        (LatentTask(seeds=(-5,)), "-5 is no seed"),
        (LatentTask(seeds=(2**32,)), "4294967296 is no seed"),
        (LatentTask(points=(Blend((1, 2), (1.0,)),)), "as many weights"),
        (LatentTask(points=(Blend((), ()),)), "at least one seed"),
    ],
)
def test_what_can_not_be_rendered(task: LatentTask, words: str, context: RecordingContext) -> None:
    with pytest.raises(StudioError, match=words):
        render(task, context)


def test_a_point_of_styles_alone_names_no_seed(context: RecordingContext, generator: Generator) -> None:
    styles = generator.mapping(torch.zeros(1, 16)).numpy().astype("<f2").tobytes()
    pictures(context, points=(Blend((), (), styles=styles),))
    assert context.assets[0].notes == {"index": 0, "layers": [3, 7, 10]}


def test_a_stop_leaves_what_was_made(context: RecordingContext) -> None:
    context.cancel_after, context.cancel_stage = 2, "Picture"
    with pytest.raises(Stopped):
        render(LatentTask(seeds=tuple(range(40))), context)
    assert len(context.assets) == 8


# --- walks


def frames_of(clip: Asset) -> list[np.ndarray]:
    """The pictures of a clip, decoded by others than those who encoded it where there are any."""
    if clip.format == "png":
        return [np.asarray(Image.open(io.BytesIO(file))).astype(int) for file in clip.frames]
    with av.open(io.BytesIO(clip.data)) as container:
        return [frame.to_ndarray(format="rgb24").astype(int) for frame in container.decode(video=0)]


def walked(context: RecordingContext, **changes: Any) -> Asset:
    context.assets.clear()
    walk(WalkTask(**{"seeds": (1, 2, 3), "seconds": 1.0, "rate": 12, "format": "png", **changes}), context)
    (clip,) = context.assets
    assert clip.kind == "clip"
    return clip


def test_a_walk_passes_its_keyframes(context: RecordingContext) -> None:
    frames = frames_of(walked(context))
    keys = pictures(context, seeds=(1, 2, 3))
    assert len(frames) == 12
    for place, key in zip((0, 4, 8), keys, strict=True):
        assert same(frames[place], key)


def test_a_loop_closes_without_a_frame_twice(context: RecordingContext) -> None:
    frames = frames_of(walked(context, seconds=2.0))
    steps = [np.abs(a - b).mean() for a, b in zip(frames, frames[1:] + frames[:1], strict=True)]
    assert min(steps) > 0
    assert steps[-1] < 3 * np.mean(steps)


def test_an_open_walk_ends_on_its_last_keyframe(context: RecordingContext) -> None:
    frames = frames_of(walked(context, loop=False))
    first, *_, last = pictures(context, seeds=(1, 2, 3))
    assert same(frames[0], first)
    assert same(frames[-1], last)


def test_places() -> None:
    assert places(2, 4, loop=True) == [0, 0.5, 1, 1.5]
    assert places(3, 5, loop=False) == [0, 0.5, 1, 1.5, 2]


def test_a_walk_between_points_of_mixed_styles(context: RecordingContext) -> None:
    points = (Blend((1,), coarse=5), Blend((2, 3), (0.5, 0.5), fine=6))
    frames = frames_of(walked(context, keys=points, seeds=(), rate=10))
    first, second = pictures(context, points=points)
    assert same(frames[0], first)
    assert same(frames[5], second)


def test_a_walk_on_the_spot_stands_still(context: RecordingContext) -> None:
    frames = frames_of(walked(context, seeds=(4, 4)))
    assert all(same(frame, frames[0]) for frame in frames)


@pytest.mark.parametrize("form", ["mp4", "gif"])
def test_a_film_can_be_played_and_shows_the_frames(form: str, context: RecordingContext) -> None:
    clip = walked(context, format=form, rate=20)
    shown = frames_of(clip)
    exact = frames_of(walked(context, rate=20))
    assert clip.format == form
    assert (clip.width, clip.height, clip.notes) == (SIZE, SIZE, {"frames": 20, "rate": 20})
    assert len(shown) == 20
    for place, frame in enumerate(shown):
        far = [np.abs(frame - other).mean() for other in exact]
        assert far[place] == min(far) < 20


def test_an_mp4_plays_everywhere(context: RecordingContext) -> None:
    clip = walked(context, format="mp4", rate=24)
    assert clip.data.index(b"moov") < clip.data.index(b"mdat")
    with av.open(io.BytesIO(clip.data)) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert stream.average_rate == 24
        assert float(stream.duration * stream.time_base) == pytest.approx(1.0)


@pytest.mark.parametrize(("rate", "count"), [(30, 30), (60, 50)])
def test_a_gif_takes_as_long_as_asked(rate: int, count: int, context: RecordingContext) -> None:
    clip = walked(context, format="gif", rate=rate)
    with Image.open(io.BytesIO(clip.data)) as picture:
        assert picture.n_frames == clip.notes["frames"] == count
        assert picture.info["loop"] == 0
        durations = []
        for frame in range(picture.n_frames):
            picture.seek(frame)
            durations.append(picture.info["duration"])
    assert sum(durations) == 1000
    assert min(durations) >= 20


def test_a_gif_without_a_loop_plays_once(context: RecordingContext) -> None:
    clip = walked(context, format="gif", loop=False)
    with Image.open(io.BytesIO(clip.data)) as picture:
        assert "loop" not in picture.info


@pytest.mark.parametrize("form", ["mp4", "gif", "png"])
def test_a_film_of_another_size(form: str, context: RecordingContext) -> None:
    clip = walked(context, format=form, size=98)
    assert (clip.width, clip.height) == (98, 98)
    assert frames_of(clip)[0].shape == (98, 98, 3)


def test_a_walk_says_how_far_it_is_and_shows_it(context: RecordingContext) -> None:
    walked(context)
    assert [step for step in context.steps if step[2] == "Frame"] == [
        (0, 12, "Frame"),
        (8, 12, "Frame"),
        (12, 12, "Frame"),
    ]
    assert len(context.previews) == 2
    assert all(asset.kind == "pixels" for _, asset in context.previews)


def test_unwanted_previews_are_not_made(context: RecordingContext) -> None:
    context.previews_wanted = False
    walked(context)
    assert not context.previews


@pytest.mark.parametrize("form", ["mp4", "gif", "png"])
def test_a_stop_leaves_nothing(
    form: str, context: RecordingContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = set(tmp_path.iterdir())
    context.cancel_after, context.cancel_stage = 2, "Frame"
    with pytest.raises(Stopped):
        walk(WalkTask(seeds=(1, 2), format=form), context)
    assert not context.assets
    assert set(tmp_path.iterdir()) == before


@pytest.mark.parametrize("task", [WalkTask(), WalkTask(seeds=(1,)), WalkTask(keys=(Blend(),))])
def test_a_walk_needs_two_keyframes(task: WalkTask, context: RecordingContext) -> None:
    with pytest.raises(StudioError, match="two keyframes"):
        walk(task, context)


def test_a_gif_that_would_fill_the_memory_is_refused(context: RecordingContext) -> None:
    with pytest.raises(StudioError, match="Choose MP4"):
        walk(WalkTask(seeds=(1, 2), format="gif", seconds=600, size=1024), context)


def test_the_shortest_walk_has_two_frames(context: RecordingContext) -> None:
    assert len(walked(context, seconds=0.2, rate=1).frames) == 2
