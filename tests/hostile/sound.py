"""Sound models that the tests of hostile ones begin with."""

import shutil
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def _sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import torch

    from studio.ml.load.gan import save_generator
    from studio.ml.nets.stylegan2 import Config, Generator
    from tests.tiny_models import save_clip, save_stable_diffusion
    from tests.tiny_writer import save_writer

    folder = tmp_path_factory.mktemp("sound")
    save_writer(folder / "writer")
    save_stable_diffusion(folder / "picture")
    save_clip(folder / "clip")
    torch.manual_seed(0)
    save_generator(Generator(Config(8, 8, 16, (8, 8, 4), mapping_layers=2)), folder / "generator")
    return folder


@pytest.fixture
def writer(_sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(_sound / "writer", tmp_path / "writer"))


@pytest.fixture
def picture(_sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(_sound / "picture", tmp_path / "picture"))


@pytest.fixture
def generator(_sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(_sound / "generator", tmp_path / "generator"))


@pytest.fixture
def clip(_sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(_sound / "clip", tmp_path / "clip"))
