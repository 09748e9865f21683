"""The first word of what goes on from a text: its end is not chosen again, and after a full stop a sentence begins."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from studio.ml.writing.stream import Characters

STOPS = (".", "!", "?", "…")
CLOSING = "\"'”’»)]"
OPENING = '"“‘«([*#-–—'
CANDIDATES = 512
"""Likeliest tokens among which a beginning is looked for: so many are decoded in some milliseconds."""
TAIL = 12
"""Tokens that are enough to see how a text ends."""


def first_words(logits: Tensor, special: Sequence[int], tokenizer: Any, before: Sequence[int]) -> Tensor:
    """``logits`` [V] of what follows the tokens ``before``, without the ``special`` tokens, which are no words.

    Where the model would rather end and the text closes with a full stop, only what begins a sentence is left: the rest
    of the model's choice is noise by then ("She smiled. side", "She smiled., but").
    """
    words = logits.clone()
    words[[token for token in special if token < len(words)]] = -torch.inf
    if logits.argmax() == words.argmax():
        return words
    text = tokenizer.decode(before[-TAIL:], skip_special_tokens=True, clean_up_tokenization_spaces=False)
    if not text.rstrip().rstrip(CLOSING).endswith(STOPS):
        return words
    spaced = text != text.rstrip()
    likely = words.topk(min(CANDIDATES, len(words))).indices.tolist()
    beginnings = [token for token in likely if _begins(Characters(tokenizer, before).push(token), spaced)]
    if not beginnings:
        return words
    kept = torch.full_like(words, -torch.inf)
    kept[beginnings] = words[beginnings]
    return kept


def _begins(piece: str, spaced: bool) -> bool:
    """Whether a sentence can begin with ``piece``: a line break, or after a space anything but a small letter."""
    first = piece.lstrip()[:1]
    if not first:
        return "\n" in piece
    return (spaced or piece[0].isspace()) and not first.islower() and (first.isalnum() or first in OPENING)
