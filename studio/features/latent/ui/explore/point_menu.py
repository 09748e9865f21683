"""The context menu of a point: the same for the map, the picture, stars and children."""

from collections.abc import Callable

from PySide6.QtGui import QPixmap

from studio.core.text import tr
from studio.features.latent.points.point import LatentPoint
from studio.features.latent.ui.explore.mode import Bench

Ways = tuple[tuple[str, Callable[[], object]], ...]


def ways_with(bench: Bench, point: LatentPoint, picture: QPixmap | None = None) -> Ways:
    """Labels and callbacks; ``picture`` is the point's own, if there is one."""
    starred = bench.stars.starred(point)
    return (
        (tr("Remove the star") if starred else tr("Add a star"), lambda: bench.stars.toggle(point)),
        (tr("Add to the walk"), lambda: bench.add_key(point, picture)),
        (tr("Add to Mix"), lambda: _add(bench, "mix", point, tr("Added to the sources of Mix."))),
        (tr("Add as parent"), lambda: _add(bench, "breed", point, tr("Added to the parents of Breed."))),
    )


def _add(bench: Bench, mode: str, point: LatentPoint, words: str) -> None:
    """Add ``point`` to a mode that isn't shown, without switching to it."""
    bench.mode(mode).take_point(point)
    if not bench.mode(mode).middle.isVisible():

        def show() -> None:
            bench.enter(mode)

        bench.desk.notify(words, tr("Show"), show)
