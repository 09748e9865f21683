"""What is known of a picture, in words, and of a batch, in order."""

from collections.abc import Iterable, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from studio.app.job_handle import JobHandle
from studio.app.services import Item
from studio.core.text import tr
from studio.features.image.tasks.image import ImageFacts
from studio.room.started_from import rows_of_parts, rows_of_start


def rows_of(item: Item, others: Iterable[Item]) -> list[tuple[str, str]]:
    """What is known of a picture, as names and values; ``others`` are those among which its batch is."""
    task, facts = item.job.get("task", {}), ImageFacts.of(item.notes)
    numbers = [str(item.seed), str(task.get("steps", "")), str(task.get("guidance", ""))]
    return [
        (tr("Prompt"), item.prompt),
        (tr("Negative prompt"), str(task.get("negative", ""))),
        (tr("Model"), item.model),
        (tr("Seed · steps · guidance"), " · ".join(number for number in numbers if number)),
        (tr("Scheduler"), facts.scheduler),
        (tr("CLIP match"), _match_in_words(item, others)),
        (tr("Size"), f"{item.width} × {item.height}"),
        *rows_of_parts(task),
        *rows_of_start(task),
        (tr("Notes"), " ".join(facts.remarks())),
        (tr("File"), Path(item.path).name),
    ]


def rows_while_forming(run: JobHandle | None) -> list[tuple[str, str]]:
    """What is known of a picture that isn't there yet; nothing where none forms."""
    if run is None:
        return []
    task = request_of(None, run)
    seed = task.get("seed", -1)
    numbers = ["" if seed == -1 else str(seed), str(task.get("steps", "")), str(task.get("guidance", ""))]
    return [
        (tr("State"), tr("Your picture is taking shape, and will be saved automatically.")),
        (tr("Prompt"), str(task.get("prompt", ""))),
        (tr("Negative prompt"), str(task.get("negative", ""))),
        (tr("Seed · steps · guidance") if numbers[0] else tr("Steps · guidance"), " · ".join(filter(None, numbers))),
        (tr("Scheduler"), str(task.get("scheduler", ""))),
        (tr("Size"), f"{task.get('width')} × {task.get('height')}"),
        *rows_of_parts(task),
        *rows_of_start(task),
    ]


def request_of(item: Item | None, run: JobHandle | None) -> Mapping[str, Any]:
    """The fields of the request behind a picture that is kept, or forms; none where there is neither."""
    if item is not None:
        task: Mapping[str, Any] = item.job.get("task", {})
        return task
    return run.job.task.to_data() if run is not None else {}


def _match_in_words(item: Item, others: Iterable[Item]) -> str:
    """How well it fits, on the only scale there is: numbers are comparable for the same words."""
    match, batch = match_of(item), item.job.get("id", item.id)
    if match is None:
        return ""
    beside = [found for one in others if one.job.get("id") == batch and (found := match_of(one)) is not None]
    if len(beside) < 2:
        return tr("{match}; higher is better, for the same prompt", match=f"{match:.2f}")
    return tr(
        "{match}: rank {place} of {count} (this batch has {least} to {most}; higher is better)",
        match=f"{match:.2f}",
        place=1 + sum(one > match for one in beside),
        count=len(beside),
        least=f"{min(beside):.2f}",
        most=f"{max(beside):.2f}",
    )


def match_of(item: Item) -> float | None:
    """How well the picture fits its prompt, as the CLIP model beside its own found; None where it was not asked."""
    return ImageFacts.of(item.notes).match


def best_first(items: Iterable[Item]) -> list[Item]:
    """The batches in the order they are in, and in each the pictures that fit their prompt best first."""
    found: list[Item] = []
    for _, batch in groupby(items, key=lambda item: item.job.get("id", item.id)):
        found += sorted(batch, key=lambda item: -2.0 if (match := match_of(item)) is None else match, reverse=True)
    return found
