"""Trains the Starter for the Latent room: a StyleGAN2 generator that learns to draw, then plays against a critic."""

import itertools
import json
import logging
import math
import sys
import time
from pathlib import Path
from typing import Any

import latents_pictures as pictures
import torch
import torch.nn.functional as F  # noqa: N812 - the field's name for it
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # the studio beside packaging/, installed or not

from studio.ml.load.gan import save_generator
from studio.ml.nets.stylegan2 import Config, Generator, Layer, normalize

log = logging.getLogger(__name__)

CONFIG = Config(
    z_dim=pictures.COUNT,
    w_dim=128,
    resolution=pictures.SIZE,
    channels=(64, 64, 64, 48, 32),
    mapping_layers=2,
    mapping_rate=1.0,
)
# Styles up to MIDDLE_FROM say where things are, up to FINE_FROM what they are like, from there on their colours.
MIDDLE_FROM, FINE_FROM = 3, 7
BATCH = 8
PLAY_FROM = 0.85  # share of the time after which the critic joins
PEAK, FLOOR = 1e-2, 8e-4  # learning rates
CRITIC_RATE = 1e-3
WARMUP = 0.01
AVERAGE = 0.997  # how slowly the averaged generator follows
W_AVERAGE = 0.998  # likewise the average style, which truncation draws towards
MIXED, TRUNCATED = 0.6, 0.25  # shares of a batch
CRITIC_WEIGHT, R1_WEIGHT, R1_EVERY = 0.02, 0.5, 8
SAVE_EVERY = 60.0  # seconds
GRAIN = 0.004  # strength of the last noise: a trace of paper, added after the training, which knows no noise


