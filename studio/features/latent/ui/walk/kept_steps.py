"""Undo steps for the Latent room's stars and the keyframes of the walk."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QTimer, SignalInstance

from studio.app.undo import Undo
from studio.core.text import tr
from studio.features.latent.ui.explore.stars import Stars
from studio.features.latent.ui.explore.state import PLACE
from studio.features.latent.ui.walk.timeline import Timeline
from studio.room.model_picker import ModelChoice


def undo_kept(undo: Undo, models: ModelChoice, stars: Stars, timeline: Timeline) -> None:
    """From now on each change is an undo step, except what is restored at the start or comes with a model."""

    def show_stars(rows: Any) -> None:
        stars.from_data({"stars": rows})
        stars.changed.emit()

    looks = [
        _watch(undo, tr("Change the stars"), stars.changed, stars.to_data, show_stars),
        _watch(undo, tr("Change the keyframes"), timeline.track.rearranged, timeline.to_data, timeline.from_data),
    ]
    for look in looks:
        models.changed.connect(lambda _, look=look: QTimer.singleShot(0, timeline, look))


def _watch(
    undo: Undo, title: str, changed: SignalInstance, read: Callable[[], Any], write: Callable[[Any], object]
) -> Callable[[], None]:  # fmt: skip
    """Make undo steps of changes. Returns a function that accepts the current state without a step."""
    last = [read()]

    def note() -> None:
        before, now = last[0], read()
        last[0] = now
        if before != now:
            undo.push(title, lambda: show(before), lambda: show(now), PLACE)

    def look() -> None:
        last[0] = read()

    def show(data: Any) -> None:
        write(data)
        look()

    changed.connect(note)
    return look
