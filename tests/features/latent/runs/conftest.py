"""A tiny real generator for the runners of the Latent room, and a context that writes down what they say."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from studio.ml.load.gan import load_generator, save_generator
from studio.ml.nets.stylegan2 import Config, Generator
from tests.configuring import change_config
from tests.recording import RecordingContext

SIZE = 64


@pytest.fixture
def one_thread() -> Iterator[None]:
    """More threads only wait for each other with so small a model."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("latents") / "tiny"
    torch.manual_seed(0)
    generator = Generator(Config(z_dim=16, w_dim=16, resolution=SIZE, channels=(8, 8, 8, 8, 8), mapping_layers=2))
    for layer in generator.modules():
        if hasattr(layer, "noise_strength"):
            layer.noise_strength.data.fill_(0.1)
    generator.mapping.w_avg.copy_(torch.randn(16))
    save_generator(generator, folder)
    return folder


@pytest.fixture(scope="session")
def generator(folder: Path) -> Generator:
    return load_generator(folder)


@pytest.fixture
def context(folder: Path, one_thread: None) -> RecordingContext:
    change_config(device="cpu")
    return RecordingContext(address=str(folder))
