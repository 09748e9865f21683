"""Pictures that are drawn here, for trainings to learn from."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor


def discs(count: int, size: int = 16, seed: int = 0) -> Tensor:
    """Discs of warm colours on dark blue, somewhere near the middle: uint8 [N, 3, size, size]."""
    chance = np.random.default_rng(seed)
    line = (np.arange(size) + 0.5) / size
    pictures = np.empty((count, size, size, 3), np.uint8)
    for picture in pictures:
        x, y = chance.uniform(0.35, 0.65, 2)
        inside = (line[None] - x) ** 2 + (line[:, None] - y) ** 2 < chance.uniform(0.2, 0.32) ** 2
        picture[:] = (20, 30, 90)
        picture[inside] = (230, chance.integers(90, 220), 40)
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).contiguous()


def write(pictures: Tensor, folder: Path) -> Path:
    """Each of ``pictures`` as a PNG in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, picture in enumerate(pictures):
        Image.fromarray(picture.permute(1, 2, 0).numpy()).save(folder / f"{number:04d}.png")
    return folder
