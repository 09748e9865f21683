"""What is known of a picture, in words."""

from pathlib import Path

from studio.app.desk import Item
from studio.core.remarks import remarks_on
from studio.core.text import tr


def rows_of(item: Item) -> list[tuple[str, str]]:
    """What is known of a picture, as names and values."""
    task = item.job.get("task", {})
    numbers = [str(item.seed), str(task.get("steps", "")), str(task.get("guidance", ""))]
    return [
        (tr("Prompt"), item.prompt),
        (tr("Negative prompt"), str(task.get("negative", ""))),
        (tr("Model"), item.model),
        (tr("Seed · steps · guidance"), " · ".join(number for number in numbers if number)),
        (tr("Scheduler"), str(item.notes.get("scheduler", ""))),
        (tr("Size"), f"{item.width} × {item.height}"),
        (tr("Worth knowing"), " ".join(remarks_on(item.notes))),
        (tr("File"), Path(item.path).name),
    ]
