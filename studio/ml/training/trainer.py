"""One training step after another: a StyleGAN2 generator and its critic, taught by pictures in memory."""

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from studio.ml.latents import latent
from studio.ml.nets.discriminator import Discriminator
from studio.ml.nets.stylegan2 import Config, Generator
from studio.ml.training.augment import augmented, next_p
from studio.ml.training.losses import Game, critic_loss, generator_loss, penalty

Width = Literal["small", "medium", "large"]
WIDTHS: dict[Width, int] = {"small": 64, "medium": 128, "large": 256}
"""Feature maps at 4 pixels, and numbers of z and w."""
R1_EVERY = 16
"""Steps from one penalty of the non-saturating game to the next, which then counts as often."""
SURE_EVERY = 4
"""Steps from one change of p to the next."""
GAP_WEIGHT = 10.0
"""Of WGAN-GP's penalty, as published."""
MIXED = 0.9
"""Share of the steps in which two samples share a picture's layers."""
FOLLOWS_IN = 10_000 / 32
"""Pictures times the batch after which half of what the averaged generator is comes from later than now."""
W_AVERAGE = 0.998
"""How slowly the average style follows, a step."""
_MOST_STEPS = 2**40
_MOMENTS = ("step", "exp_avg", "exp_avg_sq")
"""What Adam keeps of each parameter."""


