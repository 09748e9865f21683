"""Metadata of pictures, read and written with Pillow: Qt's reader drops newlines."""

import contextlib
import logging
import unicodedata
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from PIL import Image, PngImagePlugin

from studio.core.values import Asset
from studio.files.picture_file import BROKEN
from studio.files.reading import read_file
from studio.library.metadata.infotext import read_infotext, write_infotext
from studio.library.metadata.others import making_of
from studio.library.metadata.request import Making, infotext_of, read_record, record_to_json
from studio.library.metadata.tools.generation import FILE, json_object
from studio.library.metadata.tools.hidden import read_hidden
from studio.library.metadata.tools.recognise import read_tool
from studio.pictures.opening import open_picture, without_warnings

log = logging.getLogger(__name__)
_LONGEST_BESIDE = 10_000_000
_EXIF_IFD, _USER_COMMENT, _IMAGE_DESCRIPTION = 0x8769, 0x9286, 0x010E
_LONGEST_IN_JPEG = 65_000
"""Bytes: a segment holds 65,533, including a header."""
_EXIF_TEXTS = {
    _USER_COMMENT: "UserComment", _IMAGE_DESCRIPTION: "ImageDescription", 0x010F: "Make", 0x0110: "Model",
    0x0131: "Software", 0x02BC: "XML:com.adobe.xmp",
}  # fmt: skip
_SAY_ALL = {"parameters", "triptych", "prompt", "invokeai_metadata", "sd-metadata", "Dream"}
"""Entries whose tools write no others, neither after the pixels nor hidden in them."""
_LOOKED_AT, _UNWRITTEN = 2000, ("Cn", "Co", "Cs", "Cc")
_SRGB = b"\0"
"""The PNG chunk sRGB with the intent "perceptual"."""


def to_image(asset: Asset) -> Image.Image:
    """The pixels of an asset as a Pillow image."""
    return Image.frombytes(asset.mode, (asset.width, asset.height), asset.data)


def write_png(file: BinaryIO, image: Image.Image, data: Mapping[str, Any] | None) -> None:
    """A PNG with ``data`` (a ``record``) as ``triptych`` and ``parameters``. Compression level 1 with run lengths takes
    half the time.

    Colours are in the picture's own profile, else sRGB.
    """
    chunks = PngImagePlugin.PngInfo()
    profile = image.info.get("icc_profile")
    if not profile:
        chunks.add(b"sRGB", _SRGB)
    if data is not None:
        chunks.add_text("parameters", write_infotext(infotext_of(data)))
        chunks.add_itxt("triptych", record_to_json(data))
    image.save(file, "PNG", pnginfo=chunks, icc_profile=profile, compress_level=1, compress_type=zlib.Z_RLE)


def exif_of(data: Mapping[str, Any]) -> bytes:
    """Exif with the ``parameters`` text as UserComment (UTF-16 after "UNICODE")."""
    exif = Image.Exif()
    exif.endian = ">"
    text = write_infotext(infotext_of(data))
    exif.get_ifd(_EXIF_IFD)[_USER_COMMENT] = b"UNICODE\0" + text.encode("utf-16-be")
    return exif.tobytes()


def tiff_tags(data: Mapping[str, Any]) -> dict[int, bytes]:
    """The ``parameters`` text as a TIFF's description, in UTF-8; a compressed TIFF can't hold Exif."""
    return {_IMAGE_DESCRIPTION: write_infotext(infotext_of(data)).replace("\0", " ").encode("utf-8")}


def fits_in_jpeg(exif: bytes) -> bool:
    """Whether it fits into a JPEG; other formats have no limit."""
    return len(exif) <= _LONGEST_IN_JPEG


