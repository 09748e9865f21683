"""The training of Starter Scenes: its parts do what they say, it can be taken up again, and go on from its end."""

import itertools
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from diffusers import DiffusionPipeline

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "packaging" / "starters"))

import scenes_model
import scenes_training as training


def test_squares_are_cut_where_they_are_asked_for() -> None:
    source = torch.arange(3 * 6 * 6 * 2).view(3, 6, 6, 2)
    rows, corners = torch.tensor([2, 0]), torch.tensor([[1, 3], [0, 2]])
    squares = training.parts_of(source, rows, corners, 3)
    assert torch.equal(squares[0], source[2, 1:4, 3:6])
    assert torch.equal(squares[1], source[0, 0:3, 2:5])


def test_a_strange_word_moves_the_others_and_ends_as_a_word_does() -> None:
    torch.manual_seed(0)
    ids = torch.arange(1000, 1000 + scenes_model.TOKENS).expand(50, -1)
    for before, after in zip(ids.tolist(), training.Words.with_strange_words(ids).tolist(), strict=True):
        letters = [place for place, token in enumerate(after) if token < 512]
        first, last = letters[0], letters[-1]
        assert letters == list(range(first, last + 1))
        assert 2 <= len(letters) <= 4
        assert [token >= 256 for token in after[first : last + 1]] == [False] * (len(letters) - 1) + [True]
        assert after[:first] + after[last + 1 :] == before[: -len(letters)]


def test_what_differs_counts_and_edges_count_more() -> None:
    real = torch.zeros(1, 3, 8, 8)
    shifted, striped = real + 0.1, real.clone()
    striped[..., ::2] = 0.2
    assert training.likeness(real, real, 0.3)[0] == 0
    assert training.likeness(striped, real, 0.3)[0] > training.likeness(shifted, real, 0.3)[0]
    assert training.likeness(shifted, real, 0.3)[1] == pytest.approx(0.01)


@pytest.mark.timeout(180)
def test_a_training_goes_on_where_it_was_left_and_from_a_finished_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, few in {"PICTURES": 40, "UNSEEN": 8, "LEARNED": 32, "BATCH": 2, "PARTS": 1}.items():
        monkeypatch.setattr(training, name, few)
    clock = itertools.count()
    monkeypatch.setattr(training, "time", SimpleNamespace(perf_counter=lambda: float(next(clock))))  # a step: a second
    out, work = tmp_path / "out", tmp_path / "work"
    training.build(20 / 60, out, work)
    assert steps_in(work) == {"autoencoder": 6, "denoiser": 12, "decoder": 2}
    pictures = np.load(work / "pictures.npy")
    assert pictures.shape == (40, 128, 128, 3)

    training.build(30 / 60, out, work)
    # what the latents mean must not change any more
    assert steps_in(work) == {"autoencoder": 6, "denoiser": 18, "decoder": 3}

    training.build(2 / 60, tmp_path / "next", tmp_path / "more", start=out)
    first, second = (DiffusionPipeline.from_pretrained(folder) for folder in (out, tmp_path / "next"))
    assert first.tokenizer.get_vocab() == second.tokenizer.get_vocab()
    ours, theirs = first.unet.state_dict(), second.unet.state_dict()
    assert all(torch.allclose(weight, theirs[name], atol=0.05) for name, weight in ours.items())
    assert any(not torch.equal(weight, theirs[name]) for name, weight in ours.items())
    kept = second.vae.state_dict()
    assert all(torch.equal(weight, kept[name]) for name, weight in first.vae.state_dict().items())
    training.build(3 / 60, tmp_path / "next", tmp_path / "more")  # it knows what it began with
    assert steps_in(tmp_path / "more") == {"denoiser": 3}
    assert json.loads((tmp_path / "next" / "triptych.json").read_text())["name"] == "Starter Scenes"


def steps_in(work: Path) -> dict[str, int]:
    return {path.stem: torch.load(path, weights_only=True)["step"] for path in work.glob("*.pt")}
