"""The choice of a VAE in the Image room's window: what fits, what is asked for, what Details and files say."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from PIL import Image, PngImagePlugin
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QLabel
from pytestqt.qtbot import QtBot

from studio.core.errors import StudioError
from studio.core.values import Job
from studio.features.image.tasks.image import ImageTask, Vae
from studio.library.metadata.making import read_making
from studio.ui.nested import Several
from tests import tiny_models
from tests.app.scripted import picture
from tests.opened import CONTROL, Opened, drop, press, room

SD, SDXL = 0.18215, 0.13025


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("models")
    tiny_models.save_stable_diffusion(root / "painter", SD)
    tiny_models.save_vae(root / "soft", SD)
    tiny_models.save_vae(root / "large", SDXL)
    return root


def prepared(qtbot: QtBot, opened: Opened, folder: Path) -> Any:
    """The room with the models in ``folder``, the painter chosen, and a VAE's row on the form."""
    panel = room(opened, "image")
    opened.services.set_model_folders([str(folder)])
    qtbot.waitUntil(lambda: any(model.name == "large" for model in opened.services.models()))
    assert panel.models.choose(str(folder / "painter"))
    panel.form.section.open(True)
    press(qtbot, parts_of(panel), "+ VAE")
    return panel


def parts_of(panel: Any) -> Several:
    control = panel.form.control("parts")
    assert isinstance(control, Several)
    return control


def box_of(panel: Any) -> QComboBox:
    box = parts_of(panel).rows[0].findChild(QComboBox)
    assert isinstance(box, QComboBox)
    return box


def pick(qtbot: QtBot, box: QComboBox, name: str) -> None:
    """Choose by keyboard, as a person does."""
    box.setFocus()
    qtbot.keyClicks(box, name)
    assert box.currentText() == name


def offered(box: QComboBox) -> list[str]:
    return [box.itemText(row) for row in range(box.count())]


def test_those_that_fit_are_offered_and_the_chosen_one_is_asked_for(qtbot: QtBot, opened: Opened, folder: Path) -> None:
    panel = prepared(qtbot, opened, folder)
    box = box_of(panel)
    assert offered(box) == ["The model's own", "soft"]
    assert panel.task().parts == (Vae(),)
    pick(qtbot, box, "soft")
    assert box.hasFocus()
    assert box is box_of(panel)
    qtbot.mouseClick(panel.generate, Qt.MouseButton.LeftButton)
    job = opened.engine.jobs[-1]
    assert isinstance(job.task, ImageTask)
    assert job.task.parts == (Vae(str(folder / "soft")),)
    with qtbot.waitSignal(opened.tracker.kept) as kept:
        opened.engine.finish(picture(seed=7))
    qtbot.waitUntil(
        lambda: "VAE: soft" in [each.accessibleName() for each in panel.viewer.details.findChildren(QLabel)]
    )
    making = read_making(Path(kept.args[0].path))  # type: ignore[index]
    assert making is not None
    assert making.data is not None
    assert making.info.pairs["VAE"] == "soft"
    assert len(making.info.pairs["VAE hash"]) == 10
    assert str(folder) not in str(making.data)
    panel.request.restart(ImageTask())
    press(qtbot, panel, "Use settings")
    assert panel.task().parts == (Vae(str(folder / "soft")),)


def test_another_family_has_other_choices(qtbot: QtBot, opened: Opened, folder: Path) -> None:
    panel = prepared(qtbot, opened, folder)
    pick(qtbot, box_of(panel), "soft")
    assert panel.models.choose("starter:scenes")
    assert panel.task().parts == ()
    press(qtbot, parts_of(panel), "+ VAE")
    assert offered(box_of(panel)) == ["The model's own"]


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (["large"], "large is no VAE for painter: its family is another one."),
        (["painter"], "painter is no VAE."),
        (["nothing"], "nothing is not among the models here."),
        (["soft", "soft"], "A model works with one VAE at a time."),
    ],
)
def test_what_does_not_fit_is_said_before_anything_waits(
    qtbot: QtBot, opened: Opened, folder: Path, names: list[str], sentence: str
) -> None:
    panel = prepared(qtbot, opened, folder)
    task = msgspec.structs.replace(panel.task(), parts=tuple(Vae(str(folder / name)) for name in names))
    with pytest.raises(StudioError, match=sentence):
        opened.services.make(task, str(folder / "painter"))
    assert opened.engine.jobs == []


def test_two_rows_are_refused_in_the_room(qtbot: QtBot, opened: Opened, folder: Path) -> None:
    panel = prepared(qtbot, opened, folder)
    press(qtbot, parts_of(panel), "+ VAE")
    for row in parts_of(panel).rows:
        box = row.findChild(QComboBox)
        assert isinstance(box, QComboBox)
        pick(qtbot, box, "soft")
    qtbot.mouseClick(panel.generate, Qt.MouseButton.LeftButton)
    assert "one VAE at a time" in panel.banner.message
    assert opened.engine.jobs == []


@pytest.mark.parametrize(
    ("vae", "parts", "sentence"),
    [("soft.safetensors", ("soft",), "VAE soft"), ("large.safetensors", (), "Not used: VAE large.safetensors")],
)
def test_another_tools_vae_is_taken_over_where_one_fits(
    qtbot: QtBot, opened: Opened, folder: Path, tmp_path: Path, vae: str, parts: tuple[str, ...], sentence: str
) -> None:
    panel = prepared(qtbot, opened, folder)
    before = panel.task()
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", f"a castle\nSteps: 5, Sampler: Euler, Seed: 1, Size: 64x64, VAE: {vae}, Version: v1.6")
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png", pnginfo=info)
    drop(panel.viewer.stage, tmp_path / "a.png")
    qtbot.waitUntil(lambda: "From AUTOMATIC1111" in panel.banner.message)
    assert panel.task().parts == tuple(Vae(str(folder / name)) for name in parts)
    assert sentence in panel.banner.message
    qtbot.keyClick(QApplication.focusWidget() or panel, Qt.Key.Key_Z, CONTROL)
    assert panel.task() == before


def test_a_request_whose_vae_does_not_fit_the_model_says_so(qtbot: QtBot, opened: Opened, folder: Path) -> None:
    panel = prepared(qtbot, opened, folder)
    task = msgspec.structs.replace(panel.task(), parts=(Vae(str(folder / "large")),))
    opened.tracker.submit(Job(task=task, model=str(folder / "painter")))
    with qtbot.waitSignal(opened.tracker.kept) as kept:
        opened.engine.finish(picture(seed=7))
    item = opened.library.index.get(kept.args[0].id)  # type: ignore[index]
    assert item is not None
    panel.receive(opened.services.read_request(item))
    assert "large (it doesn't fit painter)" in panel.banner.message
    assert panel.task().parts == ()
