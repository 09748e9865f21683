"""Values filled from what an earlier release, or somebody else, wrote down: as far as it fits."""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

Filled = TypeVar("Filled", bound=msgspec.Struct)


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
