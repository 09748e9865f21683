"""Flags made from a task's fields: their names, types, bounds, choices and help, and the task read from them."""

import argparse
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from studio.core.errors import StudioError
from studio.core.fields import Field, describe
from studio.core.foreign_paths import is_address, refuse_foreign_paths
from studio.core.person import expanded
from studio.core.resources import BUNDLED
from studio.core.task import Task, check
from studio.core.text import tr

MOST = 100_000
"""Numbers that a range may stand for."""
_LAST_SEED = 2**32 - 1
"""Of a generator; fields of several numbers are its seeds."""
_PATHS = {"path": "FILE", "folder": "FOLDER"}


def add_flags(parser: argparse.ArgumentParser, task_type: type[Task]) -> None:
    """A flag for every field of ``task_type``; the prompt is the one thing that needs none."""
    for field in describe(task_type):
        if field.widget == "prompt":
            parser.add_argument(
                field.name,
                nargs="?",
                default=argparse.SUPPRESS,
                metavar=field.name.upper(),
                help=tr("{what} - reads it from stdin.", what=_help(field)),
            )
        else:
            parser.add_argument(f"--{field.name.replace('_', '-')}", **_options(field))


def read_task(task_type: type[Task], given: Mapping[str, Any], defaults: Mapping[str, Any]) -> Task:
    """The task: what was given, else the model's own ``defaults``, else the task's.

    A model's ``size`` is the edge of a square picture; files it may not name: its card is a stranger's. Raises
    StudioError when a value is out of its bounds.
    """
    names = {field.name for field in describe(task_type)}
    files = {field.name for field in describe(task_type) if field.widget in _PATHS}
    defaults = {name: value for name, value in defaults.items() if name not in files}
    edge = {"width": defaults["size"], "height": defaults["size"]} if "size" in defaults else {}
    chosen = {name: value for name, value in {**edge, **defaults, **given}.items() if name in names}
    task = task_type.from_data({"version": task_type.current, **chosen})
    check(task)
    refuse_foreign_paths(task)
    return task


def _options(field: Field) -> dict[str, Any]:
    kinds: dict[str, dict[str, Any]] = {
        "bool": {"action": argparse.BooleanOptionalAction},
        "choice": {"choices": field.choices},
        "int": {"type": _number(field), "metavar": field.unit.upper() or "N"},
        "float": {"type": _number(field), "metavar": field.unit.upper() or "N"},
        "ints": {"type": read_numbers, "action": "extend", "metavar": "N,N-N"},
        "texts": {"action": "append", "metavar": "TEXT"},
        "text": {"type": _path, "metavar": _PATHS[field.widget]} if field.widget in _PATHS else {"metavar": "TEXT"},
    }
    return {
        "default": argparse.SUPPRESS,
        "help": _help(field),
        **kinds.get(field.type, {"type": _json, "metavar": "JSON"}),
    }


def _help(field: Field) -> str:
    words = tr(field.help)
    if field.default not in ("", (), None) and field.type != "bool":
        shown = ",".join(map(str, field.default)) if isinstance(field.default, tuple) else field.default
        words = f"{words} ({shown})"
    elif field.type == "bool":
        words = f"{words} ({tr('yes') if field.default else tr('no')})"
    return words.replace("%", "%%")


def _number(field: Field) -> Callable[[str], int | float]:
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
            raise argparse.ArgumentTypeError(tr("{text} is no list of numbers such as 0-3,8", text=repr(text)))
        low, high = int(first), int(last or first)
        if high > _LAST_SEED:
            raise argparse.ArgumentTypeError(
                tr("{value} is not between {low} and {high}", value=high, low=0, high=_LAST_SEED)
            )
        if not low <= high < low + MOST:
            raise argparse.ArgumentTypeError(
                tr("{part} runs backwards, or stands for more than {most} numbers", part=part, most=MOST)
            )
        numbers += range(low, high + 1)
    return numbers


def _path(text: str) -> str:
    return text if is_address(text) and not Path(text).drive else str(expanded(Path(text)).absolute())


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise argparse.ArgumentTypeError(tr("this is no JSON")) from error


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
