"""Judging Writer and Latents: the measures tell good from bad, on things that are known."""

import re
import sys
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "packaging" / "starters"))

import evaluate
import judge_latents
import judge_writer

WRITER = Path(__file__).resolve().parents[2] / "resources" / "starters" / "writer"


def test_the_distance_of_two_sets_is_nothing_when_both_are_alike_and_grows() -> None:
    torch.manual_seed(0)
    one, other = torch.randn(400, 32), torch.randn(400, 32)
    assert abs(judge_latents.kid(one, other)) < 0.02
    near, far = judge_latents.kid(one, other + 0.5), judge_latents.kid(one, other + 1)
    assert 0.02 < near < far
    alike = other[:1].expand(400, 32)
    assert judge_latents.kid(one, alike) > 0.5  # one picture only


def test_pictures_that_are_all_one_lie_at_no_distance() -> None:
    drawn = judge_latents.drawn(12, 1)
    assert judge_latents.apart(drawn) > 30
    assert judge_latents.apart(drawn[:1].repeat(12, 1, 1, 1)) == pytest.approx(0, abs=0.5)


def test_the_sheet_holds_a_hundred(tmp_path: Path) -> None:
    from PIL import Image

    judge_latents.sheet(torch.zeros(100, 3, 8, 8), tmp_path / "sheet.png")
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.size == (80, 80)


def test_the_reader_is_trained_once(tmp_path: Path) -> None:
    first, second = judge_latents.train_reader(1, tmp_path), judge_latents.train_reader(1, tmp_path)
    x = judge_latents.drawn(2, 3)
    assert torch.equal(judge_latents.features(first, x), judge_latents.features(second, x))


def test_requests_differ_and_are_the_same_each_time() -> None:
    asked = judge_writer.requests(60)
    assert asked == judge_writer.requests(60)
    assert len(set(asked)) > 50


def test_what_was_asked_for_and_kept_is_counted() -> None:
    asked = ["a picture of a RED boat!", "image prompt: teal kite", "a poster about the sea"]
    told = [{"object": "boat", "object_colour": "red"}, {"object": "kite", "object_colour": "blue"}, None]
    assert judge_writer.kept(asked, told) == {"thing": "100.0% of 2", "colour of a thing": "50.0% of 2"}


def test_many_answers_at_once_are_those_of_one_at_a_time() -> None:
    tokenizer = AutoTokenizer.from_pretrained(WRITER, padding_side="left")
    model = AutoModelForCausalLM.from_pretrained(WRITER, dtype=torch.float32).eval()
    model.generation_config.do_sample = False
    asked = ["picture: a boat", "write an image prompt about a lighthouse keeper who collects moons"]
    together = judge_writer.answers(model, tokenizer, asked)
    alone = [judge_writer.answers(model, tokenizer, [each])[0] for each in asked]
    assert together == alone
    assert all(re.search("[a-z]", answer) for answer in together)


def test_rows_become_a_table() -> None:
    table = evaluate.plain_table([("speed", "12", "10")])
    assert table.splitlines() == ["| | measured | bar |", "|---|---|---|", "| speed | 12 | 10 |"]
