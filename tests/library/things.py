"""Things to keep: small real pictures, texts and films, and the requests that could have made them."""

import io
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image

from studio.core.values import Asset, Job
from studio.features.image.tasks.image import ImageTask
from studio.features.latent.tasks.latent import WalkTask
from studio.features.write.tasks.write import WriteTask
from studio.library.library import Library
from studio.library.paths import find_paths

SIZE = 32


def library() -> Library:
    return Library(find_paths())


def image_job(prompt: str = "a red balloon", **fields: Any) -> Job:
    return Job(task=ImageTask(prompt=prompt, **fields), model="starter:scenes")


def write_job(prompt: str = "Once") -> Job:
    return Job(task=WriteTask(prompt=prompt), model="starter:writer")


def walk_job() -> Job:
    return Job(task=WalkTask(), model="starter:latents")


def pixels(seed: int = 5, size: int = SIZE, **notes: Any) -> Asset:
    data = np.random.default_rng(seed).integers(0, 255, (size, size, 3), dtype=np.uint8)
    return Asset(kind="pixels", data=data.tobytes(), width=size, height=size, notes={"seed": seed, **notes})


def text(content: str = "upon a time", **notes: Any) -> Asset:
    return Asset(kind="words", data=content.encode(), notes=notes)


def frames(count: int = 4) -> list[Image.Image]:
    return [Image.new("RGB", (SIZE, SIZE), (40 * number, 90, 120)) for number in range(count)]


def gif() -> Asset:
    file = io.BytesIO()
    first, *rest = frames()
    first.save(file, "GIF", save_all=True, append_images=rest, loop=0, duration=50)
    return Asset(kind="clip", format="gif", data=file.getvalue(), width=SIZE, height=SIZE, notes={"frames": 4})


def mp4() -> Asset:
    return _film("mp4", "h264")


def webm() -> Asset:
    return _film("webm", "libvpx-vp9")


def _film(form: str, codec: str) -> Asset:
    file = io.BytesIO()
    with av.open(file, "w", format=form) as film:
        stream: Any = film.add_stream(codec, rate=10)
        stream.width, stream.height, stream.pix_fmt = SIZE, SIZE, "yuv420p"
        for picture in frames():
            film.mux(stream.encode(av.VideoFrame.from_image(picture)))
        film.mux(stream.encode(None))
    return Asset(kind="clip", format=form, data=file.getvalue(), width=SIZE, height=SIZE, notes={"frames": 4})


def single_frames() -> Asset:
    files = []
    for picture in frames():
        file = io.BytesIO()
        picture.save(file, "PNG")
        files.append(file.getvalue())
    return Asset(kind="clip", format="png", frames=tuple(files), width=SIZE, height=SIZE, notes={"frames": 4})


def contents(folder: Path) -> set[str]:
    """The names of all files below ``folder``."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
