"""Films out of pictures: MP4, animated GIF, or single PNG frames, encoded as the pictures come."""

import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, Protocol

import av
from av.video.reformatter import Colorspace, Interpolation
from PIL import Image

from studio.core.errors import StudioError
from studio.core.text import tr
from studio.core.unfinished import temporary_folder
from studio.core.values import Asset

Format = Literal["mp4", "gif", "png"]

MOST_BYTES = 1_000_000_000
"""What the pictures of a film that is kept in memory (GIF, PNG) may take."""

FASTEST_GIF = 50
"""Frames a second; viewers slow down a GIF whose frames are shorter than 2 hundredths of a second."""


class Film(Protocol):
    """Takes pictures of one size, and gives the encoded film in the end."""

    def add(self, picture: Image.Image) -> None:
        """Append one RGB picture."""

    def finish(self) -> Asset:
        """The whole film. Nothing can be added any more."""


@contextmanager
def film(form: Format, width: int, height: int, rate: int, frames: int, loop: bool) -> Iterator[Film]:
    """A film of ``frames`` pictures, ``rate`` a second. Left early, by a stop or an error, nothing of it remains.

    H.264 in the usual 4:2:0 wants even sizes. Raises StudioError when a GIF or PNG frames would fill the memory.
    """
    if form == "mp4":
        with temporary_folder() as folder:
            video = _Mp4(folder / "film.mp4", width, height, rate)
            try:
                yield video
            finally:
                video.close()
        return
    if frames * width * height * 3 > MOST_BYTES:
        raise StudioError(
            tr("{count} frames of this size are too many for {format}. Choose MP4, or less.", count=frames, format=form)
        )
    yield _Gif(rate, loop) if form == "gif" else _Frames(rate)


class _Mp4:
    """H.264, 4:2:0, the index at the beginning (which only works on a real file), colours as BT.709."""

    def __init__(self, path: Path, width: int, height: int, rate: int) -> None:
        self._path = path
        self._rate = rate
        self._count = 0
        self._container: Any = av.open(str(path), "w", format="mp4", options={"movflags": "faststart"})
        self._stream: Any = self._container.add_stream("h264", rate=rate, options={"crf": "16", "preset": "medium"})
        self._stream.width, self._stream.height, self._stream.pix_fmt = width, height, "yuv420p"
        context = self._stream.codec_context
        context.color_primaries = context.color_trc = context.colorspace = 1
        context.color_range = 1

    def add(self, picture: Image.Image) -> None:
        frame = av.VideoFrame.from_image(picture).reformat(
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            src_color_range="JPEG",
            dst_color_range="MPEG",
            interpolation=Interpolation.BICUBIC,
        )
        frame.pts = self._count
        self._count += 1
        self._container.mux(self._stream.encode(frame))

    def finish(self) -> Asset:
        self._container.mux(self._stream.encode(None))
        width, height = self._stream.width, self._stream.height
        self.close()
        return Asset(
            kind="clip",
            format="mp4",
            data=self._path.read_bytes(),
            width=width,
            height=height,
            notes={"frames": self._count, "rate": self._rate},
        )

    def close(self) -> None:
        self._container.close()


class _Gif:
    """One palette for the whole film, found in pictures from all over it, so that colours do not flicker."""

    def __init__(self, rate: int, loop: bool) -> None:
        self._rate = rate
        self._loop = loop
        self._pictures: list[Image.Image] = []

    def add(self, picture: Image.Image) -> None:
        self._pictures.append(picture)

    def finish(self) -> Asset:
        rate = min(self._rate, FASTEST_GIF)
        count = max(1, round(len(self._pictures) * rate / self._rate))
        shown = [self._pictures[place * len(self._pictures) // count] for place in range(count)]
        palette = _palette(shown)
        frames = [picture.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG) for picture in shown]
        ticks = [round(100 * place / rate) for place in range(count + 1)]
        file = io.BytesIO()
        frames[0].save(
            file,
            "GIF",
            save_all=True,
            append_images=frames[1:],
            duration=[10 * (after - before) for before, after in pairwise(ticks)],
            optimize=False,
            **({"loop": 0} if self._loop else {}),
        )
        width, height = shown[0].size
        notes = {"frames": count, "rate": rate}
        return Asset(kind="clip", format="gif", data=file.getvalue(), width=width, height=height, notes=notes)


def _palette(pictures: list[Image.Image]) -> Image.Image:
    """256 colours for all of ``pictures``, from up to 16 of them."""
    step = max(1, len(pictures) // 16)
    chosen = [picture.resize((min(picture.width, 128), min(picture.height, 128))) for picture in pictures[::step]]
    strip = Image.new("RGB", (sum(picture.width for picture in chosen), chosen[0].height))
    left = 0
    for picture in chosen:
        strip.paste(picture, (left, 0))
        left += picture.width
    return strip.quantize(256, method=Image.Quantize.MEDIANCUT)


class _Frames:
    """One PNG for each picture."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._files: list[bytes] = []
        self._size = (0, 0)

    def add(self, picture: Image.Image) -> None:
        file = io.BytesIO()
        # Level 1 with run lengths is twice as fast as zlib's usual level 6, and as small.
        picture.save(file, "PNG", compress_level=1, compress_type=zlib.Z_RLE)
        self._files.append(file.getvalue())
        self._size = picture.size

    def finish(self) -> Asset:
        return Asset(
            kind="clip",
            format="png",
            frames=tuple(self._files),
            width=self._size[0],
            height=self._size[1],
            notes={"frames": len(self._files), "rate": self._rate},
        )
