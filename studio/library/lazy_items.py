"""Many items by name, read from the index on demand: 100,000 at once take half a gigabyte."""

from collections.abc import Iterator, Sequence
from typing import overload

from studio.core.override import override
from studio.library.index import Index, Item

_PAGE = 200
"""Items read at a time when iterating."""


class LazyItems(Sequence[Item]):
    """A lazy sequence of the items of ``names``, in order. Items that are gone when they are read are skipped."""

    def __init__(self, index: Index, names: Sequence[str]) -> None:
        self._index, self.names = index, names

    @override
    def __len__(self) -> int:
        """The number of names."""
        return len(self.names)

    @overload
    def __getitem__(self, at: int) -> Item: ...
    @overload
    def __getitem__(self, at: slice) -> list[Item]: ...
    @override
    def __getitem__(self, at: int | slice) -> Item | list[Item]:
        """The items of a slice; a single one raises IndexError if it is gone."""
        if isinstance(at, slice):
            return self._index.called(self.names[at])
        return self._index.called([self.names[at]])[0]

    @override
    def __iter__(self) -> Iterator[Item]:
        """Iterate over all, a page at a time."""
        for at in range(0, len(self.names), _PAGE):
            yield from self[at : at + _PAGE]
