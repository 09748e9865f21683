"""A training of a few seconds learns something, and one that is taken up again goes on exactly as it would have."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from torch import Tensor

from studio.core.errors import StudioError
from studio.ml.training.kid import KidMetric
from studio.ml.training.losses import Loss
from studio.ml.training.saved import load, save
from studio.ml.training.trainer import WIDTHS, Trainer, TrainingConfig
from tests.ml.training.drawn import discs

CPU = torch.device("cpu")


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """More threads only wait for each other with so small a model, and add up in another order."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks that learn in seconds."""
    monkeypatch.setitem(WIDTHS, "small", 24)


@pytest.fixture(scope="module")
def pixels() -> Tensor:
    return discs(64)


def trainer(pixels: Tensor, loss: Loss = "non-saturating", **more: object) -> Trainer:
    return Trainer(TrainingConfig(resolution=16, loss=loss, batch=8, **more), pixels, CPU)


def same(one: Trainer, other: Trainer) -> bool:
    """Alike to the last bit, optimizers included."""
    a, b = one.tensors(), other.tensors()
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("loss", ["non-saturating", "wgan-gp"])
def test_a_short_training_learns(pixels: Tensor, loss: Loss) -> None:
    training, ruler = trainer(pixels, loss), KidMetric(pixels)
    before = ruler.kid(training.make(range(64)))
    for _ in range(120):
        training.step()
    after = ruler.kid(training.make(range(64)))
    assert after < before / 2
    made = training.make(range(64))
    blue = made[:, :, 0, 0].mean(dim=0)  # a corner of every picture is dark blue
    assert blue[2] > blue[0] + 0.2
    assert training.shown == 120 * 8


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("loss", ["non-saturating", "wgan-gp"])
def test_going_on_after_a_break_is_as_without_one(pixels: Tensor, loss: Loss, tmp_path: Path) -> None:
    whole, first = trainer(pixels, loss, mirror=True), trainer(pixels, loss, mirror=True)
    for training in (whole, first):
        training.p = 0.3
        for _ in range(6):
            training.step()
    save(first, tmp_path / "state.safetensors", {"seconds": 3.5})
    torch.rand(99)  # whatever else draws from the same well meanwhile
    second = trainer(pixels, loss, mirror=True)
    assert load(second, tmp_path / "state.safetensors") == {"seconds": 3.5}
    assert not same(whole, trainer(pixels, loss, mirror=True))
    for training in (whole, second):
        for _ in range(11):
            training.step()
    assert same(whole, second)
    assert whole.numbers() == second.numbers()


def test_the_state_is_plain_data(pixels: Tensor, tmp_path: Path) -> None:
    training = trainer(pixels)
    training.step()
    save(training, tmp_path / "state.safetensors", {})
    assert [path.name for path in tmp_path.glob("state*")] == ["state.safetensors"]
    with safe_open(tmp_path / "state.safetensors", framework="pt") as file:
        assert "training" in file.metadata()


def test_a_state_of_other_settings_or_cut_off_is_refused(pixels: Tensor, tmp_path: Path) -> None:
    path = tmp_path / "state.safetensors"
    training = trainer(pixels)
    training.step()
    save(training, path, {})
    with pytest.raises(StudioError, match="can't continue"):
        load(trainer(pixels, "wgan-gp"), path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(StudioError, match="can't continue"):
        load(trainer(pixels), path)


def in_words_of_version_0_1_0(training: Trainer) -> tuple[dict[str, object], dict[str, Tensor]]:
    """The state as that version named its parts."""
    numbers = training.numbers()
    plan = {"game" if name == "loss" else name: value for name, value in numbers["config"].items()}
    words = {"discriminator": "critic", "optimizer": "learner", "discriminator_optimizer": "critic_learner"}
    tensors = {}
    for name, tensor in training.tensors().items():
        first, dot, rest = name.partition(".")
        tensors[words.get(first, first) + dot + rest] = tensor
    return {"plan": plan, "steps": numbers["steps"], "p": numbers["p"], "sure": numbers["overfit_rt"]}, tensors


@pytest.mark.usefixtures("narrow")
def test_a_training_of_version_0_1_0_goes_on(pixels: Tensor) -> None:
    first, second = trainer(pixels), trainer(pixels)
    for _ in range(3):
        first.step()
    second.restore(*in_words_of_version_0_1_0(first))
    assert same(first, second)
    assert first.numbers() == second.numbers()


def test_a_discriminator_that_overfits_has_its_pictures_changed(pixels: Tensor) -> None:
    training = trainer(pixels[:8])
    for parameter in training.discriminator.score.parameters():
        parameter.data.fill_(1.0)  # all is real
    training.discriminator_optimizer.param_groups[0]["lr"] = 0.0
    for _ in range(8):
        training.step()
    assert training.p == pytest.approx(2 * 32 / 100_000)
    without = trainer(pixels, augment=False)
    for _ in range(8):
        without.step()
    assert without.p == 0


def test_every_picture_is_shown_as_often_as_the_others(pixels: Tensor) -> None:
    training = trainer(torch.arange(12, dtype=torch.uint8).view(12, 1, 1, 1).expand(12, 3, 16, 16))
    seen: list[int] = []
    for step in range(6):
        training.steps = step
        seen += ((training._batch()[:, 0, 0, 0] + 1) * 127.5).round().int().tolist()
    assert sorted(seen) == sorted([*range(12)] * 4)
    assert seen[:12] != seen[12:24]


@pytest.mark.parametrize(("resolution", "channels"), [(16, (64, 64, 64)), (64, (64, 64, 64, 32, 16))])
def test_the_widths_are_those_of_the_config(resolution: int, channels: tuple[int, ...]) -> None:
    assert TrainingConfig(resolution=resolution).channels == channels
    assert TrainingConfig(resolution=resolution, width="medium").channels == tuple(2 * width for width in channels)


def test_a_penalty_in_every_16th_step_counts_16_times() -> None:
    assert TrainingConfig(gamma=2.0).weight == pytest.approx(16)
    assert TrainingConfig(loss="wgan-gp").weight == 10
