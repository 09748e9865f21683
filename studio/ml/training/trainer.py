"""Trains a StyleGAN2 generator and its discriminator on pictures in memory, step by step."""

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from studio.ml.latents import latent
from studio.ml.nets.discriminator import Discriminator
from studio.ml.nets.stylegan2 import Config, Generator
from studio.ml.training.augment import augment, next_p
from studio.ml.training.losses import Loss, discriminator_loss, generator_loss, gradient_penalty

Width = Literal["small", "medium", "large"]
WIDTHS: dict[Width, int] = {"small": 64, "medium": 128, "large": 256}
"""Feature maps at 4 pixels, and the dimension of z and w."""
R1_EVERY = 16
"""Steps between two R1 penalties (lazy regularisation), weighted accordingly."""
P_EVERY = 4
"""Steps between two updates of p."""
WGAN_GP_WEIGHT = 10.0
"""Weight of WGAN-GP's penalty, as published."""
MIXED = 0.9
"""The probability of style mixing."""
FOLLOWS_IN = 10_000 / 32
"""Half-life of the averaged generator, in pictures per batch size."""
W_AVERAGE = 0.998
"""Decay of the average style per step."""
_MOST_STEPS = 2**40
_MOMENTS = ("step", "exp_avg", "exp_avg_sq")
"""Adam's state of each parameter."""


