"""What a list asks for the pictures of its points: it need not know who makes them."""

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, SignalInstance

from studio.core.values import Asset
from studio.features.latent.points.point import Blend


class PictureProvider(Protocol):
    """Makes small pictures of points, in its own time."""

    @property
    def stale(self) -> SignalInstance:
        """All pictures are of the past: ask again for what is shown."""

    def picture(self, point: Blend, ready: Callable[[Asset], None], owner: QObject) -> None:
        """Call ``ready`` with a picture of ``point``, unless ``owner`` is gone or ``stale`` came before."""

    def drop(self, owner: QObject) -> None:
        """Forget the pictures that were asked for ``owner`` and have not begun."""
