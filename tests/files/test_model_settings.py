"""The settings file of a stranger's model: an object that can be read, or a sentence that says why not."""

from pathlib import Path

import pytest

from studio.core.errors import StudioError
from studio.files.model_settings import read_settings


@pytest.mark.parametrize("content", ["", "{", "[]", "3", "[" * 100_000, "\ud800".encode("utf-8", "surrogatepass")])
def test_json_that_is_none(tmp_path: Path, content: str | bytes) -> None:
    (tmp_path / "a.json").write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(StudioError, match=r"can't be read|contains no model settings"):
        read_settings(tmp_path / "a.json")


def test_json_that_is_missing_or_absurd(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="is missing"):
        read_settings(tmp_path / "a.json")
    with (tmp_path / "a.json").open("wb") as file:
        file.truncate(30_000_000)
    with pytest.raises(StudioError, match="too large"):
        read_settings(tmp_path / "a.json")
    with pytest.raises(StudioError, match="can't be read"):
        read_settings(tmp_path)
