"""What is known of a thing that was made, or of the run that made it: typed by each task, plain JSON in files."""

from collections.abc import Mapping
from typing import Any, Self

import msgspec

from studio.core.text import tr_count


class Facts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The notes of an asset or a result, as the task declares them that it is made for.

    The names of the fields are the keys in the files of every release. Only what isn't as usual is written.
    """

    def to_notes(self) -> dict[str, Any]:
        """As JSON values."""
        return {name: _with_lists(value) for name, value in msgspec.to_builtins(self).items()}

    @classmethod
    def of(cls, notes: Mapping[str, Any]) -> Self:
        """Read ``notes``, which anybody may have changed: what is of another type counts as not there."""
        known = {name: notes[name] for name in cls.__struct_fields__ if name in notes}
        try:
            return msgspec.convert(known, cls)
        except (ValueError, OverflowError):  # msgspec's own is a ValueError
            good = {name: value for name, value in known.items() if _is_good(cls, name, value)}
            return msgspec.convert(good, cls)

    def remarks(self) -> list[str]:
        """What people should know of it, in sentences: what went otherwise than asked."""
        return []


NO_FACTS = Facts()


class ThingFacts(Facts, frozen=True):
    """What the library itself reads of whatever was made."""

    seed: int | None = None
    index: int | None = None
    """Its place in its batch."""
    width: int = 0
    height: int = 0
    scheduler: str = ""
    model: str = ""
    """The address of a model that was made for it."""
    begins: str = ""
    """The first words of a text."""


class FilmFacts(Facts, frozen=True):
    """How many frames, and how many of them a second."""

    frames: int | None = None
    rate: float | None = None


def remark_on_cut(count: int) -> str:
    """That so many tokens of the prompt could not be read."""
    return tr_count(
        count,
        "{count} token of the prompt was past the model's limit and ignored.",
        "{count} tokens of the prompt were past the model's limit and ignored.",
    )


def _with_lists(value: Any) -> Any:
    """With a list for each tuple, as they come back from a file."""
    if isinstance(value, list | tuple):
        return [_with_lists(each) for each in value]
    return {name: _with_lists(each) for name, each in value.items()} if isinstance(value, dict) else value


def _is_good(kind: type[Facts], name: str, value: object) -> bool:
    try:
        msgspec.convert({name: value}, kind)
    except (ValueError, OverflowError):
        return False
    return True
