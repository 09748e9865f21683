"""Descriptions of a task's fields, read from its annotations: what forms and command-line flags are built from."""

import types
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

FieldType = Literal[
    "int", "float", "bool", "text", "choice", "ints", "floats", "texts", "group", "groups", "union", "unions", "other"
]
"""The last but one are structs: one or several of one type, or one or several of a tagged union."""
Role = Literal["value", "prompt", "negative", "text", "seed", "input", "folder", "model"]
"""What a field is for, whatever it looks like; see ``studio.core.declare``."""
Look = Literal["", "size", "scheduler", "slot", "seed"]
"""What shows it on a form, where that is not plain by its role and type."""

FILES: frozenset[Role] = frozenset({"input", "folder", "model"})
"""Roles that name a file, a folder or a model of this machine, or several of them."""
_MODELS: frozenset[Role] = frozenset({"model"})
PRIVATE: frozenset[Role] = FILES | {"prompt", "negative", "text"}
"""Roles whose texts a person wrote or chose, and would not send to strangers."""


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One field as a person meets it. ``title`` and ``help`` are English sentences for ``tr``."""

    name: str
    type: FieldType
    default: Any
    title: str
    help: str
    role: Role = "value"
    part: str = ""
    """Of a model: which part of the job's own it is given as ("vae"); "" where it is none."""
    minimum: float | None = None
    maximum: float | None = None
    """Of a seed an int, to the last digit."""
    step: float | None = None
    multiple: float | None = None
    unit: str = ""
    zero: str = ""
    """What 0 means, in words, where it is no number: "no limit". English, for ``tr``."""
    choices: tuple[str, ...] = ()
    look: Look = ""
    hidden: bool = False
    """Whether it is on no form, but in requests and among the flags."""
    more: bool = False
    """Whether forms fold it away."""
    variants: "tuple[Variant, ...]" = ()
    """Of structs: the members of the union, or the one type."""
    optional: bool = False
    """Whether there may be no struct."""

    @property
    def private(self) -> bool:
        """Whether it, or anything inside it, is private."""
        return _has(self, PRIVATE)

    @property
    def names_files(self) -> bool:
        """Whether it, or anything inside it, names files, folders or models of this machine."""
        return _has(self, FILES)

    @property
    def several(self) -> bool:
        """Whether it is a list of structs."""
        return self.type in ("groups", "unions")


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """One type of struct that a field may hold. ``help`` is English, for ``tr``."""

    tag: str
    """By which a union knows it; "" where there is no choice."""
    tag_field: str
    help: str
    fields: tuple[Field, ...]


_MOST = 2**53
_TYPES: dict[Any, FieldType] = {int: "int", float: "float", bool: "bool", str: "text"}
_LISTS: dict[Any, FieldType] = {int: "ints", float: "floats", str: "texts"}


@cache
def describe(kind: type[msgspec.Struct]) -> tuple[Field, ...]:
    """Every field of ``kind``, a task or a part of one, in the order of its declaration."""
    hints = get_type_hints(kind, include_extras=True)
    return tuple(_field(info, hints[info.name]) for info in msgspec.structs.fields(kind))


def fits(field: Field, value: object) -> bool:
    """Whether ``value``, from a file that anybody may have changed, is of the field's type, or one of its choices.

    Bounds are not asked.
    """
    if field.several or field.type in ("ints", "floats", "texts"):
        return isinstance(value, list | tuple) and all(_fits_one(field, each) for each in value)
    return _fits_one(field, value)


def variant_of(field: Field, value: object) -> Variant | None:
    """Which of the field's structs ``value``, as JSON holds it, is; None when it is none."""
    if not isinstance(value, Mapping):
        return None
    return next((one for one in field.variants if not one.tag or value.get(one.tag_field) == one.tag), None)


def with_roles(
    fields: Collection[Field],
    values: Mapping[str, Any],
    roles: Collection[Role],
    change: Callable[[Field, str], str],
) -> dict[str, Any]:
    """``values`` of ``fields`` as JSON holds them, with each text of ``roles``, however deep, as ``change`` says.

    ``change`` gets the field and its text. Of several texts those go that become empty. What is of another type than it
    is declared as stays as it is.
    """
    changed = dict(values)
    for field in fields:
        if field.name in changed and _has(field, roles):
            changed[field.name] = _changed(field, changed[field.name], roles, change)
    return changed


