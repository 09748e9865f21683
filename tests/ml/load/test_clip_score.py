"""CLIP models: what is let in, and what is said of everything else."""

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

from studio.core.errors import StudioError
from studio.ml.load.clip_score import clip_model_for, load_clip
from tests import tiny_models


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_models.save_clip(tmp_path_factory.mktemp("clip") / "model")


@pytest.fixture
def copied(clip: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(clip, tmp_path / "copied"))


def test_a_score_belongs_to_picture_and_words(clip: Path) -> None:
    match = load_clip(str(clip))
    red, blue = (Image.new("RGB", (48, 20), colour) for colour in ("red", "blue"))
    assert match.score(red, "a boat") == pytest.approx(match.score(red, "a boat"))
    assert len({round(match.score(picture, words), 6) for picture in (red, blue) for words in ("a boat", "no")}) == 4
    assert -1 <= match.score(red, "word " * 200) <= 1  # more than it reads
    assert -1 <= match.score(Image.new("RGB", (1, 1)), "") <= 1


@pytest.mark.parametrize("named", [["LlamaForCausalLM"], [], None, "CLIPModel"])
def test_no_clip_model(copied: Path, named: object) -> None:
    config = json.loads((copied / "config.json").read_text(encoding="utf-8"))
    (copied / "config.json").write_text(json.dumps({**config, "architectures": named}), encoding="utf-8")
    with pytest.raises(StudioError, match="not a CLIP model"):
        load_clip(str(copied))


@pytest.mark.parametrize("gone", ["config.json", "model.safetensors", "preprocessor_config.json"])
def test_a_part_is_missing(copied: Path, gone: str) -> None:
    (copied / gone).unlink()
    with pytest.raises(StudioError, match=r"is missing|no weights") as raised:
        load_clip(str(copied))
    assert raised.value.trouble == "model_unusable"
    assert str(copied) in raised.value.message


def test_weights_that_were_cut_off(copied: Path) -> None:
    weights = copied / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000])
    with pytest.raises(StudioError, match="incomplete"):
        load_clip(str(copied))


def test_nothing_there() -> None:
    with pytest.raises(StudioError) as raised:
        load_clip("/not/there")
    assert raised.value.trouble == "model_missing"


@pytest.mark.parametrize(
    ("card", "named"),
    [
        ('{"match": "starter:match"}', "starter:match"),
        (r'{"match": "\\\\server\\share"}', ""),
        ('{"match": "/somewhere/else"}', ""),
        ('{"match": "clip"}', "clip"),
        ('{"match": "../clip"}', ""),
        ('{"match": 7}', ""),
        ("[]", ""),
        ("{", ""),
        (None, ""),
    ],
)
def test_the_card_names_the_model_that_fits(tmp_path: Path, card: str | None, named: str) -> None:
    if card is not None:
        (tmp_path / "triptych.json").write_text(card, encoding="utf-8")
    assert clip_model_for(tmp_path) == (str(tmp_path / named) if named == "clip" else named)
