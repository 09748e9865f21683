"""The Models room and its folders."""

import shutil
from pathlib import Path

import torch
from pytestqt.qtbot import QtBot

from studio.shell.start import RESOURCES
from tests.opened import Opened, room

GANS = Path(__file__).parents[2] / "data" / "stylegan"


def test_only_the_folder_of_the_chosen_model_is_removed(qtbot: QtBot, opened: Opened, tmp_path: Path) -> None:
    panel = room(opened, "models")
    folders = [tmp_path / name for name in ("model", "model-2")]
    for folder in folders:
        shutil.copytree(RESOURCES / "starters" / "latents", folder)
        with qtbot.waitSignal(opened.desk.models_changed):
            panel.add_folder(str(folder))
    panel.table.selectRow(next(at for at, model in enumerate(panel._models) if model.path == str(folders[1])))
    with qtbot.waitSignal(opened.desk.models_changed):
        panel.remove.click()
    assert opened.desk.settings.model_folders == (str(folders[0]),)


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
    with qtbot.waitSignal(opened.desk.models_changed):
        panel.add_folder(str(folder))
    said = {}
    for at, model in enumerate(panel._models):
        if model.path.startswith(str(folder)):
            panel.table.selectRow(at)
            said[model.name] = model.family, panel.use.isEnabled(), panel.table.item(at, 4).text()
    ready = {"sg2_64": "StyleGAN2", "sg3t_128": "StyleGAN3", "pets": "StyleGAN2"}
    why = {"half": "is cut off", "old": "for TensorFlow", "waves": "is a SWAGAN"}
    assert said.keys() == ready.keys() | why.keys()
    assert {name: said[name] for name in ready} == {name: (family, True, "ready") for name, family in ready.items()}
    for name, words in why.items():
        assert said[name][:2] == ("", False)
        assert words in said[name][2]


def test_a_model_that_ranks_pictures_has_no_room_to_go_to(qtbot: QtBot, opened: Opened) -> None:
    panel = room(opened, "models")
    kinds = [model.kind for model in panel._models]
    for kind, use in (("image", True), ("match", False)):
        panel.table.selectRow(kinds.index(kind))
        assert panel.use.isEnabled() is use
    row = kinds.index("match")
    assert panel.table.item(row, 1).text() == "Ranking pictures"
    panel.table.itemActivated.emit(panel.table.item(row, 0))
    assert opened.window.panel() is panel


def test_a_bundled_model_has_no_folder_to_remove(opened: Opened) -> None:
    panel = room(opened, "models")
    panel.table.selectRow(0)
    assert not panel.remove.isEnabled()
