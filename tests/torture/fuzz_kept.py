"""Fuzzing targets for what the studio keeps and anybody may have changed: settings, queue, lists; see ``fuzz.py``."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import Any

from studio.app.line_file import read_line, write_line
from studio.core.errors import StudioError
from studio.core.saved import job_from_data, job_to_data
from studio.features.latent.points.point import PointFacts
from studio.features.latent.tasks.train import TrainTask
from studio.features.latent.tasks.trainings import ABOUT, CURVES
from studio.features.latent.ui.directions.notebook import Notebook, Own, read_notebook, to_json
from studio.features.latent.ui.modes.kept_trainings import read_trainings
from studio.files.reading import read_json
from studio.library.export import ExportOptions, preview_name
from studio.library.index import Index, Item, Query
from studio.library.settings import SettingsFile
from studio.library.stars import StarList
from studio.models.catalogue import Model, ModelCatalogue
from tests.torture.fuzz_target import Refusing, Target, put
from tests.torture.fuzz_texts import RECORD, TASKS, jobs
from tests.torture.mutators import json_behind

_SETTINGS = (
    b'{"version": 1, "theme": "light", "rooms": {"image": {"task": {"steps": 3}}}, "memory_mb": 5}',
    b'{"version": 1, "device": "cpu", "dtype": "float32", "language": "zh", "model_folders": ["/a", "b"]}',
    b'{"version": 2, "theme": "dark"}',
)
_TRAINING = {
    ABOUT: json.dumps(TrainTask(name="a").to_data()).encode(),
    CURVES: b'{"shown": 320, "seconds": 5.5, "snapshot": "x", "losses": [[1, 2, 3, 0.5]], "kids": [[320, 4.5]]}',
}


def targets(room: Path) -> dict[str, Target]:
    trainings = [bytes([number]) + data for number, data in enumerate(_TRAINING.values())]
    return {
        "settings": Target(partial(settings, room), lambda: _SETTINGS, json_behind()),
        "queue": Target(partial(queue, room), _queues, json_behind()),
        "models": Target(partial(models, room), _models, json_behind()),
        "directions": Target(partial(directions, room), _notebooks, json_behind()),
        "training": Target(partial(training, room), lambda: trainings, json_behind(1)),
        "stars": Target(partial(stars, room), lambda: [b'{"starred": ["a", "b"]}'], json_behind()),
        "index": Target(partial(index, room), lambda: [_index(room)], longest=60_000),
    }


def settings(room: Path, data: bytes) -> None:
    """What could be used of them is read back the same."""
    path = put(room / "settings.json", data)
    kept = SettingsFile(path)
    kept.write()
    if not kept.notice.startswith("The settings were written by a newer"):
        assert _plain(SettingsFile(path)) == _plain(kept)
    _remove_all(path)


def queue(room: Path, data: bytes) -> None:
    path = put(room / "queue.json", data)
    runs, _ = read_line(path, TASKS)
    write_line(path, runs)
    assert repr(read_line(path, TASKS)) == repr((runs, ""))  # as text: NaN is NaN
    with suppress(StudioError, ValueError):
        job_from_data(read_json(data), TASKS)
    (room / "queue.unreadable.json").unlink(missing_ok=True)


def models(room: Path, data: bytes) -> None:
    """What the last scan found."""
    for model in ModelCatalogue(room / "none", ["/added"], put(room / "models.json", data)).models():
        json.dumps(model.defaults)


def directions(room: Path, data: bytes) -> None:
    path = put(room / "directions.json", data)
    with Refusing(path):
        notebook = read_notebook(path)
        assert all(own.move.vector for own in notebook.own)
        assert read_notebook(put(path, to_json(notebook))) == notebook


def training(room: Path, data: bytes) -> None:
    """The file that the first byte chooses; the other is whole."""
    name = list(_TRAINING)[data[0] % 2 if data else 0]
    for each, content in {**_TRAINING, name: data[1:]}.items():
        put(room / "trained" / "a" / each, content)
    for kept in read_trainings(room / "trained"):
        kept.curves.in_words()


def stars(room: Path, data: bytes) -> None:
    stars = StarList(put(room / ".stars.json", data))
    known = stars.names() or set()
    stars.change(["a", "b"], True, set)
    assert stars.names() == known | {"a", "b"}


def index(room: Path, data: bytes) -> None:
    """Refused, set aside, or used."""
    path = put(room / "index.sqlite", data)
    with suppress(StudioError), closing(Index(path)) as found:
        for item in found.search(Query(text="cat"), 20) + found.search(Query(), 20):
            PointFacts.of(item.notes)
            preview_name(ExportOptions(folder="x"), item, 1)
        found.put(_item(room))
        found.star("it", True)
        found.count(Query(starred=True))
    _remove_all(path)


def _plain(file: SettingsFile) -> str:
    return json.dumps({name: getattr(file.settings, name) for name in file.settings.__struct_fields__})


def _remove_all(path: Path) -> None:
    """The file, and what was set aside, backed up or begun beside it."""
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()


def _queues() -> Iterator[bytes]:
    rows: list[dict[str, Any]] = [
        {"job": job_to_data(job), "begun": True, "deaths": 1, "message": "x"} for job in jobs()
    ]
    yield json.dumps({"version": 1, "line": rows[:2]}).encode()
    for row in rows:
        yield json.dumps({"version": 1, "line": [row]}).encode()
        yield json.dumps(row["job"]).encode()


def _models() -> Iterator[bytes]:
    model = Model(address="/added/a", path="/added/a", name="a", can=("latent>image",), defaults={"steps": 4})
    fields = {name: getattr(model, name) for name in model.__struct_fields__}
    yield json.dumps({"folders": ["/added"], "models": [fields, fields]}).encode()


def _notebooks() -> Iterator[bytes]:
    yield to_json(Notebook(2, 3, {"pca 0": "age"}, (Own("smile", bytes(8)), Own("hat", bytes(24), 1, 2))))


def _item(room: Path) -> Item:
    return Item(id="it", path=str(room / "a.png"), kind="image", created=1.5, prompt="a cat", job=RECORD["job"],
                notes={"point": {"seeds": [1]}})  # fmt: skip


def _index(room: Path) -> bytes:
    """A small index in one file, without its log."""
    path = room / "whole.sqlite"
    with closing(Index(path)) as index:
        index.put(_item(room))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
        connection.execute("PRAGMA page_size=512")
        connection.execute("VACUUM")
    data = path.read_bytes()
    _remove_all(path)
    return data
