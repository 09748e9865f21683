"""End tokens of texts and answers, in all forms in which model folders specify them."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

ENDS = (
    "<|im_end|>", "<|eot_id|>", "<|eom_id|>", "<end_of_turn>", "<turn|>", "<|end|>", "<|endoftext|>", "</s>", "<eos>",
    "<|end_of_text|>", "<|end_of_turn|>", "<|END_OF_TURN_TOKEN|>", "<|endofturn|>", "<end_of_utterance>", "<|return|>",
    "<|call|>", "<|role_end|>", "<|eot|>", "<|EOT|>", "<EOT>", "[EOT]", "[EOS]", "[EOD]",
    "<\uff5cend\u2581of\u2581sentence\uff5c>",
)  # fmt: skip
"""Common names of tokens that end a turn or a text. Many fine-tunes specify only one of their two."""
_GOES_ON, _HARMONY = "<|end|>", "<|return|>"
"""If the second exists, the first only ends a message within an answer (gpt-oss)."""
_LONGEST_NUMBER = 10
_SHORTEST = 4
"""The least length of a stop text: shorter ones may well occur in an answer."""


def token_ids(value: Any, tokenizer: Any = None) -> list[int]:
    """The token IDs for ``value`` from a settings file: a number, a token's text, or several of them.

    Without a ``tokenizer``, texts are skipped.
    """
    return list(dict.fromkeys(_token_ids(value, tokenizer)))


def _token_ids(value: Any, tokenizer: Any) -> Iterator[int]:
    if isinstance(value, list | tuple):
        for each in value:
            yield from _token_ids(each, tokenizer)
    elif isinstance(value, dict):
        yield from _token_ids(value.get("content"), tokenizer)
    elif isinstance(value, str):
        known = tokenizer.get_vocab().get(value) if tokenizer is not None else None
        if value.strip().isdecimal():  # before a token with that text, which ends nothing
            yield from [int(value)] if len(value) < _LONGEST_NUMBER else []
        elif known is not None:
            yield known
    elif isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1 >= 0:
        yield int(value)


def text_ends(named: Iterable[Any], tokenizer: Any, size: int) -> frozenset[int]:
    """The tokens below ``size`` that end a text: those ``named`` in the settings, the tokenizer's, the common ones."""
    added = tokenizer.added_tokens_encoder
    known = {added[name] for name in ENDS if name in added and not _goes_on(name, added)}
    ends = {*token_ids(list(named), tokenizer), *known}
    if tokenizer.eos_token_id is not None:
        ends.add(tokenizer.eos_token_id)
    return frozenset(token for token in ends if token < size)


def turn_ends(between: str, tokenizer: Any) -> tuple[frozenset[int], tuple[str, ...]]:
    """How a template ends an answer, from the text ``between`` it and the next question.

    Its first control token; else the text itself, which stops a model that writes the user's part as well.
    """
    added = tokenizer.added_tokens_encoder
    names = sorted((name for name in added if not name.isspace()), key=len, reverse=True)
    found = re.search("|".join(map(re.escape, names)), between) if names else None
    if found is not None:
        return frozenset() if _goes_on(found[0], added) else frozenset([added[found[0]]]), ()
    words = between.rstrip()
    distinct = len(words.strip()) >= _SHORTEST and any(map(str.isalnum, words))
    return frozenset(), (words,) if distinct else ()


def _goes_on(name: str, added: Iterable[str]) -> bool:
    return name == _GOES_ON and _HARMONY in added
