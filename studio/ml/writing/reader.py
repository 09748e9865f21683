"""Runs a language model over tokens, with a KV cache."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

CHUNK = 512
"""Prompt tokens per forward pass: large enough to be fast, small enough to stop in between."""

SPLIT = {"full_attention", "sliding_attention", "chunked_attention"}
"""Layer types whose cache can be expanded to more rows; other states can't."""


SMALL = 10_000_000
"""Parameters up to which a single token is too little work for several threads."""


@contextmanager
def fitting_threads(model: Any) -> Iterator[None]:
    """Use one thread for small models on the CPU: more would mostly wait for each other, especially on a busy machine.

    With two other programs on 2 cores, a model of 2 million parameters wrote 180 tokens per second on one thread and 4
    on two, since each operation waits for the descheduled thread.
    """
    before = torch.get_num_threads()
    if model.device.type == "cpu" and model.num_parameters() < SMALL:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


class Reader:
    """One prompt, processed once, continued in several rows.

    Rows need no padding, since all begin with the same prompt. Models without a cache reprocess everything for each
    token; for those whose cache can't be expanded (state spaces) the prompt is processed in all rows.
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
        """Whether rows can be dropped on the way."""
        return self._splits

    def begin(self, prompt: Tensor, rows: int, read: Callable[[int], None]) -> Tensor:
        """Process ``prompt`` [T]; ``read`` is called before each chunk with the number of tokens done. -> [rows, V]
        float32."""
        ids = prompt[None]
        if not self._splits:
            ids = ids.expand(rows, -1)
        logits = torch.empty(0)
        # Mamba in transformers 5.24 loses its state before a second chunk of more than one token.
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
        """Process ``tokens`` [N, T] after all before. -> [N, V] logits of the next token, float32."""
        first = self._seen is None
        self._seen = tokens if self._seen is None else torch.cat((self._seen, tokens), dim=1)
        found = self._model(**self._inputs(self._seen, tokens.shape[1], first))
        self._cache = getattr(found, "cache", None)
        self._caches = self._cache is not None
        return self._last(found)

    def _inputs(self, seen: Tensor, fresh: int, first: bool) -> dict[str, Any]:
        """The inputs as ``generate`` prepares them, since some models have their own positions or attention masks."""
        given: dict[str, Any] = {"logits_to_keep": 1, "use_cache": self._caches}
        if "position_ids" in self._known:  # hybrid models would ask the cache for them, which doesn't know (Bamba)
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
        """Keep only these rows. Only valid if ``splits``."""
        if self._caches:
            self._cache.batch_select_indices(rows)
        if self._seen is not None:
            self._seen = self._seen[rows]

    @staticmethod
    def _last(found: Any) -> Tensor:
        logits: Tensor = found.logits[:, -1].float()
        return logits
