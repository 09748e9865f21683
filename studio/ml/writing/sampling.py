"""Sampling of the next token: temperature, top-k, top-p, min-p, repetition penalty."""

from dataclasses import dataclass

import torch
from torch import Tensor

from studio.core.errors import StudioError
from studio.core.text import tr


@dataclass(frozen=True)
class SamplingConfig:
    """How the next token is sampled. ``temperature`` 0 takes the most likely one; ``top_k`` 0 samples from all."""

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0


def sample_token(logits: Tensor, sampling: SamplingConfig, uniform: Tensor) -> Tensor:
    """Sample one token per row: [N, V] logits and [N] uniform numbers in [0, 1) -> [N] tokens.

    The filters are applied in transformers' order (temperature, top-k, top-p, min-p), on the sorted candidates only,
    which is fast for large vocabularies. One number decides, so a seed gives the same text on any device.
    """
    if sampling.temperature == 0:
        _refuse_unless(bool(logits.isfinite().any(dim=-1).all() and not logits.isnan().any()))
        return logits.argmax(dim=-1)
    scores = logits.float() / sampling.temperature
    size = scores.shape[-1]
    values, tokens = scores.topk(min(sampling.top_k or size, size), dim=-1)
    shares = values.softmax(dim=-1)
    before = shares.cumsum(dim=-1) - shares
    keep = (before < sampling.top_p) & (shares >= sampling.min_p * shares[:, :1])
    keep[:, 0] = True
    sums = (shares * keep).cumsum(dim=-1)
    _refuse_unless(bool(sums[:, -1].isfinite().all()))
    place = (sums <= uniform.to(sums)[:, None] * sums[:, -1:]).sum(dim=-1, keepdim=True)
    place = place.clamp(max=keep.sum(dim=-1, keepdim=True) - 1)
    return tokens.gather(-1, place)[:, 0]


def _refuse_unless(numbers: bool) -> None:
    if not numbers:
        raise StudioError(
            tr("The model produces invalid numbers in this format. Choose another precision in Settings."),
            trouble="model_unusable",
        )


class UsedTokens:
    """The tokens that each row has used, for the repetition penalty. Special tokens never count."""

    def __init__(self, rows: int, size: int, prompt: Tensor, special: Tensor, device: torch.device) -> None:
        self._counts = torch.ones(size, dtype=torch.bool, device=device)
        self._counts[special[special < size].to(device)] = False
        self._used = torch.zeros(rows, size, dtype=torch.bool, device=device)
        self._used[:, prompt.to(device)] = True
        self._used &= self._counts

    def add(self, tokens: Tensor) -> None:
        """Record one more token per row, [N]."""
        self._used.scatter_(1, tokens[:, None], self._counts[tokens][:, None])

    def keep(self, rows: Tensor) -> None:
        """Keep only these rows."""
        self._used = self._used[rows]

    def penalize(self, logits: Tensor, penalty: float) -> Tensor:
        """``logits`` [N, V] with used tokens made less likely by ``penalty`` (as in the CTRL paper)."""
        if penalty == 1:
            return logits
        return torch.where(self._used, torch.where(logits < 0, logits * penalty, logits / penalty), logits)
