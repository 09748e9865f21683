"""Where a text ends, in every form in which folders name the tokens that say so."""

from typing import Any

import pytest
from transformers import PreTrainedTokenizerFast

from studio.ml.writing.ends import text_ends, token_ids, turn_ends
from tests.tiny_writer import train_tokenizer


@pytest.fixture
def tokenizer() -> PreTrainedTokenizerFast:
    return train_tokenizer()


@pytest.mark.parametrize(
    ("value", "tokens"),
    [
        (1, [1]),
        ("1", [1]),
        ("<|end|>", [1]),
        ([0, "<|end|>", "7", None, 7], [0, 1, 7]),
        ({"content": "<|end|>", "lstrip": False}, [1]),
        (2.0, [2]),
        (None, []),
        (True, []),
        (-1, []),
        (float("nan"), []),
        ("no such token", []),
        ("9" * 40, []),
        ([[["<|end|>"]], {"content": None}], [1]),
    ],
)
def test_tokens_are_named_in_many_ways(tokenizer: PreTrainedTokenizerFast, value: Any, tokens: list[int]) -> None:
    assert token_ids(value, tokenizer) == tokens


def test_what_other_models_end_with_ends_a_text(tokenizer: PreTrainedTokenizerFast) -> None:
    tokenizer.add_tokens(["<|im_end|>", "<|fim_middle|>"])
    turn = tokenizer.convert_tokens_to_ids("<|im_end|>")
    assert text_ends([7, 10**6], tokenizer, len(tokenizer)) == {1, 7, turn}


def test_a_message_within_an_answer_is_no_end(tokenizer: PreTrainedTokenizerFast) -> None:
    tokenizer.eos_token = "<|return|>"
    tokenizer.add_tokens(["<|return|>"])
    whole = tokenizer.convert_tokens_to_ids("<|return|>")
    assert text_ends([], tokenizer, len(tokenizer)) == {whole}
    assert turn_ends("<|end|><|user|>", tokenizer) == (frozenset(), ())
