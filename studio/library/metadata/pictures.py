"""Metadata of pictures. Pillow reads and writes it: Qt's reader flattens newlines."""

import logging
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from PIL import Image, PngImagePlugin

from studio.core.picture_file import BROKEN
from studio.core.values import Asset
from studio.library.metadata.infotext import read_infotext, write_infotext
from studio.library.metadata.request import Making, infotext_of, read_record, record_to_json
from studio.pictures.opening import open_picture, quietly

log = logging.getLogger(__name__)
_EXIF_IFD, _USER_COMMENT, _IMAGE_DESCRIPTION = 0x8769, 0x9286, 0x010E
_LONGEST_IN_JPEG = 65_000
"""Bytes: a segment holds 65,533, and its header takes some."""
_SRGB = b"\0"
"""The PNG chunk sRGB with the intent "perceptual"."""


def to_image(asset: Asset) -> Image.Image:
    """The pixels of an asset, as Pillow has them."""
    return Image.frombytes("RGB", (asset.width, asset.height), asset.data)


def write_png(file: BinaryIO, image: Image.Image, data: Mapping[str, Any] | None) -> None:
    """A PNG with ``data`` (a ``record``) as ``triptych`` and ``parameters``. Level 1, run lengths: half the time.

    Colours are those of the picture's own profile, else sRGB.
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
    """Exif with the ``parameters`` text as UserComment (UTF-16 behind "UNICODE")."""
    exif = Image.Exif()
    exif.endian = ">"
    text = write_infotext(infotext_of(data))
    exif.get_ifd(_EXIF_IFD)[_USER_COMMENT] = b"UNICODE\0" + text.encode("utf-16-be")
    return exif.tobytes()


def tiff_tags(data: Mapping[str, Any]) -> dict[int, bytes]:
    """The ``parameters`` text as a TIFF's description, in UTF-8; a compressed TIFF can't hold Exif."""
    return {_IMAGE_DESCRIPTION: write_infotext(infotext_of(data)).replace("\0", " ").encode("utf-8")}


def fits_in_jpeg(exif: bytes) -> bool:
    """Whether a JPEG can hold it; other formats hold any."""
    return len(exif) <= _LONGEST_IN_JPEG


def read_picture_making(path: Path) -> Making | None:
    """How the picture at ``path`` was made, ours or in AUTOMATIC1111's form; None when it doesn't say.

    Raises StudioError when it is no picture; broken metadata only counts as none.
    """
    with open_picture(path) as image:
        texts = _texts(image)
        if image.format == "PNG" and not texts.keys() & {"parameters", "triptych"}:
            try:
                image.load()
            except BROKEN as error:
                log.info("%s is damaged: %s", path, error)
            texts = _texts(image)  # some tools write them behind the pixels, which only this format allows
        parameters = texts.get("parameters") or _user_comment(image) or texts.get("comment", "")
    data = read_record(texts.get("triptych") or texts.get("comment", ""))
    if not parameters and data is None:
        parameters = _beside(path)
    info = infotext_of(data) if data is not None else read_infotext(parameters)
    return Making(data, info) if data is not None or info.pairs else None


def _texts(image: Image.Image) -> dict[str, str]:
    found = {}
    for key, value in image.info.items():
        if isinstance(value, bytes) and key == "comment":
            found[key] = _decoded(value)
        elif isinstance(value, str):
            found[str(key)] = str(value) if isinstance(value, PngImagePlugin.iTXt) else _mended(value)
    return found


def _mended(text: str) -> str:
    """Some tools write UTF-8 where the format says Latin-1: "cafÃ©"."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _beside(path: Path) -> str:
    """The text file of the same name: where tools write what a JPEG can't hold."""
    try:
        with path.with_suffix(".txt").open(encoding="utf-8", errors="replace") as file:
            return file.read(10_000_000)
    except OSError:
        return ""


def _user_comment(image: Image.Image) -> str:
    try:
        with quietly():
            exif = image.getexif()
            inner = exif.get_ifd(_EXIF_IFD)
            value = inner.get(_USER_COMMENT) or exif.get(_USER_COMMENT) or exif.get(_IMAGE_DESCRIPTION)
    except BROKEN as error:
        log.info("unreadable Exif: %s", error)
        return ""
    if isinstance(value, str):
        return _mended(value)
    return _decoded(value) if isinstance(value, bytes) else ""


def _decoded(value: bytes) -> str:
    """A UserComment: its first eight bytes name the code, and many tools leave them out."""
    if value.startswith(b"UNICODE\0"):
        body = value[8:]
        little = body[1::2].count(0) > body[0::2].count(0)
        return body.decode("utf-16-le" if little else "utf-16-be", "replace").removeprefix("\ufeff")
    return value.removeprefix(b"ASCII\0\0\0").decode("utf-8", "replace").strip("\0")
