"""``doctor``: what is installed, what is missing, and how to get it. Also works before setup, as far as possible."""

import os
import platform
import shutil
import sys
import threading
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

from studio import __version__
from studio.cli import environment, system
from studio.core.errors import StudioError
from studio.core.text import tr, tr_count

PATIENCE = 120
"""Seconds for the engine to report its device."""
GB = 1e9


class Report:
    """Collects lines, and what is wrong together with how to fix it."""

    def __init__(self) -> None:
        self.wrong: list[str] = []

    def head(self, title: str) -> None:
        """Begin a section."""
        print(f"\n{title}", flush=True)

    def line(self, name: str, value: object) -> None:
        """Add a fact."""
        print(f"  {name:<18} {value}", flush=True)

    def fault(self, name: str, value: object, mend: str) -> None:
        """Add a problem and its fix."""
        self.line(name, value)
        self.wrong.append(mend)


def main() -> int:
    """Print the report. Returns 0 if nothing is missing, else 1."""
    report = Report()
    print(f"Triptych {__version__}")
    whole = _environment(report)
    _qt(report)
    if whole:
        _studio(report)
    report.head(tr("Summary"))
    for mend in report.wrong or [tr("Everything is installed.")]:
        print(f"  {mend}")
    return 1 if report.wrong else 0


def _environment(report: Report) -> bool:
    """Returns whether all requirements are installed."""
    report.head(tr("Environment"))
    report.line(tr("Operating system"), platform.platform())
    report.line("Python", f"{platform.python_version()}  {sys.executable}")
    report.line(tr("Setup"), _set_up())
    lacking = set(environment.lacking())
    for text in environment.requirements():
        name = environment.name_of(text)
        if text in lacking:
            report.line(name, tr("{version}, but {wanted} is needed", version=_version(name), wanted=text))
        else:
            report.line(name, _version(name))
    if lacking:
        command = "python3 main.py" if not environment.is_virtual() or environment.inside() else "pip install -e ."
        report.wrong.append(
            tr_count(
                len(lacking),
                "{count} library is missing. Install it with:  {command}",
                "{count} libraries are missing. Install them with:  {command}",
                command=command,
            )
        )
    return not lacking


def _set_up() -> str:
    if environment.inside():
        stamp = environment.read_stamp()
        return tr("in {folder}, torch: {build}", folder=environment.VENV, build=(stamp and stamp.torch) or "pip")
    if not environment.lacking():
        return tr("your own environment, {folder}", folder=sys.prefix)
    if environment.VENV.exists():
        return tr("{folder} is unfinished or out of date", folder=environment.VENV)
    return tr("not done yet")


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return tr("missing")


def _qt(report: Report) -> None:
    report.head(tr("Window"))
    try:
        system.check_screen()
        report.line(tr("Screen"), os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY") or tr("yes"))
    except StudioError:
        report.line(tr("Screen"), tr("none: only the command line can be used here"))
    missing = system.missing_libraries(system.wants_screen())
    if missing:
        report.fault(tr("System libraries"), tr("missing: {names}", names=", ".join(missing)), system.advice(missing))
    else:
        report.line(tr("System libraries"), tr("all here"))


def _studio(report: Report) -> None:
    from studio.cli.prepare import prepare
    from studio.core.abilities import fits
    from studio.core.resources import starters
    from studio.core.task import Task, room_of
    from studio.features import task_types
    from studio.files.sizes import size_in_words
    from studio.models.catalogue import ModelCatalogue

    paths, config = prepare()
    report.head(tr("Device"))
    _device(report, config)
    report.head(tr("Folders"))
    folders = {
        tr("Pictures"): paths.pictures,
        tr("Index, settings"): paths.data,
        tr("Cache"): paths.cache,
        tr("Logs"): paths.logs,
    }
    for name, folder in folders.items():
        _folder(report, name, folder)
    report.head(tr("Bundled models"))
    models = ModelCatalogue(starters()).scan()
    for model in models:
        told = f"{model.name}, {model.architecture}, {size_in_words(model.bytes)}"
        if model.usable:
            report.line(model.address, told)
        else:
            report.fault(model.address, told, tr("{model} can't be used: {why}", model=model.name, why=model.reason))
    first: dict[str, type[Task]] = {}
    for task in task_types().values():
        first.setdefault(room_of(task), task)
    for room in sorted(room for room, task in first.items() if not any(fits(each.can, task.needs) for each in models)):
        report.fault(
            room,
            tr("missing"),
            tr("The bundled model for {room} is missing from {folder}. Download the whole project again.",
               room=room, folder=starters()),
        )  # fmt: skip


def _folder(report: Report, name: str, folder: Path) -> None:
    there = next(place for place in (folder, *folder.parents) if place.exists())
    free = shutil.disk_usage(there).free / GB
    told = tr("{folder}  ({free} GB free)", folder=folder, free=f"{free:.1f}")
    if os.access(there, os.W_OK):
        report.line(name, told)
    else:
        report.fault(name, told, tr("{folder} can't be written to.", folder=there))


def _device(report: Report, config: Any) -> None:
    facts, trouble = _ask_engine(config)
    if facts is None:
        report.fault(tr("Engine"), tr("doesn't start"), tr("The engine won't start: {words}", words=trouble))
        return
    rows: dict[str, Callable[[Any], object]] = {
        "device": str, "gpu": str, "dtype": str, "why": str, "threads": str,
        "memory_free": _gigabytes, "memory_total": _gigabytes,
    }  # fmt: skip
    for name, show in rows.items():
        if facts.get(name) not in (None, ""):
            report.line(tr(name.replace("_", " ")).capitalize(), show(facts[name]))
    if facts.get("cuda_missing"):
        report.fault(
            "CUDA",
            tr("there is an NVIDIA card, but this torch is built without CUDA"),
            tr("Install the torch that uses the NVIDIA card with:  {command}", command=facts["mend"]),
        )


def _gigabytes(count: int) -> str:
    return f"{count / GB:.1f} GB"


def _ask_engine(config: Any) -> tuple[dict[str, Any] | None, str]:
    """Ask the engine for its device, in a child process: a crashing driver must not take this one down.

    ``config`` is an ``EngineConfig``, whose module needs libraries that may be missing here.
    """
    import msgspec

    from studio.cli.prepare import POOL, TASKS
    from studio.core.events import EngineState, Message
    from studio.engine.remote import RemoteEngine

    engine = RemoteEngine(POOL, TASKS, msgspec.structs.replace(config, log=""))
    found: dict[str, Any] = {}
    words: list[str] = []

    def take(message: Message) -> None:
        if isinstance(message, EngineState) and message.state == "ready":
            found.update(message.facts)
            engine.close()
        elif isinstance(message, EngineState) and message.state == "died":
            words.append(message.message)
            engine.close()

    clock = threading.Timer(PATIENCE, engine.close)
    clock.start()
    engine.serve(take)
    clock.cancel()
    if found:
        return found, ""
    return None, (words or [tr("no answer within {seconds} seconds", seconds=PATIENCE)])[0]
