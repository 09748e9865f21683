"""Every room of the window on a scripted engine, by mouse and keyboard."""

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.app.desk import Parcel
from studio.core.errors import StudioError
from studio.core.events import Cancelled, Done, Failed, Made, Preview, Progress, Started, Words
from studio.core.values import Result, words
from studio.features import FEATURES
from studio.features.image.task import ImageTask
from studio.features.latent.task import LatentTask, WalkTask
from studio.features.write.task import Turn, WriteTask
from tests.app.scripted import picture
from tests.shell.conftest import Opened, open_window
from tests.ui.accessible import clipped, lacking

CONTROL, LEFT = Qt.KeyboardModifier.ControlModifier, Qt.MouseButton.LeftButton


def room(opened: Opened, name: str) -> Any:
    """Enter a room by its key and return its panel."""
    opened.window.enter(name)
    return opened.window.panel()


def generate(qtbot: QtBot, opened: Opened, prompt: str = "a red balloon", **notes: Any) -> Any:
    """Make one picture in Image; returns the panel."""
    panel = room(opened, "image")
    panel.prompt.edit.clear()
    qtbot.keyClicks(panel.prompt.edit, prompt)
    qtbot.mouseClick(panel.generate, LEFT)
    with qtbot.waitSignal(opened.tracker.kept):
        opened.engine.finish(picture(seed=7, width=16, height=16, **notes))
    qtbot.waitUntil(lambda: panel._run.over)
    return panel


# -- every room -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FEATURES)
def test_every_control_says_what_it_is_and_no_word_is_cut_off(opened: Opened, name: str) -> None:
    panel = room(opened, name)
    assert lacking(opened.window) == []
    assert clipped(panel) == []


def test_control_and_a_number_change_rooms(qtbot: QtBot, opened: Opened) -> None:
    for number, name in enumerate(FEATURES, 1):
        qtbot.keyClick(opened.window, Qt.Key(Qt.Key.Key_0 + number), CONTROL)
        assert opened.window.room == name


def test_each_room_finds_its_last_request_again(qtbot: QtBot, qapp: QApplication) -> None:
    with open_window(qtbot) as opened:
        room(opened, "image").prompt.set_text("a blue boat")
        room(opened, "write").prompt.set_text("Once")
        room(opened, "latent")._go(3.0, 1.0)
    with open_window(qtbot) as opened:
        assert opened.window.room == "latent"
        assert room(opened, "image").prompt.text() == "a blue boat"
        assert room(opened, "write").prompt.text() == "Once"
        assert room(opened, "latent")._place == (3.0, 1.0)


# -- Image ------------------------------------------------------------------------------------------------------------


def test_a_picture_forms_is_kept_and_shown(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "image")
    qtbot.keyClicks(panel.prompt.edit, "a kite")
    qtbot.keyClick(panel.prompt.edit, Qt.Key.Key_Return, CONTROL)
    job = opened.engine.jobs[-1]
    assert isinstance(job.task, ImageTask)
    assert (job.task.prompt, job.model) == ("a kite", "starter:scenes")
    opened.engine.push(Started(job.id), Progress(job.id, 1, 20, "Step"), Preview(job.id, picture()))
    qtbot.waitUntil(panel.stage.has_picture)
    with qtbot.waitSignal(opened.tracker.kept) as kept:
        opened.engine.push(Made(job.id, picture(seed=7)), Done(job.id, Result()))
    qtbot.waitUntil(lambda: panel.strip.selected() == [kept.args[0].id])  # type: ignore[index]
    assert Path(kept.args[0].path).exists()  # type: ignore[index]
    assert panel.form.control("seed").edit.text() == "7"


def test_esc_stops_at_once(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "image")
    panel.make()
    job = opened.engine.jobs[-1]
    opened.engine.push(Started(job.id))
    qtbot.waitUntil(lambda: panel._run.state == "running")
    qtbot.keyClick(opened.window, Qt.Key.Key_Escape)
    assert opened.engine.cancels == [job.id]
    assert opened.window._bar.stop.text() == "Stopping…"
    with qtbot.waitSignal(panel._run.cancelled):
        opened.engine.push(Cancelled(job.id))


@pytest.mark.parametrize(
    ("trouble", "sentence", "again"),
    [
        ("model_missing", "The model is not there any more.", True),
        ("model_unusable", "unet.safetensors is cut off.", True),
        ("out_of_memory", "There was not enough memory.", True),
        ("engine_died", "The engine stopped.", True),
    ],
)
def test_troubles_are_said_in_place_with_a_way_out(
    qtbot: QtBot, opened: Opened, trouble: Any, sentence: str, again: bool
) -> None:
    panel = room(opened, "image")
    panel.make()
    with qtbot.waitSignal(panel._run.failed):
        opened.engine.push(Failed(opened.engine.jobs[-1].id, trouble, sentence, "details"))
    assert sentence in panel.banner.message
    button = next(b for b in panel.banner.findChildren(type(panel.generate)) if b.text() == "Try again")
    qtbot.mouseClick(button, LEFT)
    assert len(opened.engine.jobs) == 2
    assert panel.banner.message == ""


