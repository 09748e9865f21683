"""Container metadata of videos: comment and title of MP4 and WebM, GIF's comment."""

import io
import logging
import sys
from pathlib import Path
from typing import Any, BinaryIO

from PIL import Image

from studio.core.errors import StudioError
from studio.core.text import tr
from studio.files.errors import REFUSED, explained
from studio.files.picture_file import refuse_traps
from studio.files.reading import open_file, read_file
from studio.files.unfinished import temporary_folder
from studio.library.metadata.infotext import write_infotext
from studio.library.metadata.request import infotext_of, record_to_json

log = logging.getLogger(__name__)
FILMS = (".mp4", ".webm")
_MOST_PIXELS = 36_000_000
"""Pixels of one frame: a little more than 8K video; decoders hold several frames."""
_MOST_HEADER = 30_000_000
"""Bytes read to open a video: ten hours need less. FFmpeg takes a second for 20 MB."""
_MOST_OF_GIF = 200_000_000
"""Bytes of a GIF: it is read whole."""
_TITLE = 200
"""Characters of the title that players show."""
_EXTENSION, _COMMENT, _APPLICATION = 0x21, 0xFE, 0xFF


def with_metadata(data: bytes, form: str, record: dict[str, Any], folder: Path) -> bytes:
    """The video ``data`` ("mp4", "webm" or "gif") with its request inside; frames are copied, not re-encoded.

    If that fails, the video as it was: better without metadata than not at all.
    ``folder``: the video's future folder, also for temporary files. Raises StudioError if it can't be written to.
    """
    comment = record_to_json(record)
    title = write_infotext(infotext_of(record)).replace("\0", " ")[:_TITLE]
    try:
        if form == "gif":
            return _gif(data, comment)
        return _remux(io.BytesIO(data), form, {"comment": comment, "title": title}, folder)
    except (OSError, ValueError, IndexError, _av().FFmpegError) as error:
        log.error("a film is kept without its request: %s", error)
        return data


def without_metadata(source: Path, folder: Path) -> bytes:
    """The video at ``source`` without its metadata, to be saved in ``folder``.

    Raises StudioError if it is damaged, or the folder can't be written to.
    """
    refuse_traps(source)
    try:
        if source.suffix.lower() == ".gif":
            return _gif(read_file(source, _MOST_OF_GIF), "")
        with open_file(source) as file:
            return _remux(file, _form_of(source), {}, folder)
    except (OSError, ValueError, IndexError, _av().FFmpegError) as error:
        raise StudioError(tr("{path} is damaged: its video can't be read.", path=source)) from error


def read_film_texts(path: Path) -> dict[str, str]:
    """The metadata of an MP4 or WebM, by lower-case keys. Raises StudioError if it isn't a video."""
    try:
        refuse_traps(path)
        with open_file(path) as file, open_film(file, _form_of(path)) as film:
            return {name.lower(): text for name, text in film.metadata.items()}  # Matroska's keys are upper case
    except FileNotFoundError as error:
        raise StudioError(tr("{path} is no longer there.", path=path)) from error
    except (OSError, ValueError, _av().FFmpegError) as error:
        raise StudioError(tr("{path} is not a video that Triptych can read, or it is damaged.", path=path)) from error


def open_film(file: BinaryIO, form: str) -> Any:
    """Open an MP4 or WebM with PyAV. No other format: some make FFmpeg open any file or address they mention."""
    bounded = _Bounded(file)
    film = _av().open(bounded, format=form, metadata_errors="replace")
    bounded.left = sys.maxsize
    return film


class _Bounded:
    """A video file that ends after ``left`` bytes: a header of empty boxes may be endless."""

    def __init__(self, file: BinaryIO) -> None:
        self.seek, self.tell = file.seek, file.tell
        self._file, self.left = file, _MOST_HEADER

    def read(self, size: int) -> bytes:
        """Like a file's."""
        self.left -= size
        return self._file.read(size) if self.left >= 0 else b""


