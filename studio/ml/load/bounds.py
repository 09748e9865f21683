"""Keeps what a model's settings ask for within what its folder holds, and what libraries raise within one error."""

import math
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from torch.nn.modules import module as modules

from studio.core.errors import StudioError, is_out_of_memory
from studio.core.text import tr
from studio.files.reading import why_unread
from studio.ml.load.without_names import without_names

_GROWTH = 1_000
"""What a tokenizer may make of one character, in characters."""
_LONGEST_HEADER = 20_000_000
"""Bytes of a safetensors header: some hundred thousand tensors in one file."""
_NUMBERS, _MODULES = 20_000_000, 10_000
_WANTED, _LARGEST = re.compile(r"tried to allocate (\d+) bytes"), 8
"""What the CPU's allocator says, and the bytes that a number takes at most."""


def check_files(folder: Path) -> None:
    """The tokenizer and the headers of the weights in ``folder`` aren't made to take all time. Raises StudioError."""
    for file in folder.glob("tokenizer*.json"):
        if file.name == "tokenizer_config.json":
            continue
        if not file.is_file():
            raise _unusable("{path} is not a file. Download it again.", path=file)
        _check_tokenizer(file)
    for file in folder.glob("*.safetensors"):
        check_header(file)


def check_header(file: Path) -> None:
    """The header of a safetensors file isn't so long that reading it takes all time. Raises StudioError."""
    if not file.is_file():
        raise _unusable("{path} is not a file. Download it again.", path=file)
    with file.open("rb") as opened:
        if int.from_bytes(opened.read(8), "little") > _LONGEST_HEADER:
            raise _unusable("{path} is damaged, or not a safetensors file. Download it again.", path=file)


class _Tokenizer(msgspec.Struct):
    """The parts of a tokenizer.json that put texts in the place of others."""

    normalizer: Any = None
    pre_tokenizer: Any = None
    decoder: Any = None


def _check_tokenizer(file: Path) -> None:
    try:
        found = msgspec.json.decode(file.read_bytes(), type=_Tokenizer)
    except (OSError, ValueError, RecursionError) as error:
        raise _unusable("{path} can't be read: {why}. Download it again.", path=file, why=why_unread(error)) from error
    for part in (found.normalizer, found.pre_tokenizer, found.decoder):
        if _growth(part) > _GROWTH:
            raise _unusable("The tokenizer in {path} would make texts endlessly long.", path=file)


def _growth(part: Any) -> int:
    """How many characters may come of one, as far as it matters: each step works on what the one before has made."""
    growth, waiting = 1, [part]
    while waiting and growth <= _GROWTH:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            waiting += value.values()
            texts = (value.get(key) for key in ("content", "prepend"))
            growth *= math.prod(max(1, len(text)) for text in texts if isinstance(text, str))
    return growth


@contextmanager
def bounded(path: Path, files: Iterable[Path]) -> Iterator[None]:
    """While a library builds a model from its settings: stop it when there is more of it than ``files`` can fill.

    Libraries build a network before they look at its weights, without memory for it but with time, and then fill what
    the weights lack with numbers of their own. One thread computes in a process, so the hooks see nobody else's work.
    """
    size = sum(file.stat().st_size for file in files if file.is_file())
    numbers, pieces = _NUMBERS + 16 * size, _MODULES + size // 100_000
    made = [0, 0]

    def count(_module: Any, _name: str, thing: Any) -> None:
        made[0] += thing.numel() if hasattr(thing, "numel") else 0
        made[1] += 1
        if made[0] > numbers or made[1] > pieces:
            raise _unusable("The settings in {path} describe a model far larger than its weights.", path=path)

    handles = [
        modules.register_module_parameter_registration_hook(count),
        modules.register_module_buffer_registration_hook(count),
        modules.register_module_module_registration_hook(count),
    ]
    try:
        with without_names():
            yield
    except RuntimeError as error:  # a piece so large that it can't even be begun
        wanted = _WANTED.search(str(error))
        if wanted and int(wanted[1]) > _LARGEST * numbers:
            raise _unusable(
                "The settings in {path} describe a model far larger than its weights.", path=path
            ) from error
        raise
    finally:
        for handle in handles:
            handle.remove()


@contextmanager
def strangers(explain: Callable[[BaseException], StudioError]) -> Iterator[None]:
    """Around a library's reading of a stranger's files: whatever it raises becomes what ``explain`` makes of it.

    Not what says that memory ran out. tokenizers, written in Rust, also raises what is no Exception.
    """
    try:
        yield
    except StudioError:
        raise
    except Exception as error:
        if is_out_of_memory(error):
            raise
        raise explain(error) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise explain(error) from error


def _unusable(sentence: str, **values: object) -> StudioError:
    return StudioError(tr(sentence, **values), trouble="model_unusable")
