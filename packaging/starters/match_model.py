"""Trains Starter Match: a small CLIP that scores how well a scene fits its caption."""

import logging
import random
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import scenes
import scenes_content
import torch
import torch.nn.functional as F  # noqa: N812 - the field's name for it
from probe import ANSWERS, truth
from scenes_content import Scene
from scenes_training import Stage, step_of
from torch import Tensor, nn
from transformers import CLIPConfig, CLIPImageProcessorPil, CLIPModel, CLIPProcessor, CLIPTextModel, CLIPTokenizer

from studio.core.resources import starters
from studio.files.card import ModelCard, write_card

log = logging.getLogger(__name__)

SIZE, PATCH, WIDTH = 64, 8, 160
SCENES = starters() / "scenes"
PICTURES = 16_000
BATCH = 64
PEAK = 1.5e-3  # learning rate
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
MEAN = STD = [0.5, 0.5, 0.5]

CARD = ModelCard(
    name="Starter Match",
    kind="match",
    licence="CC0-1.0",
    summary="Says how well a picture by Starter Scenes fits its prompt.",
    defaults={"size": SIZE},
)


def make_model(text: CLIPTextModel) -> CLIPModel:
    """A vision tower of three layers, and Starter Scenes' text tower, which knows these words."""
    config = CLIPConfig(
        text_config=text.config.to_dict(),
        vision_config={
            "hidden_size": WIDTH,
            "intermediate_size": WIDTH * 3,
            "num_hidden_layers": 3,
            "num_attention_heads": 4,
            "image_size": SIZE,
            "patch_size": PATCH,
            "projection_dim": WIDTH,
        },
        projection_dim=WIDTH,
    )
    model = CLIPModel(config)
    model.text_model.load_state_dict(
        text.state_dict() if not hasattr(text, "text_model") else text.text_model.state_dict()
    )
    return model


KINDS = ("time", "land", "object", "object", "object_colour", "object_place", "light", "land_colour")


def other(scene: Scene, chance: random.Random) -> Scene:
    """The scene with one attribute changed: a hard negative for its caption."""

    def another(name: str, values: Iterable[str]) -> str:
        return chance.choice([value for value in values if value != getattr(scene, name)])

    what = chance.choice([kind for kind in KINDS if getattr(scene, kind) or kind == "object"])
    if what == "land":
        land = another("land", scenes_content.LANDS)
        colour = chance.choice(scenes_content.LAND_COLOURS) if land in {"mountains", "hills"} else None
        return replace(scene, land=land, land_colour=colour, snow=False)
    if what == "object":
        colour = scene.object_colour or chance.choice(tuple(scenes_content.COLOURS))
        place = scene.object_place or chance.choice(scenes_content.PLACES)
        thing = another("object", scenes_content.OBJECTS)
        return replace(scene, object=thing, object_colour=colour, object_place=place)
    values: Iterable[str] = {
        "time": scenes_content.TIMES,
        "object_colour": scenes_content.COLOURS,
        "object_place": scenes_content.PLACES,
        "light": ("sun", "moon"),
        "land_colour": scenes_content.LAND_COLOURS,
    }[what]
    changed: dict[str, Any] = {what: another(what, values)}
    return replace(scene, **changed)


def pictures_of(seeds: list[int]) -> Tensor:
    """The drawn scenes of ``seeds`` as input of the vision tower: N x 3 x SIZE x SIZE, bytes."""
    drawn = torch.from_numpy(np.stack([scenes.draw(seed, 2 * SIZE)[0] for seed in seeds])).permute(0, 3, 1, 2)
    return F.avg_pool2d(drawn.float(), 2).round().byte()


