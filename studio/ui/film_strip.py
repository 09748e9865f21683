"""The film strip: one row of thumbnails."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListView

from studio.core.text import tr
from studio.ui.thumbs import Provider, ThumbView

EDGE = 72


class FilmStrip(ThumbView):
    """Under the stage: the newest things, one of them current."""

    def __init__(self, provider: Provider) -> None:
        super().__init__(provider, EDGE, tr("The newest pictures"))
        self.setWrapping(False)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setFixedHeight(EDGE + 22)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
