"""Writes videos: MP4, WebM, animated GIF, or single PNG frames, encoded as the pictures come.

Encoded data is stored in parts in a folder, each written atomically. So a video that was stopped, or whose disk was
full, can be resumed: see ``write_video``.
"""

import errno
import io
import shutil
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, Protocol

import av
from av.video.reformatter import Colorspace, Interpolation
from PIL import Image

from studio.core.errors import StudioError
from studio.core.facts import FilmFacts
from studio.core.text import tr
from studio.core.values import Asset
from studio.files.atomic import replacing
from studio.files.errors import explained, not_written
from studio.files.leftovers import clean_leftovers
from studio.files.unfinished import temporary_folder

Format = Literal["mp4", "webm", "gif", "png"]

MOST_BYTES = 1_000_000_000
"""The most memory for the frames of a video that is assembled in memory (GIF, PNG)."""

FASTEST_GIF = 50
"""Frames per second; viewers slow down a GIF whose frames are shorter than 0.02 seconds."""

PART = 64
"""Frames per part of a video: at most this many are lost if the program is killed."""

_KEPT_DAYS = 14
"""Days after which an unfinished video is deleted."""

_CODECS: dict[str, tuple[str, dict[str, str]]] = {
    # Without B-frames packets come in frame order, and parts can be concatenated.
    "mp4": ("h264", {"crf": "16", "preset": "medium", "bf": "0"}),
    "webm": ("libvpx-vp9", {"crf": "24", "b": "0", "deadline": "good", "cpu-used": "4", "row-mt": "1"}),
}


class VideoWriter(Protocol):
    """Encodes pictures of one size into a video."""

    @property
    def done(self) -> int:
        """The number of frames so far; more than 0 at the beginning if an earlier video is resumed."""

    @property
    def clear(self) -> bool:
        """Whether it supports transparency."""

    def add(self, picture: Image.Image) -> None:
        """Append one picture in RGB, or RGBA if it is ``clear``. Raises StudioError if it can't be written."""

    def finish(self) -> Asset:
        """Finish and return the video. Raises StudioError if it can't be written."""


@contextmanager
def write_video(
    form: Format, width: int, height: int, rate: int, frames: int, loop: bool, kept: Path | None = None
) -> Iterator[VideoWriter]:
    """A video of ``frames`` pictures, ``rate`` per second. If left early, by a stop or an error, nothing remains.

    But with ``kept``, a folder for exactly this video, finished parts stay there, and the next call resumes. 4:2:0
    needs even sizes. Raises StudioError if a GIF or PNG frames would need too much memory.
    """
    if form in ("gif", "png") and frames * width * height * 3 > MOST_BYTES:
        raise StudioError(
            tr(
                "{count} frames of this size are too many for {format}. Choose MP4, or fewer frames.",
                count=frames,
                format=form,
            )
        )
    with _work_folder(kept) as folder:
        disk = _Disk(folder, frames)
        reel = _Stills(disk, form, rate, loop) if form in ("gif", "png") else _Video(disk, form, width, height, rate)
        try:
            yield reel
        finally:
            reel.close()


@contextmanager
def _work_folder(kept: Path | None) -> Iterator[Path]:
    """The folder for a video's parts: a temporary one, or ``kept`` until the video is finished."""
    if kept is None:
        with temporary_folder() as folder:
            yield folder
        return
    _forget_old(kept.parent)
    with explained(kept):
        kept.mkdir(parents=True, exist_ok=True)
    clean_leftovers(kept)
    yield kept
    shutil.rmtree(kept, ignore_errors=True)


def _forget_old(folder: Path) -> None:
    with suppress(OSError):
        for old in folder.iterdir():
            if time.time() - old.stat().st_mtime > _KEPT_DAYS * 86_400:
                shutil.rmtree(old, ignore_errors=True)


class _Disk:
    """A video's folder: writes its parts atomically, and explains a full disk."""

    def __init__(self, folder: Path, frames: int) -> None:
        self.folder, self._frames = folder, frames

    def write(self, name: str, data: bytes, done: int) -> None:
        """Write a part; ``done`` is the number of frames before it."""
        try:
            with replacing(self.folder / name) as part:
                part.write_bytes(data)
        except OSError as error:
            raise self.trouble(error, done) from error

    def trouble(self, error: OSError, done: int) -> StudioError:
        """The error to show for a failed write."""
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            return not_written(self.folder, error)
        return StudioError(
            tr(
                "The disk is full: the video stopped at frame {done} of {total}. Free some space on the disk of "
                "{path} and export it again; it will continue from there.",
                done=done,
                total=self._frames,
                path=self.folder,
            )
        )


