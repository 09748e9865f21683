"""The probe: a small classifier of scenes, to evaluate pictures made from text."""

import itertools
import logging
import random
from pathlib import Path

import scenes_content
import torch
from scenes_training import DEVICE, LEARNED, PICTURES, Stage, as_wanted, picture_file, step_of
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812
from typing_extensions import override

log = logging.getLogger(__name__)

NONE = "none"
ANSWERS: dict[str, tuple[str, ...]] = {
    "time": scenes_content.TIMES,
    "land": scenes_content.LANDS,
    "object": (*scenes_content.OBJECTS, NONE),
    "object_colour": (*scenes_content.COLOURS, NONE),
    "object_place": (*scenes_content.PLACES, NONE),
    "light": ("sun", "moon", NONE),
    "light_place": (*scenes_content.PLACES, NONE),
}
"""The attributes of ``Scene`` that are classified, and their values."""
BATCH = 32


class Probe(nn.Module):
    """Maps pictures [N, 3, 128, 128] in [-1, 1] to scores for every answer, through features [N, 256]."""

    def __init__(self) -> None:
        super().__init__()
        widths = (3, 24, 48, 96, 128, 128)
        layers: list[nn.Module] = []
        for before, after in itertools.pairwise(widths):
            layers += [nn.Conv2d(before, after, 3, stride=2, padding=1), nn.GroupNorm(8, after), nn.SiLU()]
        self.body = nn.Sequential(*layers, nn.Flatten(), nn.Linear(128 * 4 * 4, 256), nn.SiLU())
        self.heads = nn.ModuleDict({name: nn.Linear(256, len(answers)) for name, answers in ANSWERS.items()})

    @override
    def forward(self, pictures: Tensor) -> dict[str, Tensor]:
        """Scores [N, answers] by attribute."""
        features = self.body(pictures)
        return {name: head(features) for name, head in self.heads.items()}

    @torch.no_grad()
    def look(self, pictures: Tensor) -> list[dict[str, str]]:
        """What is in each picture."""
        scores = {name: each.argmax(dim=1).tolist() for name, each in self(pictures.to(DEVICE)).items()}
        return [{name: ANSWERS[name][scores[name][row]] for name in ANSWERS} for row in range(len(pictures))]


def truth(seed: int) -> dict[str, str]:
    """What is in the drawn picture of ``seed``."""
    scene = scenes_content.choose(random.Random(seed))
    return {name: getattr(scene, name) or NONE for name in ANSWERS}


def train_probe(seconds: float, work: Path) -> Probe:
    """A probe trained for ``seconds`` on the drawn pictures in ``work``; resumes an earlier training."""
    pictures = torch.from_numpy(picture_file(work)).to(DEVICE)
    probe: Probe = Probe().to(DEVICE, memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizer = torch.optim.AdamW(probe.parameters(), lr=2e-3, weight_decay=0.02)
    stage = Stage("probe", seconds, work, {"net": probe, "optimizer": optimizer})
    told: dict[str, list[int]] = {name: [] for name in ANSWERS}
    for seed in range(LEARNED):
        for name, answer in truth(seed).items():
            told[name].append(ANSWERS[name].index(answer))
    answers = {name: torch.tensor(each, device=DEVICE) for name, each in told.items()}
    torch.manual_seed(stage.step)

    def learn() -> dict[str, Tensor]:
        stage.rate(optimizer, 2e-3, 100)
        rows = torch.randint(LEARNED, (BATCH,), device=DEVICE)
        scores = probe(_softened(as_wanted(pictures[rows])))
        loss = torch.stack([F.cross_entropy(each, answers[name][rows]) for name, each in scores.items()]).sum()
        torch.autograd.backward(loss)
        step_of(probe, optimizer)
        return {"loss": loss.detach()}

    stage.run(learn, lambda: log.info("probe: %s", accuracy(probe, pictures)))
    return probe.eval()


def accuracy(probe: Probe, pictures: Tensor) -> dict[str, float]:
    """The accuracy by attribute, on unseen drawn pictures."""
    seeds = range(LEARNED, PICTURES)
    seen = [each for some in torch.split(pictures[LEARNED:], 32) for each in probe.look(as_wanted(some))]
    right = [
        {name: said[name] == truth(seed)[name] for name in ANSWERS} for seed, said in zip(seeds, seen, strict=True)
    ]
    return {name: sum(each[name] for each in right) / len(right) for name in ANSWERS}


def _softened(pictures: Tensor) -> Tensor:
    """Blur half of the pictures and add a little noise to all: generated pictures are softer than drawn ones."""
    soft = F.interpolate(F.avg_pool2d(pictures, 2), scale_factor=2, mode="bilinear", align_corners=False)
    some = (torch.rand(len(pictures), 1, 1, 1, device=DEVICE) < 0.5).float()
    return torch.lerp(pictures, soft, some) + 0.03 * torch.randn_like(pictures)
