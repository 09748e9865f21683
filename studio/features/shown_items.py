"""Library items as the thumbnails that film strips and grids show."""

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtGui import QImage

from studio.app.desk import Desk, Item
from studio.core.text import tr
from studio.ui.thumbs import Provider, Thumb


def thumb_of(item: Item) -> Thumb:
    """The item as a strip or a grid shows it."""
    title = (
        str(item.notes.get("begins", ""))
        or item.prompt[:300]
        or (f"#{item.seed}" if item.seed is not None else tr(item.kind.capitalize()))
    )
    badge = {"text": "text", "clip": "clip"}.get(item.kind, "")
    return Thumb(item.id, item.path, title, item.starred, badge)


def provider(desk: Desk, owner: QObject) -> Provider:
    """Gives thumbnails by the item's id, each made beside the window when it is first seen, until ``owner`` goes."""

    def give(key: str, edge: int, ready: Callable[[QImage | None], None]) -> None:
        item = desk.library.index.get(key)
        if item is None:
            ready(None)
        else:
            desk.thumbnail(item, lambda path: ready(QImage(path) if path else None), owner)

    return give
