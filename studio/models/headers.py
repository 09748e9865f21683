"""Reading of untrusted model files' headers: what a file claims to be, held against what it is."""

import io
import math
import re
import struct
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from studio.core.errors import StudioError
from studio.core.text import tr
from studio.families.rules.family import Family
from studio.families.rules.known import GENERATORS
from studio.families.rules.networks import network_named
from studio.files.reading import open_file

_LONGEST_HEADER = 20_000_000
"""Bytes: some hundred thousand tensors in one file. The safetensors library's own limit is five times this."""
_BITS = {"F64": 64, "I64": 64, "U64": 64, "C64": 64, "F32": 32, "I32": 32, "U32": 32, "F16": 16, "BF16": 16, "I16": 16,
         "U16": 16, "I8": 8, "U8": 8, "BOOL": 8, "F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8, "F4": 4}  # fmt: skip
_DIMENSIONS = 64
"""As many as torch can compute with. The product of a million sizes would take minutes."""
_PICKLE = b"\x80"
_START = 1_000_000
"""Bytes of a network that are looked at; the names of what it holds come before the numbers, those of an encoder that
lies beside it before its own."""
_END = 66_000
"""Bytes in which an archive's table of contents ends, whatever comment follows it."""
_PERSISTENCE = b"torch_utils.persistence"
_MAGIC = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"
"""How a file begins that torch wrote before it wrote archives."""
_TEXT = re.compile(rb"X(..)\0\0|\x8c(.)", re.DOTALL)
"""What stands before a text in a pickle."""

Size = Annotated[int, Meta(ge=0)]


class _Tensor(msgspec.Struct, frozen=True):
    dtype: str
    shape: Annotated[tuple[Size, ...], Meta(max_length=_DIMENSIONS)]
    data_offsets: tuple[Size, Size]


def check_safetensors(path: Path) -> int:
    """Check the header against the file, without reading the tensors. Returns how many parameters there are.

    The format wants the tensors side by side without a gap, and nothing behind them. Raises StudioError: cut off, no
    such file, or offsets that don't fit.
    """
    header, body = _header(path)
    header.pop("__metadata__", None)
    try:
        tensors = sorted(
            (msgspec.json.decode(raw, type=_Tensor) for raw in header.values()), key=lambda tensor: tensor.data_offsets
        )
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _damaged(path) from error
    end = 0
    for tensor in tensors:
        begin, stop = tensor.data_offsets
        bits = _BITS.get(tensor.dtype)
        if begin != end or stop < begin or (bits and math.prod(tensor.shape) * bits != (stop - begin) * 8):
            raise _damaged(path)
        end = stop
    if end > body:
        raise StudioError(
            tr("{path} is incomplete: {missing} bytes are missing. Download it again.", path=path, missing=end - body),
            "model_unusable",
        )
    if end < body:
        raise _damaged(path)
    return sum(math.prod(tensor.shape) for tensor in tensors)


def tensor_names(path: Path) -> list[str]:
    """The names of the tensors in a safetensors file. Raises StudioError for one that is none, or cut off."""
    header, _ = _header(path)
    return [name for name in header if name != "__metadata__"]


def check_network_pickle(path: Path) -> str:
    """The family of the generator that the file seems to hold, by its first bytes; nothing of it is unpickled.

    Raises StudioError.
    """
    start, end = _ends(path)
    if _by_torch(start):
        return check_checkpoint(path)
    if b"dnnlib.tflib" in start:
        raise _bad(
            "{path} was made with the old StyleGAN for TensorFlow. Convert it with legacy.py of StyleGAN3 for PyTorch.",
            path,
        )
    if not start.startswith(_PICKLE) or _PERSISTENCE not in start:
        raise _bad("{path} is not a network of StyleGAN2-ADA or StyleGAN3 for PyTorch.", path)
    if not end.endswith(b"."):
        raise _bad("{path} is incomplete: its end is missing. Copy or download it again.", path)
    if _says(start, b"SuperresGenerator"):
        raise _bad("{path} is a StyleGAN-XL, which Triptych doesn't read. Choose a StyleGAN2 or StyleGAN3.", path)
    if _says(start, b"Discriminator") and not _says(start, b"Generator"):
        raise _bad("{path} contains a discriminator; pictures come from a generator.", path)
    return _family_of(start)


def _family_of(start: bytes) -> str:
    """The family whose layers or classes the file names; of a pickle that names none, the first one's, as most are."""
    by_layers = (family for family in GENERATORS if _has_layers(start, family))
    by_modules = (family for family in GENERATORS if _has_modules(start, family))
    return next(chain(by_layers, by_modules, GENERATORS)).name


def _has_layers(start: bytes, family: Family) -> bool:
    return any(layer.encode() in start for layer in family.layers)


def _has_modules(start: bytes, family: Family) -> bool:
    return any(_says(start, module.encode()) for module in family.modules)


def _says(pickled: bytes, word: bytes) -> bool:
    """Whether ``word`` is a text in a pickle, and not just a part of one: the sources in it name all classes."""
    return struct.pack("<cI", b"X", len(word)) + word in pickled or bytes((0x8C, len(word))) + word in pickled


def holds_generator(path: Path) -> bool:
    """Whether the checkpoint (.pt) names the layers of a generator; most are of other networks."""
    try:
        return _holds_generator(_ends(path)[0])
    except StudioError:
        return False


def _holds_generator(start: bytes) -> bool:
    if any(_has_layers(start, family) for family in GENERATORS):
        return True
    return _PERSISTENCE in start and _says(start, b"synthesis") and _says(start, b"mapping")


def _texts(pickled: bytes) -> Iterator[str]:
    for found in _TEXT.finditer(pickled):
        text = pickled[found.end() : found.end() + int.from_bytes(found[1] or found[2], "little")]
        if text.isascii():
            yield text.decode("ascii")


def _by_torch(start: bytes) -> bool:
    return start.startswith((b"PK", _MAGIC))


def check_checkpoint(path: Path) -> str:
    """The family of the generator in a checkpoint of any program's, by its first bytes. Raises StudioError."""
    start, end = _ends(path)
    if start.startswith(_PICKLE) and _PERSISTENCE in start and not _by_torch(start):
        return check_network_pickle(path)
    if kind := network_named(_texts(start)):
        raise StudioError(tr("{path} is {kind}, which Triptych can't use.", path=path, kind=kind), "model_unusable")
    if not _holds_generator(start):
        raise _bad("{path} is not a StyleGAN2 or StyleGAN3 in a format that Triptych reads.", path)
    if start.startswith(b"PK") and b"PK\x05\x06" not in end:
        raise _bad("{path} is incomplete: its end is missing. Copy or download it again.", path)
    return _family_of(start)


def _ends(path: Path) -> tuple[bytes, bytes]:
    """The first and the last bytes of a file."""
    try:
        with open_file(path) as file:
            start = file.read(_START)
            file.seek(-min(_END, path.stat().st_size), io.SEEK_END)
            return start, file.read()
    except OSError as error:
        raise StudioError(
            tr("{path} can't be read: {why}.", path=path, why=error.strerror or error), "model_unusable"
        ) from error


def _bad(sentence: str, path: Path) -> StudioError:
    return StudioError(tr(sentence, path=path), "model_unusable")


def _header(path: Path) -> tuple[dict[str, msgspec.Raw], int]:
    """The header, and how many bytes follow it."""
    try:
        size = path.stat().st_size
        with open_file(path) as file:
            (length,) = struct.unpack("<Q", file.read(8))
            if length > min(size - 8, _LONGEST_HEADER):
                raise StudioError(
                    tr("{path} is incomplete, or not a safetensors file. Download it again.", path=path),
                    "model_unusable",
                )
            text = file.read(length).decode("utf-8")
        return msgspec.json.decode(text, type=dict[str, msgspec.Raw]), size - 8 - length
    except (OSError, struct.error, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> StudioError:
    return StudioError(
        tr("{path} is damaged, or not a safetensors file. Download it again.", path=path), "model_unusable"
    )