@dataclass(frozen=True)
class TrainingConfig:
    """The settings that must not change during a training."""

    resolution: int = 64
    loss: Loss = "non-saturating"
    width: Width = "small"
    batch: int = 16
    gamma: float = 4.0
    """The weight of R1. StyleGAN2-ADA's rule gives hundredths at such sizes, and the discriminator diverged: for 400
    drawn pictures at 16 px the KID was 3.2 after 5,760 pictures; with 1 to 12 it was 0.3."""
    augment: bool = True
    mirror: bool = False
    seed: int = 0

    @property
    def channels(self) -> tuple[int, ...]:
        """Feature maps at 4, 8, ... pixels: fewer at high resolutions, which would take most of the time."""
        most = WIDTHS[self.width]
        sizes = [4 << i for i in range(int(math.log2(self.resolution)) - 1)]
        return tuple(max(8, min(most, 16 * most // size)) for size in sizes)

    @property
    def weight(self) -> float:
        """The weight of the penalty in steps that have one."""
        if self.loss == "wgan-gp":
            return WGAN_GP_WEIGHT
        return self.gamma / 2 * R1_EVERY

    def generator_config(self) -> Config:
        """The shape of its generator."""
        z = WIDTHS[self.width]
        return Config(
            z_dim=z, w_dim=z, resolution=self.resolution, channels=self.channels, mapping_layers=2, mapping_rate=0.01
        )


class Trainer:
    """The networks and their progress. Each step's randomness depends only on its number, so that a resumed training
    continues exactly as it would have."""

    def __init__(self, config: TrainingConfig, pixels: Tensor, device: torch.device) -> None:
        self.config, self.device = config, device
        self._pixels = pixels
        torch.manual_seed(config.seed)
        self.generator = Generator(config.generator_config()).to(device)
        self.discriminator = Discriminator(config.channels).to(device)
        self.averaged = Generator(config.generator_config()).to(device)
        self.averaged.load_state_dict(self.generator.state_dict())
        self.averaged.requires_grad_(False)
        self.optimizer, self.discriminator_optimizer = _optimizers(config, self.generator, self.discriminator)
        self.steps = 0
        self.p = 0.0
        """The probability of each change of the augmentation."""
        self.overfit_rt = 0.0
        """The mean sign of the discriminator's scores for real pictures since p was last changed."""
        self.losses = torch.zeros(2, device=device)
        """A running average of the generator's and the discriminator's."""

    @property
    def shown(self) -> int:
        """Real pictures that the discriminator has seen."""
        return self.steps * self.config.batch

    def step(self) -> None:
        """One batch for the discriminator, one for the generator."""
        torch.manual_seed(self.config.seed * 1_000_003 + self.steps + 1)
        real = augment(self._batch(), self.p)
        discriminator = self._train_discriminator(real)
        generator = self._train_generator()
        self._follow()
        self.steps += 1
        new = torch.stack([generator, discriminator])
        self.losses = new if self.steps == 1 else self.losses.lerp(new, 0.05)
        if self.config.augment and self.steps % P_EVERY == 0:
            self.p = next_p(self.p, self.overfit_rt, P_EVERY * self.config.batch)
            self.overfit_rt = 0.0

    def make(self, seeds: range, noise: Literal["const", "random"] = "const") -> Tensor:
        """The averaged generator's pictures of ``seeds``, untruncated: [N, 3, H, W], on the CPU."""
        rows = []
        with torch.no_grad():
            for start in range(0, len(seeds), self.config.batch):
                some = seeds[start : start + self.config.batch]
                z = torch.from_numpy(np.stack([latent(seed, self.averaged.z_dim) for seed in some])).float()
                rows.append(self.averaged.synthesis(self.averaged.mapping(z.to(self.device)), noise).cpu())
        return torch.cat(rows)

    def _batch(self) -> Tensor:
        """The next real pictures [N, 3, H, W], reshuffled for each epoch."""
        count = len(self._pixels)
        numbers = range(self.shown, self.shown + self.config.batch)
        orders = {turn: self._order(turn) for turn in {number // count for number in numbers}}
        chosen = torch.stack([orders[number // count][number % count] for number in numbers])
        real = self._pixels[chosen].to(self.device, torch.float32) / 127.5 - 1
        if self.config.mirror:
            flip = torch.rand(len(real), 1, 1, 1, device=self.device) < 0.5
            real = torch.where(flip, real.flip(3), real)
        return real

    def _order(self, turn: int) -> Tensor:
        chance = torch.Generator().manual_seed(self.config.seed + turn)
        return torch.randperm(len(self._pixels), generator=chance)

    def _styles(self) -> Tensor:
        z = torch.randn(2, self.config.batch, self.generator.z_dim, device=self.device)
        w: Tensor = self.generator.mapping(z[0])
        average = self.generator.mapping.w_avg
        average.copy_(w[:, 0].detach().mean(dim=0).lerp(average, W_AVERAGE))
        if torch.rand([]) < MIXED:
            start = int(torch.randint(1, self.generator.num_ws, ()))
            w = torch.cat([w[:, :start], self.generator.mapping(z[1])[:, start:]], dim=1)
        return w

    def _made(self) -> Tensor:
        return augment(self.generator.synthesis(self._styles(), "random"), self.p)

    def _train_discriminator(self, real: Tensor) -> Tensor:
        with torch.no_grad():
            made = self._made()
        real_scores, made_scores = self.discriminator(real), self.discriminator(made)
        loss = whole = discriminator_loss(self.config.loss, real_scores, made_scores)
        if self.config.loss == "wgan-gp" or self.steps % R1_EVERY == 0:
            whole = loss + self.config.weight * gradient_penalty(self.config.loss, self.discriminator, real, made)
        _minimize(self.discriminator_optimizer, whole)
        # Wasserstein scores have no natural zero: the midpoint between real and generated ones is used.
        middle = (real_scores.mean() + made_scores.mean()) / 2 if self.config.loss == "wgan-gp" else 0.0
        self.overfit_rt += float((real_scores - middle).detach().sign().mean()) / P_EVERY
        return loss.detach()

    def _train_generator(self) -> Tensor:
        self.discriminator.requires_grad_(False)
        loss = generator_loss(self.config.loss, self.discriminator(self._made()))
        _minimize(self.optimizer, loss)
        self.discriminator.requires_grad_(True)
        return loss.detach()

    def _follow(self) -> None:
        """Update the averaged generator; it follows faster in the beginning."""
        half = min(FOLLOWS_IN * self.config.batch, self.shown * 0.05)
        keep = 0.5 ** (self.config.batch / max(half, 1e-8))
        with torch.no_grad():
            for slow, fast in zip(self.averaged.parameters(), self.generator.parameters(), strict=True):
                slow.lerp_(fast, 1 - keep)
            self.averaged.mapping.w_avg.copy_(self.generator.mapping.w_avg)

    # -- taking up again ----------------------------------------------------------------------------------------------

    def numbers(self) -> dict[str, Any]:
        """The state except tensors: JSON values."""
        return {"config": asdict(self.config), "steps": self.steps, "p": self.p, "overfit_rt": self.overfit_rt}

    def tensors(self) -> dict[str, Tensor]:
        """The tensors of the state."""
        nets = {"generator": self.generator, "averaged": self.averaged, "discriminator": self.discriminator}
        found = {f"{name}.{key}": value for name, net in nets.items() for key, value in net.state_dict().items()}
        for name, optimizer in self._named_optimizers():
            for index, values in optimizer.state_dict()["state"].items():
                found |= {f"{name}.{index}.{key}": value for key, value in values.items()}
        return found | {"losses": self.losses}

    def _named_optimizers(self) -> tuple[tuple[str, torch.optim.Adam], ...]:
        return ("optimizer", self.optimizer), ("discriminator_optimizer", self.discriminator_optimizer)

    def restore(self, numbers: dict[str, Any], tensors: dict[str, Tensor]) -> None:
        """Restore what ``numbers`` and ``tensors`` returned. Raises LookupError, TypeError, ValueError or RuntimeError
        if they don't fit this config."""
        numbers, tensors = _in_words_of_today(numbers, tensors)
        if numbers["config"] != asdict(self.config):
            raise ValueError("another config")
        steps, p, overfit_rt = int(numbers["steps"]), float(numbers["p"]), float(numbers["overfit_rt"])
        if not (0 <= steps < _MOST_STEPS and 0 <= p <= 1 and math.isfinite(overfit_rt)):
            raise ValueError("numbers that no training comes to")
        for name, net in (
            ("generator", self.generator),
            ("averaged", self.averaged),
            ("discriminator", self.discriminator),
        ):
            net.load_state_dict(_part(tensors, name))
        for name, optimizer in self._named_optimizers():
            whole, found = optimizer.state_dict(), _part(tensors, name)
            _check_moments(optimizer, found)
            for key, value in found.items():
                index, _, what = key.partition(".")
                whole["state"].setdefault(int(index), {})[what] = value
            optimizer.load_state_dict(whole)
        self.losses = tensors["losses"].to(self.device)
        self.steps, self.p, self.overfit_rt = steps, p, overfit_rt


def _optimizers(
    config: TrainingConfig, generator: nn.Module, discriminator: nn.Module
) -> tuple[torch.optim.Adam, torch.optim.Adam]:
    """A penalty in only every 16th step makes the discriminator's steps larger; its rate is corrected as published."""
    if config.loss == "wgan-gp":
        rate, share, betas = 1e-3, 1.0, (0.0, 0.99)
    else:
        rate, share, betas = 2.5e-3, R1_EVERY / (R1_EVERY + 1), (0.0, 0.99)
    slower = (betas[0] ** share if betas[0] else 0.0, betas[1] ** share)
    return (
        torch.optim.Adam(generator.parameters(), lr=rate, betas=betas, eps=1e-8, fused=True),
        torch.optim.Adam(discriminator.parameters(), lr=rate * share, betas=slower, eps=1e-8, fused=True),
    )


def _minimize(optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
    optimizer.zero_grad(set_to_none=True)
    torch.autograd.backward(loss)
    optimizer.step()


def _check_moments(optimizer: torch.optim.Adam, found: dict[str, Tensor]) -> None:
    """Check that the optimizer's state of a parameter is complete and of the right shape. Raises ValueError or
    LookupError."""
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    for key, value in found.items():
        index, _, what = key.partition(".")
        shape = () if what == "step" else parameters[int(index)].shape
        whole = {f"{index}.{each}" for each in _MOMENTS} <= found.keys() and index.isdecimal()
        if not whole or value.shape != shape or value.dtype is not torch.float32:
            raise ValueError("another optimizer")


def _in_words_of_today(numbers: dict[str, Any], tensors: dict[str, Tensor]) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Rename the keys of version 0.1.0 to today's; leave anything else as it is."""
    if "plan" not in numbers:
        return numbers, tensors
    config = {"loss" if name == "game" else name: value for name, value in numbers["plan"].items()}
    words = {"critic": "discriminator", "learner": "optimizer", "critic_learner": "discriminator_optimizer"}
    parts = ((name.partition("."), tensor) for name, tensor in tensors.items())
    return (
        {"config": config, "steps": numbers["steps"], "p": numbers["p"], "overfit_rt": numbers["sure"]},
        {words.get(first, first) + dot + rest: tensor for (first, dot, rest), tensor in parts},
    )


def _part(tensors: dict[str, Tensor], name: str) -> dict[str, Tensor]:
    return {key.removeprefix(f"{name}."): value for key, value in tensors.items() if key.startswith(f"{name}.")}
