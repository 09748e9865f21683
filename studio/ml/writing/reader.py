"""Reading tokens with a language model, remembering what it has read."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

CHUNK = 512
"""Tokens of a prompt read at a time: large enough to be fast, small enough to be stopped."""

SPLIT = {"full_attention", "sliding_attention", "chunked_attention"}
"""Kinds of layers whose cache can be copied into more rows; the states of others can't."""


SMALL = 10_000_000
"""Parameters of a model whose single token is too little work to share among threads."""


@contextmanager
def fitting_threads(model: Any) -> Iterator[None]:
    """One thread for small models on the CPU: more would mostly wait for each other, above all on a busy machine.

    With two other programs on 2 cores, a model of 2 million parameters wrote 180 tokens a second on one thread and 4 on
    two, since each operation waits for the thread that is not being run.
    """
    before = torch.get_num_threads()
    if model.device.type == "cpu" and model.num_parameters() < SMALL:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


class Reader:
    """One prompt, read once, continued in several rows.

    Rows share no padding, since all begin with the same prompt. Models without a cache read everything again for each
    token; for those whose cache can't be split (state spaces) the prompt is read in all rows.
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        self._known = set(inspect.signature(model.forward).parameters)
        self._caches = "cache" in self._known
        layers = set(getattr(model.config.get_text_config(), "layer_types", None) or ())
        self._splits = layers <= SPLIT and not getattr(model, "_is_stateful", False)
        self._cache: Any = None
        self._seen: Tensor | None = None

    @property
    def splits(self) -> bool:
        """Whether rows can be left out on the way."""
        return self._splits

    def begin(self, prompt: Tensor, rows: int, read: Callable[[int], None]) -> Tensor:
        """Read ``prompt`` [T]; ``read`` is told before each piece how many tokens are read. -> [rows, V] float32."""
        ids = prompt[None]
        if not self._splits:
            ids = ids.expand(rows, -1)
        logits = torch.empty(0)
        # Mamba's code in transformers 5.24 forgets its state before a second piece of more than one token.
        size = CHUNK if self._splits and self._caches else ids.shape[1]
        for start in range(0, ids.shape[1], size):
            read(start)
            logits = self.next(ids[:, start : start + size])
        if self._splits and rows > 1:
            if self._caches:
                self._cache.batch_repeat_interleave(rows)
            self._seen = ids.expand(rows, -1)
            logits = logits.expand(rows, -1)
        return logits

    def next(self, tokens: Tensor) -> Tensor:
        """Read ``tokens`` [N, T] after all before. -> [N, V] logits of what follows, float32."""
        first = self._seen is None
        self._seen = tokens if self._seen is None else torch.cat((self._seen, tokens), dim=1)
        found = self._model(**self._inputs(self._seen, tokens.shape[1], first))
        self._cache = getattr(found, "cache", None)
        self._caches = self._cache is not None
        return self._last(found)

    def _inputs(self, seen: Tensor, fresh: int, first: bool) -> dict[str, Any]:
        """What the model's own ``generate`` gives it, since some count positions or look back in ways of their own."""
        given: dict[str, Any] = {"logits_to_keep": 1, "use_cache": self._caches}
        if "position_ids" in self._known:  # hybrid models would ask a cache for them that can't know (Bamba)
            given["position_ids"] = torch.arange(seen.shape[1], device=seen.device).expand(seen.shape[0], -1)
        found: dict[str, Any] = self._model.prepare_inputs_for_generation(
            seen,
            next_sequence_length=fresh if self._caches else None,
            cache=self._cache,
            is_first_iteration=first,
            **{name: value for name, value in given.items() if name in self._known},
        )
        return found

    def keep(self, rows: Tensor) -> None:
        """Go on with these rows only. Only where ``splits``."""
        if self._caches:
            self._cache.batch_select_indices(rows)
        if self._seen is not None:
            self._seen = self._seen[rows]

    @staticmethod
    def _last(found: Any) -> Tensor:
        logits: Tensor = found.logits[:, -1].float()
        return logits
