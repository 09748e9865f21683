"""A person's notes on a model's directions: names, and directions of their own, in a file that can be shared."""

import math
import sys
from array import array
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from studio.core.errors import StudioError
from studio.core.text import tr
from studio.features.latent.points.point import DirectionOffset
from studio.files.reading import load_json

VERSION = 1
_MARK = "triptych_directions"
_MOST = 1e6
"""The largest allowed component of a direction."""
Name = Annotated[str, Meta(max_length=200)]


class Own(msgspec.Struct, frozen=True):
    """A direction of the person's own: a vector as in ``DirectionOffset``, and the layers it applies to."""

    name: Name
    vector: Annotated[bytes, Meta(min_length=4, max_length=4 * 64 * 16384)]
    first: Annotated[int, Meta(ge=0, le=64)] = 0
    last: Annotated[int, Meta(ge=-1, le=64)] = -1

    @property
    def move(self) -> DirectionOffset:
        """No way along it yet."""
        return DirectionOffset("own", 0.0, self.first, self.last, self.vector)


class Notebook(msgspec.Struct, frozen=True):
    """Notes on a model whose w has ``size`` dimensions in ``layers`` layers.

    ``names`` of the model's own directions: "pca 0", "sefa 3"...
    """

    size: Annotated[int, Meta(ge=1, le=16384)]
    layers: Annotated[int, Meta(ge=1, le=1024)]
    names: Annotated[dict[Name, Name], Meta(max_length=1000)] = {}
    own: Annotated[tuple[Own, ...], Meta(max_length=1000)] = ()

    def fits(self, own: Own) -> bool:
        """Whether the direction fits the model."""
        return len(own.vector) in (4 * self.size, 4 * self.size * self.layers)


def to_json(notebook: Notebook) -> bytes:
    """The file's content."""
    return msgspec.json.format(msgspec.json.encode({_MARK: VERSION, **msgspec.to_builtins(notebook)}), indent=1)


def read_notebook(path: Path) -> Notebook:
    """The notes in an untrusted file. Raises StudioError if they can't be used."""
    try:
        data = load_json(path)
    except (OSError, ValueError) as error:
        raise _unusable(path) from error
    version = data.get(_MARK) if isinstance(data, dict) else None
    if not isinstance(version, int):
        raise _unusable(path)
    if version > VERSION:
        raise StudioError(tr("{path} was written by a newer Triptych. Update Triptych to use it.", path=path))
    try:
        notebook = msgspec.convert({name: value for name, value in data.items() if name != _MARK}, Notebook)
        to_json(notebook)  # a lone surrogate in a name could be read, but not saved
    except (ValueError, OverflowError) as error:  # msgspec's own is a ValueError
        raise _unusable(path) from error
    if not all(notebook.fits(own) and _sane(own.vector) for own in notebook.own):
        raise _unusable(path)
    return notebook


def own_of(name: str, data: bytes, size: int) -> Own:
    """The direction with the rows ``data`` [layers, size], in its most compact form."""
    rows = [data[at : at + 4 * size] for at in range(0, len(data), 4 * size)]
    used = [number for number, row in enumerate(rows) if any(row)]
    if not used:
        return Own(name, data)
    first, last = used[0], used[-1]
    alike = len({rows[number] for number in range(first, last + 1)}) == 1
    return Own(name, rows[first] if alike else data, first, -1 if last == len(rows) - 1 else last)


def _sane(vector: bytes) -> bool:
    numbers = array("f", vector)
    if sys.byteorder == "big":
        numbers.byteswap()
    return all(math.isfinite(number) and abs(number) < _MOST for number in numbers)


def _unusable(path: Path) -> StudioError:
    return StudioError(
        tr(
            "{path} contains no directions that Triptych can use. Choose a file that was shared from Triptych.",
            path=path,
        )
    )
