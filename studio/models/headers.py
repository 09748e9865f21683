"""Reading of untrusted model files' headers: what a file claims to be, held against what it is."""

import json
import struct
from pathlib import Path
from typing import Any

from studio.core.errors import StudioError
from studio.core.text import tr

_LONGEST_HEADER = 100_000_000
"""Bytes; the limit of the safetensors library itself."""
_LONGEST_JSON = 10_000_000
_SIZES = {"F64": 8, "I64": 8, "U64": 8, "F32": 4, "I32": 4, "U32": 4, "F16": 2, "BF16": 2, "I16": 2, "U16": 2}


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object. Raises StudioError when the file is missing, too large, or no such thing."""
    try:
        if path.stat().st_size > _LONGEST_JSON:
            raise StudioError(tr("{path} is too large to be a settings file.", path=path), "model_unusable")
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise StudioError(tr("{path} is missing.", path=path), "model_unusable") from error
    except (OSError, ValueError, RecursionError) as error:
        raise StudioError(tr("{path} can't be read; it may be damaged.", path=path), "model_unusable") from error
    if not isinstance(data, dict):
        raise StudioError(tr("{path} doesn't hold what it should.", path=path), "model_unusable")
    return data


def check_safetensors(path: Path) -> int:
    """Check the header against the file, without reading the tensors. Returns how many parameters there are.

    Raises StudioError: cut off, no such file, or offsets that don't fit.
    """
    header, body = _header(path)
    parameters, end = 0, 0
    for name, tensor in header.items():
        if name == "__metadata__":
            continue
        try:
            begin, stop = tensor["data_offsets"]
            count = 1
            for edge in tensor["shape"]:
                count *= edge
            wrong = not 0 <= begin <= stop or count * _SIZES.get(tensor["dtype"], 1) > max(stop - begin, 0)
        except (KeyError, TypeError, ValueError) as error:
            raise _damaged(path) from error
        if wrong:
            raise _damaged(path)
        parameters, end = parameters + count, max(end, stop)
    if end > body:
        raise StudioError(
            tr("{path} is cut off: {missing} bytes are missing. Download it again.", path=path, missing=end - body),
            "model_unusable",
        )
    return parameters


def _header(path: Path) -> tuple[dict[str, Any], int]:
    """The header, and how many bytes follow it."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            if length > min(size - 8, _LONGEST_HEADER):
                raise StudioError(
                    tr("{path} is cut off, or no safetensors file. Download it again.", path=path), "model_unusable"
                )
            header = json.loads(file.read(length))
    except (OSError, struct.error, ValueError, RecursionError) as error:
        raise _damaged(path) from error
    if not isinstance(header, dict):
        raise _damaged(path)
    return header, size - 8 - length


def _damaged(path: Path) -> StudioError:
    return StudioError(tr("{path} is damaged, or no safetensors file.", path=path), "model_unusable")
