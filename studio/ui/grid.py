"""The grid: thumbnails by the thousand, several of which can be selected."""

from PySide6.QtWidgets import QListView

from studio.core.text import tr
from studio.ui.thumbs import Provider, ThumbView

EDGE = 132


class Grid(ThumbView):
    """The Library's view of everything."""

    def __init__(self, provider: Provider) -> None:
        super().__init__(provider, EDGE, tr("Things made; S stars, Delete removes, Enter opens"))
        self.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