def read_picture_making(path: Path) -> Making | None:
    """How the picture at ``path`` was made, by Triptych or another tool; None if it has no metadata.

    Raises StudioError if it isn't a picture; broken metadata counts as none.
    """
    with open_picture(path) as image:
        texts = _texts(image)
        hides = image.format == "PNG" or (image.format == "WEBP" and image.mode == "RGBA")
        if hides and not texts.keys() & _SAY_ALL:
            try:
                image.load()
                texts |= _hidden(image)
            except BROKEN as error:
                log.info("%s is damaged: %s", path, error)
            texts = {**_texts(image), **texts}  # PNG allows texts after the pixels, where some tools write them
    data = read_record(texts.get("triptych") or texts.get("comment", ""))
    if data is not None:
        return Making(data, infotext_of(data))
    written = texts.get("parameters") or texts.get("UserComment") or texts.get("ImageDescription") or ""
    info = read_infotext(written or texts.get("comment", ""))
    known = read_tool({**texts, FILE: path.stem}) if written.startswith("{") or not info.pairs else None
    if known is None and not info.pairs:
        info = read_infotext(_beside(path))
    return making_of(info, known)


def _hidden(image: Image.Image) -> dict[str, str]:
    """The text hidden in the pixels: ``parameters``, or all of NovelAI's entries in one JSON."""
    found = read_hidden(image)
    entries = {key: value for key, value in json_object(found).items() if isinstance(value, str)}
    return entries or ({"parameters": found} if found else {})


def _texts(image: Image.Image) -> dict[str, str]:
    """All texts in a picture, with Exif's by tag name."""
    found = _exif_texts(image)
    for key, value in image.info.items():
        if isinstance(value, bytes) and key in ("comment", "xmp"):
            found["XML:com.adobe.xmp" if key == "xmp" else key] = _decode_comment(value)
        elif isinstance(value, str):
            found[str(key)] = str(value) if isinstance(value, PngImagePlugin.iTXt) else _fix_encoding(value)
    return found


def _fix_encoding(text: str) -> str:
    """Fix UTF-8 that some tools write where the format requires Latin-1: "cafÃ©"."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _beside(path: Path) -> str:
    """The text file of the same name, in which tools write what doesn't fit into a JPEG."""
    try:
        return read_file(path.with_suffix(".txt"), _LONGEST_BESIDE).decode("utf-8", "replace")
    except (OSError, ValueError):
        return ""


def _exif_texts(image: Image.Image) -> dict[str, str]:
    try:
        with without_warnings():
            exif = image.getexif()
            values = {**exif, **exif.get_ifd(_EXIF_IFD)}
            values[_USER_COMMENT] = values.get(_USER_COMMENT) or exif.get(_USER_COMMENT)
    except BROKEN as error:
        log.info("unreadable Exif: %s", error)
        return {}
    found = {}
    for tag, title in _EXIF_TEXTS.items():
        value = values.get(tag)
        text = (
            _fix_encoding(value)
            if isinstance(value, str)
            else _decode_comment(value)
            if isinstance(value, bytes)
            else ""
        )
        if text:
            found[title] = text
    return found


def _decode_comment(value: bytes) -> str:
    """Decode a UserComment: its first eight bytes name the encoding, but many tools leave them out."""
    if value.startswith(b"UNICODE\0"):
        return _unicode(value[8:])
    return value.removeprefix(b"ASCII\0\0\0").decode("utf-8", "replace").strip("\0")


def _unicode(body: bytes) -> str:
    """Decode UTF-16 of either byte order, with or without BOM, or UTF-8, which some tools write instead."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return body.decode("utf-16", "replace")
    if 0 not in body:
        with contextlib.suppress(UnicodeDecodeError):
            return body.decode("utf-8")
    big, little = (body.decode(code, "replace") for code in ("utf-16-be", "utf-16-le"))
    return min(big, little, key=_strangeness)


def _strangeness(text: str) -> int:
    """The number of rare characters minus common ones at the beginning: high in the wrong byte order."""
    head = text[:_LOOKED_AT]
    plain = sum(char.isascii() and (char.isprintable() or char.isspace()) for char in head)
    return sum(unicodedata.category(char) in _UNWRITTEN for char in head) - plain
