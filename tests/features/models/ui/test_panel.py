"""The Models room and its folders."""

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import torch
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from studio.app import model_scan
from studio.app.services import ExportOptions
from studio.core.abilities import Can
from studio.core.resources import starters
from tests.models.folders import picture_model, write_safetensors
from tests.opened import LEFT, Opened, in_dialog, press, room

GANS = Path(__file__).parents[3] / "data" / "stylegan"


def test_only_the_folder_of_the_chosen_model_is_removed(qtbot: QtBot, opened: Opened, tmp_path: Path) -> None:
    panel = room(opened, "models")
    folders = [tmp_path / name for name in ("model", "model-2")]
    for folder in folders:
        shutil.copytree(starters() / "latents", folder)
        with qtbot.waitSignal(opened.services.models_changed):
            panel.add_folder(str(folder))
    panel.table.selectRow(next(at for at, model in enumerate(panel._models) if model.path == str(folders[1])))
    with qtbot.waitSignal(opened.services.models_changed):
        panel.remove.click()
    assert opened.services.settings.model_folders == (str(folders[0]),)


def test_a_folder_that_was_removed_comes_back_with_control_z(qtbot: QtBot, opened: Opened, tmp_path: Path) -> None:
    panel = room(opened, "models")
    folder = tmp_path / "models"
    shutil.copytree(starters() / "latents", folder)
    with qtbot.waitSignal(opened.services.models_changed):
        panel.add_folder(str(folder))
    panel.table.selectRow(next(at for at, model in enumerate(panel._models) if model.path == str(folder)))
    with qtbot.waitSignal(opened.services.models_changed):
        panel.remove.click()
    panel.table.setFocus()
    with qtbot.waitSignal(opened.services.models_changed):
        qtbot.keyClick(panel.table, "Z", Qt.KeyboardModifier.ControlModifier)
    assert opened.services.settings.model_folders == (str(folder),)
    assert str(folder) in [model.path for model in panel._models]


def test_networks_of_gans_are_listed_and_bad_ones_say_why(qtbot: QtBot, opened: Opened, tmp_path: Path) -> None:
    folder = tmp_path / "gans"
    folder.mkdir()
    for name in ("sg2_64", "sg3t_128"):
        shutil.copy(GANS / f"{name}.pkl", folder)
    (folder / "half.pkl").write_bytes((GANS / "sg2_64.pkl").read_bytes()[:500_000])
    (folder / "old.pkl").write_bytes(b"\x80\x02cdnnlib.tflib.network\nNetwork\n)\x81}b.")
    torch.save({"g_ema": {"to_rgb1.conv.weight": torch.ones(2)}}, folder / "pets.pt")
    torch.save({"g": {"to_rgb1.conv.weight": torch.ones(2), "to_rgbs.0.iwt.ll": torch.ones(2)}}, folder / "waves.pt")
    panel = room(opened, "models")
    with qtbot.waitSignal(opened.services.models_changed):
        panel.add_folder(str(folder))
    said = {}
    for at, model in enumerate(panel._models):
        if model.path.startswith(str(folder)):
            panel.table.selectRow(at)
            said[model.name] = model.architecture, panel.use.isEnabled(), panel.table.item(at, 4).text()
    ready = {"sg2_64": "StyleGAN2", "sg3t_128": "StyleGAN3", "pets": "StyleGAN2"}
    why = {"half": "is incomplete", "old": "for TensorFlow", "waves": "is a SWAGAN"}
    assert said.keys() == ready.keys() | why.keys()
    assert {name: said[name] for name in ready} == {name: (family, True, "ready") for name, family in ready.items()}
    for name, words in why.items():
        assert said[name][:2] == ("", False)
        assert words in said[name][2]


def test_a_model_that_ranks_pictures_has_no_room_to_go_to(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "models")
    names = [model.address for model in panel._models]
    for name, use in (("starter:scenes", True), ("starter:match", False)):
        panel.table.selectRow(names.index(name))
        assert panel.use.isEnabled() is use
    row = names.index("starter:match")
    assert panel.table.item(row, 1).text() == "Ranking pictures"
    panel.table.itemActivated.emit(panel.table.item(row, 0))
    assert opened.window.panel() is panel


