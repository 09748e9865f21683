"""The library: keeps every thing that is made, file first, and finds it again."""

import logging
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from studio.core.errors import StudioError
from studio.core.text import tr
from studio.core.values import Asset, Job, new_id
from studio.library.files import clean_leftovers, write_atomic, write_through
from studio.library.index import Index, Item, ItemKind, Query
from studio.library.metadata.clips import read_clip_record, with_metadata
from studio.library.metadata.pictures import read_making, to_image, write_png
from studio.library.metadata.request import record
from studio.library.metadata.texts import read_text, write_text
from studio.library.names import free_path, safe_name
from studio.library.paths import Paths
from studio.library.thumbnails import make_thumbnail

log = logging.getLogger(__name__)
_KINDS: dict[str, ItemKind] = {".png": "image", ".md": "text", ".mp4": "clip", ".gif": "clip"}


class Library:
    """Files under ``paths.pictures`` and the index that finds them. May be used from several threads."""

    def __init__(self, paths: Paths) -> None:
        self.paths = paths
        self.index = Index(paths.data / "library.sqlite")
        clean_leftovers(paths.pictures)
        clean_leftovers(paths.data)

    def close(self) -> None:
        """Close the index."""
        self.index.close()

    def keep(self, job: Job, asset: Asset, model_name: str, folder: Path | None = None) -> Item:
        """Write ``asset`` with all that made it into its day's folder (or ``folder``), then add its row.

        Raises StudioError when the disk refuses; then nothing is left behind.
        """
        now = time.time()
        data = record(job, asset, model_name)
        folder = folder or self.paths.pictures / f"{datetime.fromtimestamp(now):%Y-%m-%d}"
        path = _write(folder, _stem(now, data), asset, data)
        item = _item_of(path, data, now, (asset.width, asset.height))
        self.index.put(item)
        return item

    def search(self, query: Query, limit: int = -1, offset: int = 0) -> list[Item]:
        """Items that match, newest first."""
        return self.index.search(query, limit, offset)

    def count(self, query: Query = Query()) -> int:  # noqa: B008  a frozen value
        """How many items match."""
        return self.index.count(query)

    def thumbnail(self, item: Item, edge: int) -> Path:
        """A small picture of the item, ``edge`` pixels at most, made when it isn't in the cache yet.

        Raises StudioError when the file is gone or damaged.
        """
        return make_thumbnail(Path(item.path), self.paths.cache / "thumbnails", edge)

    def rebuild(self, progress: Callable[[int, int], None] = lambda _done, _total: None) -> int:
        """Add every file of ours that the index lacks, and drop rows whose file is gone. Returns how many were added.

        Stars are kept in the index only: they survive this, but not the loss of the index.
        """
        for item in self.search(Query()):
            if not Path(item.path).exists():
                self.index.remove(item.id)
        files = [
            path for path in sorted(self.paths.pictures.glob("*/*")) if path.suffix.lower() in _KINDS or path.is_dir()
        ]
        added = 0
        for done, path in enumerate(files, 1):
            progress(done, len(files))
            if self.index.at(str(path)) is None and (found := _read_item(path)) is not None:
                self.index.put(found)
                added += 1
        return added


def _stem(now: float, data: dict[str, Any]) -> str:
    task = data["job"]["task"]
    seed = data["notes"].get("seed")
    parts = [f"{datetime.fromtimestamp(now):%H%M%S}", *([str(seed)] if seed is not None else [])]
    return "-".join([*parts, safe_name(str(task.get("prompt") or data["job"]["kind"]), 48).replace(" ", "-")])


def _write(folder: Path, stem: str, asset: Asset, data: dict[str, Any]) -> Path:
    if asset.kind == "pixels":
        path = free_path(folder, stem, ".png")

        def write(file: BinaryIO) -> None:
            write_png(file, to_image(asset), data)

        write_through(path, write)
    elif asset.kind == "words":
        path = free_path(folder, stem, ".md")
        write_atomic(path, write_text(asset.text, data))
    elif asset.format == "png":
        path = free_path(folder, stem, "")
        for number, frame in enumerate(asset.frames):
            write_atomic(path / f"{number:05d}.png", frame)
        write_atomic(path / "about.md", write_text("", data))
    else:
        path = free_path(folder, stem, f".{asset.format}")
        write_atomic(path, with_metadata(asset.data, asset.format, data))
    return path


def _item_of(path: Path, data: dict[str, Any], created: float, size: tuple[int, int]) -> Item:
    seed = data["notes"].get("seed", data["job"]["task"].get("seed"))
    return Item(
        id=new_id(),
        path=str(path),
        kind=_KINDS.get(path.suffix.lower(), "clip"),
        created=created,
        prompt=str(data["job"]["task"].get("prompt", "")),
        model=str(data.get("model_name", "")),
        seed=seed if isinstance(seed, int) else None,
        width=size[0],
        height=size[1],
        job=data["job"],
        notes=data["notes"],
    )


def _read_item(path: Path) -> Item | None:
    """A file of ours as an item; None for every other file."""
    try:
        data = _read_data(path)
        if data is None:
            return None
        notes = data.get("notes", {})
        size = (int(notes.get("width", 0)), int(notes.get("height", 0)))
        return _item_of(path, {"model_name": "", **data, "notes": notes}, path.stat().st_mtime, size)
    except (StudioError, OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        log.warning("%s was left out of the index: %s", path, error)
        return None


def _read_data(path: Path) -> dict[str, Any] | None:
    if path.is_dir():
        return _read_data(path / "about.md") if (path / "about.md").exists() else None
    match path.suffix.lower():
        case ".md":
            return read_text(path.read_text(encoding="utf-8", errors="replace"))[1]
        case ".png":
            making = read_making(path)
            return making.data if making is not None else None
        case _:
            return read_clip_record(path)


def text_of(item: Item) -> str:
    """The words of a text item. Raises StudioError when the file is gone."""
    try:
        return read_text(Path(item.path).read_text(encoding="utf-8", errors="replace"))[0]
    except OSError as error:
        raise StudioError(tr("{path} is not there any more.", path=item.path)) from error