@dataclass(frozen=True)
class Plan:
    """What must not change while a training goes on."""

    resolution: int = 64
    game: Game = "non-saturating"
    width: Width = "small"
    batch: int = 16
    gamma: float = 4.0
    """The weight of R1. StyleGAN2-ADA's rule gives hundredths at such sizes, and the critic ran away: of 400 drawn
    pictures at 16 px the KID was 3.2 after 5,760 had been shown, with 1 to 12 it was 0.3."""
    augment: bool = True
    mirror: bool = False
    seed: int = 0

    @property
    def channels(self) -> tuple[int, ...]:
        """Feature maps at 4, 8, ... pixels: fewer where pixels are many, or they would take all the time."""
        most = WIDTHS[self.width]
        sizes = [4 << i for i in range(int(math.log2(self.resolution)) - 1)]
        return tuple(max(8, min(most, 16 * most // size)) for size in sizes)

    @property
    def weight(self) -> float:
        """What the penalty counts, for each step in which there is one."""
        if self.game == "wgan-gp":
            return GAP_WEIGHT
        return self.gamma / 2 * R1_EVERY

    def config(self) -> Config:
        """The generator's."""
        z = WIDTHS[self.width]
        return Config(
            z_dim=z, w_dim=z, resolution=self.resolution, channels=self.channels, mapping_layers=2, mapping_rate=0.01
        )


class Trainer:
    """The networks and how far they are. Each step's chance comes from its number alone, so that a training that is
    taken up again goes on exactly as it would have."""

    def __init__(self, plan: Plan, pixels: Tensor, device: torch.device) -> None:
        self.plan, self.device = plan, device
        self._pixels = pixels
        torch.manual_seed(plan.seed)
        self.generator = Generator(plan.config()).to(device)
        self.critic = Discriminator(plan.channels).to(device)
        self.averaged = Generator(plan.config()).to(device)
        self.averaged.load_state_dict(self.generator.state_dict())
        self.averaged.requires_grad_(False)
        self.learner, self.critic_learner = _learners(plan, self.generator, self.critic)
        self.steps = 0
        self.p = 0.0
        """The probability of each change of the augmentation."""
        self.sure = 0.0
        """The mean sign of the critic's scores for real pictures since p was last changed."""
        self.losses = torch.zeros(2, device=device)
        """A running average of the generator's and the critic's."""

    @property
    def shown(self) -> int:
        """Real pictures that the critic has seen."""
        return self.steps * self.plan.batch

    def step(self) -> None:
        """One batch for the critic, one for the generator."""
        torch.manual_seed(self.plan.seed * 1_000_003 + self.steps + 1)
        real = augmented(self._batch(), self.p)
        critic = self._teach_critic(real)
        generator = self._teach_generator()
        self._follow()
        self.steps += 1
        new = torch.stack([generator, critic])
        self.losses = new if self.steps == 1 else self.losses.lerp(new, 0.05)
        if self.plan.augment and self.steps % SURE_EVERY == 0:
            self.p = next_p(self.p, self.sure, SURE_EVERY * self.plan.batch)
            self.sure = 0.0

    def make(self, seeds: range, noise: Literal["const", "random"] = "const") -> Tensor:
        """What the averaged generator makes of ``seeds``, untruncated: [N, 3, H, W], on the CPU."""
        rows = []
        with torch.no_grad():
            for start in range(0, len(seeds), self.plan.batch):
                some = seeds[start : start + self.plan.batch]
                z = torch.from_numpy(np.stack([latent(seed, self.averaged.z_dim) for seed in some])).float()
                rows.append(self.averaged.synthesis(self.averaged.mapping(z.to(self.device)), noise).cpu())
        return torch.cat(rows)

    def _batch(self) -> Tensor:
        """The next real pictures [N, 3, H, W]: all of them in a new order, again and again."""
        count = len(self._pixels)
        numbers = range(self.shown, self.shown + self.plan.batch)
        orders = {turn: self._order(turn) for turn in {number // count for number in numbers}}
        chosen = torch.stack([orders[number // count][number % count] for number in numbers])
        real = self._pixels[chosen].to(self.device, torch.float32) / 127.5 - 1
        if self.plan.mirror:
            flip = torch.rand(len(real), 1, 1, 1, device=self.device) < 0.5
            real = torch.where(flip, real.flip(3), real)
        return real

    def _order(self, turn: int) -> Tensor:
        chance = torch.Generator().manual_seed(self.plan.seed + turn)
        return torch.randperm(len(self._pixels), generator=chance)

    def _styles(self) -> Tensor:
        z = torch.randn(2, self.plan.batch, self.generator.z_dim, device=self.device)
        w: Tensor = self.generator.mapping(z[0])
        average = self.generator.mapping.w_avg
        average.copy_(w[:, 0].detach().mean(dim=0).lerp(average, W_AVERAGE))
        if torch.rand([]) < MIXED:
            start = int(torch.randint(1, self.generator.num_ws, ()))
            w = torch.cat([w[:, :start], self.generator.mapping(z[1])[:, start:]], dim=1)
        return w

    def _made(self) -> Tensor:
        return augmented(self.generator.synthesis(self._styles(), "random"), self.p)

    def _teach_critic(self, real: Tensor) -> Tensor:
        with torch.no_grad():
            made = self._made()
        real_scores, made_scores = self.critic(real), self.critic(made)
        loss = whole = critic_loss(self.plan.game, real_scores, made_scores)
        if self.plan.game == "wgan-gp" or self.steps % R1_EVERY == 0:
            whole = loss + self.plan.weight * penalty(self.plan.game, self.critic, real, made)
        _learn(self.critic_learner, whole)
        # Wasserstein's scores have no zero of their own: half-way between the two kinds stands for it.
        middle = (real_scores.mean() + made_scores.mean()) / 2 if self.plan.game == "wgan-gp" else 0.0
        self.sure += float((real_scores - middle).detach().sign().mean()) / SURE_EVERY
        return loss.detach()

    def _teach_generator(self) -> Tensor:
        self.critic.requires_grad_(False)
        loss = generator_loss(self.plan.game, self.critic(self._made()))
        _learn(self.learner, loss)
        self.critic.requires_grad_(True)
        return loss.detach()

    def _follow(self) -> None:
        """Let the averaged generator come nearer; in the beginning it follows faster."""
        half = min(FOLLOWS_IN * self.plan.batch, self.shown * 0.05)
        keep = 0.5 ** (self.plan.batch / max(half, 1e-8))
        with torch.no_grad():
            for slow, fast in zip(self.averaged.parameters(), self.generator.parameters(), strict=True):
                slow.lerp_(fast, 1 - keep)
            self.averaged.mapping.w_avg.copy_(self.generator.mapping.w_avg)

    # -- taking up again ----------------------------------------------------------------------------------------------

    def numbers(self) -> dict[str, Any]:
        """All of the state that is no tensor: JSON values."""
        return {"plan": asdict(self.plan), "steps": self.steps, "p": self.p, "sure": self.sure}

    def tensors(self) -> dict[str, Tensor]:
        """The rest of it."""
        nets = {"generator": self.generator, "averaged": self.averaged, "critic": self.critic}
        found = {f"{name}.{key}": value for name, net in nets.items() for key, value in net.state_dict().items()}
        for name, learner in (("learner", self.learner), ("critic_learner", self.critic_learner)):
            for index, values in learner.state_dict()["state"].items():
                found |= {f"{name}.{index}.{key}": value for key, value in values.items()}
        return found | {"losses": self.losses}

    def restore(self, numbers: dict[str, Any], tensors: dict[str, Tensor]) -> None:
        """Go on from what ``numbers`` and ``tensors`` gave. Raises LookupError, TypeError, ValueError or RuntimeError
        when they are not of this plan."""
        if numbers["plan"] != asdict(self.plan):
            raise ValueError("another plan")
        steps, p, sure = int(numbers["steps"]), float(numbers["p"]), float(numbers["sure"])
        if not (0 <= steps < _MOST_STEPS and 0 <= p <= 1 and math.isfinite(sure)):
            raise ValueError("numbers that no training comes to")
        for name, net in (("generator", self.generator), ("averaged", self.averaged), ("critic", self.critic)):
            net.load_state_dict(_part(tensors, name))
        for name, learner in (("learner", self.learner), ("critic_learner", self.critic_learner)):
            whole, found = learner.state_dict(), _part(tensors, name)
            _check_moments(learner, found)
            for key, value in found.items():
                index, _, what = key.partition(".")
                whole["state"].setdefault(int(index), {})[what] = value
            learner.load_state_dict(whole)
        self.losses = tensors["losses"].to(self.device)
        self.steps, self.p, self.sure = steps, p, sure


def _learners(plan: Plan, generator: nn.Module, critic: nn.Module) -> tuple[torch.optim.Adam, torch.optim.Adam]:
    """A penalty in every 16th step only makes the critic's steps larger; its rate is corrected, as published."""
    if plan.game == "wgan-gp":
        rate, share, betas = 1e-3, 1.0, (0.0, 0.99)
    else:
        rate, share, betas = 2.5e-3, R1_EVERY / (R1_EVERY + 1), (0.0, 0.99)
    slower = (betas[0] ** share if betas[0] else 0.0, betas[1] ** share)
    return (
        torch.optim.Adam(generator.parameters(), lr=rate, betas=betas, eps=1e-8, fused=True),
        torch.optim.Adam(critic.parameters(), lr=rate * share, betas=slower, eps=1e-8, fused=True),
    )


def _learn(learner: torch.optim.Optimizer, loss: Tensor) -> None:
    learner.zero_grad(set_to_none=True)
    torch.autograd.backward(loss)
    learner.step()


def _check_moments(learner: torch.optim.Adam, found: dict[str, Tensor]) -> None:
    """All that the optimizer keeps of a parameter is there, in its shape. Raises ValueError or LookupError."""
    parameters = [parameter for group in learner.param_groups for parameter in group["params"]]
    for key, value in found.items():
        index, _, what = key.partition(".")
        shape = () if what == "step" else parameters[int(index)].shape
        whole = {f"{index}.{each}" for each in _MOMENTS} <= found.keys() and index.isdecimal()
        if not whole or value.shape != shape or value.dtype is not torch.float32:
            raise ValueError("another optimizer")


def _part(tensors: dict[str, Tensor], name: str) -> dict[str, Tensor]:
    return {key.removeprefix(f"{name}."): value for key, value in tensors.items() if key.startswith(f"{name}.")}
