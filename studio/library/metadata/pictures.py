"""Metadata of pictures. Pillow reads and writes it: Qt's reader flattens newlines."""

import io
import json
import logging
import warnings
import zlib
from pathlib import Path
from typing import Any, BinaryIO

from PIL import Image, PngImagePlugin

from studio.core.errors import StudioError
from studio.core.text import tr
from studio.core.values import Asset
from studio.library.metadata.infotext import Infotext, read_infotext, write_infotext
from studio.library.metadata.request import Making, infotext_of, read_record

log = logging.getLogger(__name__)
_EXIF_IFD, _USER_COMMENT, _IMAGE_DESCRIPTION = 0x8769, 0x9286, 0x010E
_LONGEST_EXIF = 65_000
"""Bytes: a JPEG segment holds 65,533, and its header takes some."""


def to_image(asset: Asset) -> Image.Image:
    """The pixels of an asset, as Pillow has them."""
    return Image.frombytes("RGB", (asset.width, asset.height), asset.data)


def write_png(file: BinaryIO, image: Image.Image, data: dict[str, Any] | None) -> None:
    """A PNG with ``data`` (a ``record``) as ``triptych`` and ``parameters``. Level 1, run lengths: half the time."""
    texts = PngImagePlugin.PngInfo()
    if data is not None:
        texts.add_text("parameters", write_infotext(infotext_of(data)))
        texts.add_itxt("triptych", json.dumps(data, ensure_ascii=False))
    image.save(file, "PNG", pnginfo=texts, compress_level=1, compress_type=zlib.Z_RLE)


def exif_bytes(data: dict[str, Any]) -> bytes | None:
    """Exif with the ``parameters`` text as UserComment (UTF-16 behind "UNICODE"); None when too long for a file."""
    exif = Image.Exif()
    exif.endian = ">"
    text = write_infotext(infotext_of(data))
    exif.get_ifd(_EXIF_IFD)[_USER_COMMENT] = b"UNICODE\0" + text.encode("utf-16-be")
    packed = exif.tobytes()
    return packed if len(packed) <= _LONGEST_EXIF else None


def open_picture(path: Path) -> Image.Image:
    """Open a picture whose size is sane; its pixels are not decoded yet.

    Raises StudioError for a file that is missing, no picture, cut off in its header, or absurdly large.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return Image.open(path)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise StudioError(tr("{path} is too large a picture to be opened.", path=path)) from error
    except FileNotFoundError as error:
        raise StudioError(tr("{path} is not there any more.", path=path)) from error
    except (OSError, ValueError, SyntaxError, EOFError, zlib.error) as error:
        raise StudioError(tr("{path} is no picture that Triptych can read, or it is damaged.", path=path)) from error


def read_making(path: Path) -> Making | None:
    """How the picture at ``path`` was made, ours or in AUTOMATIC1111's form; None when it doesn't say.

    Raises StudioError when it is no picture; broken metadata only counts as none.
    """
    with open_picture(path) as image:
        texts = _texts(image, path)
    data = read_record(texts.get("triptych", ""))
    parameters = texts.get("parameters") or texts.get("comment", "")
    if data is not None:
        return Making(data, read_infotext(parameters))
    info = read_infotext(parameters) if parameters else Infotext()
    return Making(None, info) if info.pairs else None


def _texts(image: Image.Image, path: Path) -> dict[str, str]:
    try:
        image.load()  # text may stand behind the pixels
    except (OSError, ValueError, SyntaxError, EOFError, zlib.error) as error:
        log.info("%s is damaged: %s", path, error)
    found = {str(key): _mended(value) for key, value in image.info.items() if isinstance(value, str)}
    comment = _user_comment(image)
    return {**found, "parameters": found.get("parameters") or comment}


def _mended(text: str) -> str:
    """Some tools write UTF-8 where the format says Latin-1: "cafÃ©"."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _user_comment(image: Image.Image) -> str:
    try:
        exif = image.getexif()
        value = exif.get_ifd(_EXIF_IFD).get(_USER_COMMENT) or exif.get(_USER_COMMENT) or exif.get(_IMAGE_DESCRIPTION)
    except (OSError, ValueError, SyntaxError, KeyError, TypeError) as error:
        log.info("unreadable Exif: %s", error)
        return ""
    if isinstance(value, str):
        return value
    return _decode_comment(value) if isinstance(value, bytes) else ""


def _decode_comment(value: bytes) -> str:
    if value.startswith(b"UNICODE\0"):
        body = value[8:]
        little = body[1::2].count(0) > body[0::2].count(0)
        return body.decode("utf-16-le" if little else "utf-16-be", "replace")
    return value.removeprefix(b"ASCII\0\0\0").decode("utf-8", "replace").strip("\0")


def encode_png(image: Image.Image, data: dict[str, Any] | None) -> bytes:
    """``write_png`` into memory."""
    buffer = io.BytesIO()
    write_png(buffer, image, data)
    return buffer.getvalue()
