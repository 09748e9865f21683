"""The bundled language model: it loads without own code, answers in its words, and its training can be resumed."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "resources" / "starters" / "writer"


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Any]:
    """The modules writer_model and writer_text."""
    monkeypatch.syspath_prepend(ROOT / "packaging" / "starters")
    import writer_model
    import writer_text

    return writer_model, writer_text


@pytest.fixture(scope="module")
def writer() -> tuple[Any, Any]:
    return AutoModelForCausalLM.from_pretrained(MODEL, dtype=torch.float32), AutoTokenizer.from_pretrained(MODEL)


def answer(writer: tuple[Any, Any], request: str) -> str:
    model, tokenizer = writer
    chat = [{"role": "user", "content": request}]
    tokens = tokenizer.apply_chat_template(chat, add_generation_prompt=True, return_tensors="pt", return_dict=True)
    torch.manual_seed(0)
    made = model.generate(**tokens, max_new_tokens=120)
    return str(tokenizer.decode(made[0, tokens["input_ids"].shape[1] :], skip_special_tokens=True))


def known_words(text: Any) -> set[str]:
    import random

    rng = random.Random(0)
    words: set[str] = set()
    for _ in range(6000):
        document = text.document(rng)
        parts = [document] if isinstance(document, str) else [part for _, part in document]
        words.update(word for part in parts for word in re.findall(r"[a-z]+", part.lower()))
    return words


def test_it_says_what_it_is():
    about = json.loads((MODEL / "triptych.json").read_text(encoding="utf-8"))
    assert about["name"] == "Starter Writer"
    assert (about["kind"], about["licence"]) == ("write", "CC0-1.0")
    assert 0 < about["temperature"] <= 1
    assert (MODEL / "README.md").exists()


def test_its_words_are_those_it_was_taught(writer, programs):
    known = known_words(programs[1])
    requests = (
        "an image prompt about a lighthouse keeper who collects moons",
        "a tagline for a bookshop",
        "a short scene about a fox who counts the stars",
    )
    for request in requests:
        words = re.findall(r"[a-z]+", answer(writer, request).lower())
        assert len(words) > 2
        strange = [word for word in words if word not in known]
        assert len(strange) <= len(words) // 10, strange


def test_a_keeper_of_the_light_gets_a_picture_of_the_sea(writer):
    made = answer(writer, "an image prompt about a lighthouse keeper who collects moons")
    assert re.search(r"sea|ocean|water|boat|ship", made)


def test_what_was_asked_for_is_in_the_prompt_and_scenes_can_read_it(writer, programs):
    import scenes_grammar

    read, kept = 0, 0
    for colour in ("red", "yellow", "teal", "purple", "white"):
        for thing in ("balloon", "boat", "house", "kite"):
            told = scenes_grammar.parse(answer(writer, f"an image prompt about a {colour} {thing}"))
            read += told is not None
            kept += told is not None and (told.get("object"), told.get("object_colour")) == (thing, colour)
    assert read >= 18
    assert kept >= 16


def test_it_stops_by_itself(writer):
    model, tokenizer = writer
    chat = [{"role": "user", "content": "a tagline for coffee"}]
    tokens = tokenizer.apply_chat_template(chat, add_generation_prompt=True, return_tensors="pt", return_dict=True)
    made = model.generate(**tokens, max_new_tokens=200, do_sample=False)
    assert made[0, -1].item() == tokenizer.eos_token_id


@pytest.mark.parametrize("text", ["月光, さくら, 달", "🌙🚀⛵ and more", "ñ é å ß Ж", "plain words, 123"])
def test_every_script_survives_the_tokenizer(writer, text):
    tokenizer = writer[1]
    assert tokenizer.decode(tokenizer.encode(text, add_special_tokens=False)) == text


def test_a_chat_is_rendered_turn_by_turn(writer):
    chat = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "hello"},
        {"role": "assistant", "content": "yes"},
    ]
    text = writer[1].apply_chat_template(chat, tokenize=False)
    assert text == "<|begin|><|system|>Be brief.<|end|><|user|>hello<|end|><|assistant|>yes<|end|>"
    asked = writer[1].apply_chat_template(chat[:2], tokenize=False, add_generation_prompt=True)
    assert asked.endswith("<|assistant|>")


def test_a_begun_answer_is_gone_on_with(writer):
    chat = [{"role": "user", "content": "hello"}, {"role": "assistant", "content": "I am"}]
    text = writer[1].apply_chat_template(chat, tokenize=False, continue_final_message=True)
    assert text.endswith("<|assistant|>I am")


def test_the_same_seed_writes_the_same_text(programs):
    import random

    text = programs[1]
    assert [text.document(random.Random(s)) for s in range(50)] == [text.document(random.Random(s)) for s in range(50)]


def test_what_a_person_says_is_not_learned(programs):
    program, _ = programs
    tokenizer = AutoTokenizer.from_pretrained(MODEL)
    tokens, labels = program.Corpus(tokenizer, seed=1).batch()
    assert tokens.shape == labels.shape == (program.BATCH, program.LENGTH)
    learned = labels != program.IGNORED
    assert torch.equal(tokens[learned], labels[learned])
    user = tokenizer.convert_tokens_to_ids("<|user|>")
    assert not learned[tokens == user].any()


def test_training_goes_on_where_it_was_left(programs, tmp_path):
    program, _ = programs
    program.build(0.0, tmp_path / "out", tmp_path / "work")
    training = program.Training(tmp_path / "work")
    training.learn(0.5)
    training.seconds = 5.0
    training.keep()
    again = program.Training(tmp_path / "work")
    assert (again.step, again.seconds) == (1, 5.0)
    weights = again.model.state_dict()
    assert all(torch.equal(value, weights[name]) for name, value in training.model.state_dict().items())
    assert (tmp_path / "out" / "model.safetensors").exists()
