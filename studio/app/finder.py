"""Finds the files and models that a request used: by name and hash, or by the index's paths on this machine."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PureWindowsPath
from typing import Any

import msgspec

from studio.app.messages import UseGeneration, UseRequest, UseSettings
from studio.core.abilities import PICTURES, Can
from studio.core.errors import StudioError
from studio.core.facts import ThingFacts
from studio.core.fields import FILES, Field, describe, with_roles
from studio.core.resources import BUNDLED
from studio.core.saved import read_job
from studio.core.task import Task, room_of
from studio.core.text import tr
from studio.core.values import FileInput, Job
from studio.files.hashes import file_hash, model_hash
from studio.files.reading import is_there
from studio.library.index import Index
from studio.library.inputs import Inputs
from studio.library.metadata.making import read_making
from studio.library.metadata.samplers import schedule_left, scheduler_of
from studio.library.metadata.tools.generation import TITLES, Generation
from studio.models.catalogue import Model

__all__ = ["TITLES", "Finder", "Generation", "address_named", "read_settings", "schedule_left", "scheduler_of"]


class Finder:
    """``models`` tells those that are here and can do one of what is needed."""

    def __init__(
        self, index: Index, inputs: Inputs, tasks: Mapping[str, type[Task]],
        models: Callable[[tuple[Can, ...]], list[Model]],
    ) -> None:  # fmt: skip
        self._index, self._inputs, self._tasks, self._models = index, inputs, tasks, models

    def job_of_row(self, data: object, model_name: str = "") -> tuple[Job, tuple[str, ...]]:
        """A row's request with the files that it used, and the names of missing ones.

        Paths are trusted: a missing file is reported when it is used; of a missing input file the kept copy is used.
        Raises StudioError as ``read_job`` does.
        """
        return self._found(data, model_name, {}, believed=True)

    def job_of_file(self, record: Mapping[str, Any], path: str) -> tuple[Job, tuple[str, ...]]:
        """The same for the ``record`` in the file at ``path``, which may come from another machine."""
        name = record.get("item")
        row = self._index.at(path) or (self._index.get(name) if isinstance(name, str) else None)
        return self._found(record["job"], record["model_name"], row.job if row is not None else {}, believed=False)

    def model_named(self, name: str, digest: str = "", needs: tuple[Can, ...] = ()) -> str:
        """The address of the usable model with that name, else with that hash; "" if there is none."""
        return address_named(name, [model for model in self._models(needs) if model.usable], digest)

    def notes_here(self, notes: Mapping[str, Any]) -> dict[str, Any]:
        """``notes`` whose model, where they name one, is called by its address here."""
        named = ThingFacts.of(notes).model
        if not named or any(model.address == named for model in self._models(())):
            return dict(notes)
        here = ThingFacts(model=self.model_named(PureWindowsPath(named).name) or named)
        return {**notes, **here.to_notes()}

    def _found(
        self, data: object, model_name: str, row: Mapping[str, Any], believed: bool
    ) -> tuple[Job, tuple[str, ...]]:
        job, elsewhere = read_job(data, self._tasks)
        before = row.get("task")
        known = _paths_of(before) if isinstance(before, dict) else []
        missing = [_name(path) for path in elsewhere]

        def find(field: Field, path: str) -> str:
            here = self._file(path, job.inputs.get(field.name, ()), known, believed)
            if not here and field.role == "model":
                here = self.model_named(path)
            if path and not here:
                missing.append(_name(path))
            return here

        task = job.task
        task = type(task).from_values(with_roles(describe(type(task)), msgspec.to_builtins(task), FILES, find))
        digest = data.get("model_hash") if isinstance(data, dict) else ""
        model = self._model(job.model, model_name, str(digest or ""))
        return msgspec.structs.replace(job, task=task, model=model, inputs={}), tuple(missing)

    def _file(self, path: str, inputs: Sequence[FileInput], known: list[str], believed: bool) -> str:
        """The path here of the file that a request calls ``path``; "" if it isn't here."""
        if not path or path.startswith(BUNDLED) or any(model.address == path for model in self._models(())):
            return path
        if Path(path).is_absolute():
            if (file := next((file for file in inputs if file.path == path), None)) is not None:
                path = self._inputs.place_of(file)
            return path if believed or is_there(Path(path)) else self._file(_name(path), inputs, known, believed)
        if "/" in path or "\\" in path:
            return ""
        digest = next((file.sha256 for file in inputs if file.name == path), "")
        try:
            candidates = [*(each for each in known if _name(each) == path), *self._index.paths_named(path)]
        except StudioError:
            candidates = known
        for each in candidates:
            if is_there(Path(each)) and (not digest or file_hash(each) == digest):
                return each
        return str(self._inputs.kept(digest) or "")

    def _model(self, address: str, name: str, digest: str) -> str:
        """The address here of the model at a request's ``address``, called ``name``."""
        if not address or any(model.address == address for model in self._models(())):
            return address
        return self.model_named(name or _name(address), digest) or self.model_named(_name(address)) or address


def address_named(name: str, models: Sequence[Model], digest: str = "") -> str:
    """The address of the one of ``models`` that has that name, else that hash; "" where none has."""
    wanted = _letters(name)
    alike = [model for model in models if wanted in (_letters(model.name), _letters(Path(model.path).stem))]
    if len(alike) > 1 and digest:
        alike = [model for model in alike if model_hash(model.path) == digest] or alike
    if wanted and alike:
        return alike[0].address
    return next((model.address for model in models if digest and model_hash(model.path) == digest), "")


def read_settings(path: str, finder: Finder) -> UseSettings | None:
    """What the file says of its making, for its room; None if it has none. Raises StudioError if it can't be read."""
    making = read_making(Path(path))
    if making is not None and (known := making.generation) is not None:
        # Other tools hash single files in full, which no folder here matches: only our own hashes are looked up.
        digest = known.model_hash if known.tool == "Triptych" else ""
        return UseGeneration(generation=known, model=finder.model_named(known.model, digest, PICTURES), path=path)
    if making is None or making.data is None:
        return None
    try:
        job, missing = finder.job_of_file(making.data, path)
    except StudioError as error:
        raise StudioError(tr("{path} cannot be used: {why}", path=path, why=error)) from error
    notes = finder.notes_here(making.data["notes"])
    return UseRequest(room=room_of(job.task), job=job, notes=notes, missing=missing, path=path)


def _paths_of(task: Mapping[str, Any]) -> list[str]:
    """All strings of a row's request that may be paths."""
    values = [each for value in task.values() for each in (value if isinstance(value, list) else [value])]
    return [value for value in values if isinstance(value, str) and Path(value).is_absolute()]


def _name(path: str) -> str:
    return PureWindowsPath(path).name or path[-80:]


def _letters(name: str) -> str:
    """A model's name for comparison: without extension, folder, case and separators."""
    last = re.sub(r"\.(safetensors|ckpt|pt|pth|bin|pkl|gguf)$", "", PureWindowsPath(name).name, flags=re.IGNORECASE)
    return "".join(char for char in last.casefold() if char.isalnum())
