"""Trains the Starter for the Latent room: a StyleGAN2 generator that learns to draw, then plays against a critic."""

import itertools
import json
import logging
import math
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import latents_pictures as pictures
import torch
import torch.nn.functional as F  # noqa: N812 - the field's name for it
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # the studio beside packaging/, installed or not

from studio.ml.load.gan import save_generator
from studio.ml.nets.generator import normalize
from studio.ml.nets.stylegan2 import Config, Generator, Layer
from studio.ml.training.losses import Game, critic_loss, generator_loss, penalty

log = logging.getLogger(__name__)

# Wide where pixels are few: there it is decided where things are, and there width costs little time.
CONFIG = Config(
    z_dim=pictures.COUNT,
    w_dim=192,
    resolution=128,
    channels=(160, 160, 128, 64, 32, 16),
    mapping_layers=3,
    mapping_rate=1.0,
)
# Styles up to MIDDLE_FROM say where things are, up to FINE_FROM what they are like, from there on their colours.
MIDDLE_FROM, FINE_FROM = 3, 7
BATCH = 8
GAME: Game = "non-saturating"
FIRST_SIZE, GROW_FROM = 64, 0.55  # pixels, and the share of the time after which they are twice as many
PLAY_FROM = 0.4  # share of the time after which the critic joins
PEAK, FLOOR = 6e-3, 5e-4  # learning rates
CRITIC_RATE = 2e-3
WARMUP = 0.01
AVERAGE = 0.997  # how slowly the averaged generator follows
W_AVERAGE = 0.998  # likewise the average style, which truncation draws towards
MIXED, TRUNCATED = 0.6, 0.25  # shares of a batch
PLAY_WEIGHT, READ_WEIGHT = 0.02, 0.1  # beside a difference of about 0.1
GAMMA, PENALTY_EVERY = 0.5, 16
DRAWN = 24_000  # drawings that are kept and seen again, when so many have been made
SAVE_EVERY = 60.0  # seconds
GRAIN = 0.004  # strength of the last noise: a trace of paper, added after the training, which knows no noise
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")