def all_fields(fields: Collection[Field]) -> Iterator[Field]:
    """``fields``, and all that are inside them."""
    for field in fields:
        yield field
        for variant in field.variants:
            yield from all_fields(variant.fields)


def names_of(kind: type[msgspec.Struct], roles: Collection[Role]) -> frozenset[str]:
    """The names of all fields of ``roles``, however deep."""
    return frozenset(field.name for field in all_fields(describe(kind)) if field.role in roles)


def parts_in(fields: Collection[Field], values: Mapping[str, Any]) -> list[tuple[Field, str]]:
    """What ``values`` of ``fields``, as JSON holds them, give to the job's own model: each part's field and address."""
    found: list[tuple[Field, str]] = []

    def see(field: Field, address: str) -> str:
        if field.part and address:
            found.append((field, address))
        return address

    with_roles(fields, values, _MODELS, see)
    return found


def _changed(field: Field, value: object, roles: Collection[Role], change: Callable[[Field, str], str]) -> object:
    if isinstance(value, list | tuple):
        inside = [_changed(field, each, roles, change) for each in value]
        return tuple(each for each in inside if each != "")
    if isinstance(value, str):
        return change(field, value) if field.role in roles else value
    variant = variant_of(field, value)
    return with_roles(variant.fields, value, roles, change) if variant and isinstance(value, Mapping) else value


def _has(field: Field, roles: Collection[Role]) -> bool:
    """Whether it, or anything inside it, has one of ``roles``: points of a thousand numbers have none."""
    return any(each.role in roles for each in all_fields((field,)))


def _fits_one(field: Field, value: object) -> bool:
    match field.type:
        case "choice":
            return value in field.choices
        case "int" | "float" | "ints" | "floats":
            return _is_number(value, field.maximum)
        case "bool":
            return isinstance(value, bool)
        case "text" | "texts":
            return isinstance(value, str)
        case "group" | "groups" | "union" | "unions":
            return (value is None and field.optional) or _fits_struct(field, value)
    return True


def _fits_struct(field: Field, value: object) -> bool:
    variant = variant_of(field, value)
    if variant is None or not isinstance(value, Mapping):
        return False
    return all(fits(inner, value[inner.name]) for inner in variant.fields if inner.name in value)


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
    kind, variants = _type_of(bare)
    default = info.default
    if default is msgspec.NODEFAULT:
        default = None if info.default_factory is msgspec.NODEFAULT else info.default_factory()
    return Field(
        name=info.encode_name,
        type=kind,
        default=default,
        title=meta.title or info.name,
        help=meta.description or "",
        minimum=meta.ge,
        multiple=meta.multiple_of,
        choices=get_args(bare) if get_origin(bare) is Literal else (),
        variants=variants,
        optional=type(None) in get_args(bare),
        **{"maximum": meta.le, **(meta.extra or {})},
    )


def _type_of(bare: Any) -> tuple[FieldType, tuple[Variant, ...]]:
    """The type, and of structs which they are."""
    if get_origin(bare) is Literal:
        return "choice", ()
    if get_origin(bare) is tuple:
        inside = get_args(bare)
        if len(inside) == 2 and inside[1] is ... and (variants := _variants(inside[0])):
            return ("unions" if variants[0].tag else "groups"), variants
        return _LISTS.get(inside[0], "other"), ()
    if variants := _variants(bare):
        return ("union" if variants[0].tag else "group"), variants
    return _TYPES.get(bare, "other"), ()


def _variants(bare: Any) -> tuple[Variant, ...]:
    """Of a struct, or of a union of them; () of anything else. A tagged struct alone is a union of one."""
    union = get_origin(bare) in (Union, types.UnionType)
    kinds = [kind for kind in (get_args(bare) if union else (bare,)) if kind is not type(None)]
    if not all(isinstance(kind, type) and issubclass(kind, msgspec.Struct) for kind in kinds):
        return ()
    return tuple(
        Variant(
            tag=str(config.tag) if (config := kind.__struct_config__).tag is not None else "",
            tag_field=config.tag_field or "",
            help=(kind.__doc__ or "").strip().partition("\n")[0],
            fields=describe(kind),
        )
        for kind in kinds
    )
