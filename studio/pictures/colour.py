"""Converts colours in files -- any depth, profile and transparency -- to the 8-bit sRGB that everything else uses."""

import io
import logging
import math
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageChops

from studio.files.picture_file import BROKEN

if TYPE_CHECKING:
    import numpy as np
    from PIL.ImageCms import ImageCmsProfile, ImageCmsTransform

log = logging.getLogger(__name__)
_LONGEST_PROFILE = 20_000_000
"""Bytes. Printers' profiles have a few million."""
_SPACES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}
"""The colour spaces of profiles, and the Pillow modes of pictures in them."""
_BITS, _PHOTOMETRIC, _SAMPLE_FORMAT = 258, 262, 339
"""Tags of a TIFF."""
_BAND = 4_000_000
"""Pixels converted at a time: all at once would take several times the picture's memory."""


def is_wide(image: Image.Image) -> bool:
    """Whether it is greyscale with more than eight bits."""
    return image.mode.startswith(("I", "F"))


def plain_mode(image: Image.Image) -> str:
    """The 8-bit mode that holds everything in ``image``: L, LA, RGB, RGBA or CMYK."""
    grey = image.mode in ("1", "L", "LA", "La") or is_wide(image)
    if image.has_transparency_data:
        return "LA" if grey else "RGBA"
    return "L" if grey else "CMYK" if image.mode == "CMYK" else "RGB"


class Plain:
    """Converts parts of one loaded picture to its ``plain_mode``."""

    def __init__(self, image: Image.Image) -> None:
        self.mode = plain_mode(image)
        self._clear = _clear_value(image)
        self._scale = _Scale.of(image) if is_wide(image) else None
        self._lab = _from_lab() if image.mode == "LAB" else None

    def __call__(self, part: Image.Image) -> Image.Image:
        """The part in eight bits; the part itself if it has that already."""
        if self._scale is not None:
            return self._scale.eight_bits(part, self._clear)
        if self._lab is not None:
            return _apply(part, self._lab)
        if self._clear is not None:
            part.info["transparency"] = self._clear
        return part if part.mode == self.mode and self._clear is None else part.convert(self.mode)


class _Scale:
    """The black and white levels of wide greyscale, which files don't state."""

    def __init__(self, black: float, white: float, unsigned: bool) -> None:
        self._black, self._white, self._unsigned = black, white, unsigned

    @classmethod
    def of(cls, image: Image.Image) -> "_Scale":
        """16-bit integers go up to 65535, floats from 0 to 1; otherwise the range decides."""
        tags: Any = getattr(image, "tag_v2", {})
        unsigned = image.mode == "I" and tags.get(_SAMPLE_FORMAT, (2,))[0] == 1
        if image.mode.startswith("I;16"):
            bits = tags.get(_BITS, (16,))[0]
            black, white = 0.0, float(2 ** (bits if 8 < bits < 16 else 16) - 1)
        else:
            low, high = _range(image, unsigned)
            usual = (1.0,) if image.mode == "F" else (255.0, 65535.0)
            white = next((most for most in usual if high <= most), high)
            black, white = (0.0, white) if low >= 0 and white in usual else (low, high)
        if tags.get(_PHOTOMETRIC) == 0:  # white is zero, which Pillow handles for eight bits only
            black, white = white, black
        return cls(black, white, unsigned)

    def eight_bits(self, part: Image.Image, clear: Any) -> Image.Image:
        """``part`` in mode L, or in LA with the value ``clear`` transparent."""
        import numpy as np

        values = _values(part, self._unsigned)
        span = self._white - self._black
        with np.errstate(all="ignore"):  # untrusted numbers: NaN becomes black
            scaled = (values.astype(np.float64) - self._black) * (255 / span if span else math.inf)
        bytes_ = np.nan_to_num(scaled, nan=0.0, posinf=255.0, neginf=0.0).clip(0, 255).round().astype(np.uint8)
        grey = Image.fromarray(bytes_)
        if clear is not None:
            alpha = np.where(values == clear, np.uint8(0), np.uint8(255))
            grey.putalpha(Image.fromarray(alpha))
        return grey


