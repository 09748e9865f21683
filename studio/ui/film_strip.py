"""The film strip: one row of thumbnails."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent

from studio.core.override import override
from studio.core.text import tr
from studio.ui.thumbs import GAP, Provider, ThumbView

EDGE = 72


class FilmStrip(ThumbView):
    """Below the stage: the newest items, one of them current."""

    def __init__(self, provider: Provider, edge: int = EDGE) -> None:
        super().__init__(provider, edge, tr("The newest pictures"))
        self.setWrapping(False)
        self.setFixedHeight(edge + GAP + 12)
        self.setHorizontalScrollMode(self.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll sideways with a vertical wheel."""
        turn = event.pixelDelta() if not event.pixelDelta().isNull() else event.angleDelta()
        bar = self.horizontalScrollBar()
        bar.setValue(bar.value() - (turn.x() or turn.y()))
        event.accept()
