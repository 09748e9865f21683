"""Films of walks: every format as asked for, stops, going on, full disks."""

import copy
import errno
import io
import os
import stat
import tempfile
from pathlib import Path
from typing import Any

import av
import msgspec
import pytest
from PIL import Image

from studio.core.errors import Stopped, StudioError
from studio.features.latent.points.point import LatentPoint
from studio.features.latent.runs import latent as run
from studio.features.latent.runs.shooting import resume_folder
from studio.features.latent.runs.walk import walk
from studio.features.latent.tasks.latent import WalkTask
from studio.files.unfinished import PREFIX
from studio.ml import video_file as clips
from studio.ml.nets.stylegan2 import Generator
from tests.configuring import change_config
from tests.features.latent.runs.conftest import SIZE
from tests.features.latent.runs.seen import frames_of, in_order, pictures, same, walked
from tests.recording import RecordingContext


def test_a_walk_between_points_of_mixed_styles(context: RecordingContext) -> None:
    points = (LatentPoint((1,), coarse=5), LatentPoint((2, 3), (0.5, 0.5), fine=6))
    frames = frames_of(walked(context, keys=points, seeds=(), rate=10))
    first, second = pictures(context, points=points)
    assert same(frames[0], first)
    assert same(frames[5], second)


def test_a_walk_on_the_spot_stands_still(context: RecordingContext) -> None:
    frames = frames_of(walked(context, seeds=(4, 4)))
    assert all(same(frame, frames[0]) for frame in frames)


@pytest.mark.parametrize("form", ["mp4", "webm", "gif"])
def test_a_film_can_be_played_and_shows_the_frames(form: str, context: RecordingContext) -> None:
    clip = walked(context, format=form, rate=20)
    shown = frames_of(clip)
    exact = frames_of(walked(context, rate=20))
    assert clip.format == form
    assert (clip.width, clip.height, clip.notes) == (SIZE, SIZE, {"frames": 20, "rate": 20})
    assert len(shown) == 20
    assert in_order(shown, exact)


def test_an_mp4_plays_everywhere(context: RecordingContext) -> None:
    clip = walked(context, format="mp4", rate=24)
    assert clip.data.index(b"moov") < clip.data.index(b"mdat")
    with av.open(io.BytesIO(clip.data)) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert stream.average_rate == 24
        assert float(stream.duration * stream.time_base) == pytest.approx(1.0)


def test_a_webm_has_the_rate_size_and_frames_asked_for(context: RecordingContext) -> None:
    clip = walked(context, format="webm", rate=24, size=98, seconds=3.5)
    with av.open(io.BytesIO(clip.data), format="webm") as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "vp9"
        assert stream.average_rate == 24
        shown = [frame.time for frame in container.decode(video=0)]
        assert (stream.codec_context.width, stream.codec_context.height) == (98, 98)
    assert shown == pytest.approx([frame / 24 for frame in range(84)], abs=1e-3)


