"""Renders a video frame by frame, resuming where an earlier try stopped."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import torch
from PIL import Image

from studio import __version__
from studio.core.context import Context
from studio.core.engine_config import configured
from studio.core.task import Task
from studio.core.values import Asset
from studio.ml.pictures import to_pillow
from studio.ml.video_file import VideoWriter

_SAMPLED = 8
"""Numbers sampled from each tensor to identify a model."""


def render_video(
    reel: VideoWriter, total: int, size: tuple[int, int], make: Callable[[int], list[Asset]], context: Context
) -> Asset:
    """The whole video of ``total`` frames: ``make(done)`` returns some of those after the first ``done``.

    Raises StudioError if the disk is full.
    """
    while reel.done < total:
        context.progress(reel.done, total, "Frame")
        frames = make(reel.done)
        if context.wants_preview():
            context.preview(frames[-1])
        for frame in frames:
            picture = to_pillow(frame)
            reel.add(_resize(picture if reel.clear else _on_white(picture), size))
            context.check()
        context.yield_to_frames()
    context.progress(total, total, "Frame")
    return reel.finish()


def resume_folder(task: Task, model: torch.nn.Module, files: Sequence[str] = ()) -> Path | None:
    """The cache folder for exactly this video: this task, model and ``files``; None without a cache."""
    cache = configured().cache
    if not cache:
        return None
    known = hashlib.sha256(__version__.encode() + type(task).kind.encode() + msgspec.json.encode(task))
    for file in map(Path, files):
        known.update(str(file.stat().st_mtime_ns if file.is_file() else 0).encode())
    for tensor in (*model.parameters(), *model.buffers()):
        known.update(tensor.detach().flatten()[:_SAMPLED].float().cpu().numpy().tobytes())
    return Path(cache) / "films" / known.hexdigest()[:32]


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode == "RGB":
        return picture
    return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")


def _resize(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    return picture if picture.size == size else picture.resize(size, Image.Resampling.LANCZOS)