def test_a_bundled_model_has_no_folder_to_remove(opened: Opened) -> None:
    panel = room(opened, "models")
    panel.table.selectRow(0)
    assert not panel.remove.isEnabled()


@pytest.fixture
def asleep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Path, threading.Event]]:
    """A folder on a drive that doesn't answer until the event is set, and that the window must not touch."""
    folder, awake, real = tmp_path / "drive", threading.Event(), os.stat
    folder.mkdir()

    def stat(path: Any, **options: Any) -> os.stat_result:
        if not isinstance(path, int) and folder in (Path(os.fsdecode(path)), *Path(os.fsdecode(path)).parents):
            assert threading.current_thread() is not threading.main_thread(), f"the window asked for {path}"
            assert awake.wait(60)
        return real(path, **options)

    monkeypatch.setattr(os, "stat", stat)
    monkeypatch.setattr(model_scan, "PATIENCE_MS", 1)
    yield folder, awake
    awake.set()


def test_a_drive_that_does_not_answer_holds_up_nothing_and_can_be_removed(
    qtbot: QtBot, opened: Opened, tmp_path: Path, asleep: tuple[Path, threading.Event]
) -> None:
    folder, awake = asleep
    panel = room(opened, "models")
    with qtbot.waitSignal(opened.services.models_changed):
        panel.add_folder(str(folder))
    row = next(at for at, model in enumerate(panel._models) if model.path == str(folder))
    assert "is still being scanned" in panel.table.item(row, 4).text()
    shutil.copytree(starters() / "latents", tmp_path / "other")
    with qtbot.waitSignal(opened.services.models_changed):
        panel.add_folder(str(tmp_path / "other"))  # which is found meanwhile
    exported: list[bool] = []
    opened.services.export([], ExportOptions(folder=str(tmp_path)), lambda _: exported.append(True), lambda _: None)
    qtbot.waitUntil(lambda: bool(exported))
    panel.table.selectRow(next(at for at, model in enumerate(panel._models) if model.path == str(folder)))
    qtbot.mouseClick(panel.remove, LEFT)
    assert opened.services.settings.model_folders == (str(tmp_path / "other"),)
    assert str(folder) not in [model.path for model in panel._models]
    awake.set()
    qtbot.waitUntil(lambda: not any(str(folder) in thread.name for thread in threading.enumerate()))
    assert str(folder) not in [model.path for model in panel._models]


