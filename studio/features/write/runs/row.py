"""One of the texts that are written side by side: its tokens, its random numbers, and what of it can be shown."""

import torch

from studio.features.write.runs.prompt import Prompt
from studio.features.write.tasks.write import WriteTask
from studio.ml.load.text import LanguageModel
from studio.ml.writing.stream import StopStrings, TextDecoder


class Row:
    """Variant number ``index``, of at most ``length`` tokens."""

    def __init__(
        self, index: int, seed: int, task: WriteTask, writer: LanguageModel, prompt: Prompt, length: int
    ) -> None:
        self.index = index
        self.seed = seed
        self.tokens: list[int] = []
        self.text = ""
        self.stopped = ""
        self._length = length
        self._full = "length" if length == task.length else "context"
        self._luck = torch.Generator().manual_seed(seed)
        self._characters = TextDecoder(writer.tokenizer, prompt.tokens)
        self._goes_on = bool(task.opening)
        self._stops = StopStrings((*task.stop, *prompt.stops), after_words=self._goes_on)
        known = writer.tokenizer.added_tokens_encoder
        self._ends = writer.ends | prompt.ends | {known[stop] for stop in task.stop if stop in known}

    @property
    def wants_words(self) -> bool:
        """Whether it goes on from a text and has no word of its own yet: a text that ended would end at once again."""
        return self._goes_on and not self.text.strip() and not self.stopped

    def uniform(self) -> float:
        """A number from 0 to 1: which of the candidates is taken."""
        return torch.rand((), generator=self._luck).item()

    def add(self, token: int) -> str:
        """Take one more token. Returns the text to show; ``stopped`` says if it was the last one."""
        if token in self._ends:
            return self.stop("end")
        self.tokens.append(token)
        shown = self._stops.push(self._characters.push(token))
        self.text += shown
        if self._stops.met:
            self.stopped = "stop"
        elif len(self.tokens) >= self._length:
            return shown + self.stop(self._full)
        return shown

    def stop(self, why: str) -> str:
        """Let no more come. Returns the text that is still to be shown."""
        rest = self._stops.push(self._characters.flush()) + self._stops.flush()
        self.stopped = "stop" if self._stops.met else why
        self.text += rest
        return rest
