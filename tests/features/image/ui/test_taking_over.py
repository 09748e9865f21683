"""Settings of other pictures, dropped on the window: said in words, whole, and taken back by one key."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from studio.core.declare import LAST_SEED
from studio.core.values import Job
from studio.features.image.tasks.image import ImageTask
from tests.app.scripted import picture
from tests.opened import CONTROL, LEFT, Opened, drop, open_window, press, room
from tests.shell.rooms import generate

A1111 = """a castle <lora:ink:0.8>
Negative prompt: fog
Steps: 200, Sampler: DPM++ SDE Karras, CFG scale: 6.5, Seed: 648312782957426, Size: 256x192, Model: foxmix_v2, \
Denoising strength: 0.45, Clip skip: 2, Hires upscale: 2, Version: v1.6.0"""


def png(path: Path, **texts: str) -> Path:
    info = PngImagePlugin.PngInfo()
    for key, text in texts.items():
        info.add_text(key, text)
    Image.new("RGB", (8, 8)).save(path, pnginfo=info)
    return path


def buttons(panel: Any) -> list[str]:
    return [one.text() for one in panel.banner.findChildren(QPushButton) if not one.isHidden()]


def take(qtbot: QtBot, panel: Any, path: Path) -> None:
    """Drop the file on the large picture, and wait for what is said."""
    panel.banner.hide()
    drop(panel.viewer.stage, path)
    qtbot.waitUntil(lambda: bool(panel.banner.message))


def prepared(qtbot: QtBot, opened: Opened, tmp_path: Path) -> Any:
    """The room with a request of the person's own: words, a start picture, a scheduler, a locked seed."""
    panel = room(opened, "image")
    own = {"steps": 33, "guidance": 9.0, "scheduler": "Heun", "seed": 77, "width": 320, "strength": 0.3, "count": 3}
    panel.request.change({"prompt": "my own", "negative": "mine", "image": str(png(tmp_path / "photo.png")), **own})
    return panel


def test_all_is_taken_changed_or_named_and_one_key_brings_everything_back(
    qtbot: QtBot, opened: Opened, tmp_path: Path
) -> None:
    panel = prepared(qtbot, opened, tmp_path)
    before = panel.task()
    take(qtbot, panel, png(tmp_path / "other.png", parameters=A1111))
    task = panel.task()
    assert (task.prompt, task.negative, task.steps, task.guidance) == ("a castle", "fog", 150, 6.5)
    assert (task.seed, task.width, task.height, task.count) == (648312782957426, 256, 192, 1)
    assert (task.image, task.strength, task.scheduler) == ("", 0.6, "")
    taken, changed, left = panel.banner.message.split("\n")
    assert taken == "From AUTOMATIC1111: prompt · negative prompt · guidance · size · seed."
    assert changed == "Changed: steps 200 → 150."
    for words in (
        "model foxmix_v2 (it is not here; Starter Scenes is used)", "LoRA ink (0.8)", "Clip skip 2",
        "Hires fix upscale 2", "scheduler DPM++ SDE Karras (the model's own is used)",
    ):  # fmt: skip
        assert words in left
    qtbot.keyClick(QApplication.focusWidget() or panel, Qt.Key.Key_Z, CONTROL)
    assert panel.task() == before
    assert panel.banner.message == ""
    qtbot.keyClick(panel, Qt.Key.Key_Z, CONTROL | Qt.KeyboardModifier.ShiftModifier)
    assert panel.task() == task


def focusable(panel: Any) -> Iterable[Any]:
    seed, steps = panel.form.control("seed"), panel.form.control("steps")
    return (
        panel.prompt.edit,
        panel.negative.edit,
        seed.edit,
        steps.box,
        panel.viewer.strip,
        panel.generate,
        panel.viewer.stage,
    )


@pytest.mark.parametrize("number", range(7))
def test_the_key_works_wherever_the_focus_is(qtbot: QtBot, opened: Opened, tmp_path: Path, number: int) -> None:
    panel = prepared(qtbot, opened, tmp_path)
    before = panel.task()
    take(qtbot, panel, png(tmp_path / "other.png", parameters=A1111))
    widget = list(focusable(panel))[number]
    widget.setFocus()
    qtbot.keyClick(widget, Qt.Key.Key_Z, CONTROL)
    assert panel.task() == before


def test_what_was_typed_after_it_is_taken_back_first(qtbot: QtBot, opened: Opened, tmp_path: Path) -> None:
    panel = prepared(qtbot, opened, tmp_path)
    before = panel.task()
    take(qtbot, panel, png(tmp_path / "other.png", parameters=A1111))
    panel.prompt.edit.setFocus()
    qtbot.keyClicks(panel.prompt.edit, "x")
    assert panel.prompt.text() != "a castle"
    qtbot.keyClick(panel.prompt.edit, Qt.Key.Key_Z, CONTROL)
    assert (panel.prompt.text(), panel.task().seed) == ("a castle", 648312782957426)
    qtbot.keyClick(panel.prompt.edit, Qt.Key.Key_Z, CONTROL)
    assert panel.task() == before


