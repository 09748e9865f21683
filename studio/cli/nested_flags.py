"""Flags of fields that hold structs.

* one struct: a flag for each of its fields, ``--sampling-steps 20``;
* one of a tagged union: the same beside the choice, ``--start picture --start-path photo.png``;
* a list: its flag once for each,
  ``--part lora:path=ink.safetensors,weight=0.8``, ``weight=0.8`` alone where all are of one type.
"""

import argparse
import csv
from collections.abc import Mapping
from functools import partial
from typing import Any

import msgspec

from studio.cli.values import read_path, read_value
from studio.core.errors import StudioError
from studio.core.fields import FILES, Field, Variant, variant_of, with_roles
from studio.core.text import tr


def add_nested(parser: argparse.ArgumentParser, field: Field) -> None:
    """The flags of ``field``."""
    about = tr(field.help)
    kinds = ", ".join(filter(None, map(_described, field.variants)))
    if field.several:
        form = tr(
            'Repeat for each, as {form}; quote values with commas: "NAME=a,b". Available: {kinds}.',
            form=_form(field),
            kinds=kinds,
        )
        read = partial(read_part, field)
        _add(parser, _flag(field), f"{about} {form}", action="append", type=read, dest=field.name, metavar=_form(field))
        return
    if field.variants[0].tag:
        tags = [variant.tag for variant in field.variants]
        _add(parser, _flag(field), f"{about} {kinds}.", choices=tags, dest=field.name)
    seen: set[str] = set()
    for inner in (inner for variant in field.variants for inner in variant.fields if not inner.hidden):
        if inner.name not in seen:
            _add(parser, _flag(field, inner.name), tr(inner.help), dest=_key(field, inner.name), metavar="VALUE")
        seen.add(inner.name)


def read_nested(field: Field, given: Mapping[str, Any]) -> object:
    """The value that flags gave for ``field``, as JSON holds it; None when they gave none. Raises StudioError."""
    if field.several:
        return given.get(field.name)
    prefix = _key(field, "")
    inside = {name.removeprefix(prefix): text for name, text in given.items() if name.startswith(prefix)}
    if not inside and field.name not in given:
        return None
    before = msgspec.to_builtins(field.default)
    variant = _chosen(field, given.get(field.name), inside, variant_of(field, before))
    kept = before if variant is variant_of(field, before) else {}
    try:
        return {**kept, **_struct(variant, inside)}
    except argparse.ArgumentTypeError as error:
        raise StudioError(tr("{flag}: {why}", flag=_flag(field), why=error)) from error


def read_part(field: Field, text: str) -> dict[str, Any]:
    """One of a list: "lora:path=x,weight=0.8". Raises argparse's ArgumentTypeError."""
    tag, colon, rest = text.partition(":")
    if not field.variants[0].tag or "=" in tag:
        tag, colon, rest = "", "", text
    elif not colon:
        rest = ""
    variant = next((one for one in field.variants if one.tag == tag), None)
    if variant is None:
        kinds = ", ".join(one.tag for one in field.variants)
        raise argparse.ArgumentTypeError(tr("{text} is not one of {kinds}", text=repr(tag or text), kinds=kinds))
    pairs = [part.partition("=") for part in next(csv.reader([rest]), [])]
    if wrong := next((name for name, equals, _ in pairs if not equals), None):
        raise argparse.ArgumentTypeError(tr("{text} is not of the form NAME=VALUE", text=repr(wrong)))
    return _struct(variant, {name.strip().replace("-", "_"): value for name, _, value in pairs})


def _struct(variant: Variant, texts: Mapping[str, str]) -> dict[str, Any]:
    fields = {inner.name: inner for inner in variant.fields}
    if unknown := texts.keys() - fields.keys():
        names = ", ".join(fields) or "-"
        what = tr("{name} is not one of its settings: {names}", name=sorted(unknown)[0], names=names)
        raise argparse.ArgumentTypeError(f"{variant.tag}: {what}" if variant.tag else what)
    values = {name: read_value(fields[name], text) for name, text in texts.items()}
    here = with_roles(variant.fields, values, FILES, lambda _, path: read_path(path) if path else "")
    return {**({variant.tag_field: variant.tag} if variant.tag else {}), **here}


def _chosen(field: Field, tag: str | None, inside: Mapping[str, str], before: Variant | None) -> Variant:
    """The type that is meant: the one that was named, else the only one that has what was given."""
    if tag is not None:
        return next(variant for variant in field.variants if variant.tag == tag)
    able = [one for one in field.variants if inside.keys() <= {inner.name for inner in one.fields}]
    if before is not None and before in able:
        return before
    if len(able) != 1:
        kinds = ", ".join(variant.tag for variant in able or field.variants)
        raise StudioError(tr("Choose one with {flag}: {kinds}.", flag=_flag(field), kinds=kinds))
    return able[0]


def _add(parser: argparse.ArgumentParser, flag: str, help: str, **options: Any) -> None:
    parser.add_argument(flag, default=argparse.SUPPRESS, help=help.replace("%", "%%"), **options)


def _flag(field: Field, inner: str = "") -> str:
    """Of a list, whose name is a plural, the name of one."""
    name = field.name.removesuffix("s") if field.several else field.name
    return f"--{name}{'-' if inner else ''}{inner}".replace("_", "-")


def _key(field: Field, inner: str) -> str:
    """Where argparse keeps what is given for a field inside."""
    return f"{field.name}.{inner}"


def _form(field: Field) -> str:
    pair = "NAME=VALUE,..."
    return f"KIND:{pair}" if field.variants[0].tag else pair


def _described(variant: Variant) -> str:
    """A type and its settings: "lora (path, weight)"."""
    names = ", ".join(inner.name for inner in variant.fields if not inner.hidden)
    if not variant.tag:
        return names
    return f"{variant.tag} ({names})" if names else variant.tag
