"""Jobs as plain data: what the saved queue and the files' metadata hold."""

from collections.abc import Mapping
from typing import Any

from studio.core.errors import StudioError
from studio.core.given_names import as_said
from studio.core.task import Task
from studio.core.text import tr
from studio.core.values import Job


def job_to_data(job: Job) -> dict[str, Any]:
    """``job`` as JSON values."""
    return {"kind": job.task.kind, "model": job.model, "id": job.id, "task": job.task.to_data()}


def job_from_data(data: object, tasks: Mapping[str, type[Task]]) -> Job:
    """Read what ``job_to_data`` of this or an earlier release wrote; ``tasks`` maps a kind to its type.

    Paths that lead to other machines are left out. Raises StudioError when it is no such thing.
    """
    return read_job(data, tasks)[0]


def read_job(data: object, tasks: Mapping[str, type[Task]]) -> tuple[Job, tuple[str, ...]]:
    """The same, and the paths that were left out."""
    data = data if isinstance(data, Mapping) else {}
    kind, fields, model, name = data.get("kind"), data.get("task"), data.get("model", ""), data.get("id")
    if not isinstance(kind, str) or kind not in tasks or not isinstance(fields, dict) or not isinstance(model, str):
        raise StudioError(tr("Triptych doesn't know this kind of request: {kind}.", kind=as_said(kind)))
    task, gone = tasks[kind].read_data(fields)
    job = Job(task=task, model=model, id=name) if isinstance(name, str) and name else Job(task=task, model=model)
    return job, gone
