"""Settings survive everything: damage, the future, and a disk that refuses."""

import json
import os
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.core.errors import StudioError
from studio.library.settings import VERSION, Settings, SettingsFile


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "settings.json"


def write(path: Path, content: str | bytes) -> bytes:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path.read_bytes()


def test_defaults_at_first(path: Path) -> None:
    file = SettingsFile(path)
    assert (file.settings, file.notice) == (Settings(), "")
    assert not path.exists()


def test_what_is_saved_comes_back(path: Path) -> None:
    chosen = Settings(
        theme="light", model_folders=("/a b/猫",), memory_mb=9, rooms={"image": {"prompt": "x", "n": [1]}}
    )
    SettingsFile(path).save(chosen)
    assert SettingsFile(path).settings == chosen


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.dictionaries(st.text(), st.dictionaries(st.text(), JSON), max_size=4), st.text())
def test_rooms_keep_anything(path: Path, rooms: dict[str, dict[str, object]], folder: str) -> None:
    chosen = Settings(rooms=rooms, model_folders=(folder,))
    SettingsFile(path).save(chosen)
    assert SettingsFile(path).settings == chosen


@pytest.mark.parametrize(
    "content", [b"", b"{", b"no JSON", b"[]", b"null", b"\xff\xfe\x00", b"\x00" * 50, b"[" * 100_000, b'"text"']
)
def test_damaged_ones_are_set_aside(path: Path, content: bytes) -> None:
    write(path, content)
    file = SettingsFile(path)
    assert file.settings == Settings()
    (aside,) = path.parent.glob("settings.json.broken-*")
    assert aside.read_bytes() == content
    assert str(aside) in file.notice
    file.save(Settings(theme="light"))
    again = SettingsFile(path)
    assert (again.settings.theme, again.notice) == ("light", "")


def test_only_what_is_wrong_is_lost(path: Path) -> None:
    before = write(path, json.dumps({"version": 1, "theme": "purple", "language": "zh_CN", "memory_mb": "much"}))
    file = SettingsFile(path)
    assert file.settings == Settings(language="zh_CN")
    assert "theme, memory_mb" in file.notice
    (copy,) = path.parent.glob("settings.json.broken-*")
    assert copy.read_bytes() == path.read_bytes() == before


def test_less_and_more_than_expected(path: Path) -> None:
    write(path, '{"theme": "light", "unknown": 3}')
    file = SettingsFile(path)
    assert (file.settings, file.notice) == (Settings(theme="light"), "")


def test_the_future_is_read_but_never_written(path: Path) -> None:
    later = {"version": VERSION + 1, "theme": "light", "device": "quantum", "rooms": {"image": {"x": 1}}, "new": [1]}
    before = write(path, json.dumps(later))
    file = SettingsFile(path)
    assert file.settings == Settings(theme="light", rooms={"image": {"x": 1}})
    assert "newer Triptych" in file.notice
    file.save(msgspec.structs.replace(file.settings, theme="dark"))
    assert file.settings.theme == "dark"
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == ["settings.json"]


def test_a_folder_in_the_files_place(path: Path) -> None:
    path.mkdir(parents=True)
    file = SettingsFile(path)
    assert file.settings == Settings()
    assert "can't be read" in file.notice
    file.save(Settings(theme="light"))
    assert path.is_dir()


def test_a_full_disk(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = SettingsFile(path)
    file.save(Settings(theme="light"))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StudioError, match="The disk is full"):
        file.save(Settings(theme="system"))
    assert file.settings.theme == "system"
    assert SettingsFile(path).settings.theme == "light"


def test_a_damaged_one_that_can_not_be_moved(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(path, b"{")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)
    file = SettingsFile(path)
    assert file.settings == Settings()
    assert "damaged" in file.notice
    file.save(Settings(theme="light"))
    assert path.read_bytes() == b"{"