class Critic(nn.Module):
    """Tells drawn pictures from made ones: [N, 3, 64, 64] -> [N]."""

    def __init__(self) -> None:
        super().__init__()
        widths = (24, 32, 48, 64, 64)
        self.first = nn.Conv2d(3, widths[0], 3, padding=1)
        self.steps = nn.ModuleList(nn.Conv2d(a, b, 4, stride=2, padding=1) for a, b in itertools.pairwise(widths))
        self.last = nn.Linear((widths[-1] + 1) * 16, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = F.leaky_relu(self.first(x), 0.2)
        for step in self.steps:
            x = F.leaky_relu(step(x), 0.2)
        # How much the pictures of a batch differ: a generator that makes one picture only is found out by it.
        spread = (x.var(dim=0, unbiased=False) + 1e-8).sqrt().mean().expand(len(x), 1, 4, 4)
        judged: Tensor = self.last(torch.cat([x, spread], dim=1).flatten(1))
        return judged.squeeze(1)


def difference(made: Tensor, drawn: Tensor) -> Tensor:
    """How far two pictures are apart, edges counted twice."""
    loss = F.l1_loss(made, drawn)
    for size in (2, 3):
        loss = loss + F.l1_loss(made.diff(dim=size), drawn.diff(dim=size))
    return loss


class Training:
    """A training that can be left and taken up again: all it needs lies in `work`."""

    def __init__(self, work: Path) -> None:
        self.path = work / "latents.pt"
        torch.manual_seed(0)
        self.generator, self.averaged, self.critic = Generator(CONFIG), Generator(CONFIG), Critic()
        self.averaged.load_state_dict(self.generator.state_dict())
        self.averaged.requires_grad_(False)
        self.learner = torch.optim.Adam(self.generator.parameters(), lr=PEAK, betas=(0.9, 0.99))
        self.critic_learner = torch.optim.Adam(self.critic.parameters(), lr=CRITIC_RATE, betas=(0.5, 0.99))
        self.parts: dict[str, nn.Module | torch.optim.Optimizer] = {
            "generator": self.generator,
            "averaged": self.averaged,
            "critic": self.critic,
            "learner": self.learner,
            "critic_learner": self.critic_learner,
        }
        self.step, self.seconds, self.loss = 0, 0.0, 0.0
        if self.path.exists():
            saved = torch.load(self.path, weights_only=True)
            for name, part in self.parts.items():
                part.load_state_dict(saved[name])
            self.step, self.seconds, self.loss = saved["step"], saved["seconds"], saved["loss"]
            torch.manual_seed(self.step)

    def run(self, minutes: float, out: Path) -> None:
        """Train until `minutes` have been spent in all; `out` holds a usable model from the first save on."""
        saved_at = self.seconds
        while self.seconds < minutes * 60:
            start = time.perf_counter()
            self.learn(self.seconds / (minutes * 60))
            self.seconds += time.perf_counter() - start
            if self.seconds - saved_at > SAVE_EVERY:
                saved_at = self.seconds
                self.keep()
                write(self.averaged, out)
                log.info("step %d, %.0f s, difference %.4f", self.step, self.seconds, self.loss)
        self.keep()
        write(self.averaged, out)

    def learn(self, share: float) -> None:
        rate = PEAK * min(share / WARMUP + 0.01, 1)
        rate = min(rate, FLOOR + (PEAK - FLOOR) * 0.5 * (1 + math.cos(math.pi * min(share / PLAY_FROM, 1))))
        for group in self.learner.param_groups:
            group["lr"] = rate
        w, numbers = self.sample()
        drawn = pictures.draw(numbers)
        made = self.generator.synthesis(w, "none")
        loss = apart = difference(made, drawn)
        if share > PLAY_FROM:
            self.critic.requires_grad_(False)
            loss = apart + CRITIC_WEIGHT * F.softplus(-self.critic(made)).mean()
        self.learner.zero_grad()
        torch.autograd.backward(loss)
        self.learner.step()
        self.follow()
        if share > PLAY_FROM:
            self.teach_critic(drawn, made.detach())
        self.step += 1
        self.loss = 0.98 * self.loss + 0.02 * apart.item() if self.loss else apart.item()

    def sample(self) -> tuple[Tensor, Tensor]:
        """Styles [BATCH, num_ws, w_dim], and the numbers of the pictures that they shall give, [BATCH, COUNT].

        Some styles are mixed from three samples, and the numbers with them: so the coarse layers learn to say where
        things are, the fine ones their colours. Some are truncated, and their numbers shrunk alike.
        """
        z = torch.randn(3, BATCH, CONFIG.z_dim)
        z[1:, round(MIXED * BATCH) :] = z[0, round(MIXED * BATCH) :]
        numbers = normalize(z.flatten(0, 1)).view(z.shape)
        w = self.generator.mapping.styles(z.flatten(0, 1)).view(3, BATCH, -1)
        average = self.generator.mapping.w_avg
        average.copy_(w.detach().mean(dim=(0, 1)).lerp(average, W_AVERAGE if self.step else 0.0))
        psi = torch.ones(BATCH)
        count = round(TRUNCATED * BATCH)
        psi[torch.randperm(BATCH)[:count]] = torch.rand(count) * 1.2
        w = average + psi[:, None] * (w - average)
        layers = (MIDDLE_FROM, FINE_FROM - MIDDLE_FROM, CONFIG.num_ws - FINE_FROM)
        styles = torch.cat([w[i].unsqueeze(1).repeat(1, count, 1) for i, count in enumerate(layers)], dim=1)
        coarse, middle = pictures.COARSE, pictures.COARSE + pictures.MIDDLE
        mixed = torch.cat([numbers[0, :, :coarse], numbers[1, :, coarse:middle], numbers[2, :, middle:]], dim=1)
        return styles, mixed * psi[:, None]

    def follow(self) -> None:
        """Let the averaged generator come a little nearer; in the beginning it follows faster."""
        keep = min(AVERAGE, (self.step + 1) / (self.step + 10))
        with torch.no_grad():
            for slow, fast in zip(self.averaged.parameters(), self.generator.parameters(), strict=True):
                slow.lerp_(fast, 1 - keep)
            self.averaged.mapping.w_avg.lerp_(self.generator.mapping.w_avg, 1 - keep)

    def teach_critic(self, drawn: Tensor, made: Tensor) -> None:
        self.critic.requires_grad_(True)
        penalised = self.step % R1_EVERY == 0
        drawn.requires_grad_(penalised)
        real = self.critic(drawn)
        loss = F.softplus(-real).mean() + F.softplus(self.critic(made)).mean()
        if penalised:
            (slope,) = torch.autograd.grad(real.sum(), drawn, create_graph=True)
            loss = loss + R1_WEIGHT * R1_EVERY / 2 * slope.square().sum(dim=(1, 2, 3)).mean()
        self.critic_learner.zero_grad()
        torch.autograd.backward(loss)
        self.critic_learner.step()

    def keep(self) -> None:
        """Save to a second name first: a training that is killed here must find its last state again."""
        state: dict[str, Any] = {name: part.state_dict() for name, part in self.parts.items()}
        state |= {"step": self.step, "seconds": self.seconds, "loss": self.loss}
        part_path = self.path.with_suffix(".part")
        torch.save(state, part_path)
        part_path.replace(self.path)


ABOUT = {
    "name": "Starter Latents",
    "kind": "latent",
    "licence": "CC0-1.0",
    "size": pictures.SIZE,
    "summary": "Lakes and mountains through all hours of a day. Coarse styles place things, middle ones shape them, "
    "fine ones colour them.",
}


def write(generator: Generator, out: Path) -> None:
    last: Layer = generator.synthesis.get_submodule(f"b{pictures.SIZE}.conv1")  # type: ignore[assignment]
    last.noise_strength.data.fill_(GRAIN)
    save_generator(generator, out)
    last.noise_strength.data.zero_()
    (out / "triptych.json").write_text(json.dumps(ABOUT, indent=2) + "\n", encoding="utf-8")


def build(minutes: float, out: Path, work: Path) -> None:
    """Train for `minutes` (those of an earlier, interrupted run counted in) and write the model to `out`."""
    work.mkdir(parents=True, exist_ok=True)
    Training(work).run(minutes, out)
