"""What the readers of generators share: which families there are, and the sentence for a file that can't be used."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from torch import Tensor

from studio.core.errors import StudioError
from studio.core.text import tr
from studio.ml.nets import generator, stylegan2, stylegan3

FAMILIES: dict[str, tuple[type[generator.Config], Callable[[Any], generator.Generator]]] = {
    "stylegan2": (stylegan2.Config, stylegan2.Generator),
    "stylegan3": (stylegan3.Config, stylegan3.Generator),
}
Found = tuple[generator.Config, dict[str, Tensor]]
"""What a reader finds in a file: the settings, and the tensors by the names of our own networks."""


def family_of(config: generator.Config) -> str:
    """The family that ``config`` belongs to."""
    return next(name for name, (kind, _) in FAMILIES.items() if type(config) is kind)


def unusable(path: Path, why: str, **values: object) -> StudioError:
    """The error for a file that is there, but no generator; ``why`` is half a sentence."""
    sentence = tr("{path} cannot be used: {why}", path=path, why=tr(why, **values))
    return StudioError(sentence, trouble="model_unusable")