def test_a_full_disk_loses_nothing(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "image")
    opened.refusal = StudioError("The disk is full.")
    panel.make()
    with qtbot.waitSignal(panel._run.unsaved):
        opened.engine.finish(picture(seed=1))
    assert "The disk is full." in panel.banner.message
    assert panel.stage.has_picture()
    opened.refusal = None
    button = next(b for b in panel.banner.findChildren(type(panel.generate)) if b.text() == "Save again")
    with qtbot.waitSignal(opened.tracker.kept):
        qtbot.mouseClick(button, LEFT)
    qtbot.waitUntil(lambda: panel.banner.message == "")


def test_settings_of_a_picture_come_back(qtbot: QtBot, opened: Opened) -> None:
    panel = generate(qtbot, opened, "first")
    panel.prompt.set_text("second")
    qtbot.mouseClick(panel.settings, LEFT)
    assert panel.prompt.text() == "first"
    assert panel.form.values()["seed"] == 7


def test_variations_start_from_the_picture(qtbot: QtBot, opened: Opened) -> None:
    panel = generate(qtbot, opened)
    qtbot.mouseClick(panel.vary, LEFT)
    task = opened.engine.jobs[-1].task
    assert isinstance(task, ImageTask)
    assert (task.count, task.seed) == (4, -1)
    assert Path(task.image).exists()


def test_two_pictures_are_compared_with_a_divider(qtbot: QtBot, opened: Opened) -> None:
    generate(qtbot, opened, "one")
    panel = generate(qtbot, opened, "two")
    qtbot.mouseClick(panel.compare, LEFT)
    assert panel.stage.comparing()
    qtbot.mouseClick(panel.compare, LEFT)
    assert not panel.stage.comparing()


def test_a_file_of_another_tool_brings_its_settings(opened: Opened, tmp_path: Path) -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_text(
        "parameters",
        "a castle\nNegative prompt: fog\nSteps: 33, Sampler: Euler a, CFG scale: 6.5, Seed: 99, Size: 256x192",
    )
    Image.new("RGB", (8, 8)).save(tmp_path / "other.png", pnginfo=texts)
    panel = room(opened, "image")
    panel.receive(Parcel(room="image", path=str(tmp_path / "other.png")))
    values = panel.task()
    assert (values.prompt, values.negative, values.steps, values.guidance) == ("a castle", "fog", 33, 6.5)
    assert (values.seed, values.width, values.height, values.scheduler) == (99, 256, 192, "Euler a")


def test_a_picture_without_settings_is_started_from(opened: Opened, tmp_path: Path) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "photo.jpg")
    panel = room(opened, "image")
    panel.receive(Parcel(room="image", path=str(tmp_path / "photo.jpg")))
    assert panel.task().image == str(tmp_path / "photo.jpg")
    assert panel.strength.isVisible()


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_picture_is_said(opened: Opened, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "odd.png").write_bytes(content)
    panel = room(opened, "image")
    panel.receive(Parcel(room="image", path=str(tmp_path / "odd.png")))
    assert "odd.png" in panel.banner.message


@pytest.mark.parametrize("prompt", ["", "x " * 500_000], ids=["empty", "a million characters"])
def test_any_prompt_can_be_asked(opened: Opened, prompt: str) -> None:
    panel = room(opened, "image")
    panel.prompt.set_text(prompt)
    panel.make()
    task = opened.engine.jobs[-1].task
    assert isinstance(task, ImageTask)
    assert task.prompt == prompt


# -- the queue --------------------------------------------------------------------------------------------------------


def test_the_queue_shows_what_waits_and_lets_it_go(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "image")
    for prompt in ("running", "second", "third"):
        panel.prompt.set_text(prompt)
        panel.make()
    assert opened.window._bar.queue.text() == "2 queued"
    qtbot.keyClick(opened.window, Qt.Key.Key_J, CONTROL)
    popup = opened.window._queue
    assert popup.isVisible()
    third = popup._rows[opened.tracker.line[2].job.id]
    qtbot.mouseClick(third._up, LEFT)
    assert [run.job.task.prompt for run in opened.tracker.line] == ["running", "third", "second"]  # type: ignore[attr-defined]
    qtbot.mouseClick(third._remove, LEFT)
    assert opened.tracker.waiting == 1
    qtbot.mouseClick(popup._pause, LEFT)
    assert opened.tracker.paused
    qtbot.mouseClick(popup._clear, LEFT)
    assert opened.tracker.waiting == 0
    qtbot.keyClick(opened.window, Qt.Key.Key_Escape)
    assert not popup.isVisible()


