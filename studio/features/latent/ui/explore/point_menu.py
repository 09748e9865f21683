"""The context menu of a point: the same for the map, the picture, stars and children."""

from collections.abc import Callable

from PySide6.QtGui import QPixmap

from studio.core.text import tr
from studio.features.latent.points.point import LatentPoint
from studio.features.latent.ui.explore.mode import ModeContext

Ways = tuple[tuple[str, Callable[[], object]], ...]


def ways_with(context: ModeContext, point: LatentPoint, picture: QPixmap | None = None) -> Ways:
    """Labels and callbacks; ``picture`` is the point's own, if there is one."""
    starred = context.stars.starred(point)
    return (
        (tr("Remove the star") if starred else tr("Add a star"), lambda: context.stars.toggle(point)),
        (tr("Add to the walk"), lambda: context.add_key(point, picture)),
        (tr("Add to Mix"), lambda: _add(context, "mix", point, tr("Added to the sources of Mix."))),
        (tr("Add as parent"), lambda: _add(context, "breed", point, tr("Added to the parents of Breed."))),
    )


def _add(context: ModeContext, mode: str, point: LatentPoint, words: str) -> None:
    """Add ``point`` to a mode that isn't shown, without switching to it."""
    context.mode(mode).take_point(point)
    if not context.mode(mode).middle.isVisible():

        def show() -> None:
            context.enter(mode)

        context.services.notify(words, tr("Show"), show)
