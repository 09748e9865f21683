"""Copies of the files that requests read (start pictures), kept while an item or a queued request names them."""

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
    """A folder of files, each stored once, named by SHA-256 and ending. May be used from several threads.

    They are copies, not links: a program that changes the original in place would change a hard link as well.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._used = set[str]()
        """Hashes used since the start: the item that will name them may not be in the index yet."""

    def note(self, job: Job, refused: Callable[[StudioError], object]) -> Job:
        """Copy the input files of ``job`` and return it with them noted; those noted before stay as they are.

        Unreadable files are not noted: the runner reports them. Files that can't be copied are noted, and the error is
        passed to ``refused``.
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
        """``job`` with the copies of files that were moved, deleted or changed since they were noted."""
        if not job.inputs:
            return job
        known = {file.path: file for files in job.inputs.values() for file in files}

        def find(_: Field, path: str) -> str:
            return self.place_of(known[path]) if path in known else path

        return msgspec.structs.replace(job, task=type(job.task).from_values(_each_input(job.task, find)))

    def place_of(self, file: FileInput) -> str:
        """The original's path if that is still the same file or there is no copy; else the copy's."""
        kept = self.kept(file.sha256)
        if kept is None or not file.path:
            return file.path if kept is None else str(kept)
        return file.path if _is_still(Path(file.path), kept, file.sha256) else str(kept)

    def kept(self, sha256: str) -> Path | None:
        """The copy of the file with this hash."""
        if not _HASH.fullmatch(sha256):
            return None
        found = next((path for path in self.folder.glob(f"{sha256}*")), None)
        if found is not None:
            self._used.add(sha256)
        return found

    def clean_up(self, named: Collection[str]) -> None:
        """Remove the copies whose hashes are not among ``named`` and were not used since the start."""
        for path in self.folder.glob("*"):
            if _HASH.fullmatch(path.stem) and path.stem not in named and path.stem not in self._used:
                try:
                    path.unlink()
                except OSError as error:
                    log.warning("%s can't be removed: %s", path, error)

    def _kept_file(self, path: str, refused: Callable[[StudioError], object]) -> FileInput | None:
        """Copy the file at ``path`` if there is no copy of it yet; None if it can't be read."""
        source = Path(path)
        if not source.is_absolute() or leads_elsewhere(path):
            return None
        if source.parent == self.folder and self.kept(source.stem) is not None:
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
        """Copy ``source``, whose hash is ``digest``. Raises StudioError."""
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
    """Whether tasks of this type have input files."""
    return bool(names_of(type(task), _ROLES))


def _each_input(task: Task, change: Callable[[Field, str], str]) -> dict[str, Any]:
    """The task's values with the path of each input file replaced by what ``change`` returns."""
    return with_roles(describe(type(task)), msgspec.to_builtins(task), _ROLES, change)


def _is_still(path: Path, kept: Path, sha256: str) -> bool:
    """Whether ``path`` still has the content of the copy ``kept``; it is read only if its time alone differs."""
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