class Training:
    """A training that can be interrupted and resumed: its state is in `work`."""

    def __init__(self, seconds: float, work: Path) -> None:
        torch.manual_seed(0)
        self.tokenizer = CLIPTokenizer.from_pretrained(SCENES / "tokenizer")
        self.model = make_model(CLIPTextModel.from_pretrained(SCENES / "text_encoder", dtype=torch.float32)).to(DEVICE)
        # The vision tower also learns to classify what it sees; these heads are dropped afterwards.
        self.heads = nn.ModuleDict({name: nn.Linear(WIDTH, len(answers)) for name, answers in ANSWERS.items()}).to(
            DEVICE
        )
        self.nets = nn.ModuleDict({"model": self.model, "heads": self.heads})
        self.learner = torch.optim.AdamW(self.nets.parameters(), lr=PEAK, betas=(0.9, 0.98), weight_decay=0.05)
        self.stage = Stage("match", seconds, work, {"nets": self.nets, "learner": self.learner})
        self.chance = random.Random(self.stage.step)
        self.drawn: list[tuple[list[int], Tensor]] = []

    def sample(self) -> tuple[list[int], Tensor]:
        """Seeds of scenes and their pictures; drawn once, and reused when there are enough."""
        if len(self.drawn) * BATCH < PICTURES:
            seeds = self.chance.sample(range(PICTURES), BATCH)
            self.drawn.append((seeds, pictures_of(seeds)))
            return self.drawn[-1]
        batches = self.chance.sample(self.drawn, 2)
        half = self.chance.randrange(BATCH // 2)
        part = slice(half, half + BATCH // 2)
        return (
            [*batches[0][0][part], *batches[1][0][part]],
            torch.cat([batches[0][1][part], batches[1][1][part]]),
        )

    def learn(self) -> dict[str, float]:
        """One step; returns its losses by name."""
        self.stage.rate(self.learner, PEAK, 50)
        seeds, pixels = self.sample()
        words, truths = self._told(seeds)
        seen = (pixels.to(DEVICE).float() / 127.5 - 1) + 0.03 * torch.randn(pixels.shape, device=DEVICE)
        tokens = self.tokenizer(words, padding=True, return_tensors="pt").to(DEVICE)
        with torch.autocast(DEVICE.type, torch.bfloat16):
            pooled = self.model.vision_model(pixel_values=seen).pooler_output
            picture = self.model.visual_projection(pooled)
            text = self.model.text_projection(self.model.text_model(**tokens).pooler_output)
            answers = {name: head(pooled).float() for name, head in self.heads.items()}
        scores = self._scores(picture.float(), text.float())
        right = torch.arange(len(seeds), device=DEVICE)
        match = F.cross_entropy(scores, right) + F.cross_entropy(scores[:, : len(seeds)].T, right)
        named = torch.stack([F.cross_entropy(answers[name], truths[name].to(DEVICE)) for name in ANSWERS]).mean()
        torch.autograd.backward(match + 2 * named)
        step_of(self.nets, self.learner)
        with torch.no_grad():
            self.model.logit_scale.clamp_(max=4.6)
        hits = (scores.argmax(dim=1) == right).float().mean()
        return {"match": float(match.detach()), "named": float(named.detach()), "right": float(hits)}

    def _told(self, seeds: list[int]) -> tuple[list[str], dict[str, Tensor]]:
        """A caption for each seed, then as many with one error; and the labels."""
        right, wrong = [], []
        for seed in seeds:
            scene = scenes_content.choose(random.Random(seed))
            wording = self.chance.randrange(2**32)
            words = lie = scenes_content.caption(scene, random.Random(wording))
            for _ in range(4):
                if lie != words:
                    break
                lie = scenes_content.caption(other(scene, self.chance), random.Random(wording))
            right.append(words)
            wrong.append(lie if lie != words else "a picture of nothing")
        each = [truth(seed) for seed in seeds]
        answers = {name: torch.tensor([ANSWERS[name].index(one[name]) for one in each]) for name in ANSWERS}
        return right + wrong, answers

    def _scores(self, picture: Tensor, text: Tensor) -> Tensor:
        """[pictures, captions]"""
        scores: Tensor = F.normalize(picture, dim=1) @ F.normalize(text, dim=1).T * self.model.logit_scale.exp()
        return scores


def write(model: CLIPModel, tokenizer: CLIPTokenizer, out: Path) -> None:
    """The model in float16 with its processor, in the transformers format."""
    out.mkdir(parents=True, exist_ok=True)
    copy = CLIPModel(model.config)
    copy.load_state_dict(model.state_dict())
    copy.to(torch.float16).save_pretrained(out)
    size = {"height": SIZE, "width": SIZE}
    images = CLIPImageProcessorPil(size=size, do_center_crop=False, image_mean=MEAN, image_std=STD)
    CLIPProcessor(images, tokenizer).save_pretrained(out)
    write_card(out, CARD)
    for file in out.glob("*.safetensors"):
        file.chmod(0o644)


def build(minutes: float, out: Path, work: Path, start: Path | None = None) -> None:
    """Train for `minutes` (including earlier, interrupted runs) and write the model to `out`."""
    del start  # it begins with the words of Starter Scenes in any case
    training = Training(minutes * 60, work)
    training.stage.run(training.learn, lambda: write(training.model, training.tokenizer, out))
