"""The training data: a folder of pictures, checked, cropped and resized."""

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from studio.core.errors import StudioError
from studio.core.text import tr, tr_count
from studio.ml.pictures import cover, read_input_picture

FEWEST = 8
"""The least number of pictures that a training needs."""
FEW = 200
LONG = 2.0
"""From this aspect ratio on, half or more of a picture is cropped."""
MOST_FILES = 200_000
MOST_BYTES = 1 << 30
"""Bytes of all pixels together: they stay in memory."""
_NAMED = 5
_NO_PICTURES = {"thumbs.db", "desktop.ini", ".ds_store"}


@dataclass
class Pictures:
    """Squares from the middle of each picture, uint8 [N, 3, size, size], and what was found while reading."""

    size: int
    pixels: Tensor = field(default_factory=lambda: torch.empty(0, 3, 0, 0, dtype=torch.uint8))
    files: int = 0
    broken: list[str] = field(default_factory=list)
    """An error message for each file that is not a picture, damaged, too large, or malicious."""
    twice: list[str] = field(default_factory=list)
    small: list[str] = field(default_factory=list)
    long: int = 0
    left_out: int = 0
    smallest: tuple[int, int] = (0, 0)
    largest: tuple[int, int] = (0, 0)

    def __len__(self) -> int:
        return len(self.pixels)

    def findings(self) -> list[str]:
        """Sentences for the person, the most important first."""
        found = [
            tr_count(
                len(self),
                "{count} picture to learn from, resized to {size} × {size} pixels.",
                "{count} pictures to learn from, resized to {size} × {size} pixels.",
                size=self.size,
            )
        ]
        if len(self):
            found.append(
                tr(
                    "The smallest has {small} pixels, the largest {large}.",
                    small=" × ".join(map(str, self.smallest)),
                    large=" × ".join(map(str, self.largest)),
                )
            )
        if FEWEST <= len(self) < FEW:
            found.append(
                tr("These are few, so the model may just repeat them. A few hundred or thousand teach it more.")
            )
        if self.small:
            found.append(tr("Too small for {size} pixels: {names}.", size=self.size, names=some(self.small)))
        if self.twice:
            found.append(tr("Left out as duplicates: {names}.", names=some(self.twice)))
        if self.long:
            found.append(
                tr_count(
                    self.long,
                    "{count} long picture loses half or more to cropping: only its middle is used.",
                    "{count} long pictures lose half or more to cropping: only their middle is used.",
                )
            )
        if self.left_out:
            found.append(
                tr_count(
                    self.left_out,
                    "{count} more picture doesn't fit into memory.",
                    "{count} more pictures don't fit into memory.",
                )
            )
        found += self.broken[:_NAMED]
        if len(self.broken) > _NAMED:
            left = len(self.broken) - _NAMED
            found.append(tr_count(left, "{count} more file can't be used.", "{count} more files can't be used."))
        return found


def read_folder(folder: str, size: int, progress: Callable[[int, int], None]) -> Pictures:
    """Read all pictures in ``folder`` and its subfolders. ``progress(done, files)`` is called for each file.

    Unusable files are left out and named. Raises StudioError if too few are left.
    """
    root = _root(folder)
    files = list(_files(root))
    found = Pictures(size, files=len(files))
    pixels: list[np.ndarray] = []
    seen: set[bytes] = set()
    most = MOST_BYTES // (3 * size * size)
    for done, file in enumerate(files):
        progress(done, len(files))
        if len(pixels) == most:
            found.left_out = len(files) - done
            break
        square = _square(found, root, file)
        if square is None:
            continue
        mark = hashlib.sha256(square.tobytes()).digest()
        if mark in seen:
            found.twice.append(_name(root, file))
            continue
        seen.add(mark)
        pixels.append(square)
    progress(len(files), len(files))
    if pixels:
        found.pixels = torch.from_numpy(np.stack(pixels)).permute(0, 3, 1, 2).contiguous()
    _check(found, root)
    return found


def some(names: list[str]) -> str:
    """The first few of ``names``, and how many more there are."""
    shown = ", ".join(names[:_NAMED])
    more = len(names) - _NAMED
    return tr("{names} and {count} more", names=shown, count=more) if more > 0 else shown


def _root(folder: str) -> Path:
    root = Path(folder)
    if not folder:
        raise StudioError(tr("Choose a folder with pictures to learn from."))
    if not root.exists():
        raise StudioError(tr("The folder {path} was not found. Was it moved, or is its drive unplugged?", path=root))
    if not root.is_dir():
        raise StudioError(tr("{path} is not a folder. Choose the folder that the pictures are in.", path=root))
    return root


def _files(root: Path) -> Iterator[Path]:
    """Files in a stable order, without hidden ones. Links to folders are not followed, to avoid cycles."""
    count = 0
    for place, folders, names in os.walk(root, onerror=_refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith(".") and name.lower() not in _NO_PICTURES:
                yield Path(place, name)
                count += 1
                if count == MOST_FILES:
                    return


def _refuse(error: OSError) -> None:
    raise StudioError(
        tr("The folder {path} can't be read: {reason}.", path=error.filename, reason=error.strerror or error)
    ) from error


def _square(found: Pictures, root: Path, file: Path) -> np.ndarray | None:
    """The central square of the picture, [size, size, 3]; None, and a note in ``found``, if it can't be used."""
    try:
        picture = read_input_picture(file)
    except StudioError as error:
        found.broken.append(error.message)
        return None
    short, long = sorted(picture.size)
    if short < found.size:
        found.small.append(_name(root, file))
        return None
    found.long += long >= LONG * short
    width, height = picture.size
    if not found.smallest[0] or width * height < found.smallest[0] * found.smallest[1]:
        found.smallest = picture.size
    if width * height > found.largest[0] * found.largest[1]:
        found.largest = picture.size
    return np.asarray(cover(picture, found.size, found.size))


def _name(root: Path, file: Path) -> str:
    return str(file.relative_to(root))


def _check(found: Pictures, root: Path) -> None:
    if len(found) >= FEWEST:
        return
    if not found.files:
        raise StudioError(tr("The folder {path} is empty. Choose one with pictures.", path=root))
    reasons = " ".join(found.findings()[1:] if not len(found) else found.findings()[2:])
    raise StudioError(
        tr(
            "{path} has {count} pictures to learn from; at least {fewest} are needed. {reasons}",
            count=len(found),
            path=root,
            fewest=FEWEST,
            reasons=reasons,
        ).strip()
    )
