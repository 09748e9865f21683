"""The first word of what goes on from a text: no end, and after a full stop a sentence."""

import pytest
import torch
from transformers import PreTrainedTokenizerFast

from studio.ml.writing.going_on import continuation_logits
from tests.tiny_writer import train_tokenizer


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    return train_tokenizer()


def chosen(tokenizer: PreTrainedTokenizerFast, text: str, *likely: str) -> str:
    """What is likeliest after ``text`` where the model would write ``likely``, the first of them before all."""
    logits = torch.zeros(len(tokenizer))
    for place, words in enumerate(likely):
        (token,) = tokenizer.encode(words, add_special_tokens=False)
        logits[token] = 9.0 - place
    before = tokenizer.encode(text, add_special_tokens=False)
    return tokenizer.decode([int(continuation_logits(logits, tokenizer.all_special_ids, tokenizer, before).argmax())])


@pytest.mark.parametrize(
    ("text", "likely", "word"),
    [
        ("the cat", ("<|end|>", "<|user|>", "x"), "x"),
        ("It sat.", ("<|end|>", "x", ",", "\n"), "\n"),
        ("“It sat.”", ("<|end|>", ",", "\n"), "\n"),
        ("It sat.\n", ("<|end|>", "x", "A"), "A"),
        ("It sat.", ("x", "<|end|>", "\n"), "x"),
        ("猫。", ("<|end|>", "x", "\n"), "x"),
    ],
)
def test_the_end_is_not_chosen_and_sentences_begin_after_a_full_stop(
    tokenizer: PreTrainedTokenizerFast, text: str, likely: tuple[str, ...], word: str
) -> None:
    assert chosen(tokenizer, text, *likely) == word
