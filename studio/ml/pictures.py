"""Pictures in their three forms: tensors, Pillow's pictures, and assets; and the safe opening of a person's file."""

import math
import warnings
from pathlib import Path
from typing import Any

import torch
from PIL import Image, ImageOps, UnidentifiedImageError

from studio.core.errors import StudioError
from studio.core.picture_file import BROKEN, MOST_PIXELS, refuse_traps
from studio.core.text import tr
from studio.core.values import Asset

_MOST_OF_JPEG, _MOST_OF_WEBP = 128_000_000, 32_000_000
"""A file that claims more is refused before a byte of its pixels is read. A JPEG is shrunk while it is decoded, unless
it is progressive; the decoders of WebP and AVIF hold each pixel three times."""
_LARGE = (2048, 2048)
"""A JPEG is decoded at the smallest of its scales that is larger than this."""
_ENOUGH = 16_000_000
"""Pixels of a start picture: from more, nothing larger can be made."""
_ORIENTATION = 0x0112
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP", "AVIF")
"""All that is read: Pillow knows formats that start other programs (EPS)."""


def to_assets(pictures: torch.Tensor, notes: dict[str, Any] | None = None) -> list[Asset]:
    """Assets of ``pictures`` [N, 3 or 4, H, W] in [-1, 1]; what lies outside is cut off. ``notes`` go to each."""
    bytes_ = pictures.detach().float().clamp(-1, 1).add(1).mul(127.5).round().to("cpu", torch.uint8)
    rows = bytes_.permute(0, 2, 3, 1).contiguous()
    height, width = rows.shape[1:3]
    return [
        Asset(kind="pixels", data=picture.numpy().tobytes(), width=width, height=height, notes=dict(notes or {}))
        for picture in rows
    ]


def shown(pictures: torch.Tensor) -> torch.Tensor:
    """A generator's pictures [N, 1, 3 or 4, H, W] as they are shown: grey in all three colours, transparency kept."""
    return pictures.expand(-1, 3, -1, -1) if pictures.shape[1] == 1 else pictures


def to_pillow(asset: Asset) -> Image.Image:
    """``asset``'s pixels as a Pillow picture."""
    return Image.frombytes(asset.mode, (asset.width, asset.height), asset.data)


def open_picture(path: str | Path) -> Image.Image:
    """The picture in the file ``path``, upright and in RGB.

    Raises StudioError when there is none, it is no picture, it is cut off, or it is too large to be meant seriously.
    """
    refuse_traps(Path(path))
    most = MOST_PIXELS
    try:
        with warnings.catch_warnings():
            # Pillow only warns between its limit and twice that; ours is checked right below.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path, formats=FORMATS) as picture:
                most = _most(picture)
                if picture.width * picture.height > most:
                    raise Image.DecompressionBombError
                picture.draft(None, _LARGE)
                return ImageOps.exif_transpose(_flattened(picture))
    except FileNotFoundError as error:
        raise StudioError(tr("The picture {path} is not there any more. Choose it again.", path=path)) from error
    except UnidentifiedImageError as error:
        raise StudioError(
            tr("{path} is not a picture that Triptych can read. Use PNG, JPEG or WebP.", path=path)
        ) from error
    except Image.DecompressionBombError as error:
        raise StudioError(
            tr(
                "The picture {path} is too large. Use one of at most {most} megapixels.",
                path=path,
                most=most // 10**6,
            )
        ) from error
    except BROKEN as error:
        raise StudioError(
            tr(
                "The picture {path} can't be read: it is damaged or cut off. Save it again, or use another one.",
                path=path,
            )
        ) from error


def cover(picture: Image.Image, width: int, height: int) -> Image.Image:
    """``picture`` scaled and cropped around its middle so that it fills ``width`` x ``height``."""
    if picture.size == (width, height):
        return picture
    return ImageOps.fit(picture, (width, height), method=Image.Resampling.LANCZOS)


def of_area(picture: Image.Image, area: int) -> Image.Image:
    """``picture`` in its own shape with about ``area`` pixels, each edge a multiple of 32."""
    factor = math.sqrt(area / (picture.width * picture.height))
    width, height = (max(32, round(edge * factor / 32) * 32) for edge in picture.size)
    return picture.resize((width, height), Image.Resampling.LANCZOS)


def _most(picture: Image.Image) -> int:
    if picture.format in ("WEBP", "AVIF"):
        return _MOST_OF_WEBP
    return _MOST_OF_JPEG if picture.format == "JPEG" and not picture.info.get("progressive") else MOST_PIXELS


def _flattened(picture: Image.Image) -> Image.Image:
    """``picture`` in RGB, with ``_ENOUGH`` pixels at most, made in bands: no second one of its size is in memory."""
    factor = math.ceil(math.sqrt(picture.width * picture.height / _ENOUGH))
    flat = Image.new("RGB", (-(-picture.width // factor), -(-picture.height // factor)))
    rows = max(1_000_000 // picture.width // factor, 1) * factor
    for top in range(0, picture.height, rows):
        band = picture.crop((0, top, picture.width, min(top + rows, picture.height)))
        flat.paste(_flat(band).reduce(factor), (0, top // factor))
    flat.getexif()[_ORIENTATION] = picture.getexif().get(_ORIENTATION, 1)
    return flat


def _flat(picture: Image.Image) -> Image.Image:
    if picture.mode == "RGB":
        return picture.copy()
    if picture.has_transparency_data:
        clear = picture.convert("RGBA")
        white = Image.new("RGBA", clear.size, "white")
        return Image.alpha_composite(white, clear).convert("RGB")
    if picture.mode.startswith("I"):
        # Pillow cuts 16-bit grey off at 255 instead of scaling it.
        return picture.convert("F").point(lambda value: value * (255 / 65535)).convert("RGB")
    return picture.convert("RGB")
