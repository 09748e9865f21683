"""Counting tokens as the models' own tokenizers do, at any length."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.resources import starters
from studio.models.catalogue import Model, inspect_model
from studio.models.tokens import COUNTED, _tokenizer, count_tokens
from tests.models.folders import generator, language_model, picture_model, write_json

WORDS = "a red balloon over the sea, at night"


@pytest.fixture
def scenes() -> Model:
    return inspect_model(starters() / "scenes", bundled=True)


@pytest.fixture
def writer() -> Model:
    return inspect_model(starters() / "writer", bundled=True)


def test_the_starters(scenes: Model, writer: Model) -> None:
    assert count_tokens(scenes, "") == (2, 40)
    short, long = (count_tokens(scenes, text) for text in ("balloon", WORDS))
    assert short is not None
    assert long is not None
    assert 3 <= short[0] < long[0] < 40
    assert count_tokens(scenes, f"{WORDS} " * 20) == (20 * (long[0] - 2) + 2, 40)
    counted = count_tokens(writer, WORDS)
    assert counted is not None
    assert 5 < counted[0] < 30
    assert counted[1] == 1024


def their(folder: Path) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(str(folder), local_files_only=True)


@pytest.fixture(scope="module")
def theirs() -> dict[str, Any]:
    return {"scenes": their(starters() / "scenes" / "tokenizer"), "writer": their(starters() / "writer")}


@settings(max_examples=80, deadline=None)
@given(
    st.text(max_size=80) | st.sampled_from([WORDS, "  two  spaces\n", "don't WE'LL", "猫が", "👩‍🎨", "<|endoftext|> x"])
)
def test_the_same_as_transformers(theirs: dict[str, Any], text: str) -> None:
    for name, can in (("scenes", "text>image"), ("writer", "text>text")):
        model = inspect_model(starters() / name)
        assert can in model.can
        counted = count_tokens(model, text)
        assert counted is not None
        assert counted[0] == len(theirs[name](text, verbose=False)["input_ids"])


@pytest.mark.parametrize("text", ["a" * 10**6, f"{WORDS} " * 30_000, "猫" * 10**6, " " * 10**6, "\n\x00\ud800" * 10**5])
def test_a_million_characters(scenes: Model, writer: Model, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the beginning is really counted."""
    seen: list[int] = []
    real = _tokenizer

    class Watched:
        def __init__(self, inner: Any) -> None:
            self.inner = inner

        def encode(self, counted: str) -> Any:
            seen.append(len(counted))
            return self.inner.encode(counted)

    monkeypatch.setattr("studio.models.tokens._tokenizer", lambda *key: Watched(real(*key)))
    for model in (scenes, writer):
        assert count_tokens(model, text) is not None
    assert max(seen) <= COUNTED


def test_long_texts_are_estimated_well(writer: Model) -> None:
    text = f"{WORDS}. " * 1000
    counted = count_tokens(writer, text)
    whole = len(_tokenizer(starters() / "writer", ()).encode(text).ids)  # type: ignore[union-attr]
    assert counted is not None
    assert counted[0] == pytest.approx(whole, rel=0.01)


def test_halves_of_surrogates(scenes: Model) -> None:
    assert count_tokens(scenes, "\ud83c") == count_tokens(scenes, "?")


def clip_files(folder: Path) -> Path:
    """A tokenizer in the two files that CLIP's came in for years."""
    from tokenizers.pre_tokenizers import ByteLevel

    letters = sorted(ByteLevel.alphabet())
    merges = [("a", "b"), ("ab", "c</w>"), ("r", "e"), ("re", "d</w>")]
    names = [*letters, *(f"{letter}</w>" for letter in letters), *("".join(pair) for pair in merges)]
    names += ["<|startoftext|>", "<|endoftext|>"]
    write_json(folder / "vocab.json", {name: number for number, name in enumerate(names)})
    lines = ["#version: 0.2", *(" ".join(pair) for pair in merges)]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    write_json(folder / "tokenizer_config.json", {"tokenizer_class": "CLIPTokenizer", "model_max_length": 77})
    return folder


def test_clips_two_files(tmp_path: Path) -> None:
    model = picture_model(tmp_path / "a")
    tokenizer = their(clip_files(model / "tokenizer"))
    for text in ("", "abc", "abc red  Red\nABC", "don't stop 12", "猫 abc", "<|endoftext|>", "é e\u0301"):
        assert count_tokens(inspect_model(model), text) == (len(tokenizer(text)["input_ids"]), 77)


def test_gpt2s_two_files(tmp_path: Path) -> None:
    model = language_model(tmp_path / "a", architectures=["GPT2LMHeadModel"], model_type="gpt2", n_positions=64)
    (model / "tokenizer.json").unlink()
    clip_files(model)
    vocabulary = json.loads((model / "vocab.json").read_text(encoding="utf-8"))
    plain = {name: number for number, name in enumerate(n for n in vocabulary if "</w>" not in n and "<|s" not in n)}
    write_json(model / "vocab.json", {**plain, "<|endoftext|>": len(plain)})
    (model / "merges.txt").write_text("#version: 0.2\na b\nr e\n", encoding="utf-8")
    write_json(model / "tokenizer_config.json", {"tokenizer_class": "GPT2Tokenizer"})
    tokenizer = their(model)
    for text in ("ab red", "don't  stop", "猫"):
        assert count_tokens(inspect_model(model), text) == (len(tokenizer(text)["input_ids"]), 64)


def test_of_several_the_one_that_reads_furthest(tmp_path: Path) -> None:
    model = picture_model(tmp_path / "flux", "FluxPipeline")
    clip_files(model / "tokenizer")
    shutil.copytree(starters() / "writer", model / "tokenizer_2")
    counted = count_tokens(inspect_model(model), WORDS)
    writer = count_tokens(inspect_model(starters() / "writer"), WORDS)
    assert counted is not None
    assert writer is not None
    assert counted == (writer[0], 512)
    assert count_tokens(inspect_model(picture_model(tmp_path / "flux", "StableDiffusionXLPipeline")), "abc") == (3, 77)


def test_where_it_can_not_be_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert count_tokens(inspect_model(generator(tmp_path / "a")), "x") is None
    assert count_tokens(inspect_model(language_model(tmp_path / "b")), "x") is None
    assert count_tokens(inspect_model(tmp_path / "gone"), "x") is None
    (tmp_path / "b" / "tokenizer.json").write_bytes(b"{}")
    assert count_tokens(inspect_model(tmp_path / "b"), "x") is None
    assert "can't be read" in caplog.text
    shutil.copy(starters() / "writer" / "tokenizer.json", tmp_path / "b")
    counted = count_tokens(inspect_model(tmp_path / "b"), "x")
    assert counted is not None
    assert counted[1] == 0


@pytest.mark.parametrize(
    ("config", "limit"),
    [
        ({"max_position_embeddings": 2048}, 2048),
        ({"n_positions": 1024}, 1024),
        ({"text_config": {"max_position_embeddings": 512}}, 512),
        ({"max_position_embeddings": 10**30}, 0),
        ({"max_position_embeddings": "many"}, 0),
        ({}, 0),
    ],
)
def test_limits(tmp_path: Path, config: dict[str, object], limit: int) -> None:
    model = language_model(tmp_path / "a", **config)
    shutil.copy(starters() / "writer" / "tokenizer.json", model)
    counted = count_tokens(inspect_model(model), "x")
    assert counted is not None
    assert counted[1] == limit
