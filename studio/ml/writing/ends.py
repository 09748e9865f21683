"""Where a text or an answer ends: the tokens that say so, in every form in which folders name them."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

ENDS = (
    "<|im_end|>", "<|eot_id|>", "<|eom_id|>", "<end_of_turn>", "<turn|>", "<|end|>", "<|endoftext|>", "</s>", "<eos>",
    "<|end_of_text|>", "<|end_of_turn|>", "<|END_OF_TURN_TOKEN|>", "<|endofturn|>", "<end_of_utterance>", "<|return|>",
    "<|call|>", "<|role_end|>", "<|eot|>", "<|EOT|>", "<EOT>", "[EOT]", "[EOS]", "[EOD]",
    "<\uff5cend\u2581of\u2581sentence\uff5c>",
)  # fmt: skip
"""What model makers call the token that ends a turn or a text. Many fine-tunes name only one of their two."""
_GOES_ON, _HARMONY = "<|end|>", "<|return|>"
"""Where the second is known, the first ends a message within an answer (gpt-oss)."""
_LONGEST_NUMBER = 10
_SHORTEST = 4
"""Characters of words that open a question, below which they may well stand in an answer."""


def token_ids(value: Any, tokenizer: Any = None) -> list[int]:
    """The tokens that ``value`` of a settings file names: a number, a token's text, or several of them.

    Without a ``tokenizer`` the texts of tokens are left out.
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
        if value.strip().isdecimal():  # before a token of that text, which ends nothing
            yield from [int(value)] if len(value) < _LONGEST_NUMBER else []
        elif known is not None:
            yield known
    elif isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1 >= 0:
        yield int(value)


def text_ends(named: Iterable[Any], tokenizer: Any, size: int) -> frozenset[int]:
    """The tokens below ``size`` that end a text: what the settings have ``named``, the tokenizer's, the known ones."""
    added = tokenizer.added_tokens_encoder
    known = {added[name] for name in ENDS if name in added and not _goes_on(name, added)}
    ends = {*token_ids(list(named), tokenizer), *known}
    if tokenizer.eos_token_id is not None:
        ends.add(tokenizer.eos_token_id)
    return frozenset(token for token in ends if token < size)


def turn_ends(between: str, tokenizer: Any) -> tuple[frozenset[int], tuple[str, ...]]:
    """How a template ends an answer, from what it writes ``between`` that and the next question.

    The first control token there; else the words there, at which a model that plays the other part too is stopped.
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
