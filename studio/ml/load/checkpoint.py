"""Finds the generator in a checkpoint (.pt, .pth): in whatever program's wrapping, as a state or as a saved module."""

import zipfile
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from torch import Tensor

from studio.families.rules.known import GENERATORS
from studio.families.rules.networks import network_named
from studio.ml.load import network_pickle, rosinality
from studio.ml.load.generator_settings import unusable
from studio.ml.load.generators import Found
from studio.ml.load.pickle_reader import BROKEN, Shell
from studio.ml.load.pickled_modules import tensors_of
from studio.ml.load.torch_file import read_torch_file

Tensors = dict[str, Tensor]
_LAYERS = tuple(layer for family in GENERATORS for layer in family.layers)
_DEEP, _PLACES = 4, 2_000
"""How far inside other things a generator is looked for, and in how many."""
_AVERAGE, _LONGEST = "latent_avg", 100


class _State(NamedTuple):
    """A network's tensors by name, and where it lies in the file ("g_ema", "state_dict")."""

    place: str
    tensors: Tensors
    module: Shell | None
    average: Tensor | None
    """The average w that was saved beside it."""


def read(path: Path) -> Found:
    """The generator in the checkpoint at ``path``, the averaged one if there are several. Raises StudioError."""
    states = _load(path)
    names = [name for state in states for name in state.tensors]
    if kind := network_named(names):
        raise unusable(path, "it is {kind}, which Triptych can't use.", kind=kind)
    found = [each for state in states for each in _generators(state)]
    if not found:
        if any("final_linear." in name or ".fromrgb." in name for name in names):
            raise unusable(path, "it contains a discriminator; pictures come from a generator.")
        raise unusable(path, "it contains no StyleGAN2 or StyleGAN3.")
    state = min(found, key=lambda each: ("ema" not in each.place.casefold(), len(each.place)))
    try:
        if rosinality.SIGN in state.tensors:
            return rosinality.understand(state.tensors, state.average)
        return network_pickle.understand(path, state.module, state.tensors)
    except BROKEN as error:
        raise unusable(path, "its weights don't match each other. Was it modified or cut off?") from error


def _load(path: Path) -> list[_State]:
    try:
        return list(islice(_states(read_torch_file(path), "", None, _DEEP), _PLACES))
    except (OSError, zipfile.BadZipFile, NotImplementedError, *BROKEN) as error:
        if _is_cut(path):
            raise unusable(path, "it is incomplete: its end is missing. Copy or download it again.") from error
        raise unusable(path, "it is not a weights-only checkpoint, or it is damaged.") from error


def _is_cut(path: Path) -> bool:
    """Whether it begins as an archive of torch's, and lacks the table at an archive's end."""
    with path.open("rb") as file:
        begins = file.read(4) == b"PK\x03\x04"
    with suppress(zipfile.BadZipFile):  # it is there, and damaged
        return begins and not zipfile.is_zipfile(path)
    return False


def _states(content: Any, place: str, average: Any, deep: int) -> Iterator[_State]:
    """All that lies in ``content`` and has tensors with names."""
    if isinstance(content, Shell) and content.part("_modules"):
        yield _State(place, tensors_of(content), content, _tensor(average))
        return
    inside = content.items if isinstance(content, Shell) else content
    if not isinstance(inside, dict) or not deep:
        return
    average = inside.get(_AVERAGE, average)
    if tensors := {
        name: value for name, value in inside.items() if isinstance(name, str) and _tensor(value) is not None
    }:
        yield _State(place, tensors, None, _tensor(average))
    for name, value in inside.items():
        if isinstance(value, dict | Shell):
            yield from _states(value, f"{place}.{str(name)[:_LONGEST]}", average, deep - 1)


def _tensor(value: Any) -> Tensor | None:
    return value if isinstance(value, Tensor) else None


def _generators(state: _State) -> Iterator[_State]:
    """Each generator in ``state``, by the names that its own program gives its tensors."""
    for sign in _LAYERS:
        for name in state.tensors:
            if name == sign or name.endswith(f".{sign}"):
                prefix = name.removesuffix(sign)
                own = {
                    each.removeprefix(prefix): tensor
                    for each, tensor in state.tensors.items()
                    if each.startswith(prefix)
                }
                yield _State(f"{state.place}.{prefix}", own, _part(state.module, prefix), state.average)


def _part(module: Shell | None, prefix: str) -> Shell | None:
    for step in filter(None, prefix.split(".")):
        found = module.part("_modules").get(step) if module is not None else None
        module = found if isinstance(found, Shell) else None
    return module
