"""Opens untrusted picture files safely, and normalises them: upright, sRGB, eight bits."""

import contextlib
import math
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from studio.core.errors import StudioError
from studio.core.text import tr
from studio.files.picture_file import BROKEN, MOST_PIXELS, refuse_traps
from studio.pictures.colour import Plain, bands, in_srgb, note_depth
from studio.pictures.kinds import FORMATS, head_of, is_heif, is_known, refuse_other_kinds
from studio.pictures.primaries import named_profile

_MOST_OF_JPEG, _MOST_OF_HEIF, _MOST_OF_WEBP = 128_000_000, 52_000_000, 32_000_000
"""Pixels. A JPEG is scaled down while decoding, unless it is progressive; the other decoders hold each pixel two or
three times. Phones make HEICs of 50 megapixels."""
_MOST_BYTES, _MOST_IN_DIGITS = 100_000_000, 10_000_000
"""For HEIC, which is read into memory whole; and for pictures written as digits: 7 MB take a second."""
_LARGE = (2048, 2048)
"""A JPEG is decoded at its smallest scale that is larger than this."""
_MOST_PAGES = 100
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""The transpose that undoes each Exif orientation."""
_DNG_VERSION = 50706
_filters = threading.Lock()
"""Python's warning filters are shared by all threads."""


@contextlib.contextmanager
def without_warnings() -> Iterator[None]:
    """Suppress Pillow's warnings: it reads damaged metadata as far as possible, and sizes are checked here."""
    with _filters, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def open_picture(path: Path) -> Image.Image:
    """Open a picture of a sane size, without decoding its pixels.

    Raises StudioError, with what to do, for a file that is missing, not a picture, unsupported, truncated in its
    header, or absurdly large.
    """
    refuse_traps(path)
    if path.is_dir():
        raise StudioError(tr("{path} is a folder. Choose a picture in it.", path=path))
    head = head_of(path)
    refuse_other_kinds(path, head)
    try:
        _refuse_long(path, head)
        with without_warnings():
            image = Image.open(path, formats=_formats(head))
        if image.mode == "P" and image.palette is None:  # Pillow accepts it here, and fails on an assertion later
            image.close()
            raise ValueError
    except Image.DecompressionBombError as error:
        raise _too_large(path, MOST_PIXELS) from error
    except FileNotFoundError as error:
        raise StudioError(tr("{path} is no longer there.", path=path)) from error
    except PermissionError as error:
        raise StudioError(tr("{path} can't be opened: you don't have permission to read it.", path=path)) from error
    except UnidentifiedImageError as error:
        if is_known(head):
            raise damaged(path) from error
        raise StudioError(
            tr("{path} is not a picture that Triptych can read. Use PNG, JPEG, WebP, TIFF or HEIC.", path=path)
        ) from error
    except BROKEN as error:
        raise damaged(path) from error
    _refuse_opened(image, path)
    return image


def read_picture(path: Path, edge: int = 0, most: int = 0, clear: bool = False) -> Image.Image:
    """The picture in the file: upright, in sRGB, RGB on white; with ``clear``, RGBA where it has transparency.

    Within ``edge`` x ``edge`` if that is not 0; else in its own size, or reduced by an integer factor to ``most``
    pixels if that is not 0. Raises StudioError as ``open_picture`` does, and if its pixels can't be read.
    """
    with open_picture(path) as image:
        if not edge and not most and image.width * image.height > MOST_PIXELS:
            raise _too_large(path, MOST_PIXELS)
        try:
            profile = image.info.get("icc_profile") or named_profile(image)
            note_depth(image)
            if edge or (most and image.width * image.height > most):
                image.draft(None, (edge, edge) if edge else _LARGE)
            image.load()
            turn = _TURNS.get(_orientation(image))
            small = in_srgb(_reduce(image, _factor(image, edge, most)), profile)
            if edge:
                small.thumbnail((edge, edge), Image.Resampling.LANCZOS)
            shown = small if clear else on_white(small)
            return shown.transpose(turn) if turn is not None else shown
        except BROKEN as error:
            raise damaged(path) from error