def _video(film: Any) -> Any:
    """The first video stream. Raises IndexError or ValueError if there is none that can be decoded."""
    stream = film.streams.video[0]
    if stream.codec_context is None:
        raise ValueError("an unknown codec")
    return stream


def first_frame(path: Path) -> Image.Image:
    """The first frame of the video at ``path``. Raises StudioError if it is damaged."""
    refuse_traps(path)
    try:
        with open_file(path) as file, open_film(file, _form_of(path)) as film:
            _video(film).codec_context.options = {"max_pixels": str(_MOST_PIXELS)}
            frame: Image.Image = next(film.decode(video=0)).to_image()
            return frame
    except (OSError, ValueError, IndexError, StopIteration, _av().FFmpegError) as error:
        raise StudioError(tr("{path} is damaged: its picture can't be read.", path=path)) from error


def _form_of(path: Path) -> str:
    return "webm" if path.suffix.lower() == ".webm" else "mp4"


def _av() -> Any:
    """PyAV: takes 0.1 seconds to import, and isn't needed before the first video."""
    import av

    return av


def _remux(source: BinaryIO, form: str, metadata: dict[str, str], folder: Path) -> bytes:
    """The video in a new container, with an MP4's index at the beginning, which FFmpeg only does in a real file.

    That file is in the system's temporary folder, or in ``folder`` if that is full. Raises StudioError if neither
    works, and other errors for what is wrong with the video.
    """
    begin = source.tell()
    try:
        return _write(source, form, metadata, None)
    except OSError as error:
        if error.errno not in REFUSED:
            raise
        log.warning("the system's temporary files take no film: %s", error)
    source.seek(begin)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return _write(source, form, metadata, folder)
    except OSError as error:
        if error.errno not in REFUSED:
            raise
        with explained(folder):
            raise OSError(error.errno, error.strerror) from error


def _write(source: BinaryIO, form: str, metadata: dict[str, str], where: Path | None) -> bytes:
    options = {"movflags": "faststart"} if form == "mp4" else {}
    with temporary_folder(where) as place:
        path = place / f"film.{form}"
        with open_film(source, form) as film, _av().open(str(path), "w", format=form, options=options) as copy:
            copy.metadata.update(metadata)
            stream = _video(film)
            out = copy.add_stream_from_template(stream)
            for packet in film.demux(stream):
                if packet.dts is not None:
                    packet.stream = out
                    copy.mux(packet)
        return path.read_bytes()


# -- GIF89a, sections 18 to 26 ---------------------------------------------------------------------------------------


def _gif(data: bytes, comment: str) -> bytes:
    """``data`` with ``comment`` as its only comment ("": none), before the first frame, where readers look for it."""
    start = _after_head(data)
    if start < 0:
        return data
    kept, at = [b"GIF89a" + data[6:start]], start
    while data[at] == _EXTENSION:
        end = _after_blocks(data, at + 2)
        if data[at + 1] != _COMMENT:
            kept.append(data[at:end])
        at = end
    raw = comment.encode("utf-8")
    if raw:
        blocks = (raw[at_ : at_ + 255] for at_ in range(0, len(raw), 255))
        extension = b"".join([bytes([_EXTENSION, _COMMENT]), *(bytes([len(b)]) + b for b in blocks), b"\0"])
        # After the loop count (an application extension), which some players only look for at the beginning.
        kept.insert(2 if len(kept) > 1 and kept[1][1] == _APPLICATION else 1, extension)
    return b"".join([*kept, data[at:]])


def _after_head(data: bytes) -> int:
    """The end of the header and global palette; -1 if it isn't a GIF."""
    if data[:6] not in (b"GIF87a", b"GIF89a") or len(data) < 14:
        return -1
    packed = data[10]
    return 13 + (3 << ((packed & 7) + 1) if packed & 0x80 else 0)


def _after_blocks(data: bytes, at: int) -> int:
    while data[at]:
        at += 1 + data[at]
    return at + 1
