"""The families of generators that there are, each with its network and the reader of its settings."""

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from studio.families.rules.known import GENERATORS
from studio.ml.load.generator_settings import Tensors
from studio.ml.load.pickle_reader import Shell
from studio.ml.nets import generator

Found = tuple[generator.Config, Tensors]
"""What a reader finds in a file: the settings, and the tensors by the names of our own networks."""


class Network(NamedTuple):
    """A family's network, and how the settings of one are read that other programs saved."""

    config: type[generator.Config]
    make: Callable[[Any], generator.Generator]
    layer: str
    """How names begin that only its tensors have."""
    settings_of: Callable[[Path, Shell | None, Tensors], generator.Config]
    """Of tensors, and of the module that they were saved in, where that is known. Raises StudioError, or one of
    `pickle_reader.BROKEN`."""


@cache
def networks() -> Mapping[str, Network]:
    """Each family's by its name."""
    return {family.name: import_module(f"studio.ml.families.{family.name}").NETWORK for family in GENERATORS}


def family_of(config: generator.Config) -> str:
    """The family that ``config`` belongs to."""
    return next(name for name, network in networks().items() if type(config) is network.config)
