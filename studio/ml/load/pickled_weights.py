"""Looks through pickled weights (.bin) before torch reads them: torch runs nothing in them, but may read for ever."""

import pickle
import zipfile
from pathlib import Path
from typing import Any, BinaryIO

import torch

from studio.ml.load.pickle_reader import BROKEN, DTYPES, LEGACY, Name, Numbers, Reader

_LONGEST = 50_000_000
"""Bytes of the pickle in an archive, which holds names and shapes only."""


def check_pickled(file: Path) -> None:
    """Read ``file`` as torch would, but for the numbers. Raises pickle.UnpicklingError."""
    try:
        if zipfile.is_zipfile(file):
            _check_archive(file)
        else:
            with file.open("rb") as opened:
                _check_legacy(opened, file.stat().st_size)
    except (OSError, zipfile.BadZipFile, NotImplementedError, *BROKEN) as error:
        raise pickle.UnpicklingError(str(error)) from error


def _check_archive(file: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        prefix, sizes = archived(archive, file)
        with archive.open(f"{prefix}data.pkl") as opened:
            Reader(opened, lambda reference: _numbers(reference, lambda key: sizes[f"{prefix}data/{key}"])).load()  # type: ignore[arg-type]


def archived(archive: zipfile.ZipFile, file: Path) -> tuple[str, dict[str, int]]:
    """What the names of all parts of torch's ``archive`` begin with, and their sizes. Raises pickle.UnpicklingError."""
    parts = archive.infolist()
    sizes = {part.filename: part.file_size for part in parts}
    pickled = [name for name in sizes if name.endswith("/data.pkl")]
    if sum(sizes.values()) > file.stat().st_size or len(pickled) != 1 or sizes[pickled[0]] > _LONGEST:
        raise pickle.UnpicklingError("no archive of torch's")
    if any(part.compress_type != zipfile.ZIP_STORED for part in parts):  # torch packs nothing
        raise pickle.UnpicklingError("no archive of torch's")
    return pickled[0].removesuffix("data.pkl"), sizes


def _check_legacy(opened: BinaryIO, size: int) -> None:
    if tuple(Reader(opened).load() for _ in LEGACY) != LEGACY:
        raise pickle.UnpicklingError("no file of torch's")
    Reader(opened).load()
    Reader(opened, lambda reference: _numbers(reference, lambda _key: size)).load()


def _numbers(reference: Any, size_of: Any) -> Numbers:
    """A storage without its numbers, of which there are no more than the file has."""
    kind, name, key, _, count, *_ = reference
    if kind != "storage" or not isinstance(name, Name):
        raise pickle.UnpicklingError("a reference to something else")
    numbers = torch.empty(count, dtype=DTYPES[name.name], device="meta")
    if numbers.nbytes > size_of(key):
        raise pickle.UnpicklingError("a storage that is cut off")
    return Numbers(numbers)