def test_a_seed_that_is_shown_but_not_locked_comes_back_too(qtbot: QtBot, opened: Opened, tmp_path: Path) -> None:
    panel = generate(qtbot, opened)
    seed = panel.form.control("seed")
    assert (seed.edit.text(), seed.value()) == ("7", -1)
    take(qtbot, panel, png(tmp_path / "other.png", parameters=A1111))
    assert seed.value() == 648312782957426
    qtbot.keyClick(panel, Qt.Key.Key_Z, CONTROL)
    assert (seed.edit.text(), seed.value()) == ("7", -1)


def test_a_seed_of_64_bits_is_shown_whole_typed_used_kept_and_found_again(
    qtbot: QtBot, opened: Opened, tmp_path: Path
) -> None:
    panel = room(opened, "image")
    seed = panel.form.control("seed")
    take(
        qtbot,
        panel,
        png(tmp_path / "a.png", parameters=f"x\nSteps: 20, Sampler: Euler, Seed: {LAST_SEED}, Size: 64x64"),
    )
    assert seed.edit.text() == str(LAST_SEED)
    assert seed.edit.fontMetrics().horizontalAdvance(str(LAST_SEED)) < seed.edit.width() - 10
    seed.edit.clear()
    qtbot.keyClicks(seed.edit, f"{LAST_SEED}9")  # the last digit would lead beyond
    assert seed.value() == LAST_SEED
    QApplication.clipboard().setText(f" {LAST_SEED - 1}\n")
    seed.edit.selectAll()
    seed.edit.paste()
    assert seed.value() == LAST_SEED - 1
    QApplication.clipboard().clear()
    panel.make()
    task = opened.engine.jobs[-1].task
    assert isinstance(task, ImageTask)
    assert task.seed == LAST_SEED - 1
    with qtbot.waitSignal(opened.tracker.kept) as kept:
        opened.engine.finish(picture(seed=LAST_SEED - 1))
    item = opened.library.index.get(kept.args[0].id)  # type: ignore[index]
    assert item is not None
    assert item.seed == LAST_SEED - 1
    assert str(LAST_SEED - 1) in Path(item.path).name
    opened.library.index.remove(item.id)
    opened.library.rebuild()
    row = opened.library.index.at(item.path)
    assert row is not None
    assert row.seed == LAST_SEED - 1
    panel.request.change({"seed": -1})
    opened.services.send(opened.services.parcel_of(row))
    assert seed.value() == LAST_SEED - 1


def test_a_seed_of_64_bits_is_remembered(qtbot: QtBot, home: Path) -> None:
    with open_window(qtbot) as opened:
        room(opened, "image").request.change({"seed": LAST_SEED})
        opened.close_window(qtbot)
    with open_window(qtbot) as opened:
        assert room(opened, "image").form.control("seed").edit.text() == str(LAST_SEED)


@pytest.mark.parametrize(
    ("texts", "tool"),
    [
        ({"workflow": '{"nodes": [], "links": []}'}, "ComfyUI"),
        ({"Software": "NovelAI", "Comment": "{"}, "NovelAI"),
        ({"invokeai_metadata": "{"}, "InvokeAI"),
    ],
)
def test_settings_that_cant_be_read_are_said_and_the_picture_is_offered(
    qtbot: QtBot, opened: Opened, tmp_path: Path, texts: dict[str, str], tool: str
) -> None:
    panel = prepared(qtbot, opened, tmp_path)
    before = panel.task()
    take(qtbot, panel, png(tmp_path / "other.png", **texts))
    assert panel.banner.message == f"Made by {tool}; its settings can't be read."
    assert panel.task() == before
    press(qtbot, panel.banner, "Start from it")
    qtbot.waitUntil(lambda: panel.task().image == str(tmp_path / "other.png"))


@pytest.mark.parametrize("where", ["image", "write", "library"])  # Latent finds the point of what is dropped there
def test_from_every_room(qtbot: QtBot, opened: Opened, tmp_path: Path, where: str) -> None:
    graph = {
        "1": {"class_type": "KSampler", "inputs": {"seed": 2**63, "steps": 9, "cfg": 5, "scheduler": "normal",
              "sampler_name": "euler_ancestral", "positive": ["2", 0], "latent_image": ["3", 0]}},
        "2": {"class_type": "CLIPTextEncode", "inputs": {"text": "a red kite"}},
        "3": {"class_type": "EmptyLatentImage", "inputs": {"width": 512, "height": 768}},
        "4": {"class_type": "SaveImage", "inputs": {"images": ["1", 0]}},
    }  # fmt: skip
    panel = room(opened, "image")
    room(opened, where)
    drop(opened.window, png(tmp_path / "comfy.png", prompt=json.dumps(graph)))
    qtbot.waitUntil(lambda: panel.task().prompt == "a red kite")
    assert opened.window.room == "image"
    assert (panel.task().seed, panel.task().steps, panel.task().scheduler) == (2**63, 9, "Euler a")
    assert (panel.task().width, panel.task().height) == (512, 768)


