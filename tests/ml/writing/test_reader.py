"""Reading with a cache, in rows that come and go, gives what reading all at once gives."""

from typing import Any

import pytest
import torch
from transformers import (
    BambaConfig,
    BambaForCausalLM,
    GenerationConfig,
    GPT2Config,
    GPT2LMHeadModel,
    Lfm2Config,
    Lfm2ForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    MambaConfig,
    MambaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    OpenAIGPTConfig,
    OpenAIGPTLMHeadModel,
    RobertaConfig,
    RobertaForCausalLM,
)

from studio.ml.writing import reader

SIZE = 64
IDS: dict[str, Any] = {"vocab_size": SIZE, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}
BODY: dict[str, Any] = {
    **IDS,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
}
OLD: dict[str, Any] = {**IDS, "n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 64, "initializer_range": 0.2}

MODELS = {
    "a Llama": lambda: LlamaForCausalLM(LlamaConfig(**BODY, initializer_range=0.2)),
    "a sliding window": lambda: MistralForCausalLM(MistralConfig(**BODY, sliding_window=4, initializer_range=0.2)),
    "positions of its own": lambda: GPT2LMHeadModel(GPT2Config(**OLD)),
    "no cache": lambda: OpenAIGPTLMHeadModel(OpenAIGPTConfig(**OLD)),
    "a state space": lambda: MambaForCausalLM(MambaConfig(**IDS, hidden_size=32, num_hidden_layers=2, state_size=8)),
    "convolutions beside attention": lambda: Lfm2ForCausalLM(
        Lfm2Config(**BODY, layer_types=["conv", "full_attention"], initializer_range=0.2)
    ),
}

HYBRID: dict[str, Any] = {
    "attn_layer_indices": [1],
    "mamba_n_heads": 4,
    "mamba_d_head": 16,
    "mamba_d_state": 8,
    "mamba_n_groups": 1,
    "initializer_range": 0.2,
}
GENERATING = {
    **MODELS,
    "attention after a state space": lambda: BambaForCausalLM(BambaConfig(**BODY, **HYBRID)),
    "positions after the padding": lambda: RobertaForCausalLM(
        RobertaConfig(**BODY, is_decoder=True, max_position_embeddings=64, initializer_range=0.2)
    ),
}


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("kind", GENERATING)
@torch.inference_mode()
def test_the_words_are_those_of_generate(kind: str, rows: int) -> None:
    torch.manual_seed(0)
    model = GENERATING[kind]().eval()
    model.generation_config.eos_token_id = None
    prompt = torch.randint(3, SIZE, (1, 9))
    settings = GenerationConfig(max_new_tokens=8, do_sample=False, pad_token_id=0)
    expected = model.generate(prompt, attention_mask=torch.ones_like(prompt), generation_config=settings)[0, 9:]
    book = reader.Reader(model)
    logits = book.begin(prompt[0], rows, lambda done: None)
    found = []
    for _ in range(8):
        found.append(logits.argmax(dim=-1))
        logits = book.next(found[-1][:, None])
    assert torch.stack(found, dim=1).tolist() == [expected.tolist()] * rows


@pytest.mark.parametrize("kind", MODELS)
@torch.inference_mode()
def test_rows_read_like_one_long_text(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "CHUNK", 5)
    torch.manual_seed(0)
    model = MODELS[kind]().eval()
    prompt = torch.randint(3, SIZE, (12,))
    words = torch.randint(3, SIZE, (3, 6))

    book = reader.Reader(model)
    told: list[int] = []
    logits = book.begin(prompt, 3, told.append)
    rows = [0, 1, 2]
    for step in range(6):
        for place, row in enumerate(rows):
            whole = torch.cat((prompt, words[row, :step]))[None]
            expected = model(whole, use_cache=False).logits[0, -1]
            assert torch.allclose(logits[place], expected, atol=1e-4), (kind, step, row)
        if step == 2 and book.splits:
            book.keep(torch.tensor([0, 2]))
            rows = [0, 2]
        logits = book.next(words[rows, step : step + 1])

    in_pieces = kind in ("a Llama", "a sliding window", "positions of its own")
    assert told == ([0, 5, 10] if in_pieces else [0])


@torch.inference_mode()
def test_only_what_can_be_split_is_split() -> None:
    assert reader.Reader(MODELS["a Llama"]()).splits
    assert reader.Reader(MODELS["no cache"]()).splits
    assert not reader.Reader(MODELS["a state space"]()).splits
    assert not reader.Reader(MODELS["convolutions beside attention"]()).splits


def test_small_models_get_one_thread_and_give_the_others_back(monkeypatch: pytest.MonkeyPatch) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with reader.fitting_threads(MODELS["a Llama"]()):
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 2
        monkeypatch.setattr(reader, "SMALL", 0)
        with reader.fitting_threads(MODELS["a Llama"]()):
            assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
