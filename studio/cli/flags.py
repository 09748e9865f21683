"""Flags made from a task's fields: their names, types, bounds, choices and help, and the task read from them."""

import argparse
from collections.abc import Mapping
from typing import Any

from studio.cli.nested_flags import add_nested, read_nested
from studio.cli.values import PATHS, number, read_json, read_numbers, read_path
from studio.core.fields import Field, describe
from studio.core.foreign_paths import refuse_foreign_paths
from studio.core.task import Task, check
from studio.core.text import tr


def add_flags(parser: argparse.ArgumentParser, task_type: type[Task]) -> None:
    """A flag for every field of ``task_type``; the prompt is the one thing that needs none."""
    for field in describe(task_type):
        if field.variants and not field.hidden:
            add_nested(parser, field)
        elif field.role == "prompt":
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
    fields = describe(task_type)
    names = {field.name for field in fields}
    files = {field.name for field in fields if field.names_files}
    defaults = {name: value for name, value in defaults.items() if name not in files}
    nested = {field.name: read_nested(field, given) for field in fields if field.variants and not field.hidden}
    given = {**given, **{name: value for name, value in nested.items() if value is not None}}
    edge = {"width": defaults["size"], "height": defaults["size"]} if "size" in defaults else {}
    chosen = {name: value for name, value in {**edge, **defaults, **given}.items() if name in names}
    refuse_foreign_paths(task_type, chosen)
    task = task_type.from_values(chosen)
    check(task)
    return task


def _options(field: Field) -> dict[str, Any]:
    kinds: dict[str, dict[str, Any]] = {
        "bool": {"action": argparse.BooleanOptionalAction},
        "choice": {"choices": field.choices},
        "int": {"type": number(field), "metavar": field.unit.upper() or "N"},
        "float": {"type": number(field), "metavar": field.unit.upper() or "N"},
        "ints": {"type": read_numbers, "action": "extend", "metavar": "N,N-N"},
        "texts": {"action": "append", **_words(field)},
        "text": _words(field),
    }
    return {
        "default": argparse.SUPPRESS,
        "help": _help(field),
        **kinds.get(field.type, {"type": read_json, "metavar": "JSON"}),
    }


def _words(field: Field) -> dict[str, Any]:
    return {"type": read_path, "metavar": PATHS[field.role]} if field.role in PATHS else {"metavar": "TEXT"}


def _help(field: Field) -> str:
    words = tr(field.help)
    if field.default not in ("", (), None) and field.type != "bool":
        shown = ",".join(map(str, field.default)) if isinstance(field.default, tuple) else field.default
        words = f"{words} ({shown})"
    elif field.type == "bool":
        words = f"{words} ({tr('yes') if field.default else tr('no')})"
    return words.replace("%", "%%")
