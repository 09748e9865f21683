"""Container metadata of films: MP4's comment and title, GIF's comment."""

import io
import json
from pathlib import Path
from typing import Any

import av
from PIL import Image

from studio.library.metadata.infotext import write_infotext
from studio.library.metadata.request import infotext_of, read_record


def with_metadata(data: bytes, form: str, record: dict[str, Any]) -> bytes:
    """The film ``data`` ("mp4" or "gif") with its request inside; pictures are copied, not encoded again."""
    comment = json.dumps(record, ensure_ascii=False)
    return _gif(data, comment) if form == "gif" else _mp4(data, comment, write_infotext(infotext_of(record)))


def read_clip_record(path: Path) -> dict[str, Any] | None:
    """The ``record`` inside a film; None when it has none of ours or is no film."""
    try:
        if path.suffix.lower() == ".gif":
            with Image.open(path) as image:
                comment = image.info.get("comment", b"")
                return read_record(comment.decode("utf-8", "replace") if isinstance(comment, bytes) else str(comment))
        with av.open(str(path)) as film:
            return read_record(film.metadata.get("comment", ""))
    except (OSError, ValueError, SyntaxError, av.FFmpegError):
        return None


def _mp4(data: bytes, comment: str, title: str) -> bytes:
    out = io.BytesIO()
    # Without faststart: for that FFmpeg opens the file again by its name, and what is in memory has none.
    with av.open(io.BytesIO(data)) as source, av.open(out, "w", format="mp4") as target:
        target.metadata.update({"comment": comment, "title": title[:200]})
        stream = source.streams.video[0]
        copy = target.add_stream_from_template(stream)
        for packet in source.demux(stream):
            if packet.dts is not None:
                packet.stream = copy
                target.mux(packet)
    return out.getvalue()


def _gif(data: bytes, comment: str) -> bytes:
    """A comment extension (GIF89a, section 24) right before the trailer."""
    raw = comment.encode("utf-8")
    blocks = b"".join(bytes([len(part)]) + part for part in (raw[at : at + 255] for at in range(0, len(raw), 255)))
    body = data[:-1] if data.endswith(b"\x3b") else data
    return body + b"\x21\xfe" + blocks + b"\x00\x3b"