def inspect_picture(path: Path) -> tuple[tuple[int, int], int]:
    """((width, height) of the upright picture, number of pictures in the file); without decoding the pixels.

    Raises StudioError as ``open_picture`` does.
    """
    with open_picture(path) as image:
        width, height = image.size
        # For a TIFF Pillow reports the rotated size at once. In other formats further pictures are frames, slow to
        # count.
        if image.format == "TIFF":
            return (width, height), _pages(image)
        return ((height, width) if _orientation(image) in (5, 6, 7, 8) else (width, height)), 1


def on_white(image: Image.Image) -> Image.Image:
    """An RGB or RGBA picture composited on white, in RGB."""
    if image.mode == "RGB":
        return image
    ground = Image.new("RGB", image.size, "white")
    ground.paste(image, mask=image.getchannel("A"))
    ground.info = image.info
    return ground


def damaged(path: Path) -> StudioError:
    """The error for a file whose pixels can't be read."""
    return StudioError(
        tr(
            "The picture {path} can't be read: it is damaged or incomplete. Save it again, or use another one.",
            path=path,
        )
    )


def _formats(head: bytes) -> tuple[str, ...]:
    if not is_heif(head):
        return FORMATS
    # 30 ms to import, and only needed for phones' pictures.
    from pillow_heif import register_heif_opener

    register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
    return ("HEIF",)


def _refuse_long(path: Path, head: bytes) -> None:
    most = _MOST_BYTES if is_heif(head) else _MOST_IN_DIGITS if head.startswith((b"P1", b"P2", b"P3")) else 0
    if most and path.stat().st_size > most:
        raise StudioError(tr("{path} contains too much data besides its picture to be opened.", path=path))


def _refuse_opened(image: Image.Image, path: Path) -> None:
    most = _most(image)
    if image.width * image.height > most:
        image.close()
        raise _too_large(path, most)
    if _DNG_VERSION in getattr(image, "tag_v2", {}):
        image.close()
        raise StudioError(
            tr("{path} is a camera's raw file. Develop it with your photo program, and use the JPEG or PNG.",
               path=path)
        )  # fmt: skip


def _most(image: Image.Image) -> int:
    if image.format in ("WEBP", "AVIF"):
        return _MOST_OF_WEBP
    if image.format == "HEIF":
        return _MOST_OF_HEIF
    return _MOST_OF_JPEG if image.format in ("JPEG", "MPO") and not image.info.get("progressive") else MOST_PIXELS


def _too_large(path: Path, most: int) -> StudioError:
    return StudioError(
        tr("The picture {path} is too large. Use one of at most {most} megapixels.", path=path, most=most // 10**6)
    )


def _orientation(image: Image.Image) -> int:
    """1 to 8, of a loaded picture: Pillow rotates a TIFF while loading. Broken Exif counts as upright."""
    try:
        with without_warnings():
            found = image.getexif().get(_ORIENTATION, 1)
    except BROKEN:
        return 1
    return found if isinstance(found, int) else 1


def _pages(image: Image.Image) -> int:
    """The number of pages, up to a hundred: Pillow takes a millisecond or more for each."""
    pages = 1
    with contextlib.suppress(EOFError, *BROKEN):
        while pages < _MOST_PAGES:
            image.seek(pages)
            pages += 1
    return pages


def _factor(image: Image.Image, edge: int, most: int) -> int:
    if edge:
        return max(max(image.size) // (2 * edge), 1)
    return math.ceil(math.sqrt(image.width * image.height / most)) if most else 1


def _reduce(image: Image.Image, factor: int) -> Image.Image:
    """``image`` in its plain mode, reduced by ``factor`` in bands, so that memory never holds it twice."""
    plain = Plain(image)
    small = Image.new(plain.mode, (-(-image.width // factor), -(-image.height // factor)))
    for box in bands(image, factor):
        part = plain(image.crop(box))
        small.paste(part.reduce(factor) if factor > 1 else part, (0, box[1] // factor))
    return small