def bands(image: Image.Image, step: int = 1) -> "list[tuple[int, int, int, int]]":
    """Boxes of a few million pixels that cover ``image``, each but the last a multiple of ``step`` rows high."""
    rows = max(_BAND // image.width // step, 1) * step
    return [(0, top, image.width, min(top + rows, image.height)) for top in range(0, image.height, rows)]


def _values(part: Image.Image, unsigned: bool) -> "np.ndarray[Any, Any]":
    import numpy as np

    values = np.asarray(part)
    return values.view(np.uint32) if unsigned else values


def _range(image: Image.Image, unsigned: bool) -> tuple[float, float]:
    """The minimum and maximum in ``image``; (0, 0) if it has no finite number."""
    import numpy as np

    lows, highs = [], []
    for box in bands(image):
        values = _values(image.crop(box), unsigned)
        finite = values[np.isfinite(values)]
        if finite.size:
            lows.append(float(finite.min()))
            highs.append(float(finite.max()))
    return (min(lows), max(highs)) if lows else (0.0, 0.0)


def note_depth(image: Image.Image) -> None:
    """Note a PNG's bit depth before its pixels are loaded: its transparent colour is given in that depth."""
    tile = getattr(image, "tile", None)
    raw = tile[0].args if tile and isinstance(tile[0].args, str) else ""
    image.info["depth"] = {"L;2": 2, "L;4": 4, "RGB;16B": 16}.get(raw, 0)


def _clear_value(image: Image.Image) -> Any:
    """The transparent colour in the picture's own depth if Pillow converts or ignores it; else None."""
    clear, depth = image.info.get("transparency"), image.info.get("depth", 0)
    if is_wide(image):
        return clear
    if depth in (2, 4) and isinstance(clear, int):
        return clear * 255 // (2**depth - 1)
    if depth == 16 and isinstance(clear, tuple):
        return tuple(value >> 8 for value in clear)
    return None


# -- profiles ----------------------------------------------------------------------------------------------------------


def in_srgb(image: Image.Image, profile: object) -> Image.Image:
    """``image`` of a plain mode as RGB, or RGBA with its transparency, in sRGB.

    A broken profile, or one for another colour space than the picture's, is ignored. An sRGB profile stays in ``info``
    as ``icc_profile``; any other is removed.
    """
    alpha = image.getchannel("A") if image.mode in ("LA", "RGBA") else None
    known = isinstance(profile, bytes) and 0 < len(profile) <= _LONGEST_PROFILE
    space = _space_of(profile) if isinstance(profile, bytes) and known else ""
    bare = image if alpha is None else image.convert(image.mode[:-1])
    if bare.mode == "L" and space == "RGB":
        bare = bare.convert("RGB")
    transform = _transform(profile, space) if isinstance(profile, bytes) and space == bare.mode else None
    if transform is None:
        found = image if image.mode in ("RGB", "RGBA") else image.convert("RGB" if alpha is None else "RGBA")
    else:
        found = _apply(bare, transform)
        if alpha is not None:
            found.putalpha(alpha)
    found.info = {"icc_profile": profile} if transform is None and space == "RGB" else {}
    return found


def _apply(image: Image.Image, transform: "ImageCmsTransform") -> Image.Image:
    from PIL import ImageCms

    converted = ImageCms.applyTransform(image, transform)
    assert converted is not None
    return converted


@cache
def _srgb() -> Any:
    from PIL import ImageCms

    return ImageCms.createProfile("sRGB")


@cache
def srgb_profile() -> bytes:
    """The sRGB profile, for formats with no other way to declare it; always the same bytes."""
    from PIL import ImageCms

    made = ImageCms.ImageCmsProfile(_srgb()).tobytes()
    return made[:24] + bytes(12) + made[36:]  # without its creation time


def _open_profile(profile: bytes) -> "ImageCmsProfile":
    from PIL import ImageCms

    return ImageCms.ImageCmsProfile(io.BytesIO(profile))


@lru_cache(maxsize=8)
def _space_of(profile: bytes) -> str:
    """The mode of pictures that the profile is for: RGB, L or CMYK; "" for others, and for an invalid profile."""
    try:
        return _SPACES.get(_open_profile(profile).profile.xcolor_space.strip(), "")
    except BROKEN as error:
        log.info("a broken profile: %s", error)
        return ""


@lru_cache(maxsize=8)
def _transform(profile: bytes, mode: str) -> "ImageCmsTransform | None":
    """The transform from the profile to sRGB; None if it changes nothing or the profile can't be used."""
    from PIL import ImageCms

    try:
        transform = ImageCms.buildTransform(_open_profile(profile), _srgb(), mode, "RGB")
        return None if mode != "CMYK" and _changes_nothing(transform, mode) else transform
    except (ImageCms.PyCMSError, *BROKEN) as error:
        log.info("a profile that can't be used: %s", error)
        return None


def _changes_nothing(transform: "ImageCmsTransform", mode: str) -> bool:
    """Whether none of a few hundred colours changes by more than one level."""
    levels = range(0, 256, 51)
    colours = [(red, green, blue) for red in levels for green in levels for blue in levels]
    given = Image.new("RGB", (len(colours), 1))
    given.putdata(colours)
    if mode == "L":
        given = Image.linear_gradient("L")
    moved = ImageChops.difference(_apply(given, transform), given.convert("RGB"))
    return max(moved.tobytes()) <= 1


@cache
def _from_lab() -> "ImageCmsTransform":
    from PIL import ImageCms

    return ImageCms.buildTransform(ImageCms.createProfile("LAB"), _srgb(), "LAB", "RGB")