# -- Write ------------------------------------------------------------------------------------------------------------


def write(qtbot: QtBot, opened: Opened, prompt: str, *texts: str) -> Any:
    """Write ``texts`` as variants; returns the panel."""
    panel = room(opened, "write")
    panel.form.set_values({"variants": len(texts)})
    panel.prompt.set_text(prompt)
    qtbot.mouseClick(panel.go, LEFT)
    job = opened.engine.jobs[-1]
    opened.engine.push(Started(job.id))
    for index, text in enumerate(texts):
        opened.engine.push(*(Words(job.id, part, index) for part in text))
    made = [
        Made(job.id, words(text, index=index, tokens=3, tokens_per_second=40.0)) for index, text in enumerate(texts)
    ]
    with qtbot.waitSignal(panel._run.done):
        opened.engine.push(*made, Done(job.id, Result()))
    return panel


def test_variants_stream_side_by_side(qtbot: QtBot, opened: Opened) -> None:
    panel = write(qtbot, opened, "Once", " a moon", " 猫🐈", " c", " d")
    assert [variant.text() for variant in panel.variants] == [" a moon", " 猫🐈", " c", " d"]
    assert "40 tokens/s" in panel.variants[0]._facts.text()


def test_continue_goes_on_from_the_edit(qtbot: QtBot, opened: Opened) -> None:
    panel = write(qtbot, opened, "Once", " a moon")
    variant = panel.variants[0]
    qtbot.keyClick(variant.edit, Qt.Key.Key_End, CONTROL)
    qtbot.keyClicks(variant.edit, " rose")
    qtbot.mouseClick(variant.go_on, LEFT)
    task = opened.engine.jobs[-1].task
    assert isinstance(task, WriteTask)
    assert (task.begin, task.prompt, task.variants) == (" a moon rose", "Once", 1)


def test_an_answered_question_becomes_history(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "write")
    qtbot.mouseClick(panel.mode.button("chat"), LEFT)
    write(qtbot, opened, "Who are you?", "A writer.")
    write(qtbot, opened, "And I?", "A reader.")
    task = opened.engine.jobs[-1].task
    assert isinstance(task, WriteTask)
    assert task.history == (Turn("user", "Who are you?"), Turn("assistant", "A writer."))


def test_a_text_goes_on_to_image(qtbot: QtBot, opened: Opened) -> None:
    panel = write(qtbot, opened, "Once", "a pink\nmoon")
    qtbot.mouseClick(panel.variants[0].send, LEFT)
    assert opened.window.room == "image"
    assert opened.window.panel().prompt.text() == "a pink moon"


def test_a_stop_keeps_the_words(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "write")
    panel.make()
    job = opened.engine.jobs[-1]
    opened.engine.push(Started(job.id), Words(job.id, "half a "))
    qtbot.waitUntil(lambda: panel.variants[0].text() == "half a ")
    qtbot.keyClick(opened.window, Qt.Key.Key_Escape)
    with qtbot.waitSignal(panel._run.cancelled):
        opened.engine.push(Cancelled(job.id))
    assert panel.variants[0].text() == "half a "
    assert not panel.variants[0].edit.isReadOnly()


# -- Latent -----------------------------------------------------------------------------------------------------------


def frame(qtbot: QtBot, opened: Opened, panel: Any) -> LatentTask:
    """Answer the newest frame job."""
    job = opened.engine.jobs[-1]
    assert isinstance(job.task, LatentTask)
    assert job.lane == "frames"
    count = len(job.task.points or job.task.seeds)
    busy = panel.frames._busy
    made = [Made(job.id, picture(index=index)) for index in range(count)]
    opened.engine.push(Started(job.id), *made, Done(job.id, Result()))
    qtbot.waitUntil(lambda: panel.frames._busy is not busy)
    return job.task


def test_the_live_frame_goes_before_the_map_and_only_the_newest_counts(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "latent")
    for _ in range(5):
        qtbot.keyClick(panel.wander, Qt.Key.Key_Right)
    sent = len(opened.engine.jobs)
    frame(qtbot, opened, panel)
    newest = opened.engine.jobs[-1].task
    assert len(opened.engine.jobs) == sent + 1
    assert isinstance(newest, LatentTask)
    assert newest.points[0].weights == pytest.approx((0.5, 0.5))
    frame(qtbot, opened, panel)
    assert frame(qtbot, opened, panel).points == ()


