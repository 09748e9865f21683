"""The grid: thousands of thumbnails, with multiple selection."""

from studio.core.text import tr
from studio.ui.thumbs import Provider, ThumbView

EDGE = 132


class Grid(ThumbView):
    """The Library's view of all items."""

    def __init__(self, provider: Provider, edge: int = EDGE) -> None:
        super().__init__(provider, edge, tr("Items; S stars, Delete removes, Enter opens"))
        self.setWrapping(True)
        self.setSelectionMode(self.SelectionMode.ExtendedSelection)
        self.setSelectionRectVisible(True)
        self.setVerticalScrollMode(self.ScrollMode.ScrollPerPixel)
        self.verticalScrollBar().setSingleStep(edge // 3)
