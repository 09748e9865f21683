"""The library: saves every item, file first, and finds it again."""

import contextlib
import logging
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from studio.core.errors import StudioError
from studio.core.facts import ThingFacts
from studio.core.values import Asset, Job, new_id
from studio.files.atomic import write_atomic, write_new, write_new_folder
from studio.files.leftovers import clean_leftovers, is_abandoned
from studio.files.names import safe_name
from studio.files.permissions import make_private_folder
from studio.files.reading import read_file
from studio.files.unfinished import PREFIX, is_ours, unfinished_name
from studio.library.export import ExportOptions, export
from studio.library.index import Index, Item, Query
from studio.library.inputs import Inputs
from studio.library.metadata.clips import with_metadata
from studio.library.metadata.making import ABOUT, content_of
from studio.library.metadata.pictures import to_image, write_png
from studio.library.metadata.request import record, strip_local_paths
from studio.library.metadata.texts import read_text, write_text
from studio.library.paths import Paths
from studio.library.read_item import item_of
from studio.library.rebuild import Rescan
from studio.library.stars import StarList
from studio.library.thumbnails import make_thumbnail
from studio.library.trash import Trash

log = logging.getLogger(__name__)
_RECENT_DAYS = 3
"""Days whose folders are checked for traces of an earlier run that was killed."""


