"""An address leads to a path, or to a sentence that says why not."""

from pathlib import Path

import pytest

from studio.core import resources
from studio.core.errors import StudioError
from studio.ml.load import address


def test_a_starter_is_found_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "RESOURCES", tmp_path)
    (tmp_path / "starters" / "scenes").mkdir(parents=True)
    assert address.resolve("starter:scenes") == tmp_path / "starters" / "scenes"


def test_the_starters_lie_in_the_projects_resources() -> None:
    assert resources.starters().parts[-2:] == ("resources", "starters")
    assert (resources.starters().parents[1] / "pyproject.toml").is_file()


def test_a_full_path_is_taken_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "模型 with spaces"
    folder.mkdir()
    assert address.resolve(str(folder)) == folder


@pytest.mark.parametrize("given", ["", "starter:", "starter:none", "starter:../starters", "starter:.", "some/folder"])
def test_what_is_not_there_is_a_missing_model(given: str) -> None:
    with pytest.raises(StudioError) as caught:
        address.resolve(given)
    assert caught.value.trouble == "model_missing"


def test_a_moved_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="gone") as caught:
        address.resolve(str(tmp_path / "gone"))
    assert caught.value.trouble == "model_missing"