def test_a_folder_of_several_models_is_removed_when_it_was_agreed_and_comes_back(
    qtbot: QtBot, opened: Opened, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        shutil.copytree(starters() / "latents", tmp_path / "models" / name)
    panel, folder = room(opened, "models"), str(tmp_path / "models")
    with qtbot.waitSignal(opened.services.models_changed):
        panel.add_folder(folder)
    chosen = next(at for at, model in enumerate(panel._models) if model.path.endswith("two"))
    panel.table.selectRow(chosen)
    assert f"Stop scanning {folder} with its 2 models; their files stay" in panel.remove.toolTip()

    def answer(button: str) -> None:
        def say(question: QMessageBox) -> None:
            assert question.text() == f"All 2 models in {folder} will be removed from the list. Their files stay."
            press(qtbot, question, button)

        in_dialog(lambda: qtbot.mouseClick(panel.remove, LEFT), say)

    answer("Cancel")
    assert opened.services.settings.model_folders == (folder,)
    answer("Remove folder")
    assert opened.services.settings.model_folders == ()
    assert all(model.bundled for model in panel._models)
    press(qtbot, opened.window._toasts, "Undo")
    assert opened.services.settings.model_folders == (folder,)
    qtbot.waitUntil(lambda: sum(not model.bundled for model in panel._models) == 2)


def test_thousands_of_models_are_listed_in_slices(qtbot: QtBot, opened: Opened, tmp_path: Path) -> None:
    for number in range(250):
        (tmp_path / f"{number}.onnx").write_bytes(b"")
    panel = room(opened, "models")
    with qtbot.waitSignal(opened.services.models_changed):
        panel.add_folder(str(tmp_path))
    last = panel.table.rowCount() - 1
    assert panel.table.item(last, 0) is None
    qtbot.waitUntil(lambda: panel.table.item(last, 0) is not None)
    assert panel.table.item(last, 0).text() == "249"


def test_what_is_of_no_room_is_listed_for_what_it_is(qtbot: QtBot, opened: Opened, tmp_path: Path) -> None:
    header = {"lora_te_x.lora_up.weight": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}
    write_safetensors(tmp_path / "loras" / "detail.safetensors", header, body=4)
    panel = room(opened, "models")
    with qtbot.waitSignal(opened.services.models_changed):
        panel.add_folder(str(tmp_path / "loras"))
    at = next(at for at, model in enumerate(panel._models) if model.name == "detail")
    panel.table.selectRow(at)
    assert [panel.table.item(at, column).text() for column in (1, 4)] == ["", "a LoRA: can't be used yet"]
    assert "detail.safetensors is a LoRA. Triptych can't use it yet." in panel.table.item(at, 4).toolTip()
    assert not panel.use.isEnabled()
    offered = [opened.services.models((can,)) for can in get_args(Can)]
    assert "detail" not in [model.name for models in offered for model in models]


def test_a_model_that_begins_from_noise_only_takes_no_start_picture(
    qtbot: QtBot, opened: Opened, tmp_path: Path
) -> None:
    picture_model(tmp_path / "chroma", "ChromaPipeline")
    panel = room(opened, "models")
    with qtbot.waitSignal(opened.services.models_changed):
        panel.add_folder(str(tmp_path / "chroma"))
    at = next(at for at, model in enumerate(panel._models) if model.name == "chroma")
    assert [panel.table.item(at, column).text() for column in (1, 4)] == ["Image", "ready"]
    panel.table.selectRow(at)
    qtbot.mouseClick(panel.use, LEFT)
    image = opened.window.panel()
    Image.new("RGB", (8, 8)).save(tmp_path / "start.png")
    image.start.choose(str(tmp_path / "start.png"))
    qtbot.waitUntil(lambda: image.request.task.image == str(tmp_path / "start.png"))
    asked = len(opened.engine.jobs)
    qtbot.mouseClick(image.generate, LEFT)
    assert "The model chroma can't start from a picture." in image.banner.message
    assert len(opened.engine.jobs) == asked


def test_every_model_is_for_the_room_that_can_ask_it(opened: Opened) -> None:
    panel = room(opened, "models")
    rooms = {model.address: panel.table.item(at, 1).text() for at, model in enumerate(panel._models)}
    assert rooms == {
        "starter:latents": "Latent",
        "starter:match": "Ranking pictures",
        "starter:scenes": "Image",
        "starter:writer": "Write",
    }


def test_a_refiner_waits_for_a_picture(qtbot: QtBot, opened: Opened, tmp_path: Path) -> None:
    picture_model(tmp_path / "refiner", "StableDiffusionXLImg2ImgPipeline", requires_aesthetics_score=True)
    panel = room(opened, "models")
    with qtbot.waitSignal(opened.services.models_changed):
        panel.add_folder(str(tmp_path / "refiner"))
    at = next(at for at, model in enumerate(panel._models) if model.name == "refiner")
    assert panel.table.item(at, 4).text() == "ready, with a start picture"
    panel.table.selectRow(at)
    qtbot.mouseClick(panel.use, LEFT)
    image = opened.window.panel()
    asked = len(opened.engine.jobs)
    qtbot.mouseClick(image.generate, LEFT)
    assert "refiner refines an existing picture and can't start one" in image.banner.message
    assert len(opened.engine.jobs) == asked
    Image.new("RGB", (8, 8)).save(tmp_path / "start.png")
    image.start.choose(str(tmp_path / "start.png"))
    qtbot.waitUntil(lambda: image.request.task.image == str(tmp_path / "start.png"))
    qtbot.mouseClick(image.generate, LEFT)
    qtbot.waitUntil(lambda: len(opened.engine.jobs) == asked + 1)
    assert opened.engine.jobs[-1].task.image == str(tmp_path / "start.png")


def test_a_narrow_window_shows_why_a_model_cannot_be_used(opened: Opened) -> None:
    panel = room(opened, "models")
    headers = ["Name", "For", "Size", "Licence", "State"]
    for width, shown in ((1280, headers), (900, ["Name", "For", "State"])):
        opened.window.resize(width, 600)
        QApplication.processEvents()
        assert [words for at, words in enumerate(headers) if not panel.table.isColumnHidden(at)] == shown
