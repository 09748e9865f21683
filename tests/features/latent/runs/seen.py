"""What the runners of the Latent room made, as numbers."""

import io
from typing import Any

import av
import numpy as np
from PIL import Image

from studio.core.values import Asset
from studio.features.latent.runs.latent import render
from studio.features.latent.runs.walk import walk
from studio.features.latent.tasks.latent import LatentTask, WalkTask
from tests.recording import RecordingContext


def pictures(context: RecordingContext, **changes: Any) -> list[np.ndarray]:
    context.assets.clear()
    render(LatentTask(**changes), context)
    return [pixels(asset) for asset in context.assets]


def pixels(asset: Asset) -> np.ndarray:
    return np.frombuffer(asset.data, np.uint8).reshape(asset.height, asset.width, 3).astype(int)


def same(a: np.ndarray, b: np.ndarray) -> bool:
    """Alike up to rounding: batches of other sizes add up in another order."""
    return int(np.abs(a - b).max()) <= 1


def frames_of(clip: Asset) -> list[np.ndarray]:
    """The pictures of a clip, decoded."""
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


def in_order(shown: list[np.ndarray], exact: list[np.ndarray]) -> bool:
    """Whether each of the frames, encoded with loss, is nearest to the one that it should be."""
    far = [[float(np.abs(frame - other).mean()) for other in exact] for frame in shown]
    return len(shown) == len(exact) and all(row[place] == min(row) < 20 for place, row in enumerate(far))
