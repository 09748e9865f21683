"""The Models room and its folders."""

import shutil
from pathlib import Path

from pytestqt.qtbot import QtBot

from studio.shell.start import RESOURCES
from tests.opened import Opened, room


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


def test_a_bundled_model_has_no_folder_to_remove(opened: Opened) -> None:
    panel = room(opened, "models")
    panel.table.selectRow(0)
    assert not panel.remove.isEnabled()
