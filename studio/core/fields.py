"""Descriptions of a task's fields, read from its annotations: what forms and command-line flags are built from."""

from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec

from studio.core.task import Task

FieldType = Literal["int", "float", "bool", "text", "choice", "ints", "floats", "texts", "other"]


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One field as a person meets it. ``title`` and ``help`` are English sentences for ``tr``."""

    name: str
    type: FieldType
    default: Any
    title: str
    help: str
    minimum: float | None = None
    maximum: float | None = None
    """Of a seed an int, to the last digit."""
    step: float | None = None
    multiple: float | None = None
    unit: str = ""
    zero: str = ""
    """What 0 means, in words, where it is no number: "no limit". English, for ``tr``."""
    choices: tuple[str, ...] = ()
    widget: str = ""
    """A hint beyond the type: "prompt", "line", "path", "folder", "seed", "model", "hidden"; "": as the form likes."""
    group: Literal["main", "more"] = "main"
    names_files: bool = False
    """Whether it holds the path of a file, a folder or a model, or several of them."""


_MOST = 2**53
_TYPES: dict[Any, FieldType] = {int: "int", float: "float", bool: "bool", str: "text"}
_LISTS: dict[Any, FieldType] = {int: "ints", float: "floats", str: "texts"}


def describe(task_type: type[Task]) -> tuple[Field, ...]:
    """Every field of ``task_type`` in the order of its declaration."""
    hints = get_type_hints(task_type, include_extras=True)
    return tuple(_field(info, hints[info.name]) for info in msgspec.structs.fields(task_type))


def fits(field: Field, value: object) -> bool:
    """Whether ``value``, from a file that anybody may have changed, is of the field's type, or one of its choices.

    Bounds are not asked.
    """
    match field.type:
        case "choice":
            return value in field.choices
        case "int" | "float":
            return _is_number(value, field.maximum)
        case "bool" | "text":
            return isinstance(value, bool if field.type == "bool" else str)
        case "ints" | "floats":
            return isinstance(value, list | tuple) and all(map(_is_number, value))
        case "texts":
            return isinstance(value, list | tuple) and all(isinstance(text, str) for text in value)
    return True


def _is_number(value: object, most: float | None = None) -> bool:
    """No NaN, nothing infinite, and nothing that a double can't count but whole numbers up to a larger ``most``."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) < _MOST or (isinstance(value, int) and most is not None and _MOST <= abs(value) <= most)


def _field(info: msgspec.structs.FieldInfo, hint: Any) -> Field:
    metas = (
        [note for note in get_args(hint)[1:] if isinstance(note, msgspec.Meta)] if hasattr(hint, "__metadata__") else []
    )
    bare = get_args(hint)[0] if metas else hint
    meta = metas[0] if metas else msgspec.Meta()
    extra: dict[str, Any] = {"maximum": meta.le, **(meta.extra or {})}
    extra.setdefault("names_files", extra.get("widget") in ("path", "folder"))
    return Field(
        name=info.name,
        type=_type_of(bare),
        default=None if info.default is msgspec.NODEFAULT else info.default,
        title=meta.title or info.name,
        help=meta.description or "",
        minimum=meta.ge,
        multiple=meta.multiple_of,
        choices=get_args(bare) if get_origin(bare) is Literal else (),
        **extra,
    )


def _type_of(bare: Any) -> FieldType:
    if get_origin(bare) is Literal:
        return "choice"
    if get_origin(bare) is tuple:
        return _LISTS.get(get_args(bare)[0], "other")
    return _TYPES.get(bare, "other")
