"""The saved line: jobs that wait, and those that were interrupted, across a quit or a crash."""

import json
import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from studio.core.errors import StudioError
from studio.core.saved import job_to_data, read_job
from studio.core.task import Task
from studio.core.text import tr, tr_count
from studio.core.values import Job, new_id
from studio.files.atomic import free_path, write_atomic
from studio.files.reading import LONGEST_OWN, load_json

log = logging.getLogger(__name__)
VERSION = 1


class SavedRun(msgspec.Struct, frozen=True):
    """One job of the saved line. ``begun``: it was running, or already interrupted, when it was saved."""

    job: Job
    begun: bool = False
    deaths: int = 0
    message: str = ""


def write_line(path: Path, line: tuple[SavedRun, ...]) -> None:
    """Write the whole line over the old one. Raises StudioError when the disk refuses."""
    rows = [
        {"job": job_to_data(run.job), "begun": run.begun, "deaths": run.deaths, "message": run.message} for run in line
    ]
    write_atomic(
        path, json.dumps({"version": VERSION, "line": rows}).encode("ascii"), private=True
    )  # takes lone surrogates too


def read_line(path: Path, tasks: Mapping[str, type[Task]]) -> tuple[tuple[SavedRun, ...], str]:
    """The saved line, and a sentence about what of it couldn't be read ("" when all is well).

    A file that can't be read at all is set aside beside itself, never deleted.
    """
    try:
        data = load_json(path, LONGEST_OWN)
        if data["version"] != VERSION:
            raise ValueError(f"version {data['version']!r}")
        rows = [row for row in data["line"] if isinstance(row, dict)]
    except FileNotFoundError:
        return (), ""
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.error("the saved line %s can't be read: %s", path, error)
        return (), _set_aside(path)
    runs = _each_its_own(run for row in rows if (run := _run(row, tasks)))
    lost = len(rows) - len(runs)
    left_out = tr_count(
        lost,
        "{count} saved request couldn't be read and was left out.",
        "{count} saved requests couldn't be read and were left out.",
    )
    return runs, left_out if lost else ""


def _set_aside(path: Path) -> str:
    """Move the file away, over none that was set aside before. Returns what is said of it."""
    aside = free_path(path.parent, f"{path.stem}.unreadable", ".json")
    try:
        path.replace(aside)
    except OSError as error:
        log.error("the saved line %s can't be set aside: %s", path, error)
        return tr("The saved queue {path} couldn't be read.", path=path)
    return tr("The saved queue couldn't be read; it was set aside as {path}.", path=aside)


def _each_its_own(runs: Iterable[SavedRun]) -> tuple[SavedRun, ...]:
    """Two requests of one name would be one to all who follow them."""
    seen: dict[str, SavedRun] = {}
    for run in runs:
        fresh = msgspec.structs.replace(run, job=msgspec.structs.replace(run.job, id=new_id()))
        own = fresh if run.job.id in seen else run
        seen[own.job.id] = own
    return tuple(seen.values())


def _run(row: dict[str, Any], tasks: Mapping[str, type[Task]]) -> SavedRun | None:
    try:
        job, gone = read_job(row.get("job", {}), tasks)
    except StudioError as error:
        log.error("a saved request can't be read: %s", error)
        return None
    deaths, message = row.get("deaths", 0), row.get("message", "")
    if gone:  # it would make something else without them: it waits until the person has seen that
        message = tr("{path} is on another machine, or a device, which Triptych doesn't open.", path=gone[0][:300])
    begun = bool(row.get("begun")) or bool(gone)
    return SavedRun(job, begun, deaths if isinstance(deaths, int) else 0, str(message))
