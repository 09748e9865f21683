"""A tiny language model for the Write runner, loaded once for each module."""

from pathlib import Path

import pytest

from studio.ml.load.text import LanguageModel, load_language_model
from tests.configuring import change_config
from tests.recording import RecordingContext
from tests.tiny_writer import save_writer


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_writer(tmp_path_factory.mktemp("writer") / "tiny")


@pytest.fixture(scope="module")
def models() -> dict[tuple[str, str], object]:
    """The model is loaded once for all tests here."""
    return {}


@pytest.fixture(autouse=True)
def exact() -> None:
    change_config(dtype="float32", device="cpu")


@pytest.fixture
def context(folder: Path, models: dict[tuple[str, str], object]) -> RecordingContext:
    return RecordingContext(address=str(folder), models=models)


@pytest.fixture
def writer(context: RecordingContext) -> LanguageModel:
    return context.model("", load_language_model)