def test_the_map_fills_and_a_click_goes_there(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "latent")
    while panel.map.missing(1):
        frame(qtbot, opened, panel)
    spot = panel.map.rect_of_seed(1).center().toPoint()
    qtbot.mouseClick(panel.map, LEFT, pos=spot)
    assert panel.seed.value() == 1
    task = opened.engine.jobs[-1].task
    assert isinstance(task, LatentTask)
    assert task.points[0].seeds == (1,)


def test_slots_mix_styles(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "latent")
    panel._go(5.0, 0.0)
    qtbot.mouseClick(panel.slots.slots[0], LEFT)
    assert panel.point().coarse == 5
    qtbot.keyClick(panel.slots.slots[0], Qt.Key.Key_Delete)
    assert panel.point().coarse == -1


def test_the_wheel_zooms_the_map(opened: Opened) -> None:
    panel = room(opened, "latent")
    before = panel.map.rect_of_seed(0).width()
    wheel = QWheelEvent(
        QPointF(9, 9), QPointF(9, 9), QPointF().toPoint(), QPointF(0, 240).toPoint(),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(panel.map, wheel)
    assert panel.map.rect_of_seed(0).width() > before


def test_a_walk_is_exported_as_it_stands(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "latent")
    for place in (0.0, 1.0, 2.0):
        panel._go(place, 0.0)
        qtbot.mouseClick(panel.timeline.add, LEFT)
    qtbot.mouseClick(panel.timeline.export, LEFT)
    task = opened.engine.jobs[-1].task
    assert isinstance(task, WalkTask)
    assert [key.seeds for key in task.keys] == [(0,), (1,), (2,)]


def test_a_frame_that_fails_is_said_once(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "latent")
    opened.engine.push(Failed(opened.engine.jobs[-1].id, "model_unusable", "generator.safetensors is cut off."))
    qtbot.waitUntil(lambda: "cut off" in panel.banner.message)
    sent = len(opened.engine.jobs)
    assert opened.engine.jobs[sent:] == []


# -- Library and Models -----------------------------------------------------------------------------------------------


def test_the_library_finds_stars_and_deletes_with_a_way_back(
    qtbot: QtBot, opened: Opened, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    generate(qtbot, opened, "a red balloon")
    generate(qtbot, opened, "a teal kite")
    panel = room(opened, "library")
    qtbot.waitUntil(lambda: len(panel.grid.keys()) == 2)
    qtbot.keyClicks(panel.search, "kite")
    qtbot.waitUntil(lambda: len(panel.grid.keys()) == 1)
    panel.grid.select(panel.grid.keys())
    panel._chosen(panel.grid.keys())
    qtbot.mouseClick(panel.star, LEFT)
    qtbot.waitUntil(lambda: [item.starred for item in panel.chosen_items()] == [True])
    path = Path(panel.chosen_items()[0].path)
    qtbot.mouseClick(panel.delete, LEFT)
    qtbot.waitUntil(lambda: panel.grid.keys() == [])
    assert not path.exists()
    qtbot.mouseClick(opened.window._toast.button, LEFT)
    qtbot.waitUntil(lambda: len(panel.grid.keys()) == 1)
    assert path.exists()
    assert panel._items[panel.grid.keys()[0]].starred


def test_a_folder_of_models_is_added_and_judged(qtbot: QtBot, opened: Opened, tmp_path: Path) -> None:
    broken = tmp_path / "models" / "broken"
    broken.mkdir(parents=True)
    (broken / "config.json").write_text(json.dumps({"architectures": ["LlamaForCausalLM"]}), encoding="utf-8")
    panel = room(opened, "models")
    with qtbot.waitSignal(opened.desk.models_changed):
        panel.add_folder(str(tmp_path / "models"))
    found = next(model for model in opened.desk.models() if model.name == "broken")
    assert not found.usable
    assert found.reason
    rows = [panel.table.item(row, 0).text() for row in range(panel.table.rowCount())]
    assert "broken" in rows
    panel.table.selectRow(rows.index("broken"))
    with qtbot.waitSignal(opened.desk.models_changed):
        qtbot.mouseClick(panel.remove, LEFT)
    assert all(model.bundled for model in opened.desk.models())


def test_using_a_model_goes_to_its_room(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "models")
    names = [panel.table.item(row, 0).text() for row in range(panel.table.rowCount())]
    panel.table.selectRow(names.index("Starter Writer"))
    qtbot.mouseClick(panel.use, LEFT)
    assert opened.window.room == "write"
