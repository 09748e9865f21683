"""A training of a few seconds learns something, and one that is taken up again goes on exactly as it would have."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from torch import Tensor

from studio.core.errors import StudioError
from studio.ml.training.kid import Ruler
from studio.ml.training.losses import Game
from studio.ml.training.saved import load, save
from studio.ml.training.trainer import WIDTHS, Plan, Trainer
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


def trainer(pixels: Tensor, game: Game = "non-saturating", **more: object) -> Trainer:
    return Trainer(Plan(resolution=16, game=game, batch=8, **more), pixels, CPU)


def same(one: Trainer, other: Trainer) -> bool:
    """Alike to the last bit, optimizers included."""
    a, b = one.tensors(), other.tensors()
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("game", ["non-saturating", "wgan-gp"])
def test_a_short_training_learns(pixels: Tensor, game: Game) -> None:
    training, ruler = trainer(pixels, game), Ruler(pixels)
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
@pytest.mark.parametrize("game", ["non-saturating", "wgan-gp"])
def test_going_on_after_a_break_is_as_without_one(pixels: Tensor, game: Game, tmp_path: Path) -> None:
    whole, first = trainer(pixels, game, mirror=True), trainer(pixels, game, mirror=True)
    for training in (whole, first):
        training.p = 0.3
        for _ in range(6):
            training.step()
    save(first, tmp_path / "state.safetensors", {"seconds": 3.5})
    torch.rand(99)  # whatever else draws from the same well meanwhile
    second = trainer(pixels, game, mirror=True)
    assert load(second, tmp_path / "state.safetensors") == {"seconds": 3.5}
    assert not same(whole, trainer(pixels, game, mirror=True))
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
    with pytest.raises(StudioError, match="can't go on"):
        load(trainer(pixels, "wgan-gp"), path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(StudioError, match="can't go on"):
        load(trainer(pixels), path)


def test_a_critic_that_is_too_sure_has_its_pictures_changed(pixels: Tensor) -> None:
    training = trainer(pixels[:8])
    for parameter in training.critic.score.parameters():
        parameter.data.fill_(1.0)  # all is real
    training.critic_learner.param_groups[0]["lr"] = 0.0
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
def test_the_widths_are_those_of_the_plan(resolution: int, channels: tuple[int, ...]) -> None:
    assert Plan(resolution=resolution).channels == channels
    assert Plan(resolution=resolution, width="medium").channels == tuple(2 * width for width in channels)


def test_a_penalty_in_every_16th_step_counts_16_times() -> None:
    assert Plan(gamma=2.0).weight == pytest.approx(16)
    assert Plan(game="wgan-gp").weight == 10
