"""Converts pictures between tensors, Pillow images and assets."""

import math
from pathlib import Path

import torch
from PIL import Image

from studio.core.crop import MIDDLE, Place, crop_box
from studio.core.facts import NO_FACTS, Facts
from studio.core.values import Asset
from studio.pictures.opening import read_picture

_ENOUGH = 16_000_000
"""Pixels of a start picture: more are never needed."""


def to_assets(pictures: torch.Tensor, facts: Facts = NO_FACTS) -> list[Asset]:
    """Assets of ``pictures`` [N, 3 or 4, H, W] in [-1, 1]; what lies outside is cut off. ``facts`` go to each."""
    bytes_ = pictures.detach().float().clamp(-1, 1).add(1).mul(127.5).round().to("cpu", torch.uint8)
    rows = bytes_.permute(0, 2, 3, 1).contiguous()
    height, width = rows.shape[1:3]
    return [
        Asset(kind="pixels", data=picture.numpy().tobytes(), width=width, height=height, notes=facts.to_notes())
        for picture in rows
    ]


def shown(pictures: torch.Tensor) -> torch.Tensor:
    """A generator's pictures [N, 1, 3 or 4, H, W] for display: grey as RGB, transparency kept."""
    return pictures.expand(-1, 3, -1, -1) if pictures.shape[1] == 1 else pictures


def to_pillow(asset: Asset) -> Image.Image:
    """``asset``'s pixels as a Pillow picture."""
    return Image.frombytes(asset.mode, (asset.width, asset.height), asset.data)


def read_input_picture(path: str | Path) -> Image.Image:
    """The picture that a request brings along, upright, in RGB and sRGB, reduced where it is larger than any use.

    Raises StudioError if it can't be read.
    """
    return read_picture(Path(path), most=_ENOUGH)


def cover(picture: Image.Image, width: int, height: int, place: Place = MIDDLE) -> Image.Image:
    """``picture`` scaled and cropped to fill ``width`` x ``height``; ``place`` says which part is kept."""
    if picture.size == (width, height):
        return picture
    return picture.resize((width, height), Image.Resampling.LANCZOS, crop_box(picture.size, (width, height), place))


def of_area(picture: Image.Image, area: int) -> Image.Image:
    """``picture`` in its own aspect ratio with about ``area`` pixels, each side a multiple of 32."""
    factor = math.sqrt(area / (picture.width * picture.height))
    width, height = (max(32, round(edge * factor / 32) * 32) for edge in picture.size)
    return picture.resize((width, height), Image.Resampling.LANCZOS)
