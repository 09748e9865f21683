"""Jobs as plain data: what the saved queue and the files' metadata hold."""

from collections.abc import Mapping
from typing import Any

import msgspec

from studio.core.errors import StudioError
from studio.core.foreign_paths import leads_elsewhere
from studio.core.given_names import as_said
from studio.core.task import Task
from studio.core.text import tr
from studio.core.values import FileInput, Job, new_id


def job_to_data(job: Job) -> dict[str, Any]:
    """``job`` as JSON values."""
    data = {"kind": job.task.kind, "model": job.model, "id": job.id, "task": job.task.to_data()}
    return {**data, "inputs": msgspec.to_builtins(job.inputs)} if job.inputs else data


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
    own = name if isinstance(name, str) and name else new_id()
    return Job(task=task, model=model, id=own, inputs=read_inputs(data.get("inputs"))), gone


def read_inputs(data: object) -> dict[str, tuple[FileInput, ...]]:
    """The input files of a saved request by field; malformed entries are left out."""
    fields = data.items() if isinstance(data, Mapping) else ()
    read = {
        field: tuple(file for row in rows if (file := _read_input(row)) is not None)
        for field, rows in fields
        if isinstance(field, str) and isinstance(rows, list | tuple)
    }
    return {field: files for field, files in read.items() if files}


def _read_input(row: object) -> FileInput | None:
    try:
        file = msgspec.convert(row, FileInput)
    except (ValueError, OverflowError):  # half a surrogate pair, too
        return None
    return msgspec.structs.replace(file, path="") if leads_elsewhere(file.path) else file
