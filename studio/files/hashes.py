"""Hashes of files: by them a request names what it used without saying where that lies."""

import functools
import hashlib
from collections.abc import Iterator
from pathlib import Path

from studio.files.reading import open_file

DIGITS = 10
"""Of a model's hash, as AUTOMATIC1111 writes them."""
_WEIGHTS = (".safetensors", ".bin", ".pkl", ".pt", ".pth", ".ckpt", ".gguf")
_MOST_FILES = 200
_PIECE, _AT = 65_536, 1_048_576
"""Of each file of weights so many bytes from there on are read, and as many at its end: a model has gigabytes."""
_BLOCK = 1_048_576


def file_hash(path: str) -> str:
    """The SHA-256 of a plain file's content; "" when it can't be read."""
    try:
        found = Path(path)
        return _of_content(path, found.stat().st_mtime_ns, found.stat().st_size) if found.is_file() else ""
    except (OSError, ValueError):
        return ""


def model_hash(path: str) -> str:
    """A hash of the weights in a model's folder or file, of samples of them; "" when there are none to be read."""
    try:
        files = list(_weights(Path(path)))
        return _of_samples(tuple((str(file), file.stat().st_mtime_ns, file.stat().st_size) for file in files))
    except (OSError, ValueError):
        return ""


@functools.lru_cache(256)
def _of_content(path: str, changed: int, size: int) -> str:
    del changed, size  # they are there for the cache
    found = hashlib.sha256()
    with open_file(Path(path)) as file:
        while block := file.read(_BLOCK):
            found.update(block)
    return found.hexdigest()


@functools.lru_cache(64)
def _of_samples(files: tuple[tuple[str, int, int], ...]) -> str:
    found = hashlib.sha256()
    for path, _, size in files:
        with open_file(Path(path)) as file:
            file.seek(min(_AT, max(size - _PIECE, 0)))
            found.update(f"{Path(path).name} {size}\n".encode("utf-8", "replace") + file.read(_PIECE))
            file.seek(max(size - _PIECE, 0))
            found.update(file.read(_PIECE))
    return found.hexdigest()[:DIGITS] if files else ""


def _weights(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    inside = sorted(file for file in path.rglob("*") if file.suffix.lower() in _WEIGHTS and file.is_file())
    yield from inside[:_MOST_FILES]
