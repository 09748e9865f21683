"""Keeps what a model's settings ask for within what its files hold, and what libraries raise within one error."""

import math
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from torch.nn.modules import module as modules

from studio.core.errors import StudioError
from studio.core.reading import load_json
from studio.core.text import tr
from studio.ml.memory import is_out_of_memory

SETTINGS = (
    "config.json", "generation_config.json", "tokenizer_config.json", "scheduler_config.json",
    "preprocessor_config.json", "special_tokens_map.json", "added_tokens.json",
)  # fmt: skip
_OF_WORDS = ("tokenizer_config.json", "special_tokens_map.json", "added_tokens.json")
_ADAPTER = "adapter_config.json"
_COUNT = re.compile(r"num|^n_|layer|depth|order|block|expert|head|label|group|extra|offset|reserved")
_NO_COUNT = re.compile(r"position|ctx|length|size|channels|param|token")
_MOST = 100_000
"""Of whatever a setting counts: layers, heads, steps, extra words. The libraries make a list of each, or count on."""
_WIDE, _LONGEST_TEXT = re.compile(r"%[-+ #0]*\.?\d{4}"), 2_000
"""What libraries reckon with may be a text: a remainder then fills it up to its width, a product repeats it."""
_GROWTH = 1_000
"""What a tokenizer may make of one character, in characters."""
_LONGEST_HEADER = 20_000_000
"""Bytes of a safetensors header: some hundred thousand tensors in one file."""
_NUMBERS, _MODULES = 20_000_000, 10_000
_WANTED, _LARGEST = re.compile(r"tried to allocate (\d+) bytes"), 8
"""What the CPU's allocator says, and the bytes that a number takes at most."""


def check_settings(folder: Path) -> None:
    """The settings of the model in ``folder`` have sane counts and name no program. Raises StudioError."""
    if (folder / _ADAPTER).exists():  # transformers would follow the path in it, and peft import what it names
        raise _unusable(
            "{path} belongs to an adapter, which Triptych doesn't read. Get the model without it.",
            path=folder / _ADAPTER,
        )
    if (file := folder / "tokenizer.json").exists():
        if not file.is_file():
            raise _unusable("{path} is no file. Get it again.", path=file)
        _check_tokenizer(file)
    for file in folder.glob("*.safetensors"):
        check_header(file)
    for name in SETTINGS:
        file = folder / name
        if not file.exists():
            continue
        try:
            settings = load_json(file)
        except (OSError, ValueError) as error:
            raise _unusable("{path} can't be read: {why}. Get it again.", path=file, why=error) from error
        _check(file, settings)


def check_header(file: Path) -> None:
    """The header of a safetensors file isn't so long that reading it takes all time. Raises StudioError."""
    if not file.is_file():
        raise _unusable("{path} is no file. Get it again.", path=file)
    with file.open("rb") as opened:
        if int.from_bytes(opened.read(8), "little") > _LONGEST_HEADER:
            raise _unusable("{path} is damaged, or no safetensors file. Download it again.", path=file)


class _Tokenizer(msgspec.Struct):
    """The parts of a tokenizer.json that put texts in the place of others."""

    normalizer: Any = None
    pre_tokenizer: Any = None
    decoder: Any = None


def _check_tokenizer(file: Path) -> None:
    try:
        found = msgspec.json.decode(file.read_bytes(), type=_Tokenizer)
    except (OSError, ValueError, RecursionError) as error:
        raise _unusable("{path} can't be read: {why}. Get it again.", path=file, why=first_line(error)) from error
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


def _check(file: Path, settings: Any) -> None:
    waiting: list[tuple[str, Any]] = [("", settings)]
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [(str(key).lower(), each) for key, each in value.items()]
        elif isinstance(value, list):
            waiting += [(name, each) for each in value]
        elif isinstance(value, int | float):
            if value > _MOST and _COUNT.search(name) and not _NO_COUNT.search(name):
                raise _unusable(
                    "{path} asks for {count} of {name}; no model has so many.",
                    path=file,
                    count=str(value)[:30],
                    name=name[:100],
                )
        elif isinstance(value, str) and file.name not in _OF_WORDS and _swells(value):
            raise _unusable("{path} holds no number of {name}, but a text.", path=file, name=name[:100])
        elif isinstance(value, str) and name.endswith("_implementation") and ("/" in value or ":" in value):
            raise _unusable(
                "{path} names a program ({name}), and Triptych runs none that a model brings.",
                path=file,
                name=value[:100],
            )
        if name == "transformers_weights" and value is not None:
            raise _unusable("{path} names other weights than those beside it.", path=file)


def _swells(text: str) -> bool:
    return len(text) > _LONGEST_TEXT or _WIDE.search(text) is not None


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


def first_line(error: BaseException) -> str:
    """What a library said, short enough for a sentence."""
    return (str(error).strip() or type(error).__name__).splitlines()[0][:300]


def _unusable(sentence: str, **values: object) -> StudioError:
    return StudioError(tr(sentence, **values), trouble="model_unusable")
