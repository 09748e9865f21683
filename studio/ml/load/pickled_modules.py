"""Walks through the modules that a pickle holds: their tensors by name, and what else they keep."""

import pickle
from typing import Any

from torch import Tensor

from studio.ml.load.pickle_reader import Shell

_MODULES, _ENTRIES, _LONGEST_NAME = 5_000, 100_000, 500


def tensors_of(module: Shell) -> dict[str, Tensor]:
    """All parameters and buffers below `module`, named as its state dictionary names them.

    Raises one of BROKEN for modules without an end: those within themselves, or the same one over and over.
    """
    found: dict[str, Tensor] = {}
    waiting, modules, entries = [("", module)], 0, 0
    while waiting:
        prefix, module = waiting.pop()
        modules += 1
        entries += sum(len(module.part(kind)) for kind in ("_parameters", "_buffers", "_modules"))
        if modules > _MODULES or entries > _ENTRIES:
            raise pickle.UnpicklingError("modules without an end")
        for kind in ("_parameters", "_buffers"):
            for name, value in module.part(kind).items():
                if isinstance(value, Tensor):
                    found[_longer(prefix, name)] = value
        for name, child in module.part("_modules").items():
            if isinstance(child, Shell):
                waiting.append((f"{_longer(prefix, name)}.", child))
    return found


def _longer(prefix: str, name: Any) -> str:
    if not isinstance(name, str) or len(prefix) + len(name) > _LONGEST_NAME:
        raise pickle.UnpicklingError("names without an end")
    return f"{prefix}{name}"


def attribute(module: Shell | None, path: str, name: str, otherwise: Any = None) -> Any:
    """The attribute `name` of the module at `path` below `module` ("synthesis.b4.conv1"), if that is known."""
    found: Any = module
    for step in path.split("."):
        found = found.part("_modules").get(step) if isinstance(found, Shell) else None
    return found.attributes.get(name, otherwise) if isinstance(found, Shell) else otherwise