class Library:
    """Files under ``paths.pictures`` and the index that finds them. Thread-safe.

    Raises StudioError when the index can't be opened.
    """

    def __init__(self, paths: Paths) -> None:
        self.paths = paths
        self.index = Index(paths.data / "library.sqlite")
        self._unlisted: list[Item] = []
        self.unlisted_why = ""
        """What keeps the newest things, which are on the disk, from the index; "" while nothing does."""
        self._listing = threading.Lock()
        self._stars = StarList(paths.pictures / ".stars.json")
        self._elsewhere = paths.data / "elsewhere"
        moving = threading.Lock()
        self.inputs = Inputs(paths.inputs)
        self.trash = Trash(paths.pictures, self.index, moving)
        self.look = Rescan(paths.pictures, self.index, self._stars, self.trash, moving)
        with contextlib.suppress(StudioError):  # its content can be made again, or is dispensable
            make_private_folder(paths.cache)

    def close(self) -> None:
        """Close the index."""
        self._add_missing_rows()
        self.index.close()

    def keep(self, job: Job, asset: Asset, model_name: str, folder: Path | None = None, model_hash: str = "") -> Item:
        """Write ``asset`` with its whole request into the day's folder (or ``folder``), then add its row.

        The file names the models and files that were used, with hashes; only the row has their local paths. Copies of
        the request's input files are kept as far as the disk takes them. Raises StudioError if the file can't be
        written; then nothing is left behind. If the row can't be added, the file is kept and the row is added later.
        """
        now, name = time.time(), new_id()
        job = self.inputs.note(job, refused=lambda _: None)
        data = record(job, asset, model_name, now, name)
        folder = folder or self.paths.pictures / f"{datetime.fromtimestamp(now):%Y-%m-%d}"
        with self._note_folder(folder):
            path = _write(folder, _stem(now, data), asset, strip_local_paths(data, model_hash))
            item = item_of(path, data, name, now)
        self.trash.keep_folder()
        with self._listing:
            self._unlisted.append(item)
        self._add_missing_rows()
        return item

    def search(self, query: Query, limit: int = -1, offset: int = 0) -> list[Item]:
        """Items that match, newest first."""
        return self.index.search(query, limit, offset)

    def count(self, query: Query = Query()) -> int:  # noqa: B008  a frozen value
        """How many items match."""
        return self.index.count(query)

    def star(self, names: Sequence[str], on: bool) -> None:
        """Star or unstar items. Raises StudioError if the index can't be written."""
        self.index.star_all(names, on)
        self._stars.change(names, on, self._starred)

    def export(
        self, items: Sequence[Item], options: ExportOptions,
        stopped: Callable[[], bool] = lambda: False, progress: Callable[[int], object] = lambda _done: None,
    ) -> list[Path]:  # fmt: skip
        """See ``studio.library.export.export``. Files that a crash leaves unfinished are removed at the next start."""
        with self._note_folder(Path(options.folder)):
            return export(items, options, stopped, progress)

    def clean_up(self, discard: Callable[[Path], object] | None = None, waiting: Collection[str] | None = None) -> None:
        """Remove what an earlier, killed run left unfinished, in the library and outside it, and unused input files.

        ``discard`` moves what may be somebody's work to the trash. ``waiting``: the hashes of the input files of queued
        requests; None if they are unknown, then all are kept. This may take long on a slow drive.
        """
        rooms = (folder for folder in self.paths.data.glob("*") if folder != self._elsewhere)
        ours = (self.paths.data, *rooms, self.paths.pictures, *self._recent_days())
        made_again = (self.paths.cache, *self.paths.cache.glob("thumbnails/*"), Path(tempfile.gettempdir()))
        for folder in (*ours, *made_again):
            clean_leftovers(folder, discard)
        for note in self._elsewhere.glob(f"{PREFIX}*"):
            try:
                folder = Path(read_file(note).decode("utf-8", "surrogateescape"))
                if is_ours(note.name, folder=False) and is_abandoned(note):
                    if folder.is_absolute():
                        clean_leftovers(folder, discard)
                    note.unlink()
            except (OSError, ValueError) as error:
                log.warning("the note %s can't be used: %s", note, error)
        known = self.trash.folder.is_dir() and not self.index.fresh  # else items that use them may be out of reach
        if waiting is not None and known:
            self.inputs.clean_up({*waiting, *self.index.inputs()})

    def thumbnail(self, item: Item, edge: int) -> Path:
        """A thumbnail of the item, at most ``edge`` pixels, made if it isn't cached yet.

        Raises StudioError if the file is gone or damaged.
        """
        return make_thumbnail(Path(item.path), self.paths.cache / "thumbnails", edge)

    def rebuild(self) -> int:
        """Scan every folder for files added, removed or moved by hand. Returns the number of items added."""
        return self.look.again(everything=True).added

    def _starred(self) -> set[str]:
        return {name for gone in (False, True) for name in self.index.names(Query(starred=True, deleted=gone))}

    @contextlib.contextmanager
    def _note_folder(self, folder: Path) -> Iterator[None]:
        """Record while inside that ``folder`` is being written to, if it is outside the library."""
        note = self._elsewhere / unfinished_name()
        if not folder.is_relative_to(self.paths.pictures):
            with contextlib.suppress(StudioError):
                write_atomic(note, str(folder.absolute()).encode("utf-8", "surrogateescape"), private=True)
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                note.unlink(missing_ok=True)

    def _add_missing_rows(self) -> None:
        with self._listing:
            while self._unlisted:
                try:
                    self.index.put(self._unlisted[0])
                except StudioError as error:
                    log.error("%s is kept, but not in the index yet: %s", self._unlisted[0].path, error)
                    self.unlisted_why = error.message
                    with contextlib.suppress(StudioError):
                        self.index.mark_stale()
                    return
                self._unlisted.pop(0)
            self.unlisted_why = ""

    def _days(self) -> list[Path]:
        try:
            return sorted(path for path in self.paths.pictures.iterdir() if path.is_dir())
        except OSError:
            return []

    def _recent_days(self) -> list[Path]:
        """The newest folders, and those that were the newest according to the current clock."""
        days, today = self._days(), f"{datetime.now():%Y-%m-%d}"
        until_now = [day for day in days if day.name <= today]
        return sorted({*days[-_RECENT_DAYS:], *until_now[-_RECENT_DAYS:]})


def text_of(item: Item) -> str:
    """The content of a text item. Raises StudioError if the file is gone."""
    return read_text(content_of(Path(item.path)))[0]


def _stem(now: float, data: dict[str, Any]) -> str:
    task = data["job"]["task"]
    seed = ThingFacts.of(data["notes"]).seed
    parts = [f"{datetime.fromtimestamp(now):%H%M%S}", *([str(seed)] if seed is not None else [])]
    return "-".join([*parts, safe_name(str(task.get("prompt") or data["job"]["kind"]), 48).replace(" ", "-")])


def _write(folder: Path, stem: str, asset: Asset, data: dict[str, Any]) -> Path:
    if asset.kind == "pixels":

        def write(file: BinaryIO) -> None:
            write_png(file, to_image(asset), data)

        return write_new(folder, stem, ".png", write)
    if asset.kind == "words":
        content, ending = write_text(asset.text, data), ".md"
    elif asset.format == "png":
        frames = ((f"{number:05d}.png", frame) for number, frame in enumerate(asset.frames))
        return write_new_folder(folder, stem, [*frames, (ABOUT, write_text("", data))])
    else:
        content, ending = with_metadata(asset.data, asset.format, data, folder), f".{asset.format}"
    return write_new(folder, stem, ending, lambda file: file.write(content))
