"""The services of panels, with a real library and a real catalogue, and what they say when the disk refuses."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from studio.app.services import ExportOptions, Item, Notice, Parcel, Query, room_of
from studio.core.errors import StudioError
from studio.core.values import Asset, Job, words
from studio.features.image.tasks.image import ImageTask
from studio.features.latent.tasks.latent import LatentTask, WalkTask
from studio.features.latent.tasks.vae import VaeTask
from studio.features.write.tasks.write import WriteTask
from tests.app.scripted import picture
from tests.opened import Behind


@pytest.fixture
def behind(qtbot: QtBot, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Behind]:
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "xdg"))
    made = Behind()
    yield made
    made.close()


def keep(behind: Behind, prompt: str = "a red balloon", asset: Asset | None = None) -> Item:
    return behind.library.keep(Job(task=ImageTask(prompt=prompt), model="m"), asset or picture(seed=7), "A model")


def notices(behind: Behind) -> list[Notice]:
    """Filled as they come."""
    heard: list[Notice] = []
    behind.services.noticed.connect(heard.append)
    return heard


def test_models_are_told_by_kind(behind: Behind) -> None:
    assert len(behind.services.models()) == 4
    for task, name in ((ImageTask, "scenes"), (WriteTask, "writer"), (LatentTask, "latents"), (VaeTask, "scenes")):
        assert [model.address for model in behind.services.models(task.needs)] == [f"starter:{name}"]


def test_a_request_goes_to_the_engine(behind: Behind) -> None:
    run = behind.services.make(ImageTask(prompt="x"), "starter:scenes")
    assert behind.engine.jobs == [run.job]


def test_starring_is_seen_by_all_who_show_items(qtbot: QtBot, behind: Behind) -> None:
    first, second = keep(behind), keep(behind)
    with qtbot.waitSignal(behind.services.library_changed):
        behind.services.star([first, second], True)
    assert behind.library.count(Query(starred=True)) == 2
    with qtbot.waitSignal(behind.services.library_changed):
        behind.services.star([first], False)
    assert [item.id for item in behind.library.search(Query(starred=True))] == [second.id]


def test_deleting_is_said_and_can_be_undone(qtbot: QtBot, behind: Behind) -> None:
    first, second = keep(behind), keep(behind)
    heard = notices(behind)
    behind.services.delete([first, second])
    qtbot.waitUntil(lambda: bool(heard))
    assert behind.library.count() == 0
    assert (heard[0].text, heard[0].action) == ("2 items moved to the trash", "Undo")
    assert heard[0].do is not None
    with qtbot.waitSignal(behind.services.library_changed):
        heard[0].do()
    assert {item.id for item in behind.library.search(Query())} == {first.id, second.id}
    assert Path(second.path).exists()


@pytest.mark.parametrize("what", ["star", "delete", "undo"])
def test_an_index_that_refuses_is_said_and_nothing_breaks(
    qtbot: QtBot, behind: Behind, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    item, heard = keep(behind), notices(behind)

    def refuse(*_: object) -> None:
        raise StudioError("The disk is full.")

    if what == "undo":
        behind.services.delete([item])
        qtbot.waitUntil(lambda: bool(heard))
    monkeypatch.setattr(behind.library.index, {"star": "star_all", "delete": "place", "undo": "place"}[what], refuse)
    if what == "star":
        behind.services.star([item], True)
    elif what == "delete":
        behind.services.delete([item])
    else:
        assert heard[0].do is not None
        heard[0].do()
    qtbot.waitUntil(lambda: bool(heard) and heard[-1].text == "The disk is full.")


def test_thumbnails_come_later_and_a_damaged_one_comes_empty(qtbot: QtBot, behind: Behind) -> None:
    good, bad = keep(behind), keep(behind)
    Path(bad.path).write_bytes(b"")
    text = behind.library.keep(Job(task=WriteTask(prompt="x"), model="m"), words("Once"), "A model")
    paths: dict[str, str] = {}
    for item in (good, bad, text):
        behind.services.thumbnail(item, lambda path, item=item: paths.update({item.id: path}), behind.services)
    qtbot.waitUntil(lambda: len(paths) == 3)
    assert Path(paths[good.id]).exists()
    assert (paths[bad.id], paths[text.id]) == ("", "")


def test_what_is_read_does_not_wait_for_what_is_written(qtbot: QtBot, behind: Behind) -> None:
    written, read = threading.Event(), list[str]()
    behind.background_tasks.do(written.wait)
    behind.services.read(lambda: "read", read.append, owner=behind.services)
    qtbot.waitUntil(lambda: read == ["read"])
    written.set()


def said_of(qtbot: QtBot, behind: Behind, path: object) -> Parcel | StudioError | None:
    said: list[Parcel | StudioError | None] = []
    behind.services.settings_of(str(path), said.append, said.append, behind.services)
    qtbot.waitUntil(lambda: bool(said))
    return said[0]


def test_the_settings_of_a_file_of_ours_go_to_its_room(qtbot: QtBot, behind: Behind) -> None:
    parcel = said_of(qtbot, behind, keep(behind, "a kite").path)
    assert isinstance(parcel, Parcel)
    assert parcel.room == "image"
    assert parcel.job is not None
    assert parcel.job.task == ImageTask(prompt="a kite", seed=7)


def test_a_folder_is_no_picture(qtbot: QtBot, behind: Behind, tmp_path: Path) -> None:
    error = said_of(qtbot, behind, tmp_path)
    assert isinstance(error, StudioError)
    assert tmp_path.name in error.message


def test_what_is_made_is_kept_while_an_export_goes_on(
    qtbot: QtBot, behind: Behind, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, held = threading.Event(), threading.Event()

    def slow(*_: object) -> list[Path]:
        begun.set()
        held.wait()
        return []

    monkeypatch.setattr("studio.library.library.export", slow)
    exported, kept = list[Path](), []
    behind.services.export([], ExportOptions(folder="there"), exported.extend, exported.append)  # type: ignore[arg-type]
    assert begun.wait(5)
    behind.background_tasks.do(lambda: keep(behind), kept.append)
    qtbot.waitUntil(lambda: len(kept) == 1)
    held.set()


def test_an_index_is_filled_from_the_files(qtbot: QtBot, behind: Behind) -> None:
    item = keep(behind)
    behind.library.index.remove(item.id)
    with qtbot.waitSignal(behind.services.library_changed):
        behind.services.look_again()
    assert behind.library.index.get(item.id) is not None


@pytest.mark.parametrize(
    ("task", "room"), [(ImageTask(), "image"), (WriteTask(), "write"), (LatentTask(), "latent"), (WalkTask(), "latent")]
)
def test_each_task_has_its_room(task: ImageTask | WriteTask | LatentTask | WalkTask, room: str) -> None:
    assert room_of(task) == room


def test_a_request_of_another_release_is_refused_in_words(behind: Behind) -> None:
    item = keep(behind)
    item.job["task"]["version"] = 99
    with pytest.raises(StudioError, match="newer Triptych"):
        behind.services.job_of(item)


def test_export_is_told_when_it_is_done_and_when_it_is_not(qtbot: QtBot, behind: Behind, tmp_path: Path) -> None:
    item, told = keep(behind), []
    behind.services.export([item], ExportOptions(folder=str(tmp_path / "out")), told.append, told.append)
    qtbot.waitUntil(lambda: len(told) == 1)
    assert [path.suffix for path in told[0]] == [".png"]
    Path(item.path).unlink()
    behind.services.export([item], ExportOptions(folder=str(tmp_path / "out")), told.append, told.append)
    qtbot.waitUntil(lambda: len(told) == 2)
    assert isinstance(told[1], StudioError)


def test_what_a_room_remembers_is_on_the_disk(behind: Behind, home: Path) -> None:
    behind.services.remember("image", {"task": {"prompt": "a boat"}})
    behind.background_tasks.close()
    assert "a boat" in (home / "data" / "settings.json").read_text(encoding="utf-8")


def test_settings_that_cannot_be_written_hold_until_the_end_and_are_said(
    qtbot: QtBot, behind: Behind, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = notices(behind)

    def refuse() -> None:
        raise StudioError("The disk is full.")

    monkeypatch.setattr(behind.services._settings, "write", refuse)
    behind.services.change_settings(theme="light")
    qtbot.waitUntil(lambda: bool(heard))
    assert heard[0].text == "The disk is full."
    assert behind.services.settings.theme == "light"


def test_a_parcel_is_handed_on(qtbot: QtBot, behind: Behind) -> None:
    with qtbot.waitSignal(behind.services.sent) as sent:
        behind.services.send(Parcel(room="image", text="x"))
    assert sent.args == [Parcel(room="image", text="x")]


def test_an_index_that_takes_no_rows_is_said_once_until_it_does(
    qtbot: QtBot, behind: Behind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is made is on the disk all the same, and listed later."""
    behind.worker.start()
    heard, put = notices(behind), behind.library.index.put

    def refuse(_: Item) -> None:
        raise StudioError("The disk is full: the library's index couldn't be written. Free some space and try again.")

    def make() -> None:
        count = behind.library.index.count(Query()) + len(behind.library._unlisted)
        run = behind.services.make(ImageTask(prompt="x"), "m")
        behind.engine.finish(picture())
        qtbot.waitUntil(lambda: run.over)
        assert behind.library.index.count(Query()) + len(behind.library._unlisted) == count + 1

    monkeypatch.setattr(behind.library.index, "put", refuse)
    make()
    make()
    assert [notice.text[:17] for notice in heard] == ["The disk is full:"]
    assert "saved as files" in heard[0].text
    monkeypatch.setattr(behind.library.index, "put", put)
    make()
    assert behind.library.count() == 3
    monkeypatch.setattr(behind.library.index, "put", refuse)
    make()
    assert len(heard) == 2


def test_a_queue_that_cannot_be_saved_is_said_once(
    qtbot: QtBot, behind: Behind, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = notices(behind)

    def refuse(*_: object) -> None:
        raise StudioError("The disk is full.")

    monkeypatch.setattr("studio.app.saved_line.write_line", refuse)
    for prompt in "abc":
        behind.services.make(ImageTask(prompt=prompt), "m")
    assert behind.background_tasks.finish(20)
    qtbot.waitUntil(lambda: bool(heard))
    assert [notice.text for notice in heard] == [
        "The disk is full. Until then, the queue is lost if you close Triptych."
    ]


def test_settings_are_written_once_for_all_that_changed_at_the_end(
    behind: Behind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow drive takes seconds for each time."""
    written: list[Path] = []
    monkeypatch.setattr("studio.library.settings.write_atomic", lambda path, *_, **__: written.append(path))
    held = threading.Event()
    behind.background_tasks.do(held.wait)
    for name in ("image", "write", "latent", "window"):
        behind.services.remember(name, {"x": name})
    held.set()
    assert behind.services.close()
    assert len(written) == 1
