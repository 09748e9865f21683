"""Where files go."""

import errno
import os
from pathlib import Path

import pytest

from studio.core.errors import StudioError
from studio.library.paths import find_paths
from tests.library import things


def test_the_home_moves_everything(home: Path) -> None:
    paths = find_paths()
    assert all(path.is_relative_to(home) for path in (paths.pictures, paths.data, paths.cache, paths.logs))


def test_without_one_the_platform_decides(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("TRIPTYCH_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    paths = find_paths()
    assert paths.pictures.name == "Triptych"
    assert paths.pictures != paths.data != paths.cache
    assert not (tmp_path / "nobody").exists()


def test_a_home_in_any_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIPTYCH_HOME", str(tmp_path / "Zoë 猫 🎈"))
    library = things.library()
    item = library.keep(things.image_job("木"), things.pixels(), "m")
    library.close()
    reopened = things.library()
    assert reopened.index.get(item.id) == item
    assert Path(item.path).exists()
    assert reopened.thumbnail(item, 16).exists()
    reopened.close()


def test_a_home_on_a_drive_that_is_unplugged_is_said_not_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIPTYCH_HOME", str(tmp_path / "drive" / "studio"))
    with pytest.raises(StudioError, match="drive was not found"):
        find_paths()
    assert not (tmp_path / "drive").exists()


@pytest.mark.parametrize("code", [errno.EACCES, errno.EROFS])
def test_a_home_that_takes_no_folder_is_said_with_the_way_out(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    def refuse(path: Path, *_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code), str(path))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(StudioError, match="Set TRIPTYCH_HOME to a folder that you can write to"):
        things.library()