class Critic(nn.Module):
    """Tells drawn pictures from made ones, and reads out of a picture the numbers that it was drawn from."""

    def __init__(self, size: int) -> None:
        super().__init__()
        widths = (3, 32, 64, 96, 128, 128)[: int(math.log2(size)) - 1]
        self.steps = nn.ModuleList(nn.Conv2d(a, b, 4, stride=2, padding=1) for a, b in itertools.pairwise(widths))
        self.body = nn.Linear((widths[-1] + 1) * 16, 192)
        self.score, self.numbers = nn.Linear(192, 1), nn.Linear(192, pictures.COUNT)

    def forward(self, x: Tensor) -> Tensor:
        """Scores [N] for [N, 3, size, size]."""
        scores: Tensor = self.score(self.features(x))
        return scores.squeeze(1)

    def both(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Scores [N] and the numbers read, [N, COUNT]."""
        features = self.features(x)
        return self.score(features).squeeze(1), self.numbers(features)

    def features(self, x: Tensor) -> Tensor:
        for step in self.steps:
            x = F.leaky_relu(step(x), 0.2)
        # How much the pictures of a batch differ: a generator that makes one picture only is found out by it.
        spread = (x.float().var(dim=0, unbiased=False) + 1e-8).sqrt().mean().to(x.dtype).expand(len(x), 1, 4, 4)
        return F.leaky_relu(self.body(torch.cat([x, spread], dim=1).flatten(1)), 0.2)


def difference(made: Tensor, drawn: Tensor) -> Tensor:
    """How far two pictures are apart; edges and small things such as stars and sails count more than wide skies."""
    detail = (drawn - F.avg_pool2d(drawn, 5, 1, 2, count_include_pad=False)).abs().mean(dim=1, keepdim=True)
    weight = 1 + 10 * detail.clamp(max=0.3)
    wrong = made - drawn
    loss = (wrong.abs() * weight).mean()
    for size in (2, 3):
        loss = loss + wrong.diff(dim=size).abs().mean()
    return loss


class Training:
    """A training that can be left and taken up again: all it needs lies in `work`."""

    def __init__(self, work: Path) -> None:
        self.path = work / "latents.pt"
        torch.manual_seed(0)
        saved = torch.load(self.path, weights_only=True) if self.path.exists() else None
        self.begin(saved["size"] if saved else FIRST_SIZE)
        self.step, self.seconds, self.loss = 0, 0.0, 0.0
        if saved:
            for name, part in self.parts.items():
                part.load_state_dict(saved[name])
            self.step, self.seconds, self.loss = saved["step"], saved["seconds"], saved["loss"]
            torch.manual_seed(self.step)

    def begin(self, size: int) -> None:
        """New networks for pictures of `size` pixels, and nothing drawn yet."""
        self.size = size
        config = replace(CONFIG, resolution=size, channels=CONFIG.channels[: int(math.log2(size)) - 1])
        self.generator, self.averaged, self.critic = (
            net.to(DEVICE, memory_format=torch.channels_last)
            for net in (Generator(config), Generator(config), Critic(size))
        )
        self.averaged.load_state_dict(self.generator.state_dict())
        self.averaged.requires_grad_(False)
        self.learner = torch.optim.Adam(self.generator.parameters(), lr=PEAK, betas=(0.9, 0.99), fused=True)
        self.critic_learner = torch.optim.Adam(self.critic.parameters(), lr=CRITIC_RATE, betas=(0.0, 0.99), fused=True)
        self.parts: dict[str, nn.Module | torch.optim.Optimizer] = {
            "generator": self.generator,
            "averaged": self.averaged,
            "critic": self.critic,
            "learner": self.learner,
            "critic_learner": self.critic_learner,
        }
        self.samples: list[tuple[Tensor, Tensor, Tensor]] = []

    def grow(self) -> None:
        """Pictures twice as large: what was learned stays, the new block begins by adding nothing."""
        before, averaged = self.generator, self.averaged
        self.begin(self.size * 2)
        for new, old in ((self.generator, before), (self.averaged, averaged)):
            new.load_state_dict(old.state_dict(), strict=False)
            nn.init.zeros_(new.synthesis.get_submodule(f"b{self.size}.torgb").weight)  # type: ignore[arg-type]
        log.info("grown to %d pixels", self.size)

    def run(self, minutes: float, out: Path) -> None:
        """Train until `minutes` have been spent in all; `out` holds a usable model from the first save on."""
        saved_at = self.seconds
        try:
            while self.seconds < minutes * 60:
                start = time.perf_counter()
                self.learn(self.seconds / (minutes * 60))
                self.seconds += time.perf_counter() - start
                if self.seconds - saved_at > SAVE_EVERY:
                    saved_at = self.seconds
                    self.keep()
                    write(self.averaged, out)
                    log.info("step %d, %.0f of %.0f s, %s", self.step, self.seconds, minutes * 60, self.news())
        finally:
            self.keep()
            write(self.averaged, out)

    def news(self) -> str:
        return f"difference {self.loss:.4f}"

    def learn(self, share: float) -> None:
        if share > GROW_FROM and self.size < CONFIG.resolution:
            self.grow()
        self.set_rate(share)
        z, psi, drawn = self.sample()
        playing = share > PLAY_FROM
        with torch.autocast(DEVICE.type, torch.bfloat16):
            made = self.generator.synthesis(self.styles(z, psi), "none").float()
            loss = apart = difference(made, drawn)
            if playing:
                self.critic.requires_grad_(False)
                scores, numbers = self.critic.both(made)
                read = F.mse_loss(numbers.float(), self.numbers(z, psi))
                loss = apart + PLAY_WEIGHT * generator_loss(GAME, scores.float()) + READ_WEIGHT * read
        self.learner.zero_grad()
        torch.autograd.backward(loss)
        self.learner.step()
        self.follow()
        if playing:
            self.teach_critic(drawn, made.detach(), self.numbers(z, psi))
        self.step += 1
        self.loss = 0.98 * self.loss + 0.02 * apart.item() if self.loss else apart.item()

    def set_rate(self, share: float) -> None:
        rate = PEAK * min(share / WARMUP + 0.01, 1)
        rate = min(rate, FLOOR + (PEAK - FLOOR) * 0.5 * (1 + math.cos(math.pi * min(share, 1))))
        for group in self.learner.param_groups:
            group["lr"] = rate

    def sample(self) -> tuple[Tensor, Tensor, Tensor]:
        """Three z for each picture [3, BATCH, z_dim], psi [BATCH] and the drawings that they shall give.

        In most pictures the three differ, so that styles are mixed from them, and the drawing's numbers alike: so the
        coarse layers learn to say where things are, the fine ones their colours. Some are truncated, and their numbers
        shrunk.
        """
        if len(self.samples) * BATCH < DRAWN:
            z = torch.randn(3, BATCH, CONFIG.z_dim)
            z[1:, round(MIXED * BATCH) :] = z[0, round(MIXED * BATCH) :]
            psi = torch.ones(BATCH)
            count = round(TRUNCATED * BATCH)
            psi[torch.randperm(BATCH)[:count]] = torch.rand(count) * 1.2
            drawn = pictures.draw(self.numbers(z, psi), self.size)
            self.samples.append((z, psi, (drawn * 127.5 + 127.5).round().byte()))
            z, psi, pixels = self.samples[-1]
        else:
            z, psi, pixels = self.samples[int(torch.randint(len(self.samples), ()))]
        drawn = (pixels.float() / 127.5 - 1).to(DEVICE, memory_format=torch.channels_last)
        return z.to(DEVICE), psi.to(DEVICE), drawn

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
        """Let the averaged generator come a little nearer; in the beginning it follows faster."""
        keep = min(AVERAGE, (self.step + 1) / (self.step + 10))
        with torch.no_grad():
            slow, fast = list(self.averaged.parameters()), list(self.generator.parameters())
            torch._foreach_lerp_(slow, fast, 1 - keep)
            self.averaged.mapping.w_avg.lerp_(self.generator.mapping.w_avg, 1 - keep)

    def teach_critic(self, drawn: Tensor, made: Tensor, numbers: Tensor) -> None:
        self.critic.requires_grad_(True)
        with torch.autocast(DEVICE.type, torch.bfloat16):
            real, read = self.critic.both(drawn)
            loss = critic_loss(GAME, real.float(), self.critic(made).float()) + F.mse_loss(read.float(), numbers)
        if self.step % PENALTY_EVERY == 0:
            loss = loss + GAMMA / 2 * PENALTY_EVERY * penalty(GAME, self.critic, drawn, made)
        self.critic_learner.zero_grad()
        torch.autograd.backward(loss)
        self.critic_learner.step()

    def keep(self) -> None:
        """Save to a second name first: a training that is killed here must find its last state again."""
        state: dict[str, Any] = {name: part.state_dict() for name, part in self.parts.items()}
        state |= {"size": self.size, "step": self.step, "seconds": self.seconds, "loss": self.loss}
        part_path = self.path.with_suffix(".part")
        torch.save(state, part_path)
        part_path.replace(self.path)


ABOUT = {
    "name": "Starter Latents",
    "kind": "latent",
    "licence": "CC0-1.0",
    "size": CONFIG.resolution,
    "summary": "Lakes and mountains through all hours of a day. Coarse styles place things, middle ones shape them, "
    "fine ones colour them.",
}


def write(generator: Generator, out: Path) -> None:
    last: Layer = generator.synthesis.get_submodule(f"b{generator.resolution}.conv1")  # type: ignore[assignment]
    last.noise_strength.data.fill_(GRAIN)
    save_generator(generator, out, torch.float16)
    last.noise_strength.data.zero_()
    about = ABOUT | {"size": generator.resolution}
    (out / "triptych.json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")


def build(minutes: float, out: Path, work: Path) -> None:
    """Train for `minutes` (those of an earlier, interrupted run counted in) and write the model to `out`."""
    work.mkdir(parents=True, exist_ok=True)
    Training(work).run(minutes, out)
