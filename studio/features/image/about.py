"""What is known of a picture, in words."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio.app.desk import Item
from studio.core.text import tr


def rows_of(item: Item) -> list[tuple[str, str]]:
    """What is known of a picture, as names and values."""
    task = item.job.get("task", {})
    numbers = [
        str(item.seed),
        str(task.get("steps", "")),
        str(task.get("guidance", "")),
        str(item.notes.get("scheduler", "")),
    ]
    return [
        (tr("Prompt"), item.prompt),
        (tr("Negative prompt"), str(task.get("negative", ""))),
        (tr("Model"), item.model),
        (tr("Seed · steps · guidance"), " · ".join(number for number in numbers if number)),
        (tr("Size"), f"{item.width} × {item.height}"),
        (tr("Worth knowing"), " ".join(remarks_on(item.notes))),
        (tr("File"), Path(item.path).name),
    ]


def remarks_on(notes: Mapping[str, Any]) -> list[str]:
    """What went otherwise than asked, in sentences."""
    found = []
    if asked := notes.get("asked_size"):
        found.append(
            tr("{width} × {height} was asked for; the model needs other multiples.", width=asked[0], height=asked[1])
        )
    if cut := notes.get("truncated"):
        found.append(tr("The last {count} tokens of the prompt were beyond what the model reads.", count=cut))
    if notes.get("unread") == "negative":
        found.append(tr("This model reads no negative prompt."))
    if notes.get("tiled"):
        found.append(tr("Memory was short: it was decoded in tiles."))
    if notes.get("decoded") == "float32":
        found.append(tr("It came out black at first and was decoded once more in float32."))
    if notes.get("withheld"):
        found.append(tr("The model's own safety checker blackened it."))
    return found
