"""Trains the Starter for the Latent room: a StyleGAN2 generator that learns to draw, then meets a discriminator."""

import itertools
import logging
import math
import time
from pathlib import Path
from typing import Any

import latents_pictures as pictures
import torch
import torch.nn.functional as F  # noqa: N812 - the field's name for it
from torch import Tensor, nn
from typing_extensions import override

from studio.files.atomic import replacing
from studio.files.card import ModelCard, write_card
from studio.ml.load.gan import load_generator, save_generator
from studio.ml.nets.generator import normalize
from studio.ml.nets.stylegan2 import Config, Generator, SynthesisLayer
from studio.ml.training.losses import Loss, discriminator_loss, generator_loss, gradient_penalty

log = logging.getLogger(__name__)

CONFIG = Config(
    z_dim=pictures.COUNT,
    w_dim=128,
    resolution=128,
    channels=(192, 192, 160, 96, 48, 24),
    mapping_layers=2,
    mapping_rate=1.0,
)
# Styles up to MIDDLE_FROM control positions, up to FINE_FROM shapes, from there on colours.
MIDDLE_FROM, FINE_FROM = 3, 7
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
BATCH = 64 if DEVICE.type == "cuda" else 8
GAME: Loss = "non-saturating"
PLAY_FROM = 0.4  # fraction of the time after which the discriminator joins
REFINE_FROM = 0.5  # where in the plan a training starts that continues a finished model
PEAK, FLOOR = 6e-3, 4e-4  # learning rates
CRITIC_RATE = 7e-4
WARMUP = 0.01
AVERAGE = 0.997  # decay of the averaged generator
W_AVERAGE = 0.998  # likewise of the average style, the target of truncation
MIXED, TRUNCATED = 0.6, 0.25  # shares of a batch
PLAY_WEIGHT, READ_WEIGHT = (
    1.0,
    0.5,
)  # the discriminator's weight relative to the drawing loss, and the numbers' weight in it
GAMMA, PENALTY_EVERY = 0.5, 16
DRAWN = 5_000 * BATCH  # number of drawings that are cached and reused
SAVE_EVERY = 60.0  # seconds
GRAIN = 0.004  # strength of the last noise: a trace of paper grain, added after training without noise


