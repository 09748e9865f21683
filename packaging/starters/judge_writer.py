"""Evaluates Starter Writer: do its image prompts follow the grammar of Scenes, do they vary, how fast is it."""

import logging
import random
import re
import time
from pathlib import Path
from typing import Any

import scenes_content
import scenes_grammar
import torch
import writer_text
from transformers import AutoModelForCausalLM, AutoTokenizer

from studio.ml.load.text import load_language_model
from studio.ml.writing.reader import Reader, fitting_threads
from studio.ml.writing.sampling import SamplingConfig, sample_token
from studio.ml.writing.stream import TextDecoder

log = logging.getLogger(__name__)

UNSEEN = 7_000_000
"""The seed of the evaluated requests and texts: the training counts its own from 1."""
BATCH = 50
LONGEST = 80  # tokens of an answer
TEXTS = 400


def judge_writer(folder: Path, count: int) -> list[tuple[str, str, str]]:
    """Rows of the card's table: what was measured, the value, the target."""
    tokenizer = AutoTokenizer.from_pretrained(folder, padding_side="left")
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    torch.manual_seed(UNSEEN)
    asked = requests(count)
    texts: list[str] = []
    for start in range(0, count, BATCH):
        texts += answers(model, tokenizer, asked[start : start + BATCH])
        log.info("%d of %d prompts, the last: %s", len(texts), count, texts[-1])
    parsed = [scenes_grammar.parse(answer) for answer in texts]
    for request, answer, told in zip(asked, texts, parsed, strict=True):
        if told is None:
            log.info("not in the grammar: %r to %r", answer, request)
    rows = [
        (f"image prompts that the grammar of Scenes can parse, of {count:,}", _share(map(bool, parsed)), "98 %"),
        (
            "of these, with sun or moon on the thing's side, where no scene has it",
            _share(scenes_grammar.crowded(told) for told in parsed if told),
            "-",
        ),
        ("distinct ones among them", f"{len(set(texts)):,}", f"{count * 9 // 10:,}"),
    ]
    rows += [(f"requests for a {name} that keep it", value, "-") for name, value in kept(asked, parsed).items()]
    rows.append(("perplexity on unseen texts, answers only", f"{perplexity(model, tokenizer):.2f}", "reported"))
    rows.append(("tokens a second, as the studio writes", f"{speed(folder):.0f}", "150"))
    return rows


def requests(count: int) -> list[str]:
    """Unseen requests for an image prompt."""
    rng = random.Random(UNSEEN)
    return [writer_text.ask_prompt(rng)[0][1] for _ in range(count)]


def kept(asked: list[str], parsed: list[dict[str, str] | None]) -> dict[str, str]:
    """How often an answer contains the coloured object of its request, as "N of M"."""
    things = "|".join(scenes_content.OBJECTS)
    found: dict[str, list[bool]] = {"thing": [], "colour of a thing": []}
    for request, told in zip(asked, parsed, strict=True):
        if named := re.search(rf"\b({'|'.join(scenes_content.COLOURS)}) ({things})\b", request.lower()):
            found["colour of a thing"].append(bool(told) and (told or {}).get("object_colour") == named[1])
            found["thing"].append(bool(told) and (told or {}).get("object") == named[2])
    return {name: f"{_share(each)} of {len(each)}" for name, each in found.items()}


def _share(each: Any) -> str:
    each = list(each)
    return f"{sum(each) / max(len(each), 1):.1%}"


@torch.inference_mode()
def answers(model: Any, tokenizer: Any, asked: list[str]) -> list[str]:
    """What the model says to each request, by its most likely tokens."""
    chats = [[{"role": "user", "content": request}] for request in asked]
    tokens = tokenizer.apply_chat_template(
        chats, add_generation_prompt=True, padding=True, return_tensors="pt", return_dict=True
    )
    made = model.generate(**tokens, max_new_tokens=LONGEST)
    return [str(text) for text in tokenizer.batch_decode(made[:, tokens["input_ids"].shape[1] :], True)]


@torch.inference_mode()
def perplexity(model: Any, tokenizer: Any) -> float:
    """The perplexity of unseen plain texts and answers."""
    from writer_model import IGNORED, Corpus

    corpus, losses, count = Corpus(tokenizer, UNSEEN), 0.0, 0
    for _ in range(TEXTS // 8):
        tokens, labels = corpus.batch()
        learned = int((labels[:, 1:] != IGNORED).sum())
        losses += float(model(input_ids=tokens, labels=labels).loss) * learned
        count += learned
    return float(torch.tensor(losses / count).exp())


def speed(folder: Path, texts: int = 12) -> float:
    """Tokens per second with the studio's own reader, sampling and streaming; the best of several texts."""
    writer = load_language_model(str(folder))
    choice, best = SamplingConfig(temperature=0.8, top_p=0.95), 0.0
    for seed in range(texts):
        torch.manual_seed(seed)
        prompt = writer.tokenizer.encode("the lighthouse keeper")
        characters, count = TextDecoder(writer.tokenizer, prompt), 0
        with fitting_threads(writer.model), torch.inference_mode():
            reader = Reader(writer.model)
            logits = reader.begin(torch.tensor(prompt), 1, lambda _done: None)
            begun = time.perf_counter()
            for _ in range(100):
                token = sample_token(logits, choice, torch.rand(1))
                characters.push(int(token))
                count += 1
                logits = reader.next(token[:, None])
        best = max(best, count / (time.perf_counter() - begun))
    return best
