"""What a fuzzing target is, and what targets share; see ``fuzz.py``."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.core.errors import StudioError
from tests.torture.mutators import Change, as_bytes

_LONGEST_SENTENCE = 600
"""Characters of what is said of a file, its path left out: a stranger's words are cut."""


@dataclass(frozen=True)
class Target:
    """A reader of untrusted bytes: ``read`` raises what it must not, ``seeds`` are inputs to begin with."""

    read: Callable[[bytes], None]
    seeds: Callable[[], Iterable[bytes]]
    change: Change = as_bytes
    longest: int = 20_000
    slow: bool = False
    """Whether an input takes a noticeable part of a second."""


def put(path: Path, data: bytes) -> Path:
    """Write the file anew, with the folders that it needs: what lay there may still be in somebody's memory."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_bytes(data)
    return path


class Refusing(suppress):
    """Around a reading: takes a sentence that names ``path``. One that doesn't, or is endless, is a find."""

    def __init__(self, path: Path) -> None:
        super().__init__(StudioError)
        self._path = str(path)

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> bool:
        if isinstance(error, StudioError):
            assert self._path in error.message, error
            assert len(error.message.replace(self._path, "")) < _LONGEST_SENTENCE, len(error.message)
        return super().__exit__(kind, error, trace)


def watched(read: Callable[[bytes], None], canary: Path) -> Callable[[bytes], None]:
    """``read``, which finds something when ``canary`` is there: the payloads among the seeds would make it."""

    def reading(data: bytes) -> None:
        read(data)
        assert not canary.exists(), "a program of the file's was run"

    return reading
