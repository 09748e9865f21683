"""What stands on the stage of the Image room, and what that is: a kept picture, or one that forms or isn't kept yet."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel

from studio.app.job_handle import JobHandle
from studio.app.services import Item, StudioServices
from studio.core.errors import StudioError
from studio.core.text import tr
from studio.core.values import Asset
from studio.room.shown_items import read_picture
from studio.ui.stage import Stage


class Canvas(QObject):
    """``item`` is the kept picture that is seen; None while a picture forms, isn't kept, or nothing is there.

    What is done with a picture is done with ``item`` only, so that nobody saves another picture than the one shown.
    """

    changed = Signal()
    """Something else is seen, or it has other marks."""

    def __init__(
        self, services: StudioServices, stage: Stage, say: Callable[[StudioError], None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._services, self._stage, self._say = services, stage, say
        self.item: Item | None = None
        self.forming: JobHandle | None = None
        """The run whose unfinished picture is seen."""
        self._left_alone: JobHandle | None = None
        """A run whose previews don't come forward: the person looks at another picture meanwhile."""

    def show(self, item: Item | None, instead_of: JobHandle | None = None) -> None:
        """Show a kept picture, or nothing; ``instead_of`` what that run is forming."""
        self.item, self.forming, self._left_alone = item, None, instead_of
        self.changed.emit()
        if item is None:
            self._stage.clear()
            return
        self._services.read(partial(read_picture, item.path), partial(self._came, item), owner=self)

    def renew(self, item: Item) -> None:
        """The same picture with other marks, or in another place among the others."""
        if self._shows(item):
            self.item = item
        self.changed.emit()

    def form(self, run: JobHandle, asset: Asset, size: tuple[int, int]) -> None:
        """Show how far a picture is that becomes ``size``, unless the person looks at another one."""
        if run.state == "running" and run is not self._left_alone:
            other, self.item, self.forming = self.forming is not run, None, run
            self._stage.show_asset(asset, size)
            self._stage.set_file("")
            if other:
                self.changed.emit()

    def show_unsaved(self, asset: Asset) -> None:
        """Show a picture that is in memory only."""
        self.item = self.forming = None
        self._stage.show_asset(asset)
        self._stage.set_file("")
        self.changed.emit()

    def compare(self, before: Item, item: Item, wanted: Callable[[], bool]) -> None:
        """Lay ``item`` beside ``before``, if that is still ``wanted`` once they are read."""
        self.show(item)

        def show(images: tuple[QImage, QImage]) -> None:
            if self._shows(item) and wanted():
                self._stage.compare(*images, (f"#{before.seed}", f"#{item.seed}"))

        self._services.read(lambda: (read_picture(before.path), read_picture(item.path)), show, owner=self)

    def _shows(self, item: Item) -> bool:
        return self.item is not None and self.item.id == item.id

    def _came(self, item: Item, image: QImage) -> None:
        if not self._shows(item):
            return
        if image.isNull():
            words = tr("{path} can't be shown: it is gone or damaged.", path=item.path)
            self._stage.clear(words)
            self._say(StudioError(words))
            return
        self._stage.show_image(image)
        self._stage.set_file(item.path)


def show_zoom(words: QLabel, zoom: float) -> None:
    """Say the zoom in use; nothing where nothing is shown."""
    words.setText(f"{100 * zoom:.0f} %")
    words.setVisible(zoom > 0)
