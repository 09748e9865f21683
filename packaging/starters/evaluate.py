"""Evaluates the bundled models, and writes the results into their cards: python3 packaging/starters/evaluate.py
scenes."""

import argparse
import logging
import random
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # the studio beside packaging/, installed or not

import probe
import scenes_content
import torch
from diffusers import DiffusionPipeline
from scenes_content import Scene
from scenes_training import DEVICE, UNSEEN, fidelity, picture_file

from studio.core.resources import starters

log = logging.getLogger(__name__)

FIRST = 1_000_000
"""The first seed of the evaluated captions: none of them was in the training data."""
BARS = {"object": 0.90, "object_colour": 0.90, "time": 0.97, "land": 0.92, "light": None, "object_place": 0.85}
"""What is evaluated, and the required fraction of correct ones."""
PROBE_BAR = 0.97


def told(scene: Scene, words: str) -> dict[str, str]:
    """What ``words`` say about ``scene``; attributes that they leave out can't be evaluated."""
    found: dict[str, str] = {}
    times = (*scenes_content.TIME_NAMES[scene.time], scene.time)
    if any(re.search(rf"\b{re.escape(name)}\b", words) for name in times):
        found["time"] = scene.time
    lands = (name.removeprefix("the ").removeprefix("a ") for name in scenes_content.LAND_NAMES[scene.land])
    if any(re.search(rf"\b{re.escape(name)}\b", words) for name in lands):
        found["land"] = scene.land
    if scene.light and re.search(rf"\b{scene.light}\b", words):
        found["light"] = scene.light
    if scene.object:
        names = "|".join(map(re.escape, sorted(scenes_content.NAMES[scene.object], key=len, reverse=True)))
        places = "|".join(map(re.escape, scenes_content.PLACE_NAMES[scene.object_place or "center"]))
        thing = re.search(rf"\b(?P<colour>{scene.object_colour} )?({names})\b(?P<place> ({places}))?", words)
        if thing:
            found["object"] = scene.object
            found |= {"object_colour": scene.object_colour or ""} if thing["colour"] else {}
            found |= {"object_place": scene.object_place or ""} if thing["place"] else {}
    return found


def captions(count: int) -> Iterator[tuple[str, dict[str, str]]]:
    """``count`` unseen captions, and what each says."""
    for seed in range(FIRST, FIRST + count):
        scene = scenes_content.choose(random.Random(seed))
        (words,) = scenes_content.captions(seed, 1)
        yield words, told(scene, words)


def judge_scenes(folder: Path, count: int, minutes: float, work: Path) -> dict[str, tuple[int, int]]:
    """How many attributes the captions state, and how many the probe finds in the pictures: {name: (right, told)}."""
    judge = probe.train_probe(minutes * 60, work)
    on_drawn = probe.accuracy(judge, torch.from_numpy(picture_file(work)).to(DEVICE))
    log.info("the probe on drawn pictures: %s", on_drawn)
    if low := [name for name in BARS if on_drawn[name] < PROBE_BAR]:
        sys.exit(f"The probe knows too little of {', '.join(low)}. Give it more --minutes.")
    pipeline = scenes_pipeline(folder).to(DEVICE)
    asked = list(captions(count))
    score = dict.fromkeys(BARS, (0, 0))
    for start in range(0, count, 10):
        some = asked[start : start + 10]
        generators = [torch.Generator().manual_seed(FIRST + start + row) for row in range(len(some))]
        words = [each for each, _ in some]
        made = pipeline(
            words, num_inference_steps=20, guidance_scale=4.0, generator=generators, output_type="pt"
        ).images
        for seen, (_, wanted) in zip(judge.look(made * 2 - 1), some, strict=True):
            for name, value in wanted.items():
                right, of = score[name]
                score[name] = right + (seen[name] == value), of + 1
        log.info("%d of %d: %s", start + len(some), count, {n: f"{r / max(t, 1):.1%}" for n, (r, t) in score.items()})
    return score


