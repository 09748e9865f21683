"""What is known of things made: typed by the task, read from any file, and told in sentences."""

import ast
from pathlib import Path
from typing import Any

import pytest

import studio
from studio.core.facts import Facts, ThingFacts
from studio.features import task_types
from studio.features.image.tasks.image import ImageFacts
from studio.features.latent.points.point import LatentPoint
from studio.features.latent.tasks.search import InvertFacts
from studio.features.latent.tasks.train import TrainFacts
from studio.features.write.tasks.write import WriteFacts

WRITTEN = {
    "image": {
        "seed", "index", "width", "height", "steps", "scheduler", "asked_size", "cut_away", "truncated", "marks",
        "no_prompt", "reference", "unread", "truncated_negative", "tiled", "decoded", "black", "withheld", "match",
    },
    "write": {
        "seed", "index", "tokens", "tokens_per_second", "stopped", "no_words", "truncated", "unread", "tied", "context",
        "broken", "prompt_tokens", "begins",
    },
    "latent": {"index", "layers", "classes", "turns", "seed", "pictures"},
    "walk": {"frames", "rate", "index", "frame", "place", "durations", "point"},
    "invert": {"psnr", "model", "point"},
    "drag": {"point", "handles", "distance", "arrived"},
    "train": {"trained", "shown", "count", "rate", "found", "estimate"},
    "vae": set[str](),
    "vaefilm": {"frames", "rate"},
}  # fmt: skip
"""The keys in the files of release 0.1.0, by kind of request."""


@pytest.mark.parametrize("kind", WRITTEN)
def test_what_earlier_releases_wrote_is_still_read(kind: str) -> None:
    assert WRITTEN[kind] <= {*task_types()[kind].facts.__struct_fields__}


def test_facts_go_into_a_file_and_come_back() -> None:
    facts = InvertFacts(psnr=21.5, model="/m", point=LatentPoint((3,), styles=b"ab"))
    assert InvertFacts.of(facts.to_notes()) == facts
    assert ImageFacts(index=0, seed=0, match=0.0).to_notes() == {"seed": 0, "index": 0, "match": 0.0}
    assert ImageFacts(asked_size=(1, 2)).to_notes() == {"asked_size": [1, 2]}
    assert ImageFacts().to_notes() == {}


def test_what_is_of_another_type_counts_as_not_there() -> None:
    notes: dict[str, Any] = {"seed": 3, "index": "first", "unread": "all", "match": [1], "later": 1}
    assert ImageFacts.of(notes) == ImageFacts(seed=3)
    assert InvertFacts.of({"point": {"seeds": "\ud800"}, "psnr": 3}) == InvertFacts(psnr=3)
    assert ThingFacts.of({"width": 10**400, "seed": True, "begins": None}).begins == ""


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        (ImageFacts(no_prompt=True), "no prompt"),
        (WriteFacts(no_words=True), "the model wrote whatever it liked"),
        (ImageFacts(asked_size=(100, 60)), "100 × 60"),
        (ImageFacts(cut_away=88), "88 % of the start picture"),
        (ImageFacts(truncated=12), "12 tokens"),
        (WriteFacts(truncated=12), "12 tokens"),
        (ImageFacts(truncated_negative=12), "12 tokens of the negative"),
        (ImageFacts(marks=True), "(word:1.4)"),
        (ImageFacts(reference=True), "as a reference"),
        (ImageFacts(unread="negative"), "doesn't use a negative prompt"),
        (ImageFacts(tiled=True), "in tiles"),
        (ImageFacts(decoded="float32"), "float32"),
        (ImageFacts(black=True), "entirely black"),
        (ImageFacts(withheld=True), "safety checker"),
        (WriteFacts(unread="instructions"), "leaves the instructions out"),
        (WriteFacts(tied=True), "lm_head"),
        (WriteFacts(context=96), "more than 96 tokens"),
        (WriteFacts(broken=("It broke.",)), "broke"),
        (TrainFacts(found=("Two are small.",)), "small"),
        (TrainFacts(estimate=("An hour.",)), "hour"),
    ],
)
def test_what_went_otherwise_is_told_in_a_sentence(facts: Facts, word: str) -> None:
    (sentence,) = facts.remarks()
    assert word in sentence
    assert sentence.endswith(".")


def test_where_a_trained_model_is_is_told() -> None:
    assert TrainFacts(trained="/models/cats", shown=3).remarks() == ["The trained model is /models/cats"]


def test_of_what_went_as_asked_there_is_nothing_to_say() -> None:
    assert ImageFacts(seed=3, index=0, width=64, height=64, steps=20, scheduler="Euler").remarks() == []
    assert WriteFacts(seed=3, index=0, tokens=9, stopped="length").remarks() == []


def test_no_code_knows_facts_by_the_names_of_their_keys() -> None:
    """Neither reads them out of notes, nor makes notes of a dictionary."""
    root = Path(studio.__file__).parent
    assert [
        f"{path.relative_to(root)}:{node.lineno}"
        for path in root.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if _is_key(node)
    ] == []


def _is_key(node: ast.AST) -> bool:
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return _is_notes(node.value) and isinstance(node.slice.value, str)
    if not isinstance(node, ast.Call):
        return False
    made = any(keyword.arg == "notes" and isinstance(keyword.value, ast.Dict) and _has_keys(keyword.value)
               for keyword in node.keywords)  # fmt: skip
    return made or (isinstance(node.func, ast.Attribute) and node.func.attr == "get" and _is_notes(node.func.value))


def _has_keys(value: ast.Dict) -> bool:
    return any(key is not None for key in value.keys)


def _is_notes(value: ast.expr) -> bool:
    return (value.attr if isinstance(value, ast.Attribute) else getattr(value, "id", "")) == "notes"
