"""The interface through which lists get pictures of points, without knowing who makes them."""

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, SignalInstance

from studio.core.values import Asset
from studio.features.latent.points.point import LatentPoint


class PictureProvider(Protocol):
    """Makes small pictures of points asynchronously."""

    @property
    def stale(self) -> SignalInstance:
        """All pictures are outdated: request again what is shown."""

    def picture(self, point: LatentPoint, ready: Callable[[Asset], None], owner: QObject) -> None:
        """Call ``ready`` with a picture of ``point``, unless ``owner`` is gone or ``stale`` came first."""

    def drop(self, owner: QObject) -> None:
        """Drop the waiting picture requests of ``owner``."""
