"""Reading files of strangers: what is read is a file, of bounded length and depth, and wrong in one way only."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from studio.core.text import tr

LONGEST = 20_000_000
"""Bytes of a settings file. The longest real ones, lists of a model's weights, have some millions."""
_MOST_BYTES, _MOST_LISTS, _MOST_VALUES, _DEEPEST = 100_000_000, 2_000_000, 4_000_000, 50
"""What is read costs up to a hundred times its bytes: "[]," is three of them."""


Filled = TypeVar("Filled", bound=msgspec.Struct)


class UnreadableError(ValueError):
    """What is wrong with a file, in words for people: half a sentence."""


def is_there(path: Path) -> bool:
    """Whether something is at ``path``. What can't be looked at (forbidden, a failed drive, too long a name) is not."""
    try:
        return path.exists()
    except OSError:
        return False


def load_json(path: Path, most: int = LONGEST) -> Any:
    """What the JSON file holds. Raises OSError or ValueError, whatever is wrong with it."""
    if path.exists() and not path.is_file():  # a pipe would never end, nor would /dev/zero behind a link
        raise UnreadableError(tr("it is no file"))
    with path.open("rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise UnreadableError(tr("it is too large"))
    return read_json(data)


def read_json(content: bytes) -> Any:
    """What the JSON in ``content`` says. Raises ValueError when it is none, or takes more memory than is sane."""
    bytes_a_character = 1 if content.isascii() else 4
    lists = content.count(b"[") + content.count(b"{")
    if len(content) * bytes_a_character > _MOST_BYTES or lists > _MOST_LISTS or content.count(b",") > _MOST_VALUES:
        raise UnreadableError(tr("it is too large"))
    try:
        data = json.loads(content)
    except RecursionError as error:
        raise UnreadableError(tr("it is nested too deeply")) from error
    level = [data]
    for _ in range(_DEEPEST):
        level = [inner for value in level if isinstance(value, dict | list) for inner in _inside(value)]
    if level:
        raise UnreadableError(tr("it is nested too deeply"))
    return data


def why_unread(error: Exception) -> str:
    """Why a file couldn't be read, as half a sentence for people: Python's own words are for the log."""
    if isinstance(error, UnreadableError):
        return str(error)
    if isinstance(error, OSError):
        return error.strerror or tr("the system refuses it")
    return tr("it is damaged")


def _inside(value: dict[str, Any] | list[Any]) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else value


def with_fitting(value: Filled, data: Mapping[str, Any]) -> tuple[Filled, list[str]]:
    """``value`` with those of its fields that ``data`` names well, and the names of those that it names wrongly."""
    wrong = []
    for name in value.__struct_fields__:
        if name in data:
            try:
                value = msgspec.convert({**msgspec.to_builtins(value), name: data[name]}, type(value))
            except (ValueError, OverflowError):
                wrong.append(name)
    return value, wrong