def scenes_pipeline(folder: Path) -> DiffusionPipeline:
    """The finished model, as diffusers opens it."""
    pipeline = DiffusionPipeline.from_pretrained(folder)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def measure_scenes(folder: Path, work: Path) -> list[tuple[str, str, str]]:
    """Rows measured on the CPU: how well the autoencoder reconstructs pictures, and how long one takes."""
    pipeline = scenes_pipeline(folder)
    pictures = torch.from_numpy(picture_file(work))
    decibels = fidelity(pipeline.vae, pictures)
    seconds = []
    for seed in range(5):
        begun = time.perf_counter()
        chance = torch.Generator().manual_seed(seed)
        pipeline("a red balloon", num_inference_steps=20, guidance_scale=4.0, generator=chance)
        seconds.append(time.perf_counter() - begun)
    threads = torch.get_num_threads()
    return [
        (f"autoencoder, PSNR in dB, mean of {UNSEEN} scenes never learned from", f"{decibels:.2f}", "30"),
        (f"one picture of 20 steps, seconds on {threads} threads, the quickest of five", f"{min(seconds):.2f}", "3"),
    ]


def table(score: dict[str, tuple[int, int]]) -> str:
    """``score`` in Markdown."""
    lines = ["| what was asked for | found by the probe | bar |", "|---|---|---|"]
    for name, (right, of) in score.items():
        bar = BARS[name]
        wanted = f"{bar:.0%}" if bar else "-"
        lines.append(f"| {name.replace('_', ' ')} | {right / max(of, 1):.1%} of {of} | {wanted} |")
    return "\n".join(lines)


def plain_table(rows: list[tuple[str, str, str]]) -> str:
    """Rows of (what, value, bar) in Markdown."""
    return "\n".join(["| | measured | bar |", "|---|---|---|", *(f"| {' | '.join(row)} |" for row in rows)])


def into_card(card: str, found: str) -> str:
    """The model card with the results ``found`` instead of earlier ones."""
    section = f"## Judged\n\n{found}\n\n"
    return re.sub(r"## Judged\n.*?(?=^## )", "", card, flags=re.DOTALL | re.MULTILINE).replace(
        "## Limits\n", f"{section}## Limits\n", 1
    )


# --- one for each model: the number of samples (0: the default), and what to write into its card


def scenes(asked: argparse.Namespace, folder: Path, work: Path) -> str:
    """Judge the picture model."""
    score = judge_scenes(folder, asked.count or 500, asked.minutes, work)
    measured = plain_table(measure_scenes(folder, work))
    return f"A classifier that is right on drawn scenes looked at what was made.\n\n{table(score)}\n\n{measured}"


def writer(asked: argparse.Namespace, folder: Path, _work: Path) -> str:
    """Judge the language model."""
    from judge_writer import judge_writer

    return plain_table(judge_writer(folder, asked.count or 1000))


def latents(asked: argparse.Namespace, folder: Path, work: Path) -> str:
    """Judge the GAN."""
    from judge_latents import judge_latents

    how = (
        "A small network that learned to read a drawing's 32 numbers out of it gave the features. The\n"
        "first form is this training's generator just before the critic joined."
    )
    rows = judge_latents(folder, asked.first, asked.count or 2000, round(asked.minutes * 100), work)
    return f"{how}\n\n{plain_table(rows)}"


def match(asked: argparse.Namespace, folder: Path, _work: Path) -> str:
    """Judge the model that compares pictures with words."""
    from judge_match import judge_match

    return plain_table(judge_match(folder, asked.count or 1000))


JUDGES = {"scenes": scenes, "writer": writer, "latents": latents, "match": match}


def main() -> None:
    """Judge one model, and write what was found into its card."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("name", choices=JUDGES)
    ask.add_argument("--folder", type=Path, help="the model (default: resources/starters/NAME)")
    ask.add_argument("--first", type=Path, help="an earlier form to compare with (latents: WORK/first of its training)")
    ask.add_argument("--count", type=int, default=0, help="how many things are made (0: as many as its card tells of)")
    ask.add_argument("--minutes", type=float, default=12.0, help="time to train the probe, in all")
    ask.add_argument("--work", type=Path, help="where drawn pictures and the probe lie meanwhile")
    asked = ask.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    work = asked.work or Path(tempfile.gettempdir()) / "starters" / asked.name
    work.mkdir(parents=True, exist_ok=True)
    folder = asked.folder or starters() / asked.name
    found = JUDGES[asked.name](asked, folder, work)
    sys.stdout.write(found + "\n")
    card = folder / "README.md"
    if card.exists():
        card.write_text(into_card(card.read_text(encoding="utf-8"), found), encoding="utf-8")


if __name__ == "__main__":
    main()
