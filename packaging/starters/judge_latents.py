"""Evaluates Starter Latents: how close its pictures are to drawn ones (KID), how varied, how fast."""

import itertools
import logging
import time
from pathlib import Path

import latents_pictures as pictures
import torch
import torch.nn.functional as F  # noqa: N812 - the field's name for it
from PIL import Image
from torch import Tensor, nn
from typing_extensions import override

from studio.ml.load.gan import load_generator
from studio.ml.nets.generator import Generator, normalize

log = logging.getLogger(__name__)

SIZE, BATCH = 128, 32
FIRST_Z, DRAWN_Z, OTHER_Z = 11, 12, 13  # seeds of the generated pictures' z and of two sets of drawn ones


class Reader(nn.Module):
    """Predicts from pictures [N, 3, 128, 128] the numbers they were drawn from; its features [N, 256] are compared."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for before, after in itertools.pairwise((3, 24, 32, 64, 96, 128)):
            layers += [nn.Conv2d(before, after, 3, stride=2, padding=1), nn.GroupNorm(8, after), nn.SiLU()]
        self.features = nn.Sequential(*layers, nn.Flatten(), nn.Linear(128 * 16, 256), nn.SiLU())
        self.numbers = nn.Linear(256, pictures.COUNT)

    @override
    def forward(self, x: Tensor) -> Tensor:
        read: Tensor = self.numbers(self.features(x))
        return read


def train_reader(steps: int, work: Path) -> Reader:
    """A reader trained on drawn pictures, independent of any generator; cached in `work`."""
    torch.manual_seed(7)
    reader, path = Reader(), work / "reader.pt"
    if path.exists():
        reader.load_state_dict(torch.load(path, weights_only=True))
        return reader.eval()
    learner = torch.optim.AdamW(reader.parameters(), lr=2e-3, weight_decay=0.01)
    plan = torch.optim.lr_scheduler.OneCycleLR(learner, 2e-3, total_steps=steps)
    for step in range(steps):
        numbers = normalize(torch.randn(BATCH, pictures.COUNT))
        loss = F.mse_loss(reader(pictures.draw(numbers, SIZE)), numbers)
        learner.zero_grad()
        torch.autograd.backward(loss)
        learner.step()
        plan.step()
        if step % 100 == 0:
            log.info("reader: step %d of %d, error %.3f", step, steps, loss.item())
    torch.save(reader.state_dict(), path)
    return reader.eval()


def kid(one: Tensor, other: Tensor) -> float:
    """Squared distance of two sets of features [N, D] under the cubic kernel, unbiased (Binkowski et al. 2018)."""
    size = one.shape[1]

    def kernel(a: Tensor, b: Tensor) -> Tensor:
        return (a @ b.T / size + 1).pow(3)

    def within(a: Tensor) -> Tensor:
        table = kernel(a, a)
        return (table.sum() - table.trace()) / (len(a) * (len(a) - 1))

    one, other = one.double(), other.double()
    return float(within(one) + within(other) - 2 * kernel(one, other).mean())


@torch.inference_mode()
def made_by(generator: Generator, count: int) -> Tensor:
    """`count` pictures [N, 3, SIZE, SIZE] of the generator, always of the same z."""
    torch.manual_seed(FIRST_Z)
    z = torch.randn(count, generator.z_dim)
    found = torch.cat([generator.synthesis(generator.mapping(some)) for some in torch.split(z, 50)]).clamp(-1, 1)
    return F.interpolate(found, size=(SIZE, SIZE), mode="area")


@torch.inference_mode()
def drawn(count: int, seed: int) -> Tensor:
    """`count` drawn pictures [N, 3, SIZE, SIZE], of the numbers that `seed` gives."""
    torch.manual_seed(seed)
    numbers = normalize(torch.randn(count, pictures.COUNT))
    return torch.cat([pictures.draw(some, SIZE) for some in torch.split(numbers, 50)])


@torch.inference_mode()
def features(reader: Reader, x: Tensor) -> Tensor:
    """What the reader sees in pictures, [N, D]."""
    return torch.cat([reader.features(some) for some in torch.split(x, 100)])


@torch.inference_mode()
def apart(x: Tensor) -> float:
    """The mean difference of two pictures, in 255ths: the root mean square over all pairs."""
    flat = x.flatten(1)
    pairs = torch.cdist(flat, flat).square().sum() / (len(x) * (len(x) - 1))
    return float((pairs / flat.shape[1]).sqrt() * 127.5)


def speed(generator: Generator) -> float:
    """Pictures per second, one at a time: the fastest of a hundred, since the machine may be busy."""
    w = generator.mapping(torch.randn(1, generator.z_dim))
    best = 0.0
    with torch.inference_mode():
        for _ in range(100):
            begun = time.perf_counter()
            generator.synthesis(w)
            best = max(best, 1 / (time.perf_counter() - begun))
    return best


def sheet(x: Tensor, path: Path) -> None:
    """The first hundred pictures, ten by ten."""
    size = x.shape[-1]
    pixels = ((x[:100] + 1) * 127.5).round().byte().view(10, 10, 3, size, size).permute(0, 3, 1, 4, 2)
    Image.fromarray(pixels.reshape(10 * size, 10 * size, 3).numpy()).save(path)


def judge_latents(folder: Path, first: Path | None, count: int, steps: int, work: Path) -> list[tuple[str, str, str]]:
    """Rows of the card's table: what was measured, the value, the target. `first` is an earlier version of the
    model."""
    reader = train_reader(steps, work)
    generator = load_generator(folder)
    made, one, other = made_by(generator, count), drawn(count, DRAWN_Z), drawn(count, OTHER_Z)
    sheet(made, work / "sheet.png")
    real = features(reader, one)
    found = kid(features(reader, made), real)
    rows = [
        (
            f"KID x 1000, {count:,} made and {count:,} drawn pictures",
            f"{1000 * found:.2f}",
            "a quarter of the first form's",
        )
    ]
    if first:
        before = kid(features(reader, made_by(load_generator(first), count)), real)
        rows.append(("the same of the first form", f"{1000 * before:.2f}", "-"))
    rows.append(("the same of two sets of drawn pictures", f"{1000 * kid(features(reader, other), real):.2f}", "-"))
    rows.append(("two pictures differ by, in 255ths", f"{apart(made[:500]):.1f}", f"drawn: {apart(one[:500]):.1f}"))
    rows.append(("frames a second, by the quickest of a hundred", f"{speed(generator):.0f}", "20"))
    return rows