@pytest.mark.parametrize("form", ["mp4", "webm"])
def test_parts_are_joined_without_a_seam(form: str, context: RecordingContext, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = frames_of(walked(context, format=form, rate=24))
    monkeypatch.setattr(clips, "PART", 7)
    parts = frames_of(walked(context, format=form, rate=24))
    assert len(parts) == len(whole) == 24
    assert in_order(parts, whole)


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


@pytest.mark.parametrize("form", ["mp4", "webm", "gif", "png"])
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


@pytest.mark.parametrize("form", ["mp4", "webm", "gif", "png"])
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


@pytest.mark.parametrize("form", ["mp4", "webm", "gif", "png"])
def test_a_stopped_film_goes_on_where_it_was(form: str, context: RecordingContext, tmp_path: Path) -> None:
    change_config(cache=str(tmp_path))
    settings: dict[str, Any] = {"seeds": (1, 2, 3), "seconds": 2.0, "rate": 24, "format": form}
    context.cancel_after, context.cancel_stage = 4, "Frame"
    with pytest.raises(Stopped):
        walk(WalkTask(**settings), context)
    again = RecordingContext(address=context.address, models=context.models)
    clip = walked(again, **settings)
    assert again.steps[1] == (24, 48, "Frame")
    whole = walked(RecordingContext(address=context.address, models=context.models), **settings)
    if form in ("gif", "png"):
        assert clip == whole
    else:
        assert clip.notes == whole.notes
        assert in_order(frames_of(clip), frames_of(whole))
    assert not list((tmp_path / "films").iterdir())


def test_another_film_begins_at_its_beginning(context: RecordingContext, generator: Generator, tmp_path: Path) -> None:
    change_config(cache=str(tmp_path))
    task = WalkTask(seeds=(1, 2), format="png")
    kept = resume_folder(task, generator)
    assert kept == resume_folder(WalkTask(seeds=(1, 2), format="png"), generator)
    other = copy.deepcopy(generator)
    other.synthesis.b64.conv1.bias.data += 1
    places = {
        resume_folder(task, other),
        *(resume_folder(msgspec.structs.replace(task, **{name: value}), generator) for name, value in OTHERS.items()),
    }
    assert kept not in places
    assert len(places) == 1 + len(OTHERS)


OTHERS: dict[str, Any] = {"psi": 0.5, "size": 98, "rate": 12, "format": "mp4", "loop": False, "seeds": (1, 3)}


def test_what_nobody_went_on_with_is_thrown_away(tmp_path: Path) -> None:
    old, young = tmp_path / "films" / "old", tmp_path / "films" / "young"
    for folder in (old, young):
        folder.mkdir(parents=True)
    os.utime(old, (0, 0))
    with clips.write_video("png", 8, 8, 10, 1, True, tmp_path / "films" / "new") as reel:
        reel.add(Image.new("RGB", (8, 8)))
        reel.finish()
    assert list((tmp_path / "films").iterdir()) == [young]


@pytest.mark.parametrize("form", ["mp4", "webm", "gif", "png"])
def test_a_full_disk_is_said_and_what_is_made_is_kept(
    form: str, context: RecordingContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_config(cache=str(tmp_path))
    monkeypatch.setattr(clips, "PART", 8)
    flush, allowed = os.fsync, [2]

    def full(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            return
        if not allowed[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        allowed[0] -= 1
        flush(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    settings: dict[str, Any] = {"seeds": (1, 2), "rate": 24, "format": form}
    done = 16 if form in ("mp4", "webm") else 2
    with pytest.raises(StudioError, match=rf"(?s)disk is full.*frame {done} of 24.*continue from there"):
        walk(WalkTask(**{**settings, "seconds": 1.0}), context)
    assert not list(tmp_path.glob(f"films/*/{PREFIX}*"))
    allowed[0] = 99
    assert len(frames_of(walked(context, **settings))) == 24
    assert (done, 24, "Frame") in context.steps


@pytest.mark.parametrize("form", ["mp4", "webm"])
def test_kept_parts_that_were_damaged_are_made_again(form: str, context: RecordingContext, tmp_path: Path) -> None:
    change_config(cache=str(tmp_path))
    settings: dict[str, Any] = {"seeds": (1, 2), "seconds": 1.0, "rate": 24, "format": form}
    kept = resume_folder(WalkTask(**settings), context.model("", run._load))
    assert kept is not None
    kept.mkdir(parents=True)
    (kept / f"000000-000024.{form}").write_bytes(b"no film")
    with pytest.raises(StudioError, match="damaged"):
        walk(WalkTask(**settings), context)
    assert len(frames_of(walked(context, **settings))) == 24


@pytest.mark.parametrize("task", [WalkTask(), WalkTask(seeds=(1,)), WalkTask(keys=(LatentPoint(),))])
def test_a_walk_needs_two_keyframes(task: WalkTask, context: RecordingContext) -> None:
    with pytest.raises(StudioError, match="two keyframes"):
        walk(task, context)


def test_a_gif_that_would_fill_the_memory_is_refused(context: RecordingContext) -> None:
    with pytest.raises(StudioError, match="Choose MP4"):
        walk(WalkTask(seeds=(1, 2), format="gif", seconds=600, size=1024), context)


def test_the_shortest_walk_has_two_frames(context: RecordingContext) -> None:
    assert len(walked(context, seconds=0.2, rate=1).frames) == 2
