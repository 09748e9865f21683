"""The first token of a continuation: no end of text, and after a full stop the start of a sentence."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from studio.ml.writing.stream import TextDecoder

STOPS = (".", "!", "?", "…")
CLOSING = "\"'”’»)]"
OPENING = '"“‘«([*#-–—'
CANDIDATES = 512
"""Most likely tokens that are considered: this many can be decoded in a few milliseconds."""
TAIL = 12
"""Tokens that are enough to know how a text ends."""


def continuation_logits(logits: Tensor, special: Sequence[int], tokenizer: Any, before: Sequence[int]) -> Tensor:
    """``logits`` [V] of the token after ``before``, without the ``special`` tokens, which aren't text.

    If the model would rather end and the text ends with a full stop, only tokens that begin a sentence are left: the
    others are noise by then ("She smiled. side", "She smiled., but").
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
    beginnings = [token for token in likely if _begins(TextDecoder(tokenizer, before).push(token), spaced)]
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
