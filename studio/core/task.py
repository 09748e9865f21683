"""Task parameters: the base that each feature's one frozen value derives from, and reading of older versions."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import msgspec

from studio.core.abilities import Can
from studio.core.declare import LAST_SEED
from studio.core.errors import StudioError
from studio.core.facts import Facts
from studio.core.fields import describe
from studio.core.foreign_paths import kept_here
from studio.core.override import override
from studio.core.private import HIDDEN
from studio.core.text import tr

_FIELD, _BOUND = re.compile(r"at `\$\.(\w+)"), re.compile(r"(<=?|>=?) (-?\d[\d.e+-]*)")
"""What msgspec says of a wrong value: where it stands, and which bound it is beyond."""


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """What a person asks for, complete: the one source of form, flags, metadata, presets and what crosses to a child.

    A subclass names its ``kind`` (unique, stable: it is written into files), its ``runner`` ("module:function", so that
    the window never imports it) and its current ``version``; its fields are declared with ``studio.core.declare``.
    """

    kind: ClassVar[str]
    runner: ClassVar[str]
    current: ClassVar[int] = 1
    needs: ClassVar[tuple[Can, ...]] = ()
    """What its model must be able to do, one of these; nothing for a task that is run without one."""
    facts: ClassVar[type[Facts]] = Facts
    """What is known of the things that it makes, and of its run."""

    def needed(self) -> tuple[Can, ...]:
        """What this very request needs of ``needs``."""
        return self.needs

    @classmethod
    def upgrade(cls, data: dict[str, Any], version: int) -> dict[str, Any]:
        """Turn the fields written by an earlier ``version`` into today's. The first version has nothing to do."""
        del version
        return data

    def to_data(self) -> dict[str, Any]:
        """Plain JSON values, with the version they belong to."""
        data: dict[str, Any] = msgspec.to_builtins(self)
        return {"version": self.current, **data}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Read what ``to_data`` of this or any earlier release wrote, without paths that lead to other machines.

        Raises StudioError when it comes from a later release or a value is out of its bounds.
        """
        return cls.read_data(data)[0]

    @classmethod
    def read_data(cls, data: Mapping[str, Any]) -> tuple[Self, tuple[str, ...]]:
        """The same, and the paths that were left out."""
        kept, gone = kept_here(cls, cls._upgraded(data, data.get("version", 1)))
        return cls._converted(kept), gone

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> Self:
        """The request that a person makes now, as controls show it or ``to_data`` says it: its paths are believed.

        Raises StudioError when a value is out of its bounds.
        """
        return cls._converted(cls._upgraded(values, values.get("version", cls.current)))

    @classmethod
    def _upgraded(cls, data: Mapping[str, Any], version: object) -> dict[str, Any]:
        if not isinstance(version, int) or version > cls.current:
            raise StudioError(
                tr(
                    "These settings were written by a newer Triptych (version {version}, this one reads up to "
                    "{known}). Update Triptych to use them.",
                    version=version,
                    known=cls.current,
                )
            )
        return cls.upgrade({key: value for key, value in data.items() if key != "version"}, version)

    @classmethod
    def _converted(cls, values: Mapping[str, Any]) -> Self:
        try:
            return msgspec.convert(values, cls)
        except (ValueError, OverflowError) as error:  # msgspec's own is a ValueError, and so is half a surrogate pair
            raise StudioError(tr("These settings can't be used: {why}.", why=_why(cls, error))) from error

    def taken_over(self) -> Self:
        """As it is used again: without paths of other machines."""
        return self.from_data(self.to_data())

    @override
    def __repr__(self) -> str:
        """Without what is private: a line of the log may hold it."""
        parts = (
            f"{field.name}={HIDDEN if field.private else repr(getattr(self, field.name))}"
            for field in describe(type(self))
        )
        return f"{type(self).__name__}({', '.join(parts)})"


def hold_seed(seed: int) -> None:
    """Raise ValueError, as msgspec's own bounds do, for a seed that no generator takes."""
    if seed > LAST_SEED:
        raise ValueError(f"Expected `int` <= {LAST_SEED} - at `$.seed`")


def room_of(task: Task | type[Task]) -> str:
    """The room that makes such a request: the folder of ``studio.features`` that it is declared in."""
    return task.__module__.split(".")[2]


def check(task: Task) -> None:
    """Hold every field against its declared bounds. Raises StudioError naming the field."""
    try:
        msgspec.convert(msgspec.to_builtins(task), type(task))
    except (ValueError, OverflowError) as error:
        raise StudioError(tr("This request can't be run: {why}.", why=_why(type(task), error))) from error


def _why(kind: type[Task], error: Exception) -> str:
    """Which field is wrong, as half a sentence; msgspec says it in words of Python."""
    place, bound = _FIELD.search(str(error)), _BOUND.search(str(error))
    titles = {field.name: tr(field.title) for field in describe(kind)}
    if place is None or place[1] not in titles:
        return tr("they contain something that doesn't belong to a request")
    if "of length" in str(error):
        return tr("{field} is too long, or too short", field=titles[place[1]])
    if bound is None:
        return tr("{field} has the wrong type", field=titles[place[1]])
    if bound[1].startswith(">"):
        return tr("{field} must be at least {value}", field=titles[place[1]], value=bound[2])
    return tr("{field} must be at most {value}", field=titles[place[1]], value=bound[2])
