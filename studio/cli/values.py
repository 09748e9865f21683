"""Texts of the command line as values: numbers, lists of them, paths, addresses, JSON."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from studio.core.errors import StudioError
from studio.core.fields import Field
from studio.core.foreign_paths import is_address
from studio.core.person import expanded
from studio.core.resources import BUNDLED
from studio.core.text import tr

MOST = 100_000
"""Numbers that a range may stand for."""
_LAST_SEED = 2**32 - 1
"""Of a generator; fields of several numbers are its seeds."""
PATHS = {"input": "FILE", "folder": "FOLDER", "model": "ADDRESS"}
"""By role: what is named from the working folder, and what it is called."""
_YES, _NO = ("yes", "true", "on", "1"), ("no", "false", "off", "0")


def number(field: Field) -> Callable[[str], int | float]:
    """What reads a number of the field, within its bounds."""
    kind = int if field.type == "int" else float

    def read(text: str) -> int | float:
        try:
            value: int | float = kind(text)
        except ValueError as error:
            wanted = tr("a whole number") if kind is int else tr("a number")
            raise argparse.ArgumentTypeError(tr("{text} is not {wanted}", text=repr(text), wanted=wanted)) from error
        low, high = field.minimum, field.maximum
        if (low is not None and not value >= low) or (high is not None and not value <= high):
            raise argparse.ArgumentTypeError(
                tr("{value} is not between {low} and {high}", value=value, low=low, high=high)
            )
        if field.multiple and value % field.multiple:
            raise argparse.ArgumentTypeError(
                tr("{value} is not a multiple of {multiple}", value=value, multiple=field.multiple)
            )
        return value

    return read


def read_numbers(text: str) -> list[int]:
    """ "0-3,8" -> [0, 1, 2, 3, 8]."""
    numbers: list[int] = []
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        if not first.isdecimal() or (dash and not last.isdecimal()):
            raise argparse.ArgumentTypeError(tr("{text} is not a list of numbers such as 0-3,8", text=repr(text)))
        low, high = int(first), int(last or first)
        if high > _LAST_SEED:
            raise argparse.ArgumentTypeError(
                tr("{value} is not between {low} and {high}", value=high, low=0, high=_LAST_SEED)
            )
        if not low <= high < low + MOST:
            raise argparse.ArgumentTypeError(
                tr("{part} runs backwards, or covers more than {most} numbers", part=part, most=MOST)
            )
        numbers += range(low, high + 1)
    return numbers


def read_path(text: str) -> str:
    r"""As it is named from the working folder; an address, or ``\\machine\share``, stays what it is, to be refused."""
    if text.replace("\\", "/").startswith("//"):
        return text
    return text if is_address(text) and not Path(text).drive else str(expanded(Path(text)).absolute())


def read_json(text: str) -> Any:
    """JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise argparse.ArgumentTypeError(tr("this is not valid JSON")) from error


def read_address(text: str) -> str:
    """A model as a person names it -> its address: "starter:NAME", or the whole path of a folder or file."""
    if text.startswith(BUNDLED):
        return text
    path = expanded(Path(text)).absolute()
    if not path.exists():
        raise StudioError(
            tr("There is no model at {path}. Give starter:NAME or a model's folder.", path=path), "model_missing"
        )
    return str(path)


def read_value(field: Field, text: str) -> Any:
    """The value of a field inside a struct; what has no plain form is JSON. Raises argparse's ArgumentTypeError."""
    if field.type in ("int", "float"):
        return number(field)(text)
    if field.type == "bool":
        if text.lower() not in (*_YES, *_NO):
            raise argparse.ArgumentTypeError(tr("{text} is not yes or no", text=repr(text)))
        return text.lower() in _YES
    if field.type == "ints":
        return read_numbers(text)
    if field.type == "text":
        return read_path(text) if field.role in PATHS else text
    return text if field.type == "choice" else read_json(text)
