"""Many items by their names, read from the index when somebody asks for them: 100,000 at once take half a gigabyte."""

from collections.abc import Iterator, Sequence
from typing import overload

from studio.core.override import override
from studio.library.index import Index, Item

_PAGE = 200
"""Items that are read at once while one goes through all."""


class Called(Sequence[Item]):
    """The items of ``names``, in their order. What is gone by the time it is read is passed over."""

    def __init__(self, index: Index, names: Sequence[str]) -> None:
        self._index, self.names = index, names

    @override
    def __len__(self) -> int:
        """How many names."""
        return len(self.names)

    @overload
    def __getitem__(self, at: int) -> Item: ...
    @overload
    def __getitem__(self, at: slice) -> list[Item]: ...
    @override
    def __getitem__(self, at: int | slice) -> Item | list[Item]:
        """The items of a slice; a single one raises IndexError when it is gone."""
        if isinstance(at, slice):
            return self._index.called(self.names[at])
        return self._index.called([self.names[at]])[0]

    @override
    def __iter__(self) -> Iterator[Item]:
        """All of them, a page at a time."""
        for at in range(0, len(self.names), _PAGE):
            yield from self[at : at + _PAGE]
