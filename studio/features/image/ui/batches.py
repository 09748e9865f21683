"""The film strip of the Image room: the newest pictures first, and in each batch the best first when that is wanted."""

from collections.abc import Sequence

from studio.app.services import Item
from studio.features.image.ui.about import best_first
from studio.room.shown_items import thumb_of
from studio.ui.film_strip import FilmStrip
from studio.ui.thumbs import Provider


class Batches(FilmStrip):
    """Knows the items that it shows. What one request made is a batch."""

    def __init__(self, provider: Provider) -> None:
        super().__init__(provider)
        self._items: list[Item] = []
        self._ranked = False

    def fill(self, items: Sequence[Item]) -> None:
        """Show others, the newest first."""
        self._items = list(items)
        self.set_thumbs([thumb_of(item) for item in (best_first(items) if self._ranked else items)])

    def put(self, item: Item) -> None:
        """Show one more, the newest."""
        if self._ranked:
            self.fill([item, *self._items])
        else:
            self._items.insert(0, item)
            self.add(thumb_of(item))

    def rank(self, on: bool) -> None:
        """Order each batch by how well its pictures fit their prompt, or no more."""
        self._ranked = on
        self.fill(self._items)

    def near(self, item: Item | None) -> list[str]:
        """The keys of what stands beside ``item``, those that come after it first; none for what isn't here."""
        keys = self.keys()
        if item is None or item.id not in keys:
            return []
        at = keys.index(item.id)
        return [*keys[at + 1 :], *reversed(keys[:at])]

    def best_beside(self, item: Item) -> Item:
        """The one that comes first of the batch that ``item`` is in; the item itself while nothing is ranked."""
        batch = [each for each in self._items if each.job.get("id", each.id) == item.job.get("id", item.id)]
        return best_first(batch)[0] if self._ranked and batch else item
