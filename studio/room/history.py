"""The newest things of a room: a query of the library, read again whenever that changes."""

from PySide6.QtCore import QObject, Signal

from studio.app.services import Item, Query, StudioServices


class History(QObject):
    """``items`` by their names, the newest first. A strip or a list shows them."""

    read = Signal()
    """They were read again."""

    def __init__(self, services: StudioServices, query: Query, most: int, parent: QObject) -> None:
        super().__init__(parent)
        self._services, self._query, self._most = services, query, most
        self.items: dict[str, Item] = {}
        services.library_changed.connect(self.refresh)

    def refresh(self) -> None:
        """Read them beside the window. What came after that was asked for is not in the answer, and stays."""
        before = set(self.items)

        def take(found: list[Item]) -> None:
            since = {name: item for name, item in self.items.items() if name not in before}
            self.items = {**since, **{item.id: item for item in found}}
            self.read.emit()

        self._services.search(self._query, self._most, take, self)

    def add(self, item: Item) -> None:
        """One more, the newest, which was made just now."""
        self.items = {item.id: item, **self.items}

    def now(self, item: Item | None) -> Item | None:
        """The item as it is now; None when it is gone."""
        return self.items.get(item.id) if item is not None else None
