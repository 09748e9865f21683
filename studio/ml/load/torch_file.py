"""Reads what torch.save wrote without running it: tensors and plain values come out, modules stay empty shells."""

import pickle
import struct
import sys
import zipfile
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import torch

from studio.files.reading import open_file
from studio.ml.load.pickle_reader import DTYPES, LEGACY, Name, Numbers, Reader
from studio.ml.load.pickled_weights import archived

_PYTHONS_OWN = {
    "argparse": {"Namespace"},
    "collections": {"OrderedDict", "defaultdict"},
    "copyreg": {"_reconstructor"},
    "_codecs": {"encode"},
    "builtins": {"set", "frozenset", "list", "dict", "tuple", "int", "float", "bool", "complex", "bytearray", "object"},
    "__builtin__": {"set", "frozenset", "list", "dict", "tuple", "object"},
}
"""What of Python's own library a checkpoint may name. Nothing is run either way; the rest nobody saves with weights."""
_LOCAL_HEADER = 30


def is_torch_file(path: Path) -> bool:
    """Whether torch.save wrote the file, in the archive that it writes now or in the form before that."""
    with open_file(path) as file:
        start = file.read(len(_MAGIC))
    return start.startswith(b"PK") or start == _MAGIC


def is_pickle(path: Path) -> bool:
    """Whether the file begins as a pickle does."""
    with open_file(path) as file:
        return file.read(1) == b"\x80"


_MAGIC = b"\x80\x02\x8a\x0a" + LEGACY[0].to_bytes(10, "little")


def read_torch_file(path: Path) -> Any:
    """What the file holds. Numbers of an archive stay in the file until they are used.

    Raises OSError, zipfile.BadZipFile or one of `pickle_reader.BROKEN`.
    """
    if zipfile.is_zipfile(path):
        return _read_archive(path)
    with path.open("rb") as file:
        return _read_legacy(file, path.stat().st_size)


def _read_archive(path: Path) -> Any:
    whole = np.memmap(path, dtype=np.uint8, mode="c")
    with zipfile.ZipFile(path) as archive:
        prefix, sizes = archived(archive, path)
        if f"{prefix}byteorder" in sizes and archive.read(f"{prefix}byteorder") != b"little":
            raise pickle.UnpicklingError("numbers of another kind of computer")

        def numbers(reference: Any) -> Numbers:
            dtype, key, count = _storage(reference)
            name, needed = f"{prefix}data/{key}", count * dtype.itemsize
            header = archive.getinfo(name).header_offset
            first, second = struct.unpack("<HH", whole[header + 26 : header + _LOCAL_HEADER].tobytes())
            start = header + _LOCAL_HEADER + first + second
            if needed > min(sizes[name], len(whole) - start):
                raise pickle.UnpicklingError("a storage that is cut off")
            data = torch.from_numpy(whole[start : start + needed])
            return Numbers((data.clone() if start % dtype.itemsize else data).view(dtype))

        with archive.open(f"{prefix}data.pkl") as opened:
            return _content(opened, numbers)  # type: ignore[arg-type]


def _read_legacy(file: BinaryIO, size: int) -> Any:
    if tuple(Reader(file).load() for _ in LEGACY) != LEGACY:
        raise pickle.UnpicklingError("no file of torch's")
    Reader(file).load()  # of which kind the computer was: torch itself reads little-endian numbers only
    storages: dict[Any, torch.Tensor] = {}
    room = [size]

    def numbers(reference: Any) -> Numbers:
        dtype, key, count = _storage(reference)
        if key not in storages:
            room[0] -= count * dtype.itemsize
            if room[0] < 0:
                raise pickle.UnpicklingError("a storage that is cut off")
            storages[key] = torch.empty(count, dtype=dtype)
        return Numbers(storages[key])

    content = _content(file, numbers)
    for key in Reader(file).load():
        (written,) = struct.unpack("<q", file.read(8))
        data = file.read(storages[key].nbytes)
        if written != len(storages[key]) or len(data) < storages[key].nbytes:
            raise pickle.UnpicklingError("a storage that is cut off")
        if data:
            storages[key].view(torch.uint8).copy_(torch.frombuffer(bytearray(data), dtype=torch.uint8))
    return content


def _content(file: BinaryIO, numbers: Any) -> Any:
    def outside(reference: Any) -> Any:
        if isinstance(reference, tuple) and reference[:1] == ("module",) and isinstance(reference[1], Name):
            return reference[1]  # a module's class, with its program as a text beside it
        return numbers(reference)

    reader = Reader(file, outside)
    content = reader.load()
    strange = [name for module, name in reader.seen if _is_strange(module, name)]
    if strange:
        raise pickle.UnpicklingError(f"more than weights: {strange[0]}")
    return content


def _is_strange(module: str, name: str) -> bool:
    root = module.partition(".")[0]
    own = root in sys.stdlib_module_names or root == "__builtin__"
    return own and name not in _PYTHONS_OWN.get(module, ())


def _storage(reference: Any) -> tuple[torch.dtype, Any, int]:
    kind, name, key, _, count, *_ = reference
    if kind != "storage" or not isinstance(name, Name) or not isinstance(key, str | int) or type(count) is not int:
        raise pickle.UnpicklingError("a reference to something else")
    if not 0 <= count < 2**48:
        raise pickle.UnpicklingError("a storage that no memory can hold")
    return DTYPES[name.name], key, count