class _Video:
    """H.264 or VP9, 4:2:0, BT.709, in parts that begin with a keyframe.

    A part's name states its frames: "000064-000064.mp4" has 64 from the 65th on.
    """

    def __init__(self, disk: _Disk, form: str, width: int, height: int, rate: int) -> None:
        self._disk, self._form, self._size, self._rate = disk, form, (width, height), rate
        self._parts = list(_parts_in(disk.folder, form))
        self._written = sum(count for _, count in self._parts)
        self._file, self._container, self._stream, self._count = io.BytesIO(), None, None, 0

    _container: Any
    _stream: Any
    clear = False

    @property
    def done(self) -> int:
        return self._written + self._count

    def add(self, picture: Image.Image) -> None:
        if self._container is None:
            self._begin()
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
        if self._count == PART:
            self._end()

    def finish(self) -> Asset:
        self._end()
        path = self._disk.folder / f"film.{self._form}"
        try:
            self._join(path)
            data = path.read_bytes()
        except (OSError, av.FFmpegError) as error:
            if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise self._disk.trouble(error, self.done) from error
            for name, _ in self._parts:  # or every retry would fail the same way
                (self._disk.folder / name).unlink(missing_ok=True)
            raise StudioError(
                tr("The saved part of this video in {path} is damaged. Export it again.", path=self._disk.folder)
            ) from error
        finally:
            path.unlink(missing_ok=True)
        notes = FilmFacts(frames=self.done, rate=self._rate).to_notes()
        return Asset(kind="clip", format=self._form, data=data, width=self._size[0], height=self._size[1], notes=notes)

    def close(self) -> None:
        """Save the current part: after a stop the video resumes behind it."""
        with suppress(StudioError):  # the error with the reason is already being raised
            self._end()

    def _begin(self) -> None:
        self._file = io.BytesIO()
        self._container = av.open(self._file, "w", format=self._form)
        codec, options = _CODECS[self._form]
        self._stream = self._container.add_stream(codec, rate=self._rate, options=options)
        self._stream.width, self._stream.height, self._stream.pix_fmt = *self._size, "yuv420p"
        context = self._stream.codec_context
        context.color_primaries = context.color_trc = context.colorspace = 1
        context.color_range = 1

    def _end(self) -> None:
        if self._container is None:
            return
        container, self._container = self._container, None
        container.mux(self._stream.encode(None))
        container.close()
        name, count, self._count = f"{self._written:06d}-{self._count:06d}.{self._form}", self._count, 0
        self._disk.write(name, self._file.getvalue(), self._written)
        self._parts.append((name, count))
        self._written += count

    def _join(self, path: Path) -> None:
        """Concatenate the parts without re-encoding, with an MP4's index first, which only a real file allows."""
        options = {"movflags": "faststart"} if self._form == "mp4" else {}
        with av.open(str(path), "w", format=self._form, options=options) as whole:
            out: Any = None
            count = 0
            for name, _ in self._parts:
                with av.open(str(self._disk.folder / name), format=self._form) as part:
                    stream = part.streams.video[0]
                    if out is None:
                        out = whole.add_stream_from_template(stream)
                        out.time_base = 1 / Fraction(self._rate)
                    for packet in part.demux(stream):
                        if packet.size:
                            packet.stream, packet.time_base = out, 1 / Fraction(self._rate)
                            packet.pts = packet.dts = count
                            packet.duration = 1
                            count += 1
                            whole.mux(packet)
            if count != self.done:
                raise OSError(errno.EIO, "frames are missing")


def _parts_in(folder: Path, form: str) -> Iterator[tuple[str, int]]:
    """The parts without a gap from the first frame on, and the number of frames in each."""
    done = 0
    for path in sorted(folder.glob(f"??????-??????.{form}")):
        start, _, count = path.stem.partition("-")
        if not (start + count).isdecimal() or int(start) != done:
            return
        done += int(count)
        yield path.name, int(count)


class _Stills:
    """One PNG per frame, assembled at the end for a GIF."""

    def __init__(self, disk: _Disk, form: str, rate: int, loop: bool) -> None:
        self._disk, self._form, self._rate, self._loop = disk, form, rate, loop
        self.clear, self.done = form == "png", 0
        while self._path(self.done).is_file():
            self.done += 1

    def add(self, picture: Image.Image) -> None:
        file = io.BytesIO()
        # Level 1 with run lengths is twice as fast as zlib's default level 6, and as small.
        picture.save(file, "PNG", compress_level=1, compress_type=zlib.Z_RLE)
        self._disk.write(self._path(self.done).name, file.getvalue(), self.done)
        self.done += 1

    def finish(self) -> Asset:
        files = [self._path(number).read_bytes() for number in range(self.done)]
        with Image.open(io.BytesIO(files[0])) as first:
            width, height = first.size
        if self._form == "gif":
            data, count, rate = _gif([Image.open(io.BytesIO(file)) for file in files], self._rate, self._loop)
            notes = FilmFacts(frames=count, rate=rate).to_notes()
            return Asset(kind="clip", format="gif", data=data, width=width, height=height, notes=notes)
        notes = FilmFacts(frames=self.done, rate=self._rate).to_notes()
        return Asset(kind="clip", format="png", frames=tuple(files), width=width, height=height, notes=notes)

    def close(self) -> None:
        """Nothing to save: every picture is a part of its own."""

    def _path(self, number: int) -> Path:
        return self._disk.folder / f"{number:06d}.png"


def _gif(pictures: list[Image.Image], rate: int, loop: bool) -> tuple[bytes, int, int]:
    """Encode the GIF. Returns the file, its number of frames, and its frame rate.

    One palette for the whole video, from frames all over it, so that colours don't flicker.
    """
    slower = min(rate, FASTEST_GIF)
    count = max(1, round(len(pictures) * slower / rate))
    shown = [pictures[place * len(pictures) // count] for place in range(count)]
    palette = _palette(shown)
    frames = [picture.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG) for picture in shown]
    ticks = [round(100 * place / slower) for place in range(count + 1)]
    file = io.BytesIO()
    frames[0].save(
        file,
        "GIF",
        save_all=True,
        append_images=frames[1:],
        duration=[10 * (after - before) for before, after in pairwise(ticks)],
        optimize=False,
        **({"loop": 0} if loop else {}),
    )
    return file.getvalue(), count, slower


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
