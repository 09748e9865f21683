"""Evaluates Starter Match: does it find a picture's caption among a hundred, and does it notice small errors."""

import logging
import random
import time
from pathlib import Path

import scenes
import scenes_content
import torch
from match_model import other
from PIL import Image

from studio.ml.load.clip_score import ClipModel, load_clip

log = logging.getLogger(__name__)

FIRST = 2_000_000
"""The first seed of the evaluated scenes: none of them was in the training data."""
AMONG = 100


@torch.inference_mode()
def scores(match: ClipModel, pictures: list[Image.Image], words: list[str]) -> torch.Tensor:
    """Each picture against all captions, [pictures, captions]."""
    tokens = match.tokenizer(words, padding=True, return_tensors="pt")
    pixels = match.images(pictures, return_tensors="pt")["pixel_values"]
    found = match.model(**tokens, pixel_values=pixels)
    return torch.nn.functional.normalize(found.image_embeds) @ torch.nn.functional.normalize(found.text_embeds).T


def judge_match(folder: Path, count: int) -> list[tuple[str, str, str]]:
    """Rows of the card's table: what was measured, the value, the target. `count` pictures, in groups of AMONG."""
    match, right, of, honest = load_clip(str(folder.resolve())), 0, 0, 0
    for start in range(FIRST, FIRST + count, AMONG):
        chance = random.Random(start)
        found = [scenes_content.choose(random.Random(seed)) for seed in range(start, start + AMONG)]
        pictures = [Image.fromarray(scenes.draw(start + row)[0]) for row in range(AMONG)]
        wordings = _different(found, chance)
        words = [
            scenes_content.caption(scene, random.Random(each)) for scene, each in zip(found, wordings, strict=True)
        ]
        table = scores(match, pictures, words)
        right += int((table.argmax(dim=1) == torch.arange(AMONG)).sum())
        lies = []
        for scene, each, true in zip(found, wordings, words, strict=True):
            lie = true
            while lie == true:
                lie = scenes_content.caption(other(scene, chance), random.Random(each))
            lies.append(lie)
        honest += int((table.diagonal() > scores(match, pictures, lies).diagonal()).sum())
        of += AMONG
        log.info("%d of %d pictures: %.1f %% right", of, count, 100 * right / of)
    picture, caption = pictures[0], words[0]
    begun = time.perf_counter()
    for _ in range(10):
        match.score(picture, caption)
    milliseconds = 100 * (time.perf_counter() - begun)
    return [
        (f"the right caption among {AMONG} different ones, of {of:,} pictures", f"{right / of:.1%}", "85 %"),
        ("the right caption before one that is wrong in one thing", f"{honest / of:.1%}", "-"),
        ("one picture compared with its words", f"{milliseconds:.0f} ms", "-"),
    ]


def _different(found: list[scenes_content.Scene], chance: random.Random) -> list[int]:
    """A wording for each scene, so that no two captions are the same."""
    said: set[str] = set()
    wordings = []
    for scene in found:
        while (words := scenes_content.caption(scene, random.Random(wording := chance.randrange(2**32)))) in said:
            pass
        said.add(words)
        wordings.append(wording)
    return wordings
