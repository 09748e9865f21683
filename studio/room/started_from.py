"""What a picture was made with, as Details show it: another picture, its strength, parts given to the model."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtGui import QImage

from studio.app.services import Item, StudioServices
from studio.core.foreign_paths import leads_elsewhere
from studio.core.text import tr
from studio.room.shown_items import read_picture
from studio.ui.controls import title_of_choice
from studio.ui.details import PICTURE, Details


def rows_of_start(task: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Name and strength of the start picture that a request names; nothing for one that begins with noise."""
    path, strength = task.get("image"), task.get("strength")
    if not isinstance(path, str) or not path:
        return []
    rows = [(tr("Start picture"), re.split(r"[/\\]", path)[-1])]
    return [*rows, (tr("Strength"), f"{strength:.2f}")] if isinstance(strength, int | float) else rows


def rows_of_parts(task: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the request gives to its model, by name."""
    parts = task.get("parts")
    given = [part for part in parts if isinstance(part, Mapping)] if isinstance(parts, list | tuple) else []
    return [
        (title_of_choice(str(part.get("type"))), re.split(r"[/\\]", path)[-1])
        for part in given
        if isinstance(path := part.get("path"), str) and path
    ]


def show_rows(
    services: StudioServices,
    details: Details,
    rows: Sequence[tuple[str, str]],
    task: Mapping[str, Any],
    item: Item | None,
) -> None:
    """Show ``rows``, and under its name the start picture that the request ``task`` names, where it is still there.

    Of what made the ``item`` the kept copy is shown, if the picture isn't there or is another by now.
    """
    details.set_rows(rows)
    path = task.get("image")
    if not isinstance(path, str) or not path or leads_elsewhere(path):
        return

    def show(image: QImage) -> None:
        if details.rows is rows and not image.isNull():
            details.put_picture(tr("Start picture"), image)

    def read() -> QImage:
        return read_picture(path if item is None else services.input_place(item, "image", path), 2 * PICTURE)

    services.read(read, show, details)