class Critic(nn.Module):
    """Tells drawn pictures from generated ones, and predicts the numbers that a picture was drawn from."""

    def __init__(self) -> None:
        super().__init__()
        widths = (3, 24, 48, 64, 96, 128)
        self.steps = nn.ModuleList(nn.Conv2d(a, b, 4, stride=2, padding=1) for a, b in itertools.pairwise(widths))
        self.body = nn.Linear((widths[-1] + 1) * 16, 192)
        self.score, self.numbers = nn.Linear(192, 1), nn.Linear(192, pictures.COUNT)

    @override
    def forward(self, x: Tensor) -> Tensor:
        """Scores [N] for [N, 3, 128, 128]."""
        scores: Tensor = self.score(self.features(x))
        return scores.squeeze(1)

    def both(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Scores [N] and the predicted numbers [N, COUNT]."""
        features = self.features(x)
        return self.score(features).squeeze(1), self.numbers(features)

    def features(self, x: Tensor) -> Tensor:
        """What both heads read of a picture, [N, 192]."""
        for step in self.steps:
            x = F.leaky_relu(step(x), 0.2)
        # The standard deviation of a batch: it reveals a generator that makes only one picture.
        spread = (x.float().var(dim=0, unbiased=False) + 1e-8).sqrt().mean().to(x.dtype).expand(len(x), 1, 4, 4)
        return F.leaky_relu(self.body(torch.cat([x, spread], dim=1).flatten(1)), 0.2)


def difference(made: Tensor, drawn: Tensor) -> Tensor:
    """The drawing loss; edges and small objects such as stars and sails count more than wide skies."""
    detail = (drawn - F.avg_pool2d(drawn, 5, 1, 2, count_include_pad=False)).abs().mean(dim=1, keepdim=True)
    weight = 1 + 10 * detail.clamp(max=0.3)
    wrong = made - drawn
    loss = (wrong.abs() * weight).mean()
    for size in (2, 3):
        loss = loss + wrong.diff(dim=size).abs().mean()
    return loss


COUNTED = ("step", "seconds", "begun")


class Training:
    """A training that can be interrupted and resumed: its state is in `work`."""

    def __init__(self, work: Path, start: Path | None = None) -> None:
        """A new one begins with the finished model in `start`, if given."""
        self.path, self.first = (
            work / "latents.pt",
            work / "first",
        )  # as it was before the discriminator
        torch.manual_seed(0)
        self.generator, self.averaged, self.discriminator = (
            net.to(DEVICE, memory_format=torch.channels_last)  # type: ignore[call-overload]
            for net in (Generator(CONFIG), Generator(CONFIG), Critic())
        )
        if start:
            self.generator.load_state_dict(load_generator(start).state_dict())
            _last(self.generator).noise_strength.data.zero_()
        self.averaged.load_state_dict(self.generator.state_dict())
        self.averaged.requires_grad_(False)
        self.learner = torch.optim.Adam(self.generator.parameters(), lr=PEAK, betas=(0.9, 0.99), fused=True)
        self.discriminator_optimizer = torch.optim.Adam(
            self.discriminator.parameters(), lr=CRITIC_RATE, betas=(0.0, 0.99), fused=True
        )
        self.parts: dict[str, nn.Module | torch.optim.Optimizer] = {
            "generator": self.generator,
            "averaged": self.averaged,
            "discriminator": self.discriminator,
            "learner": self.learner,
            "critic_learner": self.discriminator_optimizer,
        }
        self.samples: list[tuple[Tensor, Tensor, Tensor]] = []
        self.step, self.seconds, self.begun = 0, 0.0, REFINE_FROM if start else 0.0
        self.loss = torch.zeros((), device=DEVICE)
        if self.path.exists():
            saved = torch.load(self.path, weights_only=True, map_location=DEVICE)
            for name, part in self.parts.items():
                part.load_state_dict(saved[name])
            self.step, self.seconds, self.begun = (saved[name] for name in COUNTED)
            torch.manual_seed(self.step)

    def run(self, minutes: float, out: Path) -> None:
        """Train until `minutes` have been spent in total; `out` has a usable model from the first save on."""
        saved_at = self.seconds
        try:
            while self.seconds < minutes * 60:
                start, share = time.perf_counter(), self.share(self.seconds / (minutes * 60))
                if share > PLAY_FROM and self.step and not self.first.exists():
                    write(self.averaged, self.first)
                self.learn(share)
                self.seconds += time.perf_counter() - start
                if self.seconds - saved_at > SAVE_EVERY:
                    saved_at = self.seconds
                    self.keep()
                    write(self.averaged, out)
                    passed = f"{self.seconds:.0f} of {minutes * 60:.0f} s"
                    log.info("step %d, %s, difference %.4f", self.step, passed, float(self.loss))
        finally:
            self.keep()
            write(self.averaged, out)

    def share(self, passed: float) -> float:
        """The progress in the plan when `passed` of the time is over."""
        return self.begun + (1 - self.begun) * passed

    def learn(self, share: float) -> None:
        """One step; `share` of the plan is over."""
        self.set_rate(share)
        with DEVICE:
            z, psi, drawn = self.sample()
        with torch.autocast(DEVICE.type, torch.bfloat16):
            made = self.generator.synthesis(self.styles(z, psi), "none").float()
        seen = made.detach().requires_grad_(True)
        apart = difference(seen, drawn)
        (slope,) = torch.autograd.grad(apart, seen)
        if share > PLAY_FROM:
            # Whatever the losses' scale, the discriminator's gradient on pixels is PLAY_WEIGHT times the drawing
            # loss's.
            (pull,) = torch.autograd.grad(self.judge(seen, self.numbers(z, psi)), seen)
            slope = slope + PLAY_WEIGHT * slope.norm() / (pull.norm() + 1e-12) * pull
        self.learner.zero_grad()
        made.backward(slope)
        self.learner.step()
        self.follow()
        if share > PLAY_FROM:
            self.train_discriminator(drawn, made.detach(), self.numbers(z, psi))
        self.step += 1
        self.loss = apart.detach()

    def judge(self, made: Tensor, numbers: Tensor) -> Tensor:
        """The discriminator's loss for pictures: that they look generated, and that it reads other numbers in them."""
        with torch.autocast(DEVICE.type, torch.bfloat16):
            scores, read = self.discriminator.both(made)
        return generator_loss(GAME, scores.float()) + READ_WEIGHT * F.mse_loss(read.float(), numbers)

    def set_rate(self, share: float) -> None:
        """The learning rate after `share` of the time: a short rise, then a cosine."""
        rate = PEAK * min(share / WARMUP + 0.01, 1)
        rate = min(rate, FLOOR + (PEAK - FLOOR) * 0.5 * (1 + math.cos(math.pi * min(share, 1))))
        for group in self.learner.param_groups:
            group["lr"] = rate

    def sample(self) -> tuple[Tensor, Tensor, Tensor]:
        """Three z for each picture [3, BATCH, z_dim], psi [BATCH] and the drawings that they should give.

        In most pictures the three differ, so that both styles and the drawing's numbers are mixed from them: that
        teaches the coarse layers positions and the fine ones colours. Some are truncated, with scaled numbers.
        """
        if len(self.samples) * BATCH < DRAWN:
            z = torch.randn(3, BATCH, CONFIG.z_dim)
            z[1:, round(MIXED * BATCH) :] = z[0, round(MIXED * BATCH) :]
            psi = torch.ones(BATCH)
            count = round(TRUNCATED * BATCH)
            psi[torch.randperm(BATCH)[:count]] = torch.rand(count) * 1.2
            drawn = pictures.draw(self.numbers(z, psi), CONFIG.resolution)
            self.samples.append((z, psi, (drawn * 127.5 + 127.5).round().byte()))
            z, psi, pixels = self.samples[-1]
        else:
            z, psi, pixels = self.samples[int(torch.randint(len(self.samples), ()))]
        drawn = (pixels.float() / 127.5 - 1).contiguous(memory_format=torch.channels_last)
        return z, psi, drawn

    @staticmethod
    def numbers(z: Tensor, psi: Tensor) -> Tensor:
        """What the pictures of `z` and `psi` are drawn from, [BATCH, COUNT]."""
        one, two, three = normalize(z.flatten(0, 1)).view(z.shape)
        coarse, middle = pictures.COARSE, pictures.COARSE + pictures.MIDDLE
        return torch.cat([one[:, :coarse], two[:, coarse:middle], three[:, middle:]], dim=1) * psi[:, None]

    def styles(self, z: Tensor, psi: Tensor) -> Tensor:
        """Styles [BATCH, num_ws, w_dim], mixed from three z and truncated by psi."""
        mapping = self.generator.mapping
        w = mapping.styles(z.flatten(0, 1)).view(3, BATCH, -1)
        average = mapping.w_avg
        average.copy_(w.detach().float().mean(dim=(0, 1)).lerp(average, W_AVERAGE if self.step else 0.0))
        w = average + psi[:, None] * (w - average)
        layers = (MIDDLE_FROM, FINE_FROM - MIDDLE_FROM, self.generator.num_ws - FINE_FROM)
        return torch.cat([w[i].unsqueeze(1).repeat(1, count, 1) for i, count in enumerate(layers)], dim=1)

    def follow(self) -> None:
        """Update the averaged generator; it follows faster in the beginning."""
        keep = min(AVERAGE, (self.step + 1) / (self.step + 10))
        with torch.no_grad():
            slow, fast = list(self.averaged.parameters()), list(self.generator.parameters())
            torch._foreach_lerp_(slow, fast, 1 - keep)
            self.averaged.mapping.w_avg.lerp_(self.generator.mapping.w_avg, 1 - keep)

    def train_discriminator(self, drawn: Tensor, made: Tensor, numbers: Tensor) -> None:
        """One step on drawn and made pictures; `numbers` is what the made ones were asked to show."""
        with torch.autocast(DEVICE.type, torch.bfloat16):
            real, read = self.discriminator.both(drawn)
            loss = discriminator_loss(GAME, real.float(), self.discriminator(made).float()) + F.mse_loss(
                read.float(), numbers
            )
        if self.step % PENALTY_EVERY == 0:
            loss = loss + GAMMA / 2 * PENALTY_EVERY * gradient_penalty(GAME, self.discriminator, drawn, made)
        self.discriminator_optimizer.zero_grad()
        torch.autograd.backward(loss)
        self.discriminator_optimizer.step()

    def keep(self) -> None:
        """A training that is killed here finds its last state again."""
        state: dict[str, Any] = {name: part.state_dict() for name, part in self.parts.items()}
        state |= {name: getattr(self, name) for name in COUNTED}
        with replacing(self.path) as part:
            torch.save(state, part)


CARD = ModelCard(
    name="Starter Latents",
    kind="latent",
    licence="CC0-1.0",
    summary="Lakes and mountains through all hours of a day. Coarse styles place things, middle ones shape them, "
    "fine ones colour them.",
    defaults={"size": CONFIG.resolution},
)


def write(generator: Generator, out: Path) -> None:
    """Save the generator, with its grain, and what the studio is to know of it."""
    strength = _last(generator).noise_strength.data
    strength.fill_(GRAIN)
    save_generator(generator, out, torch.float16)
    strength.zero_()
    write_card(out, CARD)


def _last(generator: Generator) -> SynthesisLayer:
    return generator.synthesis.get_submodule(f"b{CONFIG.resolution}.conv1")  # type: ignore[return-value]


def build(minutes: float, out: Path, work: Path, start: Path | None = None) -> None:
    """Train for `minutes` (including earlier, interrupted runs) and write the model to `out`."""
    work.mkdir(parents=True, exist_ok=True)
    Training(work, start).run(minutes, out)
