"""What requests bring along (start pictures): a copy of each file, kept while an item or a waiting job names it."""

import contextlib
import hashlib
import logging
import os
import re
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from studio.core.errors import StudioError
from studio.core.fields import Field, Role, describe, names_of, with_roles
from studio.core.foreign_paths import leads_elsewhere
from studio.core.task import Task
from studio.core.text import tr
from studio.core.values import FileInput, Job
from studio.files.atomic import write_through
from studio.files.errors import readable
from studio.files.hashes import file_hash
from studio.files.permissions import make_private_folder
from studio.files.reading import open_file

log = logging.getLogger(__name__)
LARGEST = 1_000_000_000
"""Bytes of a file that is kept. Pictures have some millions."""
_BLOCK = 1_048_576
_HASH = re.compile(r"[0-9a-f]{64}")
_ENDING = re.compile(r"\.[a-z0-9]{1,8}")
_ROLES: tuple[Role, ...] = ("input",)


class Inputs:
    """A folder of files, each once, called by its SHA-256 with its ending. May be used from several threads.

    They are copies, no links: a program that writes into the original would write into a link as well.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._used = set[str]()
        """Hashes that this run of the program kept or found: an item that names them may not be in the index yet."""

    def note(self, job: Job, refused: Callable[[StudioError], object]) -> Job:
        """``job`` with the files that it brings along, which are kept; those that it knows already stay as they are.

        What can't be read is not noted: its runner will say so. What the disk won't keep is noted, and ``refused``.
        """
        if not brings_files(job.task):
            return job
        known = {file.path for files in job.inputs.values() for file in files}
        inputs = dict(job.inputs)

        def note(field: Field, path: str) -> str:
            if path not in known and (file := self._kept_file(path, refused)) is not None:
                known.add(path)
                inputs[field.name] = (*inputs.get(field.name, ()), file)
            return path

        _each_input(job.task, note)
        return msgspec.structs.replace(job, inputs=inputs) if inputs != job.inputs else job

    def find(self, job: Job) -> Job:
        """``job`` as it can be run: a file that was moved, deleted or changed since it was noted is the kept copy."""
        if not job.inputs:
            return job
        known = {file.path: file for files in job.inputs.values() for file in files}

        def find(_: Field, path: str) -> str:
            return self.place_of(known[path]) if path in known else path

        return msgspec.structs.replace(job, task=type(job.task).from_values(_each_input(job.task, find)))

    def place_of(self, file: FileInput) -> str:
        """Where it lies: its own path if it is still that file, or if there is no copy; else the copy's."""
        kept = self.kept(file.sha256)
        if kept is None or not file.path:
            return file.path if kept is None else str(kept)
        return file.path if _is_still(Path(file.path), kept, file.sha256) else str(kept)

    def kept(self, sha256: str) -> Path | None:
        """The copy of what has this hash."""
        if not _HASH.fullmatch(sha256):
            return None
        found = next((path for path in self.folder.glob(f"{sha256}*")), None)
        if found is not None:
            self._used.add(sha256)
        return found

    def clean_up(self, named: Collection[str]) -> None:
        """Remove the copies whose hash nobody has ``named``."""
        for path in self.folder.glob("*"):
            if _HASH.fullmatch(path.stem) and path.stem not in named and path.stem not in self._used:
                try:
                    path.unlink()
                except OSError as error:
                    log.warning("%s can't be removed: %s", path, error)

    def _kept_file(self, path: str, refused: Callable[[StudioError], object]) -> FileInput | None:
        """The file, of which there is a copy from now on; None for what is no file that can be read."""
        source = Path(path)
        if not source.is_absolute() or leads_elsewhere(path):
            return None
        if source.parent == self.folder and _HASH.fullmatch(source.stem):
            return FileInput(sha256=source.stem, name=source.name, path=path)
        digest = file_hash(path)
        if not digest:
            return None
        try:
            if self.kept(digest) is None:
                self._copy(source, digest)
        except StudioError as error:
            log.warning("%s", error)
            refused(error)
        return FileInput(sha256=digest, name=source.name, path=path)

    def _copy(self, source: Path, digest: str) -> None:
        """Copy ``source``, which has this hash. Raises StudioError."""
        ending = source.suffix.lower()
        target = self.folder / f"{digest}{ending if _ENDING.fullmatch(ending) else ''}"
        with readable(source), open_file(source) as file:
            was = os.fstat(file.fileno())
            if was.st_size > LARGEST:
                raise StudioError(
                    tr(
                        "{path} is too large to be kept: what is made from it can only be made again while it lies "
                        "there.",
                        path=source,
                    )
                )
            make_private_folder(self.folder)
            self._used.add(digest)
            write_through(target, lambda copy: _copy_checked(file, copy, digest, source), private=True)
        with contextlib.suppress(OSError):
            os.utime(target, ns=(was.st_atime_ns, was.st_mtime_ns))


def brings_files(task: Task) -> bool:
    """Whether such a request may bring files along."""
    return bool(names_of(type(task), _ROLES))


def _each_input(task: Task, change: Callable[[Field, str], str]) -> dict[str, Any]:
    """The task's values with each path of a file that it brings along as ``change`` says."""
    return with_roles(describe(type(task)), msgspec.to_builtins(task), _ROLES, change)


def _is_still(path: Path, kept: Path, sha256: str) -> bool:
    """Whether the file at ``path`` is what was ``kept``. Its content is read only where its time alone is another."""
    try:
        now, then = path.stat(), kept.stat()
    except (OSError, ValueError):
        return False
    if now.st_size != then.st_size:
        return False
    return now.st_mtime_ns == then.st_mtime_ns or file_hash(str(path)) == sha256


def _copy_checked(file: BinaryIO, copy: BinaryIO, digest: str, source: Path) -> None:
    found = hashlib.sha256()
    while block := file.read(_BLOCK):
        found.update(block)
        copy.write(block)
    if found.hexdigest() != digest:
        raise StudioError(tr("{path} was changed while it was read.", path=source))
