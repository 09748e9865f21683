"""Tokens are chosen as transformers' own filters would leave them."""

import pytest
import torch
from transformers import (
    LogitsProcessorList,
    MinPLogitsWarper,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from studio.core.errors import StudioError
from studio.ml.writing.sampling import SamplingConfig, UsedTokens, sample_token

SIZE = 40


def logits(rows: int = 1) -> torch.Tensor:
    return torch.randn(rows, SIZE, generator=torch.Generator().manual_seed(7)) * 3


def chosen(scores: torch.Tensor, sampling: SamplingConfig) -> torch.Tensor:
    """How often each token is taken, with evenly spread numbers."""
    count = 4001
    uniform = (torch.arange(count, dtype=torch.float64) + 0.5) / count
    tokens = sample_token(scores.expand(count, -1), sampling, uniform)
    return torch.bincount(tokens, minlength=SIZE) / count


@pytest.mark.parametrize(
    "sampling",
    [
        SamplingConfig(),
        SamplingConfig(temperature=0.5),
        SamplingConfig(top_k=5),
        SamplingConfig(top_p=0.6),
        SamplingConfig(min_p=0.2),
        SamplingConfig(temperature=1.5, top_k=20, top_p=0.8, min_p=0.05),
        SamplingConfig(top_p=0.01),
    ],
)
def test_shares_are_those_of_transformers(sampling: SamplingConfig) -> None:
    scores = logits()
    filters = LogitsProcessorList([TemperatureLogitsWarper(sampling.temperature)])
    if sampling.top_k:
        filters.append(TopKLogitsWarper(sampling.top_k))
    filters.append(TopPLogitsWarper(sampling.top_p))
    filters.append(MinPLogitsWarper(sampling.min_p))
    expected = filters(torch.zeros(1, 1, dtype=torch.long), scores.clone()).softmax(-1)[0]
    assert torch.allclose(chosen(scores, sampling), expected, atol=1e-3)


def test_temperature_0_takes_the_likeliest() -> None:
    scores = logits(3)
    assert torch.equal(sample_token(scores, SamplingConfig(temperature=0), torch.rand(3)), scores.argmax(-1))


def test_each_row_has_a_number_of_its_own() -> None:
    scores = logits().expand(2, -1)
    first, second = sample_token(scores, SamplingConfig(), torch.tensor([0.0, 0.999999], dtype=torch.float64)).tolist()
    assert first == scores[0].argmax()
    assert second != first


def test_the_repetition_penalty_is_that_of_transformers_but_for_special_tokens() -> None:
    scores, prompt, special = logits(2), torch.tensor([3, 5, 9, 39]), torch.tensor([39])
    used = UsedTokens(2, SIZE, prompt, special, torch.device("cpu"))
    used.add(torch.tensor([11, 12]))
    expected = torch.stack(
        [
            RepetitionPenaltyLogitsProcessor(1.3)(torch.tensor([[3, 5, 9, own]]), row[None].clone())[0]
            for own, row in zip((11, 12), scores, strict=True)
        ]
    )
    assert torch.allclose(used.penalize(scores, 1.3), expected)
    used.keep(torch.tensor([1]))
    assert torch.allclose(used.penalize(scores[1:], 1.3), expected[1:])


def test_numbers_that_are_none_are_said() -> None:
    with pytest.raises(StudioError) as caught:
        sample_token(torch.full((1, SIZE), float("nan")), SamplingConfig(), torch.tensor([0.5]))
    assert caught.value.trouble == "model_unusable"


def test_numbers_that_are_none_are_said_without_chance_too() -> None:
    scores = logits()
    scores[0, 3] = float("nan")
    with pytest.raises(StudioError, match="Choose another precision"):
        sample_token(scores, SamplingConfig(temperature=0), torch.tensor([0.5]))
