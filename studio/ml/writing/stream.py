"""Streams tokens as text: never a broken character, nor a part of a stop string."""

from collections.abc import Sequence
from typing import Any

UNSURE = "\ufffd"
"""The replacement character, for invalid or incomplete bytes."""

LONGEST_RUN = 8
"""More of these in a row aren't an incomplete character: 4 bytes, and 4 that a decoder may add."""

CONTEXT = 6
"""Prompt tokens decoded as context, since some tokenizers drop the space before a first word."""


class TextDecoder:
    """Decodes one variant's tokens into pieces that add up to the whole text.

    Only a window of tokens is decoded at a time: those since the last whole character, and a few before them.
    """

    def __init__(self, tokenizer: Any, before: Sequence[int] = ()) -> None:
        self._tokenizer = tokenizer
        self._window = list(before[-CONTEXT:])
        self._fresh: list[int] = []
        self._shown = len(self._decode())

    def push(self, token: int) -> str:
        """The text completed by ``token``: often a word, sometimes nothing."""
        self._window.append(token)
        self._fresh.append(token)
        text = self._decode()
        sure = text.rstrip(UNSURE)
        if len(text) - len(sure) > LONGEST_RUN:
            sure = text[:-4]
        piece = sure[self._shown :]
        self._shown = max(self._shown, len(sure))
        if piece and len(sure) == len(text):
            self._window, self._fresh = self._fresh, []
            self._shown = len(self._decode())
        return piece

    def flush(self) -> str:
        """The remaining text at the end, complete or not."""
        piece = self._decode()[self._shown :]
        self._shown += len(piece)
        return piece

    def _decode(self) -> str:
        text: str = self._tokenizer.decode(self._window, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return text


class StopStrings:
    """Passes text until one of ``stops`` appears; holds back what may be the beginning of one.

    ``after_words``: pass stop strings before the first word. A text that was stopped by one continues with that stop
    string.
    """

    def __init__(self, stops: Sequence[str], after_words: bool = False) -> None:
        self._stops = tuple(stop for stop in stops if stop)
        self._held = ""
        self._blank = after_words
        self.met = False

    def push(self, text: str) -> str:
        """The part of ``text``, and of the held-back text, that can be shown."""
        if self.met:
            return ""
        text = self._held + text
        passed = 0
        while found := self._first(text, passed):
            place, stop = found
            if not self._blank or text[:place].strip():
                self.met, self._held = True, ""
                return text[:place]
            passed = place + len(stop)
            self._blank = not text[:passed].strip()
        cut = len(text) - max((_overlap(text[passed:], stop) for stop in self._stops), default=0)
        self._held = text[cut:]
        self._blank = self._blank and not text[:cut].strip()
        return text[:cut]

    def _first(self, text: str, start: int) -> tuple[int, str] | None:
        """The first position of a stop string in ``text``, and which one."""
        places = [(place, stop) for stop in self._stops if (place := text.find(stop, start)) >= 0]
        return min(places, default=None)

    def flush(self) -> str:
        """The held-back text, at the end."""
        held, self._held = self._held, ""
        return held


def _overlap(text: str, stop: str) -> int:
    """The length of the longest suffix of ``text`` that is a prefix of ``stop``."""
    return next((n for n in range(min(len(stop) - 1, len(text)), 0, -1) if text.endswith(stop[:n])), 0)