def test_a_picture_of_ours_from_elsewhere_says_what_is_not_here(qtbot: QtBot, opened: Opened, tmp_path: Path) -> None:
    job = {"kind": "image", "model": "foxmix", "task": {
        "version": 1, "prompt": "a lake", "image": "photo.png", "seed": 4, "scheduler": "Flow Euler"}}  # fmt: skip
    record = {"triptych": 1, "model_name": "foxmix", "job": job, "notes": {}}
    panel = prepared(qtbot, opened, tmp_path)
    take(qtbot, panel, png(tmp_path / "ours.png", triptych=json.dumps(record)))
    assert (panel.task().prompt, panel.task().image, panel.task().scheduler) == ("a lake", "", "")
    taken, left = panel.banner.message.split("\n")
    assert taken == "From Triptych: everything except what is listed below."
    for words in ("model foxmix (it is not here", "start picture photo.png (it is not here)", "scheduler Flow Euler"):
        assert words in left
    assert buttons(panel) == ["Undo", "Start from it instead"]
    press(qtbot, panel.banner, "Undo")
    assert (panel.task().prompt, panel.banner.message) == ("my own", "")


def test_use_settings_of_a_strangers_picture_in_the_library_opens_nothing_elsewhere(
    qtbot: QtBot, opened: Opened, home: Path
) -> None:
    job = {"kind": "image", "model": "starter:scenes", "task": {
        "version": 1, "prompt": "a lovely lake", "image": "//attacker.example/share/x.png"}}  # fmt: skip
    record = {"triptych": 1, "model_name": "m", "created": 1.0, "item": "a", "job": job, "notes": {}}
    day = opened.library.paths.pictures / "2026-01-01"
    day.mkdir(parents=True)
    png(day / "theirs.png", triptych=json.dumps(record))
    opened.library.rebuild()
    library = room(opened, "library")
    library.refresh()
    qtbot.waitUntil(lambda: library.grid.keys() == ["a"])
    library.grid.select(["a"])
    library._chosen(["a"])
    qtbot.mouseClick(library.settings, LEFT)
    panel = opened.window.panel("image")
    assert opened.window.room == "image"
    assert (panel.prompt.text(), panel.start.path) == ("a lovely lake", "")
    assert "start picture x.png (it is not here)" in panel.banner.message


def test_a_remembered_start_picture_elsewhere_is_not_opened(qtbot: QtBot, home: Path) -> None:
    with open_window(qtbot) as opened:
        task = ImageTask(prompt="x", image="//attacker.example/share/x.png").to_data()
        opened.services.remember("image", {"task": task, "model": "starter:scenes"})
        panel = room(opened, "image")
        panel.request.change({"prompt": "y"})
        opened.services.remember("image", {"task": task, "model": "starter:scenes"})
        panel.remember = lambda: None
        opened.close_window(qtbot)
    with open_window(qtbot) as opened:
        panel = room(opened, "image")
        assert (panel.prompt.text(), panel.start.path) == ("x", "")


def test_the_words_on_what_was_taken_over_go_with_the_next_picture(
    qtbot: QtBot, opened: Opened, tmp_path: Path
) -> None:
    panel = prepared(qtbot, opened, tmp_path)
    take(qtbot, panel, png(tmp_path / "odd.png", invokeai_metadata="{"))
    assert panel.banner.message
    other = png(tmp_path / "other.png")
    drop(panel.viewer.stage, other)
    qtbot.waitUntil(lambda: panel.task().image == str(other))
    assert panel.banner.message == ""


def test_what_lies_on_another_machine_is_not_used_again(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "image")
    job = Job(task=ImageTask(prompt="a fox", image=r"\\server\share\x.png"))
    item = opened.library.keep(job, picture(seed=3, width=16, height=16), "A model")
    opened.services.library_changed.emit()
    qtbot.waitUntil(lambda: panel.viewer.canvas.item is not None)
    press(qtbot, panel, "Use settings")
    assert (panel.task().prompt, panel.task().image) == ("a fox", "")
    assert "start picture x.png (it is not here)" in panel.banner.message
    press(qtbot, panel, "Vary")
    asked = opened.engine.jobs[-1].task
    assert (asked.prompt, asked.image, asked.count) == ("a fox", item.path, 4)
